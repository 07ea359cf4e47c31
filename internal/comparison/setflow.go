package comparison

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// inFlow changes a mapping in braces, on one line: {ship: 4, skip: 1}.
func inFlow(lines [][]byte, p place, value string) ([]byte, error) {
	last := p.parent.Content[len(p.parent.Content)-1]
	line := lines[p.parent.Line-1]
	switch {
	case last.Line != p.parent.Line || value != "" && p.value != nil && p.value.Kind != yaml.ScalarNode:
		return nil, ErrByHand
	case p.value != nil && value != "":
		from := byteAt(line, p.value.Column)
		to := from + scalarLength(line[from:], p.value)
		lines[p.parent.Line-1] = slices.Concat(line[:from], []byte(inBraces(value)), line[to:])
	case p.value != nil:
		return outOfFlow(lines, p, line)
	case value != "":
		to := byteAt(line, last.Column)
		to += scalarLength(line[to:], last)
		lines[p.parent.Line-1] = slices.Concat(line[:to], []byte(", "+p.key+": "+inBraces(value)), line[to:])
	}
	return bytes.Join(lines, nil), nil
}

// outOfFlow takes a key out of a mapping in braces, with the comma that parts it
// from another.
func outOfFlow(lines [][]byte, p place, line []byte) ([]byte, error) {
	if p.value.Kind != yaml.ScalarNode {
		return nil, ErrByHand
	}
	from := byteAt(line, p.at.Column)
	to := byteAt(line, p.value.Column)
	to += scalarLength(line[to:], p.value)
	before, after := bytes.TrimRight(line[:from], " "), bytes.TrimLeft(line[to:], " ")
	switch {
	case bytes.HasSuffix(before, []byte(",")):
		before = before[:len(before)-1]
		after = line[to:]
	case bytes.HasPrefix(after, []byte(",")):
		before, after = line[:from], bytes.TrimLeft(after[1:], " ")
	}
	lines[p.parent.Line-1] = slices.Concat(before, after)
	return bytes.Join(lines, nil), nil
}

// inBraces is a value as it can stand between braces.
func inBraces(value string) string {
	if _, err := strconv.Atoi(value); err == nil {
		return value
	}
	if plain(value) && !strings.ContainsAny(value, ",[]{}") {
		return value
	}
	return quoteAlways(value)
}

func quoteAlways(value string) string {
	if q := quoted(value); strings.HasPrefix(q, `"`) {
		return q
	}
	return `"` + value + `"`
}

// byteAt is the index of a 1-based column, which counts characters.
func byteAt(line []byte, column int) int {
	at := 0
	for range column - 1 {
		_, n := utf8.DecodeRune(line[at:])
		at += n
	}
	return at
}

// scalarLength is how many bytes a scalar on one line takes.
func scalarLength(rest []byte, n *yaml.Node) int {
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle:
		for i := 1; i < len(rest); i++ {
			switch rest[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
	case yaml.SingleQuotedStyle:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\'' {
				if i+1 < len(rest) && rest[i+1] == '\'' {
					i++
					continue
				}
				return i + 1
			}
		}
	}
	return len(n.Value)
}
