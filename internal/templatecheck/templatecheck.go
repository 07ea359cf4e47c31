// Package templatecheck finds in parsed templates what would fail only when a page or
// a mail comes to it: a field that the data does not have, in whatever branch, and a
// template that is not there. An execution with sample data sees only the branches
// that the sample takes.
//
// The package promises not to guess: where the data's type is not known (an interface,
// what a built-in function gives), nothing is said.
package templatecheck

import (
	"fmt"
	"reflect"
	"text/template/parse"
)

// A Set is templates with what they are executed with.
type Set struct {
	Trees map[string]*parse.Tree
	Funcs map[string]any
	Data  reflect.Type // what a field Data of an interface type holds; nil: not known
}

// Check follows the template name, executed with a value of type dot, into all its
// branches and all templates that it calls. It gives what is wrong with file and line.
func (s Set) Check(name string, dot reflect.Type) []error {
	c := &checker{Set: s, seen: map[call]bool{}}
	c.template(name, dot)
	return c.wrong
}

type call struct {
	name string
	dot  reflect.Type
}

type checker struct {
	Set
	seen  map[call]bool
	wrong []error
	tree  *parse.Tree
}

// vars are the variables in sight, by name with its dollar sign. A type of nil is not
// known.
type vars map[string]reflect.Type

func (v vars) copied() vars {
	inner := vars{}
	for name, t := range v {
		inner[name] = t
	}
	return inner
}

func (c *checker) template(name string, dot reflect.Type) {
	tree := c.Trees[name]
	if tree == nil || c.seen[call{name, dot}] {
		return
	}
	c.seen[call{name, dot}] = true
	outer := c.tree
	c.tree = tree
	c.list(tree.Root, dot, vars{"$": dot})
	c.tree = outer
}

func (c *checker) say(at parse.Node, format string, args ...any) {
	place, _ := c.tree.ErrorContext(at)
	c.wrong = append(c.wrong, fmt.Errorf("%s: %s", place, fmt.Sprintf(format, args...)))
}

func (c *checker) list(l *parse.ListNode, dot reflect.Type, v vars) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		c.node(n, dot, v)
	}
}

func (c *checker) node(n parse.Node, dot reflect.Type, v vars) {
	switch n := n.(type) {
	case *parse.ActionNode:
		c.pipe(n.Pipe, dot, v)
	case *parse.IfNode:
		inner := v.copied()
		c.pipe(n.Pipe, dot, inner)
		c.list(n.List, dot, inner.copied())
		c.list(n.ElseList, dot, inner)
	case *parse.WithNode:
		inner := v.copied()
		t := c.pipe(n.Pipe, dot, inner)
		c.list(n.List, t, inner.copied())
		c.list(n.ElseList, dot, inner)
	case *parse.RangeNode:
		c.ranges(n, dot, v.copied())
	case *parse.TemplateNode:
		var t reflect.Type
		if n.Pipe != nil {
			t = c.pipe(n.Pipe, dot, v)
		}
		if c.Trees[n.Name] == nil {
			c.say(n, "there is no template %q", n.Name)
		}
		c.template(n.Name, t)
	}
}

func (c *checker) ranges(n *parse.RangeNode, dot reflect.Type, v vars) {
	key, elem := elements(c.pipe(n.Pipe, dot, v))
	for i, d := range n.Pipe.Decl {
		v[d.Ident[0]] = elem
		if i == 0 && len(n.Pipe.Decl) == 2 {
			v[d.Ident[0]] = key
		}
	}
	c.list(n.List, elem, v.copied())
	c.list(n.ElseList, dot, v)
}

// elements are the types that a range gives.
func elements(t reflect.Type) (key, elem reflect.Type) {
	if t == nil {
		return nil, nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return reflect.TypeFor[int](), t.Elem()
	case reflect.Map:
		return t.Key(), t.Elem()
	}
	return nil, nil
}

// pipe gives the type of a pipeline, and sets the variables that it declares.
func (c *checker) pipe(p *parse.PipeNode, dot reflect.Type, v vars) (t reflect.Type) {
	if p == nil {
		return nil
	}
	for _, cmd := range p.Cmds {
		t = c.command(cmd, dot, v)
	}
	for _, d := range p.Decl {
		v[d.Ident[0]] = t
	}
	return known(t)
}

// command gives the type of a command; its arguments are looked at too.
func (c *checker) command(cmd *parse.CommandNode, dot reflect.Type, v vars) reflect.Type {
	t := c.arg(cmd.Args[0], dot, v)
	for _, a := range cmd.Args[1:] {
		c.arg(a, dot, v)
	}
	return t
}

func (c *checker) arg(n parse.Node, dot reflect.Type, v vars) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.fields(n, dot, n.Ident)
	case *parse.VariableNode:
		return c.fields(n, v[n.Ident[0]], n.Ident[1:])
	case *parse.ChainNode:
		return c.fields(n, c.arg(n.Node, dot, v), n.Field)
	case *parse.PipeNode:
		return c.pipe(n, dot, v)
	case *parse.IdentifierNode:
		if f, ok := c.Funcs[n.Ident]; ok {
			return known(reflect.TypeOf(f).Out(0))
		}
	}
	return nil
}

// fields follows names from a type.
func (c *checker) fields(at parse.Node, t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t = known(t); t == nil {
			return nil
		}
		next, ok := member(t, name)
		if !ok {
			c.say(at, "there is no .%s here; there are %s", name, members(t))
			return nil
		}
		if t = next; t != nil && name == "Data" && t.Kind() == reflect.Interface {
			t = c.Data
		}
	}
	return known(t)
}

// known is t, or nil where only an interface is known of it.
func known(t reflect.Type) reflect.Type {
	if t == nil || t.Kind() == reflect.Interface {
		return nil
	}
	return t
}
