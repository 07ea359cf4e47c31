package comparison

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A span is a member of an object, or an item of an array, in JSON source: its key,
// where it has one, and its value. The offsets are in bytes.
type span struct {
	key, from, to int // of the key or else the value, of the value, of its end
	object        bool
	members       int // of an object or an array
	lastEnd       int // the end of its last member
	lastKey       int // where that begins
	before        int // the end of what comes before that: a member, or the opening brace
}

// A jsonMap finds the values of JSON source by their paths: "tools[0].entry".
type jsonMap struct {
	src   []byte
	dec   *json.Decoder
	spans map[string]span
}

// mapJSON reads source that is valid JSON.
func mapJSON(src []byte) (map[string]span, error) {
	m := jsonMap{src: src, dec: json.NewDecoder(bytes.NewReader(src)), spans: map[string]span{}}
	m.dec.UseNumber()
	return m.spans, m.value("", -1)
}

// next is where the next token begins.
func (m *jsonMap) next() int {
	at := int(m.dec.InputOffset())
	for at < len(m.src) && strings.IndexByte(" \t\r\n,:", m.src[at]) >= 0 {
		at++
	}
	return at
}

func (m *jsonMap) value(path string, key int) error {
	s := span{from: m.next(), key: key}
	if key < 0 {
		s.key = s.from
	}
	t, err := m.dec.Token()
	if err != nil {
		return err
	}
	if open, ok := t.(json.Delim); ok {
		s.object = open == '{'
		if err := m.members(path, &s); err != nil {
			return err
		}
	}
	s.to = int(m.dec.InputOffset())
	m.spans[path] = s
	return nil
}

func (m *jsonMap) members(path string, s *span) error {
	s.lastEnd = int(m.dec.InputOffset())
	for m.dec.More() {
		s.before, s.lastKey = s.lastEnd, m.next()
		child, key := fmt.Sprintf("%s[%d]", path, s.members), -1
		if s.object {
			key = s.lastKey
			name, err := m.dec.Token()
			if err != nil {
				return err
			}
			if child = fmt.Sprint(name); path != "" {
				child = path + "." + child
			}
		}
		if err := m.value(child, key); err != nil {
			return err
		}
		s.members++
		s.lastEnd = int(m.dec.InputOffset())
	}
	_, err := m.dec.Token()
	return err
}

// setJSON changes one field of JSON source and leaves every other byte as it is.
func setJSON(file string, src []byte, c Change) ([]byte, error) {
	spans, err := mapJSON(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, ErrByHand)
	}
	value := normalField(c.Value)
	at, there := spans[c.Field]
	switch {
	case there && value == "":
		if path, ok := counts(c.Field); ok && spans[path].members == 1 {
			at = spans[path]
		}
		return cutJSON(src, at), nil
	case there:
		return splice(src, at.from, at.to, jsonValue(c.Field, value)), nil
	case value == "":
		return src, nil
	}
	return addJSON(file, src, spans, c.Field, jsonValue(c.Field, value))
}

// addJSON writes a member that is not there, and the object that it is in.
func addJSON(file string, src []byte, spans map[string]span, field, value string) ([]byte, error) {
	dot := strings.LastIndexByte(field, '.')
	path, key := field[:max(dot, 0)], field[dot+1:]
	parent, ok := spans[path]
	if !ok && path != "" && !strings.HasSuffix(path, "]") { // panel: or community: has to be made
		return addJSON(file, src, spans, path, "{"+strconv.Quote(key)+": "+value+"}")
	}
	if !ok || !parent.object {
		return nil, fmt.Errorf("%s: %s: it is not there: %w", file, field, ErrByHand)
	}
	return appendJSON(src, parent, strconv.Quote(key)+": "+value), nil
}

// appendJSON writes a member behind the last one, laid out as that is.
func appendJSON(src []byte, parent span, member string) []byte {
	if parent.members == 0 {
		return splice(src, parent.lastEnd, parent.lastEnd, member)
	}
	gap := strings.TrimLeft(string(src[parent.before:parent.lastKey]), ",")
	if parent.members == 1 && !strings.Contains(gap, "\n") {
		gap = " "
	}
	return splice(src, parent.lastEnd, parent.lastEnd, ","+gap+member)
}

// cutJSON takes a member out, with the comma that parts it from another.
func cutJSON(src []byte, at span) []byte {
	before := bytes.TrimRight(src[:at.key], " \t\r\n")
	if bytes.HasSuffix(before, []byte(",")) {
		return splice(src, len(before)-1, at.to, "")
	}
	rest := src[at.to:]
	if after := bytes.TrimLeft(rest, " \t\r\n"); bytes.HasPrefix(after, []byte(",")) {
		after = bytes.TrimLeft(after[1:], " \t\r\n")
		return splice(src, at.key, len(src)-len(after), "")
	}
	return splice(src, at.key, at.to, "")
}

func splice(src []byte, from, to int, text string) []byte {
	return append(append(append([]byte{}, src[:from]...), text...), src[to:]...)
}

// jsonValue is a field's value as JSON has it: a number without quotation marks.
func jsonValue(field, value string) string {
	n, err := strconv.Atoi(value)
	switch field[strings.LastIndexByte(field, '.')+1:] {
	case "score", "ship", "skip", "percent":
		if err == nil && strconv.Itoa(n) == value {
			return value
		}
	}
	return jsonText(value)
}

func jsonText(value any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return `""` // cannot be: what is written are strings and numbers
	}
	return strings.TrimSpace(b.String())
}

func addReviewJSON(file string, src []byte, n NewReview) ([]byte, error) {
	spans, err := mapJSON(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, ErrByHand)
	}
	at := fmt.Sprintf("tools[%d].reviews", n.Tool)
	review := jsonText(reviewJSON(n.Review))
	list, ok := spans[at]
	if !ok {
		return addJSON(file, src, spans, at, "["+review+"]")
	}
	return appendJSON(src, list, review), nil
}

func removeReviewJSON(file string, src []byte, out ReviewAt) ([]byte, error) {
	spans, err := mapJSON(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, ErrByHand)
	}
	at := fmt.Sprintf("tools[%d].reviews", out.Tool)
	if list := spans[at]; list.members == 1 && out.At == 0 {
		return cutJSON(src, list), nil
	}
	item, ok := spans[fmt.Sprintf("%s[%d]", at, out.At)]
	if !ok {
		return nil, fmt.Errorf("%s: there is no review %d: %w", file, out.At+1, ErrByHand)
	}
	return cutJSON(src, item), nil
}
