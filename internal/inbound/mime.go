package inbound

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// MaxMail is how many bytes of a mail are looked at. A bounce says what it says
// at its beginning.
const MaxMail = 8 << 20

// How many parts of it are, how deep they may lie, and how long a header may be.
const (
	maxParts = 200
	maxDepth = 8
	maxHead  = 64 << 10
)

// A field is a header field, unfolded.
type field struct{ name, value string } // the name in lower case

// A header is a list of fields in their order.
type header []field

func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h header) all(name string) (values []string) {
	for _, f := range h {
		if f.name == name {
			values = append(values, f.value)
		}
	}
	return values
}

// A part is a leaf of a mail's tree of parts, decoded.
type part struct {
	header header
	kind   string // media type in lower case, "text/plain" where there is none
	name   string // file name, in lower case
	body   []byte
}

// A mail is a parsed mail: a header and the leaves.
type mail struct {
	header header
	kind   string
	params map[string]string
	parts  []part
	own    string // notice's results, once read
	rest   string
	read   bool
	nested bool // it came in another
}

// parse takes any bytes.
func parse(raw []byte) *mail {
	raw = raw[:min(len(raw), MaxMail)]
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	if bytes.HasPrefix(raw, []byte("From ")) { // an mbox's line
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	m := &mail{}
	var body []byte
	m.header, body = splitHeader(raw)
	m.kind, m.params = contentType(m.header)
	m.walk(m.header, body, 0)
	return m
}

// parseNested takes a mail that came in another.
func parseNested(raw []byte) *mail {
	m := parse(raw)
	m.nested = true
	return m
}

// walk adds the leaves below an entity.
func (m *mail) walk(h header, body []byte, depth int) {
	if len(m.parts) >= maxParts {
		return
	}
	kind, params := contentType(h)
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		pieces := split(body, params["boundary"], maxParts-len(m.parts))
		for _, piece := range pieces {
			ph, pb := splitHeader(piece)
			m.walk(ph, pb, depth+1)
		}
		if len(pieces) > 0 {
			return
		}
		kind = "text/plain"
	}
	m.parts = append(m.parts, part{header: h, kind: kind, name: fileName(h, params), body: decode(h.get("content-transfer-encoding"), body)})
}

// split cuts a multipart's body at its boundary. What stands before the first
// is a part of its own only when it is more than a word to old mail programs.
func split(body []byte, boundary string, limit int) (pieces [][]byte) {
	if boundary == "" {
		return nil
	}
	marker := []byte("--" + boundary)
	start := -1
	for at := 0; at < len(body) && len(pieces) < limit; {
		end := bytes.IndexByte(body[at:], '\n')
		next := len(body)
		if end >= 0 {
			next = at + end + 1
		}
		line := bytes.TrimRight(body[at:next], " \t\n")
		if bytes.HasPrefix(line, marker) {
			rest := line[len(marker):]
			if len(rest) == 0 || bytes.Equal(rest, []byte("--")) {
				if start >= 0 {
					pieces = append(pieces, body[start:at])
				}
				start = next
				if len(rest) > 0 {
					return pieces
				}
			}
		}
		at = next
	}
	if start >= 0 && start < len(body) && len(pieces) < limit {
		pieces = append(pieces, body[start:])
	}
	return pieces
}

// splitHeader reads fields until a line that is none.
func splitHeader(raw []byte) (h header, body []byte) {
	rest := raw
	for len(rest) > 0 && len(raw)-len(rest) < maxHead {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if len(bytes.TrimRight(line, " \t")) == 0 {
			return h, after
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].value += " " + strings.TrimSpace(string(line))
			rest = after
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isName(name) {
			return h, rest
		}
		h = append(h, field{strings.ToLower(string(name)), strings.TrimSpace(string(value))})
		rest = after
	}
	return h, rest
}

// isName reports whether a field may be called so (RFC 5322 §2.2).
func isName(name []byte) bool {
	name = bytes.TrimRight(name, " \t")
	if len(name) == 0 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// contentType is lenient: what cannot be read is text.
func contentType(h header) (kind string, params map[string]string) {
	value := h.get("content-type")
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		kind, _, _ = strings.Cut(value, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		params = map[string]string{}
		for _, name := range []string{"boundary", "report-type"} {
			if _, after, ok := strings.Cut(strings.ReplaceAll(value, `"`, ""), name+"="); ok {
				after, _, _ = strings.Cut(after, ";")
				params[name] = strings.TrimSpace(after)
			}
		}
	}
	if kind == "" || !strings.Contains(kind, "/") {
		kind = "text/plain"
	}
	return kind, params
}

func fileName(h header, params map[string]string) string {
	if _, p, err := mime.ParseMediaType(h.get("content-disposition")); err == nil && p["filename"] != "" {
		return strings.ToLower(p["filename"])
	}
	return strings.ToLower(params["name"])
}

// decode undoes a transfer encoding as far as it is in order.
func decode(encoding string, body []byte) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		clean := bytes.Map(func(c rune) rune {
			if c <= ' ' || c == '=' {
				return -1
			}
			return c
		}, body)
		out, _ := io.ReadAll(base64.NewDecoder(base64.RawStdEncoding, bytes.NewReader(clean)))
		return out
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil && len(out) < len(body)/2 {
			return body
		}
		return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
	default:
		return body
	}
}

// word decodes encoded words (RFC 2047) where it can.
func word(s string) string {
	if out, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return out
	}
	return s
}
