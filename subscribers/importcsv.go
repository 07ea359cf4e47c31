package subscribers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// headerPeek is how far a file is looked at before it is read, to tell its
// delimiter, its line ends and what its columns mean.
const headerPeek = 64 << 10

// csvFile reads records with their line numbers.
type csvFile struct {
	csvRecords
	layout  layout
	charset charset
}

// openCSV reads the header: UTF-8 with or without a byte order mark, Windows-1252,
// or UTF-16 with a mark; delimited by commas, semicolons, tabs or bars, or as a first line "sep=;"
// says.
func openCSV(r io.Reader, ignore []string) (*csvFile, error) {
	br, head, err := openText(r)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil, fmt.Errorf("%w: it is not text but an Excel workbook or another ZIP file; save the sheet as \"CSV UTF-8\"", ErrCSV)
	}
	if text := bytes.TrimSpace(head); bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")) {
		return nil, fmt.Errorf("%w: it is JSON; export it as CSV", ErrCSV)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, fmt.Errorf("%w: it is not text; save it as \"CSV UTF-8\"", ErrCSV)
	}
	f := &csvFile{csvRecords: csvRecords{in: br}}
	for bytes.HasPrefix(head, []byte(byteOrderMark)) { // some programs put one before the file's own
		if _, err := br.Discard(len(byteOrderMark)); err != nil {
			return nil, err
		}
		head = head[len(byteOrderMark):]
	}
	if head, err = f.delimit(head); err != nil {
		return nil, err
	}
	sample := f.sample(head)
	header, line, err := f.read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it is empty", ErrCSV)
	}
	if e := (*rowError)(nil); errors.As(err, &e) {
		return nil, fmt.Errorf("%w: %w", ErrCSV, err)
	}
	if err != nil {
		return nil, err
	}
	if err := f.charset.decode(header, line); err != nil {
		return nil, err
	}
	f.layout, err = newLayout(slices.Clone(header), sample, ignore)
	return f, err
}

// openText gives a file's text, of UTF-16 as UTF-8, with lines that end in LF, and
// what it begins with.
func openText(r io.Reader) (*bufio.Reader, []byte, error) {
	raw := bufio.NewReaderSize(r, headerPeek)
	head, err := peek(raw)
	if err != nil {
		return nil, nil, err
	}
	var text io.Reader = raw
	if order := utf16Order(head); order != nil {
		text = &utf16Reader{in: raw, order: order}
	}
	br := bufio.NewReaderSize(&lineEnds{in: text}, headerPeek)
	head, err = peek(br)
	return br, head, err
}

func peek(br *bufio.Reader) ([]byte, error) {
	head, err := br.Peek(headerPeek)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

const byteOrderMark = "\xef\xbb\xbf"

// utf16Order tells UTF-16 by its byte order mark; nil when it is none.
func utf16Order(head []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	return nil
}

// utf16Reader gives UTF-16 text as UTF-8.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	out   []byte
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		c, err := r.unit()
		if err != nil {
			return 0, err
		}
		if utf16.IsSurrogate(c) {
			low, err := r.unit()
			if err != nil && !errors.Is(err, io.EOF) {
				return 0, err
			}
			c = utf16.DecodeRune(c, low)
		}
		r.out = utf8.AppendRune(r.out, c)
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(r.in, b[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return utf8.RuneError, nil
	} else if err != nil {
		return 0, err
	}
	return rune(r.order.Uint16(b[:])), nil
}

// delimit finds the delimiter, and reads past a line that names it: Excel's
// "sep=;".
func (f *csvFile) delimit(head []byte) ([]byte, error) {
	first, rest, _ := bytes.Cut(head, []byte{'\n'})
	if text := strings.ToLower(strings.Trim(string(first), "\" ")); len(text) == len("sep=;") && strings.HasPrefix(text, "sep=") {
		f.comma = text[len(text)-1]
		_, err := f.readLine()
		return rest, err
	}
	f.comma = delimiter(head)
	return head, nil
}

// delimiter is the most frequent of the four in the header, outside quotes.
func delimiter(head []byte) byte {
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
		if c == ',' || c == ';' || c == '\t' || c == '|' {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t', '|'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// sample gives the first whole records of the file, the header left out.
func (f *csvFile) sample(head []byte) [][]string {
	if len(head) >= headerPeek-len(byteOrderMark) { // the last line is likely to be cut
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	ahead := csvRecords{in: bufio.NewReader(bytes.NewReader(head)), comma: f.comma}
	var records [][]string
	text := f.charset
	for n := 0; ; n++ {
		record, line, err := ahead.read()
		if e := (*rowError)(nil); err != nil && !errors.As(err, &e) {
			return records
		}
		if n > 0 && err == nil && text.decode(record, line) == nil {
			records = append(records, slices.Clone(record))
		}
	}
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
