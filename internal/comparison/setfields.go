package comparison

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// ErrByHand is for a file that a person has to change by hand.
var ErrByHand = errors.New("change it in the file itself")

// A Change sets one field of a comparison's file: "tools[0].entry". "" takes the
// field out.
type Change struct{ Field, Value string }

func normalField(s string) string { return normalParagraphs(strings.ReplaceAll(s, "\r\n", "\n")) }

// step is one part of a field's path.
var step = regexp.MustCompile(`([a-z_]+)|\[(\d+)\]`)

// A place is where a field is in a tree, or where it would be.
type place struct {
	parent *yaml.Node // the mapping
	key    string
	at     *yaml.Node // the key's node; nil when the field is not there
	value  *yaml.Node
}

func setField(file string, text []byte, c Change) ([]byte, error) {
	root, err := strictyaml.Document(text)
	if err != nil || root == nil {
		return nil, fmt.Errorf("%s: %w", file, errors.Join(ErrByHand, err))
	}
	p, err := find(root, c.Field)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", file, c.Field, err)
	}
	value := normalField(c.Value)
	lines := bytes.SplitAfter(text, []byte("\n"))
	if p.value != nil && p.value.Value == value && p.value.Kind == yaml.ScalarNode {
		return text, nil
	}
	if path, ok := counts(c.Field); ok && value == "" && p.value != nil && len(p.parent.Content) == 2 {
		return withoutCounts(file, lines, root, path)
	}
	if p.parent.Style&yaml.FlowStyle != 0 {
		return inFlow(lines, p, value)
	}
	return inBlock(lines, p, value)
}

// counts gives the field of the panel's or the readers' counts that a field is one
// of: without its last count it is not there.
func counts(field string) (of string, ok bool) {
	of, _, ok = strings.Cut(field, "panel.")
	if ok {
		return of + "panel", true
	}
	of, _, ok = strings.Cut(field, "community.")
	return of + "community", ok
}

// withoutCounts takes panel or community out as a whole.
func withoutCounts(file string, lines [][]byte, root *yaml.Node, field string) ([]byte, error) {
	p, err := find(root, field)
	if err != nil || p.at == nil || p.parent.Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("%s: %s: %w", file, field, errors.Join(ErrByHand, err))
	}
	from := p.at.Line - 1
	return bytes.Join(slices.Delete(lines, from, from+entryLines(lines[from:], p)), nil), nil
}

// find follows a field's path to the mapping that it is in.
func find(root *yaml.Node, field string) (p place, err error) {
	node := root
	steps := step.FindAllStringSubmatch(field, -1)
	for i, s := range steps {
		last := i == len(steps)-1
		switch {
		case s[2] != "":
			n, _ := strconv.Atoi(s[2]) // digits
			if node == nil || node.Kind != yaml.SequenceNode || n >= len(node.Content) {
				return p, fmt.Errorf("it is not there: %w", ErrByHand)
			}
			node = node.Content[n]
		case node == nil || node.Kind != yaml.MappingNode:
			return p, fmt.Errorf("it is not there: %w", ErrByHand)
		default:
			key, value := lookUp(node, s[1])
			if last {
				return place{parent: node, key: s[1], at: key, value: value}, nil
			}
			if value == nil && i == len(steps)-2 { // panel: or community: has to be made
				return place{parent: node, key: s[1] + "." + steps[i+1][1]}, nil
			}
			node = value
		}
	}
	return p, fmt.Errorf("it is not a field: %w", ErrByHand)
}

func lookUp(m *yaml.Node, key string) (k, v *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i], m.Content[i+1]
		}
	}
	return nil, nil
}

