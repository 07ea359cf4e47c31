package config

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

// An origin says where a value came from, for error messages and config show.
type origin struct {
	where string // "config.yaml:12", "DIGEST_SMTP__HOST", "--set smtp.host"
}

// A decoder fills a Config from YAML nodes and gathers every error.
type decoder struct {
	source string // the file's name, or where a single value came from
	single bool   // one value, not a file: lines mean nothing
	origin map[string]origin
	errs   []error
}

func (d *decoder) fail(n *yaml.Node, path, format string, args ...any) {
	d.errs = append(d.errs, fmt.Errorf("%s: %s: %s", d.where(n), path, fmt.Sprintf(format, args...)))
}

func (d *decoder) where(n *yaml.Node) string {
	if d.single || n == nil {
		return d.source
	}
	return fmt.Sprintf("%s:%d", d.source, n.Line)
}

// structure reads a mapping into a struct; keys that are not given keep what
// the struct holds.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, or(path, "the file"), "is %s, but must hold keys such as %s", kindName(n), strings.Join(keysOf(v.Type())[:1], ""))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := join(path, key.Value)
		if line, twice := seen[key.Value]; twice {
			d.fail(key, at, "is given twice; the first is in line %d", line)
			continue
		}
		seen[key.Value] = key.Line
		field, ok := fieldOf(v, key.Value)
		if !ok {
			d.fail(key, at, "there is no such key%s", didYouMean(key.Value, keysOf(v.Type())))
			continue
		}
		d.value(value, field, at)
	}
}

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if isSection(v.Type()) {
		d.structure(n, v, path)
		return
	}
	if isNull(n) { // "key:" with nothing after it keeps the default
		return
	}
	if err := decodeLeaf(n, v); err != nil {
		d.fail(n, path, "%s", err)
		return
	}
	d.origin[path] = origin{where: d.where(n)}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	prefixesType = reflect.TypeFor[[]netip.Prefix]()
)

func isSection(t reflect.Type) bool { return t.Kind() == reflect.Struct }

// decodeLeaf reads one value, with messages for people instead of yaml's.
func decodeLeaf(n *yaml.Node, v reflect.Value) error {
	switch v.Type() {
	case durationType:
		dur, err := time.ParseDuration(n.Value)
		if err != nil {
			return fmt.Errorf("%q is not a duration; write it as 36h or 90m", n.Value)
		}
		v.SetInt(int64(dur))
		return nil
	case prefixesType:
		return decodePrefixes(n, v)
	}
	fresh := reflect.New(v.Type())
	if err := n.Decode(fresh.Interface()); err != nil {
		var te *yaml.TypeError
		if errors.As(err, &te) {
			return fmt.Errorf("%q is not %s", brief(n), typeName(v.Type()))
		}
		return err
	}
	if v.Kind() == reflect.String && n.Kind == yaml.ScalarNode && n.Tag != "!!str" && strings.HasPrefix(n.Tag, "!!") {
		fresh.Elem().SetString(n.Value) // an unquoted 2026 or yes stays as it was written
	}
	v.Set(fresh.Elem())
	return nil
}

func decodePrefixes(n *yaml.Node, v reflect.Value) error {
	var texts []string
	if err := n.Decode(&texts); err != nil {
		return errors.New("is not a list of addresses such as [127.0.0.1, 10.0.0.0/8]")
	}
	var out []netip.Prefix
	for _, s := range texts {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return fmt.Errorf("%q is neither an IP address nor a prefix such as 10.0.0.0/8", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	v.Set(reflect.ValueOf(out))
	return nil
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
		tag := f.Tag.Get("yaml")
		if tag == "" {
			continue
		}
		if isSection(f.Type) {
			out = append(out, leaves(f.Type, join(path, tag))...)
			continue
		}
		out = append(out, join(path, tag))
	}
	return out
}

func didYouMean(key string, keys []string) string {
	if meant, ok := spelling.Meant(key, keys); ok {
		return fmt.Sprintf("; did you mean %s?", meant)
	}
	sorted := slices.Sorted(slices.Values(keys))
	return "; there are " + strings.Join(sorted, ", ")
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a set of keys"
	default:
		return fmt.Sprintf("%q", brief(n))
	}
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	default:
		return "a text"
	}
}

func brief(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "[…]"
	case yaml.MappingNode:
		return "{…}"
	}
	return n.Value
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
