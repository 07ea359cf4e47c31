package sitepage

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// A source is a file as it was found to be.
type source struct {
	text  []byte // UTF-8, where that could be had
	url   string // the page's address, where the file says it
	html  bool   // its form is certain
	guess string // the encoding that nothing in the file names
}

// decode takes a saved page out of its archive and brings its text to UTF-8.
// What it cannot read comes back as it is, for the reader to refuse.
func decode(file string, src []byte) source {
	if page, ok := fromArchive(src); ok {
		return page
	}
	s := source{text: src}
	if enc := utf16Encoding(src); enc != nil {
		if text, err := enc.NewDecoder().Bytes(src); err == nil {
			s.text = text
		}
		return s
	}
	if utf8.Valid(src) {
		return s
	}
	s.text, s.guess = fromBytes(src, "")
	return s
}

// utf16Encoding finds UTF-16 by its byte order mark, or by the zero bytes that
// ASCII has in it; nil for none.
func utf16Encoding(src []byte) encoding.Encoding {
	const enough = 20
	head := src[:min(len(src), 512)]
	even, odd := 0, 0
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	switch {
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}), even == 0 && odd > enough && odd > len(head)/3:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(src, []byte{0xfe, 0xff}), odd == 0 && even > enough && even > len(head)/3:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=`)

// fromBytes reads text that is no UTF-8 in the encoding that its type or its
// HTML names, else in Windows-1252, as browsers do. A text that is UTF-8 but for
// a few bytes is damaged, and stays as it is.
func fromBytes(src []byte, contentType string) (text []byte, guess string) {
	enc, name, named := charset.DetermineEncoding(src[:min(len(src), 1024)], contentType)
	if !named && !metaCharset.Match(src[:min(len(src), 1024)]) {
		if hasUTF8(src) || slices.ContainsFunc(src, isNot1252) {
			return src, ""
		}
		enc, name = charmap.Windows1252, "Windows-1252"
		guess = name
	}
	if name == "utf-8" {
		return src, ""
	}
	text, err := enc.NewDecoder().Bytes(src)
	if err != nil {
		return src, ""
	}
	return text, guess
}

// isNot1252 is for the bytes that Windows-1252 leaves empty.
func isNot1252(b byte) bool { return b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 || b == 0x9d }

// hasUTF8 reports whether there is a character of two bytes or more.
func hasUTF8(src []byte) bool {
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		if size > 1 && r != utf8.RuneError {
			return true
		}
		src = src[size:]
	}
	return false
}

var archiveHead = regexp.MustCompile(`(?i)^(?:[a-z-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)*content-type:\s*(?:multipart/related|text/html)`)

// fromArchive takes the page out of a web archive (MHTML, RFC 2557): the first
// part that is HTML. Lines count within the page.
func fromArchive(src []byte) (source, bool) {
	if !archiveHead.Match(src[:min(len(src), 4096)]) {
		return source{}, false
	}
	msg, err := mail.ReadMessage(bytes.NewReader(src))
	if err != nil {
		return source{}, false
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return source{}, false
	}
	address := strings.TrimSpace(msg.Header.Get("Snapshot-Content-Location"))
	if kind == "text/html" {
		return archivedPage(msg.Body, msg.Header.Get, address)
	}
	for parts := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err != nil {
			return source{}, false
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err == nil && (kind == "text/html" || kind == "application/xhtml+xml") {
			return archivedPage(part, part.Header.Get, address)
		}
	}
}

func archivedPage(body io.Reader, header func(string) string, address string) (source, bool) {
	switch strings.ToLower(strings.TrimSpace(header("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(io.LimitReader(body, maxPage+1))
	if err != nil {
		return source{}, false
	}
	if address == "" {
		address = strings.TrimSpace(header("Content-Location"))
	}
	s := source{text: text, url: address, html: true}
	if !utf8.Valid(text) {
		s.text, s.guess = fromBytes(text, header("Content-Type"))
	}
	return s, true
}