// inBlock changes a mapping that has a key a line.
func inBlock(lines [][]byte, p place, value string) ([]byte, error) {
	if p.at == nil {
		return insert(lines, p, value)
	}
	if p.value.Kind != yaml.ScalarNode {
		return nil, ErrByHand
	}
	from := p.at.Line - 1
	to := from + entryLines(lines[from:], p)
	line := lines[from]
	indent := byteAt(line, p.at.Column)
	if value == "" {
		if strings.TrimSpace(string(line[:indent])) != "" { // "- name: …": the item's first key
			return firstOut(lines, p, from, to)
		}
		return bytes.Join(slices.Delete(lines, from, to), nil), nil
	}
	comment := ""
	if c := cmp.Or(p.value.LineComment, p.at.LineComment); c != "" {
		comment = "  " + c
	}
	entry := entryOf(p.key, value, p.at.Column-1)
	if first, rest, folded := strings.Cut(entry, "\n"); folded && comment != "" {
		entry = first + comment + "\n" + rest // ">-  # comment" is a block's header with a comment
	} else {
		entry = strings.TrimSuffix(entry, "\n") + comment + "\n"
	}
	entry = string(line[:indent]) + strings.TrimLeft(entry, " ")
	return bytes.Join(slices.Replace(lines, from, to, []byte(strings.TrimRight(entry, "\n")+"\n")), nil), nil
}

// firstOut takes the first key of a list's item out: the next one takes its place
// behind the hyphen.
func firstOut(lines [][]byte, p place, from, to int) ([]byte, error) {
	indent := byteAt(lines[from], p.at.Column)
	if len(p.parent.Content) < 4 || p.parent.Content[2].Line-1 != to {
		return nil, fmt.Errorf("%s is its item's first key; take it out by hand: %w", p.key, ErrByHand)
	}
	lines[to] = slices.Concat(lines[from][:indent], bytes.TrimLeft(lines[to], " "))
	return bytes.Join(slices.Delete(lines, from, to), nil), nil
}

// entryOf writes a key with its value as EncodeYAML does.
func entryOf(key, value string, indent int) string {
	var w yamlWriter
	parent, child, nested := strings.Cut(key, ".")
	_, err := strconv.Atoi(value)
	switch {
	case nested:
		w.line(indent, parent+": {"+child+": "+inBraces(value)+"}")
	case err == nil || key == "published" || key == "updated":
		w.line(indent, key+": "+value)
	default:
		w.text(indent, key, value)
	}
	return w.String()
}

// entryLines is how many lines a key and its value take: those that are deeper
// than the key belong to it, but for blank lines and comments at their end.
func entryLines(lines [][]byte, p place) int {
	n := 1
	for n < len(lines) {
		line := string(lines[n])
		body := strings.TrimLeft(line, " ")
		if strings.TrimSpace(body) != "" && len(line)-len(body) < p.at.Column {
			break
		}
		n++
	}
	block := p.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	for n > 1 {
		body := strings.TrimSpace(string(lines[n-1]))
		if body != "" && (block || !strings.HasPrefix(body, "#")) {
			break
		}
		n--
	}
	return n
}

// keyOrder is the contract's order of keys.
func keyOrder() []string {
	return []string{
		"slug", "published", "updated", "url", "tools",
		"name", "tagline", "category", "entry", "pricing", "best_for", "description", "panel", "community", "reviews",
		"reviewer", "score", "verdict", "take", "ship", "skip", "percent",
	}
}

// insert writes a key that is not there behind the last one that comes before it
// in the contract's order.
func insert(lines [][]byte, p place, value string) ([]byte, error) {
	if value == "" {
		return bytes.Join(lines, nil), nil
	}
	name, _, _ := strings.Cut(p.key, ".")
	mine := slices.Index(keyOrder(), name)
	if name == "url" && p.parent.Content[0].Value != "slug" {
		mine = slices.Index(keyOrder(), "category")
	}
	var before *place
	for i := 0; i+1 < len(p.parent.Content); i += 2 {
		k := p.parent.Content[i]
		if at := slices.Index(keyOrder(), k.Value); i == 0 || at < mine && k.Value != "tools" {
			before = &place{parent: p.parent, key: k.Value, at: k, value: p.parent.Content[i+1]}
		}
	}
	if before == nil {
		return nil, ErrByHand
	}
	at := before.at.Line - 1
	at += entryLines(lines[at:], *before)
	if n := len(lines[at-1]); n > 0 && lines[at-1][n-1] != '\n' {
		lines[at-1] = append(lines[at-1], '\n')
	}
	return bytes.Join(slices.Insert(lines, at, []byte(entryOf(p.key, value, before.at.Column-1))), nil), nil
}
