package comparison

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// jsonTree reads one JSON value into the same tree as YAML, so that one decoder
// serves both. YAML's parser will not do: it refuses surrogate pairs.
func jsonTree(ps *problems, src []byte) *yaml.Node {
	var whole json.RawMessage
	if err := json.Unmarshal(src, &whole); err != nil {
		ps.addf(jsonErrorLine(src, err), "", "is not JSON: %s", err)
		return nil
	}
	r := jsonReader{src: src, dec: json.NewDecoder(bytes.NewReader(src)), line: 1}
	r.dec.UseNumber()
	n, err := r.value()
	if err != nil { // cannot be: the whole was valid
		ps.addf(r.line, "", "is not JSON: %s", err)
		return nil
	}
	return n
}

func jsonErrorLine(src []byte, err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return lineAt(src, int(syntax.Offset)-1)
	}
	return lineAt(src, len(src))
}

// A jsonReader builds nodes from tokens and counts lines as it goes.
type jsonReader struct {
	src  []byte
	dec  *json.Decoder
	at   int // offset up to which lines are counted
	line int
}

// token is the next token and the line in which it ends. A JSON token cannot
// span lines, so that is also where it begins.
func (r *jsonReader) token() (json.Token, int, error) {
	t, err := r.dec.Token()
	end := int(r.dec.InputOffset())
	r.line += bytes.Count(r.src[r.at:end], []byte("\n"))
	r.at = end
	return t, r.line, err
}

func (r *jsonReader) value() (*yaml.Node, error) {
	t, line, err := r.token()
	if err != nil {
		return nil, err
	}
	switch v := t.(type) {
	case json.Delim:
		return r.container(v, line)
	case string:
		return scalar(line, "!!str", v), nil
	case json.Number:
		tag := "!!float"
		if !strings.ContainsAny(v.String(), ".eE") {
			tag = "!!int"
		}
		return scalar(line, tag, v.String()), nil
	case bool:
		return scalar(line, "!!bool", map[bool]string{true: "true", false: "false"}[v]), nil
	}
	return scalar(line, "!!null", "null"), nil
}

func (r *jsonReader) container(open json.Delim, line int) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for r.dec.More() {
		child, err := r.value() // of an object: key, value, key, …, as in a YAML node
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, child)
	}
	_, _, err := r.token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func scalar(line int, tag, value string) *yaml.Node {
	style := yaml.Style(0)
	if tag == "!!str" {
		style = yaml.DoubleQuotedStyle
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value, Line: line, Style: style}
}
