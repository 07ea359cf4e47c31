package comparison

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// maxFile bounds a comparison's source in bytes. A real one has about 8 KB.
const maxFile = 1 << 20

var utf8BOM = []byte("\xef\xbb\xbf")

// ReadText checks what every source must be: no more than most bytes, and text in
// UTF-8 without control characters. It returns the text without its byte order
// mark and with line feeds as line ends.
func ReadText(file string, src []byte, most int) ([]byte, []Problem) {
	ps := problems{file: file}
	text, _ := readable(&ps, src, most)
	return text, ps.list
}

// readable checks what every source must be: text of a sane size in UTF-8
// without control characters. It returns the text without its byte order mark
// and with line feeds as line ends, so that every format counts lines alike.
func readable(ps *problems, src []byte, most int) (text []byte, ok bool) {
	src = bytes.TrimPrefix(src, utf8BOM)
	switch {
	case len(src) > most:
		ps.tooLarge(most)
	case len(bytes.TrimSpace(src)) == 0:
		ps.addf(1, "", "is empty; a comparison has the keys published and tools")
	case !utf8.Valid(src):
		ps.addf(lineAt(src, invalidByte(src)), "", "is not UTF-8 text; save the file as UTF-8")
	default:
		if at := bytes.IndexFunc(src, isRawControl); at >= 0 {
			ps.addf(lineAt(src, at), "", "holds the control character U+%04X; delete it", src[at])
			return nil, false
		}
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
		src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
		ps.last = lineAt(src, len(src))
		return src, true
	}
	return nil, false
}

func (ps *problems) tooLarge(most int) {
	ps.addf(0, "", "is larger than %d KiB, too large for a comparison", most>>10)
}

// isRawControl is for bytes that no text file holds; line ends and tabs may.
func isRawControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
}

func invalidByte(src []byte) int {
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(src)
}

// lineAt is the 1-based line of an offset.
func lineAt(src []byte, offset int) int {
	return 1 + bytes.Count(src[:min(max(offset, 0), len(src))], []byte("\n"))
}

// yamlTree reads one YAML document; nil when that cannot be done.
func yamlTree(ps *problems, src []byte) *yaml.Node {
	root, err := strictyaml.Document(src)
	var syntax *strictyaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		ps.addf(syntax.Line, "", "%s", syntax.Message)
	case root == nil:
		ps.addf(1, "", "holds nothing but comments; a comparison has the keys published and tools")
	}
	return root
}
