package comparison

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// reviewsOf finds a tool's reviews in a YAML tree: the tool, and the key and the
// list, which may not be there.
func reviewsOf(file string, text []byte, tool int) (at, key, list *yaml.Node, err error) {
	root, err := strictyaml.Document(text)
	if err != nil || root == nil || root.Kind != yaml.MappingNode {
		return nil, nil, nil, fmt.Errorf("%s: %w", file, errors.Join(ErrByHand, err))
	}
	_, tools := lookUp(root, "tools")
	if tools == nil || tools.Kind != yaml.SequenceNode || tool >= len(tools.Content) || tools.Content[tool].Style&yaml.FlowStyle != 0 {
		return nil, nil, nil, fmt.Errorf("%s: tool %d is not written a key a line: %w", file, tool+1, ErrByHand)
	}
	at = tools.Content[tool]
	key, list = lookUp(at, "reviews")
	if list != nil && list.Style&yaml.FlowStyle != 0 && len(list.Content) > 0 {
		err = fmt.Errorf("%s:%d: the reviews stand in brackets: %w", file, list.Line, ErrByHand)
	}
	return at, key, list, err
}

func addReviewYAML(file string, text []byte, n NewReview) ([]byte, error) {
	at, key, list, err := reviewsOf(file, text, n.Tool)
	if err != nil {
		return nil, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(slices.Clone(text), '\n')
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	var w yamlWriter
	if list == nil || len(list.Content) == 0 {
		if key != nil { // "reviews: []" and nothing in it
			from := key.Line - 1
			lines = slices.Delete(lines, from, from+entryLines(lines[from:], place{parent: at, key: "reviews", at: key, value: list}))
		}
		in := at.Content[0].Column - 1
		w.line(in, "reviews:")
		w.review(in+4, n.Review)
		last := len(at.Content) - 2
		if key == at.Content[last] {
			last -= 2
		}
		p := place{parent: at, key: at.Content[last].Value, at: at.Content[last], value: at.Content[last+1]}
		from := p.at.Line - 1
		to := from + entryLines(lines[from:], p)
		return bytes.Join(slices.Insert(lines, to, w.Bytes()), nil), nil
	}
	from, to := itemLines(lines, list, len(list.Content)-1)
	w.review(indentOf(lines[from])+indentItem, n.Review)
	return bytes.Join(slices.Insert(lines, to, w.Bytes()), nil), nil
}

// itemLines are the lines of a list's item, from its hyphen to its last value:
// blank lines and comments behind it are not its own.
func itemLines(lines [][]byte, list *yaml.Node, at int) (from, to int) {
	item := list.Content[at]
	from = item.Line - 1
	hyphen := indentOf(lines[from])
	to = from + 1
	for to < len(lines) {
		body := strings.TrimSpace(string(lines[to]))
		if body != "" && indentOf(lines[to]) <= hyphen {
			break
		}
		to++
	}
	for to > from+1 {
		body := strings.TrimSpace(string(lines[to-1]))
		if body != "" && !strings.HasPrefix(body, "#") {
			break
		}
		to--
	}
	return from, to
}

func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

func removeReviewYAML(file string, text []byte, out ReviewAt) ([]byte, error) {
	owner, key, list, err := reviewsOf(file, text, out.Tool)
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	switch {
	case list == nil || out.At >= len(list.Content):
		return nil, fmt.Errorf("%s: there is no review %d: %w", file, out.At+1, ErrByHand)
	case len(list.Content) == 1:
		from := key.Line - 1
		p := place{parent: owner, key: "reviews", at: key, value: list}
		return bytes.Join(slices.Delete(lines, from, from+entryLines(lines[from:], p)), nil), nil
	}
	from, to := itemLines(lines, list, out.At)
	return bytes.Join(slices.Delete(lines, from, to), nil), nil
}
