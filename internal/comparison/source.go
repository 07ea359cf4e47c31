package comparison

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a comparison's source in bytes. A real one has about 8 KB.
const maxFile = 1 << 20

var utf8BOM = []byte("\xef\xbb\xbf")

// ReadText checks what every source must be: at most so many bytes, and text in
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
		ps.add(1, "", "is empty; a comparison has the keys published and tools")
	case !utf8.Valid(src):
		ps.add(lineAt(src, invalidByte(src)), "", "is not UTF-8 text; save the file as UTF-8")
	default:
		if at := bytes.IndexFunc(src, isRawControl); at >= 0 {
			ps.add(lineAt(src, at), "", "holds the control character U+%04X; delete it", src[at])
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
	ps.add(0, "", "is larger than %d KiB; that is no comparison", most>>10)
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

// yamlTree reads one YAML document; nil when that cannot be done. Aliases stay
// as they are: nothing is expanded, so an alias bomb stays as small as its file.
func yamlTree(ps *problems, src []byte) *yaml.Node {
	docs, err := yamlDocuments(src)
	switch {
	case err != nil:
		line, msg := yamlError(src, err)
		ps.add(line, "", "is not YAML: %s", msg)
	case len(docs) == 0:
		ps.add(1, "", "holds nothing but comments; a comparison has the keys published and tools")
	case len(docs) > 1:
		ps.add(docs[1].Line, "", "a second YAML document begins here; write one comparison a file")
	default:
		return docs[0]
	}
	return nil
}

func yamlDocuments(src []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	for dec := yaml.NewDecoder(bytes.NewReader(src)); ; {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc.Content...)
	}
}

var yamlErrorLine = regexp.MustCompile(`^line (\d+): `)

// yamlError gives a syntax error's line and text. The parser names the line
// where the surrounding block begins, or none, or one too low; the line where
// the shortest failing beginning of the file ends is where a reader looks.
func yamlError(src []byte, err error) (line int, msg string) {
	line, msg = splitYAMLError(err)
	const fewLines, fewBytes = 500, 64 << 10
	ends := lineEnds(src)
	if len(ends) > fewLines || len(src) > fewBytes { // it costs a parse a line
		return max(line, 1), msg
	}
	for k := len(ends) - 1; k > 0; k-- {
		_, err := yamlDocuments(src[:ends[k-1]])
		if err == nil {
			return k + 1, msg
		}
		if _, m := splitYAMLError(err); m != msg {
			return k + 1, msg
		}
	}
	return 1, msg
}

func splitYAMLError(err error) (line int, msg string) {
	msg = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlErrorLine.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	return line, msg
}

// lineEnds are the offsets behind each line.
func lineEnds(src []byte) []int {
	var ends []int
	at := 0
	for line := range bytes.Lines(src) {
		at += len(line)
		ends = append(ends, at)
	}
	return ends
}
