package strictyaml

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

// A Reader reads typed values from a document's nodes and reports what is wrong
// with each. A path names a value: "smtp.port", "tools[1].panel".
type Reader struct {
	// Report takes a problem: 1-based line, path, message.
	Report func(line int, path, message string)
	// Label is what a value is called in front of a message; nil: its path.
	Label func(path string) string
	// Homes are the sets of keys that there are, for a key in the wrong place.
	Homes []Home
	// Aliases allows *name for a value that stands elsewhere.
	Aliases bool
}

// A Home is where a set of keys belongs.
type Home struct {
	Place string // "in a tool"
	Keys  []string
}

// Fail reports a problem of the value at path.
func (r *Reader) Fail(n *yaml.Node, path, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if label := r.label(path); label != "" {
		msg = label + ": " + msg
	}
	r.Report(n.Line, path, msg)
}

func (r *Reader) label(path string) string {
	if r.Label != nil {
		return r.Label(path)
	}
	return path
}

// A Mapping is a set of keys with their values.
type Mapping struct {
	Values map[string]*yaml.Node
	Keys   map[string]*yaml.Node
}

// Mapping reads a set of keys. It reports what is none, keys given twice and
// keys that are not known; the others are returned. ok is false for what is no
// mapping.
func (r *Reader) Mapping(path string, n *yaml.Node, keys []string) (m Mapping, ok bool) {
	if n = r.resolve(n); n.Kind != yaml.MappingNode {
		r.Fail(n, path, "is %s, but must have keys such as %s", Describe(n), examples(keys))
		return m, false
	}
	m = Mapping{Values: map[string]*yaml.Node{}, Keys: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		first, twice := m.Keys[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.Report(key.Line, path, fmt.Sprintf("%s is a key%s; keys are words such as %s", Describe(key), in(path), keys[0]))
			continue
		case twice:
			r.Report(key.Line, Join(path, key.Value), fmt.Sprintf("%s is given twice%s, first in line %d; delete one", code(key.Value), in(path), first.Line))
			continue
		}
		m.Keys[key.Value] = key
		if !slices.Contains(keys, key.Value) {
			r.Report(key.Line, Join(path, key.Value), fmt.Sprintf("unknown key %s%s%s", code(key.Value), in(path), r.hint(key.Value, keys)))
			continue
		}
		m.Values[key.Value] = r.resolve(value)
	}
	return m, true
}

// hint names the key that was meant: a near one, or where a key of that name
// belongs, or all that there are.
func (r *Reader) hint(name string, keys []string) string {
	if meant, ok := spelling.Meant(name, keys); ok {
		return "; did you mean " + code(meant) + "?"
	}
	for _, h := range r.Homes {
		if slices.Contains(h.Keys, name) {
			return "; it belongs " + h.Place
		}
	}
	return "; there are " + strings.Join(keys, ", ")
}

func examples(keys []string) string { return strings.Join(keys[:min(2, len(keys))], " and ") }

// Items is a list's items, nil for an absent list.
func (r *Reader) Items(path string, n *yaml.Node) (items []*yaml.Node, ok bool) {
	if IsAbsent(n) {
		return nil, true
	}
	if n.Kind != yaml.SequenceNode {
		r.Fail(n, path, `is %s, but must be a list; begin each item with "- "`, Describe(n))
		return nil, false
	}
	items = slices.Clone(n.Content)
	for i := range items {
		items[i] = r.resolve(items[i])
	}
	return items, true
}

var (
	wholeNumber = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]{0,8})$`)
	octal       = regexp.MustCompile(`^[-+]?0[0-9]+$`)
	grouped     = regexp.MustCompile(`^[-+]?[0-9]{1,3}([,_' ][0-9]{3})+$`)
)

// Int is a whole number in decimal digits, at most nine of them.
func (r *Reader) Int(path string, n *yaml.Node) (int, bool) {
	if r.isNumber(n) && wholeNumber.MatchString(n.Value) {
		v, err := strconv.Atoi(n.Value)
		return v, err == nil
	}
	r.Fail(n, path, "is %s, but must be a whole number%s", Describe(n), numberHint(n))
	return 0, false
}

// Number is a number with or without a fraction.
func (r *Reader) Number(path string, n *yaml.Node) (float64, bool) {
	if r.isNumber(n) && !octal.MatchString(n.Value) {
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil && v-v == 0 {
			return v, true
		}
	}
	r.Fail(n, path, "is %s, but must be a number%s", Describe(n), numberHint(n))
	return 0, false
}

func (r *Reader) isNumber(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!int" || n.ShortTag() == "!!float")
}

// numberHint says how the number is written that was meant.
func numberHint(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	bare := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(n.Value), "%"))
	switch {
	case octal.MatchString(bare):
		less := strings.TrimLeft(strings.TrimLeft(bare, "+-"), "0")
		if less == "" {
			less = "0"
		}
		return "; a number that begins with 0 may be read as octal: write " + less
	case grouped.MatchString(bare):
		return "; write " + strings.NewReplacer(",", "", "_", "", "'", "", " ", "").Replace(bare)
	case wholeNumber.MatchString(bare):
		return "; write " + bare
	}
	return ""
}

// Bool is true or false.
func (r *Reader) Bool(path string, n *yaml.Node) (value, ok bool) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
		return strings.EqualFold(n.Value, "true"), true
	}
	r.Fail(n, path, "is %s, but must be true or false", Describe(n))
	return false, false
}

// Text is a text. A number, a date or a word that YAML takes for something else
// has to stand in quotes.
func (r *Reader) Text(path string, n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Style&yaml.TaggedStyle == 0 {
		return n.Value, true
	}
	hint := ""
	if n.Style&yaml.TaggedStyle != 0 {
		hint = " without a tag such as " + n.Tag
	}
	if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 || n.Style&yaml.FlowStyle != 0 {
		hint = "; put it in quotes"
	}
	r.Fail(n, path, "is %s, but must be text%s", Describe(n), hint)
	return "", false
}

// Written is a text as it is written, whatever YAML takes it for: 2026, no.
func (r *Reader) Written(path string, n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 {
		return n.Value, true
	}
	return r.Text(path, n)
}

// resolve follows an alias where they are allowed.
func (r *Reader) resolve(n *yaml.Node) *yaml.Node {
	if r.Aliases && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
