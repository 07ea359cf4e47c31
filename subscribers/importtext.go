package subscribers

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A charset is how a file's text is encoded, as far as it has been read.
type charset int

const (
	onlyASCII   charset = iota // nothing has told yet
	utf8Text                   // a character beyond ASCII was UTF-8
	windows1252                // one was not: a spreadsheet's "CSV" in western Europe
)

// decode makes a record's fields UTF-8. What is not UTF-8 is read as
// Windows-1252, of which Latin-1 is a part, unless the file has UTF-8 as well:
// then it is damaged, and refused as a whole.
func (c *charset) decode(record []string, line int) error {
	for i, field := range record {
		switch {
		case strings.IndexByte(field, 0) >= 0:
			return fmt.Errorf("%w: line %d has a NUL character; it is not text", ErrCSV, line)
		case plainASCII(field):
		case utf8.ValidString(field):
			if *c == windows1252 {
				return mixed(line)
			}
			*c = utf8Text
		case *c == utf8Text:
			return mixed(line)
		case !maybeWindows1252(field):
			return fmt.Errorf("%w: line %d is neither UTF-8 nor Windows-1252 (Latin-1); save the file as \"CSV UTF-8\"", ErrCSV, line)
		default:
			*c = windows1252
			text, err := charmap.Windows1252.NewDecoder().String(field)
			if err != nil {
				return mixed(line)
			}
			record[i] = text
		}
	}
	return nil
}

// maybeWindows1252 reports whether text can be that of a language of western
// Europe. In Cyrillic, Greek or Asian encodings, letters beyond ASCII stand side
// by side, or are bytes that Windows-1252 has not.
func maybeWindows1252(text string) bool {
	letters := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == 0x81, c == 0x8d, c == 0x8f, c == 0x90, c == 0x9d:
			return false
		case c >= 0xc0:
			if letters++; letters > 2 {
				return false
			}
		default:
			letters = 0
		}
	}
	return true
}

func mixed(line int) error {
	return fmt.Errorf("%w: line %d is in another encoding than the lines before it (UTF-8 and Latin-1 or Windows-1252 in one file); save the file as \"CSV UTF-8\"", ErrCSV, line)
}

// charsetWarning is shown before the question whether to import.
const charsetWarning = "The file is not UTF-8; it is read as Windows-1252 (Latin-1). If names with accents come out wrong, save it as \"CSV UTF-8\" and import that."
