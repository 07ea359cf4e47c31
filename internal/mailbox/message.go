package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// Bounds of what is parsed: a message beyond them is shown as far as they go.
const (
	maxDepth = 10
	maxParts = 200
)

// A Message is a stored message, taken apart.
type Message struct {
	Summary
	Header      []Field
	HTML        string // the first HTML part, UTF-8; "" without one
	Text        string // the first plain part, UTF-8; "" without one
	Source      []byte // as it came
	Attachments []Attachment
	Problems    []string // what could not be read
}

// An Attachment is a part that is not shown.
type Attachment struct {
	Name, Type string
	Size       int // bytes, decoded
}

// Open reads a message. A message that is no valid MIME is no error: Problems
// says what could not be read. ErrNotFound when there is none of that ID.
func Open(dir, id string) (*Message, error) {
	f, err := open(dir, id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxMessageBytes+maxHeader))
	if err != nil {
		return nil, fmt.Errorf("mailbox: read message: %w", err)
	}
	return parse(id, data), nil
}

func parse(id string, file []byte) *Message {
	m := &Message{Summary: summarise(id, int64(len(file)), file)}
	_, _, m.Source = cutTrace(file)
	var body []byte
	m.Header, body = splitMessage(m.Source)
	p := parser{m: m}
	p.part(m.field("Content-Type"), m.field("Content-Transfer-Encoding"), m.field("Content-Disposition"),
		bytes.NewReader(body), 0)
	return m
}

func (m *Message) field(name string) string {
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

type parser struct {
	m     *Message
	parts int
}

func (p *parser) problem(format string, args ...any) {
	if len(p.m.Problems) < 20 {
		p.m.Problems = append(p.m.Problems, fmt.Sprintf(format, args...))
	}
}

// part reads a part, and the parts in it.
func (p *parser) part(ctype, encoding, disposition string, body io.Reader, depth int) {
	if p.parts++; p.parts > maxParts || depth > maxDepth {
		if p.parts == maxParts+1 || depth > maxDepth {
			p.problem("more than %d parts, or nested deeper than %d: the rest is in the source", maxParts, maxDepth)
		}
		return
	}
	media, params, err := mime.ParseMediaType(ctype)
	if ctype == "" {
		media = "text/plain" // RFC 2045 §5.2
	} else if err != nil && media == "" {
		p.problem("the Content-Type %q can't be read", ctype)
		media = "text/plain"
	}
	if strings.HasPrefix(media, "multipart/") {
		p.multi(body, params["boundary"], depth)
		return
	}
	p.leaf(media, params, encoding, disposition, body)
}

func (p *parser) multi(body io.Reader, boundary string, depth int) {
	if boundary == "" {
		p.problem("a multipart without a boundary")
		return
	}
	for r := multipart.NewReader(body, boundary); p.parts <= maxParts; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			p.problem("the parts can't be separated: %s", err)
			return
		}
		h := textproto.MIMEHeader(part.Header)
		p.part(h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), part, depth+1)
	}
}

// leaf decodes a part and keeps it, as a body or as an attachment.
func (p *parser) leaf(media string, params map[string]string, encoding, disposition string, body io.Reader) {
	data, err := io.ReadAll(decoder(encoding, body))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		p.problem("a part (%s) can't be decoded as %s: %s", media, encoding, err)
	}
	kind, dparams, _ := mime.ParseMediaType(disposition)
	name := dparams["filename"]
	if name == "" {
		name = params["name"]
	}
	switch {
	case kind != "attachment" && media == "text/html" && p.m.HTML == "":
		p.m.HTML = p.text(data, params["charset"])
	case kind != "attachment" && media == "text/plain" && p.m.Text == "":
		p.m.Text = p.text(data, params["charset"])
	default:
		p.m.Attachments = append(p.m.Attachments, Attachment{decodeWords(name), media, len(data)})
	}
}

func decoder(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

func (p *parser) text(data []byte, charset string) string {
	r, err := charsetReader(charset, bytes.NewReader(data))
	if err == nil {
		data, err = io.ReadAll(r)
	}
	if err != nil {
		p.problem("the character set %q can't be read", charset)
	}
	return valid(data)
}

// charsetReader makes UTF-8 of a character set; UTF-8 and none are left alone.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "", "utf-8", "us-ascii", "ascii":
		return r, nil
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return r, fmt.Errorf("mailbox: character set %q: %w", charset, err)
	}
	return e.NewDecoder().Reader(r), nil
}
