package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/internal/strictyaml"
)

// A decoder fills a Config from YAML nodes. What it reads into depends on the
// field's type alone: a new setting is a field with a yaml tag.
type decoder struct {
	c      *Config
	source string // the file's name, or where a single value came from
	single bool   // one value, not a file: lines mean nothing
	read   strictyaml.Reader
}

func (c *Config) decoder(source string, single bool) *decoder {
	d := &decoder{c: c, source: source, single: single}
	d.read = strictyaml.Reader{Aliases: true, Homes: homes(reflect.TypeFor[Config](), "")}
	d.read.Report = func(line int, path, message string) {
		p := problem{where: d.source, path: path, message: message}
		if !d.single {
			p.line = line
		}
		c.problems = append(c.problems, p)
	}
	return d
}

// homes lists the sections with their keys, for a key in the wrong place.
func homes(t reflect.Type, path string) []strictyaml.Home {
	place := "in " + path
	if path == "" {
		place = "at the top"
	}
	list := []strictyaml.Home{{Place: place, Keys: keysOf(t)}}
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") != "" && isSection(f.Type) {
			list = append(list, homes(f.Type, strictyaml.Join(path, f.Tag.Get("yaml")))...)
		}
	}
	return list
}

// section reads a mapping into a struct; keys that are not given, or given
// without a value, keep what the struct holds.
func (d *decoder) section(n *yaml.Node, v reflect.Value, path string) {
	if strictyaml.IsAbsent(n) {
		return
	}
	m, ok := d.read.Mapping(path, n, keysOf(v.Type()))
	if !ok {
		return
	}
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("yaml"); m.Values[key] != nil {
			d.value(m.Values[key], v.Field(i), strictyaml.Join(path, key))
		}
	}
}

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	switch {
	case isSection(v.Type()):
		d.section(n, v, path)
	case strictyaml.IsAbsent(n):
	case d.leaf(n, v, path):
		where := d.source
		if !d.single {
			where += ":" + strconv.Itoa(n.Line)
		}
		d.c.origin[path] = origin{where: where, line: n.Line}
	}
}

func isSection(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != prefixType }

var (
	durationType = reflect.TypeFor[time.Duration]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
)

// leaf reads one value into a field and reports whether it is right.
func (d *decoder) leaf(n *yaml.Node, v reflect.Value, path string) bool {
	switch t := v.Type(); {
	case t == durationType:
		return d.duration(n, v, path)
	case t == prefixType:
		return d.prefix(n, v, path)
	case t == sessionsType:
		return d.sessions(n, v, path)
	case t.Kind() == reflect.Slice:
		return d.list(n, v, path)
	case t.Kind() == reflect.String:
		return d.text(n, v, path)
	case t.Kind() == reflect.Bool:
		b, ok := d.read.Bool(path, n)
		v.SetBool(b)
		return ok
	case t.Kind() == reflect.Float64:
		f, ok := d.read.Number(path, n)
		v.SetFloat(f)
		return ok
	default:
		i, ok := d.read.Int(path, n)
		v.SetInt(int64(i))
		return ok
	}
}

// text takes an unquoted 2026 or no as it is written. A type with a closed set
// of values takes no other.
func (d *decoder) text(n *yaml.Node, v reflect.Value, path string) bool {
	s, ok := d.read.Written(path, n)
	if !ok {
		return false
	}
	if e, closed := v.Interface().(enum); closed && !slices.Contains(e.values(), s) {
		hint := ""
		if meant, ok := spelling.Meant(s, e.values()); ok {
			hint = "; did you mean `" + meant + "`?"
		}
		d.read.Fail(n, path, "%q is not one of %s%s", s, strings.Join(e.values(), ", "), hint)
		return false
	}
	v.SetString(s)
	return true
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) bool {
	items, ok := d.read.Items(path, n)
	if !ok {
		return false
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isSection(out.Index(i).Type()) {
			d.section(item, out.Index(i), at)
		} else if !d.leaf(item, out.Index(i), at) {
			return false
		}
	}
	v.Set(out)
	return true
}

// duration reads 36h, 1h30m and whole days: 28d.
func (d *decoder) duration(n *yaml.Node, v reflect.Value, path string) bool {
	text := n.Value
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			text = strconv.FormatUint(24*n, 10) + "h"
		}
	}
	dur, err := time.ParseDuration(text)
	if err != nil || n.Kind != yaml.ScalarNode {
		d.read.Fail(n, path, "is %s, but must be a duration; write it as 36h, 90m or 28d", strictyaml.Describe(n))
		return false
	}
	v.SetInt(int64(dur))
	return true
}

// prefix reads an address or a network of addresses.
func (d *decoder) prefix(n *yaml.Node, v reflect.Value, path string) bool {
	p, err := netip.ParsePrefix(n.Value)
	if err != nil {
		a, aerr := netip.ParseAddr(n.Value)
		if aerr != nil {
			d.read.Fail(n, path, "%q is neither an IP address nor a network such as 10.0.0.0/8", n.Value)
			return false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	v.Set(reflect.ValueOf(p.Masked()))
	return true
}

func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag := v.Type().Field(i).Tag.Get("yaml"); tag != "" && tag == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "" {
			keys = append(keys, tag)
		}
	}
	return keys
}

// leaves lists the path of every value that can be set, in the struct's order.
func leaves(t reflect.Type, path string) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		switch tag := f.Tag.Get("yaml"); {
		case tag == "":
		case isSection(f.Type):
			out = append(out, leaves(f.Type, strictyaml.Join(path, tag))...)
		default:
			out = append(out, strictyaml.Join(path, tag))
		}
	}
	return out
}
