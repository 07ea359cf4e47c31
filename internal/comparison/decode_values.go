package comparison

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

var wholeNumber = regexp.MustCompile(`^[-+]?[0-9]{1,9}$`)

// mapping reads a set of keys. It reports what is none, keys given twice and
// keys that are not known; the others are returned.
func (d *decoder) mapping(at string, n *yaml.Node, keys []string) (map[string]*yaml.Node, bool) {
	d.lines[at] = n.Line
	if n.Kind != yaml.MappingNode {
		d.fail(n, at, "%sis %s, but must have keys such as %s", prefix(at), describe(n), strings.Join(keys[:2], " and "))
		return nil, false
	}
	m := make(map[string]*yaml.Node, len(keys))
	first := make(map[string]int, len(keys))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		switch line, twice := first[name]; {
		case key.Kind != yaml.ScalarNode:
			d.add(key.Line, at, "%shas %s as a key; keys are words such as %s", prefix(at), describe(key), keys[0])
		case twice:
			d.add(key.Line, join(at, name), "%s is given twice, first in line %d; delete one", spelling.Clip(name), line)
		case !slices.Contains(keys, name):
			first[name] = key.Line
			d.add(key.Line, join(at, name), "%s is no key%s%s", spelling.Clip(name), of(at), hint(name, keys))
		default:
			first[name] = key.Line
			d.lines[join(at, name)] = value.Line
			m[name] = value
		}
	}
	return m, true
}

// hint names the key that was meant: a near one, or where a key of that name
// belongs, or all that there are.
func hint(name string, keys []string) string {
	if s := didYouMean(name, keys); s != "" {
		return s
	}
	homes := []struct {
		place string
		keys  []string
	}{{"at the top", comparisonKeys}, {"in a tool", toolKeys}, {"in panel", panelKeys}, {"in a review", reviewKeys}}
	for _, h := range homes {
		if slices.Contains(h.keys, name) {
			return "; it belongs " + h.place
		}
	}
	return "; there are " + strings.Join(keys, ", ")
}

func (d *decoder) sequence(m map[string]*yaml.Node, at, key string) []*yaml.Node {
	n := m[key]
	if isAbsent(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, join(at, key), "%s: is %s, but must be a list; begin each item with \"- \"", key, describe(n))
		return nil
	}
	return n.Content
}

func (d *decoder) number(m map[string]*yaml.Node, at, key string) *int {
	n := m[key]
	if isAbsent(n) {
		return nil
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || !wholeNumber.MatchString(n.Value) {
		d.fail(n, join(at, key), "%s: is %s, but must be a whole number%s", key, describe(n), numberHint(n))
		return nil
	}
	v, _ := strconv.Atoi(n.Value) // the pattern's nine digits fit
	return &v
}

func numberHint(n *yaml.Node) string {
	bare := strings.TrimSuffix(strings.TrimSpace(n.Value), "%")
	if n.Kind == yaml.ScalarNode && wholeNumber.MatchString(bare) {
		return "; write " + bare
	}
	return ""
}

// scalar is a text value as written, "" when it is absent or no text.
func (d *decoder) scalar(m map[string]*yaml.Node, at, key string) string {
	n := m[key]
	if isAbsent(n) {
		return ""
	}
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!str" && (tag != "!!timestamp" || key != "published" && key != "updated") {
		msg := ""
		if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 {
			msg = "; put it in quotes"
		}
		d.fail(n, join(at, key), "%s: is %s, but must be text%s", key, describe(n), msg)
		return ""
	}
	return n.Value
}

// line is a text value without the white space around it.
func (d *decoder) line(m map[string]*yaml.Node, at, key string) string {
	return strings.TrimSpace(d.scalar(m, at, key))
}

// paragraphs is a text value in its normal form (see normalParagraphs). In a
// folded block (">") every line break that folding leaves was an empty line in
// the file, so it separates paragraphs.
func (d *decoder) paragraphs(m map[string]*yaml.Node, at, key string) string {
	text := d.scalar(m, at, key)
	if n := m[key]; n != nil && n.Style&yaml.FoldedStyle != 0 {
		text = strings.ReplaceAll(text, "\n", "\n\n")
	}
	return normalParagraphs(text)
}
