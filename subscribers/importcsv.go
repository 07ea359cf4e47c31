package subscribers

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// headerPeek is how far the header is looked at to tell the delimiter.
const headerPeek = 64 << 10

// csvFile reads records with their line numbers.
type csvFile struct {
	*csv.Reader
	layout layout
}

// openCSV reads the header: UTF-8 with or without a byte order mark, delimited
// by commas, semicolons or tabs.
func openCSV(r io.Reader) (*csvFile, error) {
	br := bufio.NewReaderSize(r, headerPeek)
	head, err := br.Peek(headerPeek)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.IndexByte(head, 0) >= 0 {
		return nil, fmt.Errorf("%w: it is UTF-16 or not text at all; save it as \"CSV UTF-8\"", ErrCSV)
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		if _, err := br.Discard(3); err != nil {
			return nil, err
		}
		head = head[3:]
	}
	f := &csvFile{Reader: csv.NewReader(br)}
	f.FieldsPerRecord, f.ReuseRecord = -1, true
	f.Comma = delimiter(head)
	header, err := f.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it is empty", ErrCSV)
	case err != nil:
		return nil, f.fault(err)
	}
	if err := checkUTF8(header, 1); err != nil {
		return nil, err
	}
	f.layout, err = newLayout(slices.Clone(header))
	return f, err
}

// fault marks a syntax error of the file; an error of the disk or the network
// stays what it is.
func (f *csvFile) fault(err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%w: %w", ErrCSV, err)
	}
	return err
}

// delimiter is the most frequent of the three in the header, outside quotes.
func delimiter(head []byte) rune {
	count := map[byte]int{}
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if c == '\n' && len(count) > 0 {
			break
		}
		if c == ',' || c == ';' || c == '\t' {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return rune(best)
}

// checkUTF8 refuses the whole file: what is not UTF-8 in one line is not in the
// others either, and names would be garbled.
func checkUTF8(record []string, line int) error {
	for _, field := range record {
		if !utf8.ValidString(field) {
			return fmt.Errorf("%w: line %d is not UTF-8 text (Latin-1 or Windows-1252?); save the file as \"CSV UTF-8\"", ErrCSV, line)
		}
		if strings.IndexByte(field, 0) >= 0 {
			return fmt.Errorf("%w: line %d has a NUL character; it is not text", ErrCSV, line)
		}
	}
	return nil
}

// guarded are the characters at which a spreadsheet takes a cell for a formula.
const guarded = "=+-@\t\r"

// guard makes a cell harmless to spreadsheets with an apostrophe before what
// would be a formula; unguard takes it off again. Apostrophes that would look
// like one are guarded too, so that every value survives the way there and back.
func guard(s string) string {
	if isGuarded(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if strings.HasPrefix(s, "'") && isGuarded(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

func isGuarded(s string) bool { return s != "" && strings.IndexByte(guarded, s[0]) >= 0 }
