package subscribers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxRecord bounds a row of a CSV file in bytes, and with it the memory that a
// quote which is never closed can take.
const maxRecord = 1 << 20

// csvRecords reads the records of a CSV file (RFC 4180) whose lines end in LF as
// programs really write them: a quote in the middle of an unquoted field
// is a quote; inside quotes, \" is a quote too where "" would not do.
//
// A quoted field may go over several lines. What must not happen is that a
// forgotten quote swallows the rows after it, so a record of several lines that
// is not well-formed is an error of the file, and one of a single line is an
// error of that row.
type csvRecords struct {
	in    *bufio.Reader
	comma byte
	line  int // lines read so far
	long  []byte
	buf   []byte
	ends  []int
	out   []string
}

// A rowError is a row that is not well-formed; the rows after it can be read.
type rowError struct {
	line   int
	reason string
}

func (e *rowError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.reason) }

// read gives the next record, which is good until the next call, and the line on
// which it starts, from 1. It skips empty lines and ends with io.EOF.
func (r *csvRecords) read() (record []string, line int, err error) {
	text := []byte{}
	for len(text) == 0 {
		if text, err = r.readLine(); err != nil {
			return nil, r.line, err
		}
	}
	line = r.line
	r.buf, r.ends = r.buf[:0], r.ends[:0]
	for more := true; more; {
		if at := r.opens(text); at >= 0 {
			if text, err = r.quoted(text[at+1:], line); err != nil {
				return nil, line, err
			}
		} else {
			end := bytes.IndexByte(text, r.comma)
			if end < 0 {
				end = len(text)
			}
			r.buf = append(r.buf, text[:end]...)
			text = text[end:]
		}
		r.ends = append(r.ends, len(r.buf))
		if more = len(text) > 0; more {
			text = text[1:] // the delimiter
		}
	}
	return r.fields(), line, nil
}

// opens gives where a field's opening quote is, or -1. Some programs put a space
// before it; then the field must end in its line.
func (r *csvRecords) opens(text []byte) int {
	at := len(text) - len(bytes.TrimLeft(text, " "))
	switch {
	case at == len(text) || text[at] != '"':
		return -1
	case at == 0:
		return at
	}
	for rest := text[at+1:]; ; {
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			return -1
		}
		if rest = rest[end+1:]; bytes.HasPrefix(rest, []byte{'"'}) {
			rest = rest[1:]
			continue
		}
		if r.ended(rest) {
			return at
		}
		return -1
	}
}

// fields cuts what was read into fields, of one string for all.
func (r *csvRecords) fields() []string {
	all, start := string(r.buf), 0
	r.out = r.out[:0]
	for _, end := range r.ends {
		r.out = append(r.out, all[start:end])
		start = end
	}
	return r.out
}

// quoted reads a field from behind its opening quote, over as many lines as it
// takes, and gives what follows the closing quote: a delimiter or nothing.
func (r *csvRecords) quoted(text []byte, start int) ([]byte, error) {
	opened := r.line
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			r.buf = append(append(r.buf, text...), '\n')
			var err error
			if text, err = r.readLine(); errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("%w: line %d: a quote opens here and is never closed", ErrCSV, opened)
			} else if err != nil {
				return nil, err
			}
			if len(r.buf)+len(text) > maxRecord {
				return nil, fmt.Errorf("%w: line %d: a quote opens here and is not closed within %d KiB", ErrCSV, opened, maxRecord>>10)
			}
			continue
		}
		rest := text[at+1:]
		switch {
		case at > 0 && text[at-1] == '\\' && r.backslashed(rest):
			r.buf = append(append(r.buf, text[:at-1]...), '"')
			text = rest
		case len(rest) > 0 && rest[0] == '"':
			r.buf = append(r.buf, text[:at+1]...)
			text = rest[1:]
		case r.ended(rest):
			r.buf = append(r.buf, text[:at]...)
			return bytes.TrimLeft(rest, " "), nil
		case r.line > start:
			return nil, fmt.Errorf("%w: line %d: a quote opens here and is not closed before line %d", ErrCSV, opened, r.line)
		default:
			return nil, &rowError{start, "a quote inside a quoted field must be doubled"}
		}
	}
}

// backslashed reports whether a quote after a backslash, with rest behind it, is
// part of the field. A field may also end in a backslash, and a backslash may
// stand before a doubled quote.
func (r *csvRecords) backslashed(rest []byte) bool {
	if len(rest) > 0 && rest[0] == '"' {
		return r.ended(rest[1:])
	}
	return !r.ended(rest)
}

// ended reports whether a field is over before rest, but for spaces.
func (r *csvRecords) ended(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " ")
	return len(rest) == 0 || rest[0] == r.comma
}

// readLine gives a line without its end, good until the next call.
func (r *csvRecords) readLine() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(r.long) > maxRecord {
				return nil, fmt.Errorf("%w: line %d is longer than %d KiB", ErrCSV, r.line+1, maxRecord>>10)
			}
			line, err = r.in.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	r.line++
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimPrefix(line, []byte(byteOrderMark)), nil // of a file that was joined to another
}

// swallowed reports whether a field that a record has over several lines took in
// the rows below it, because its quote was closed by the next one that opens:
// one of its lines has an address where a row has it.
func (f *csvFile) swallowed(record []string) bool {
	at := f.layout.at[colEmail]
	for _, field := range record {
		lines := strings.Split(field, "\n")
		for i, line := range lines[1:] {
			cells := strings.Split(line, string(f.comma))
			last := i == len(lines)-2
			if at < 0 || at >= len(cells) || len(cells) != f.layout.fields && (!last || len(cells) < 2) {
				continue
			}
			if _, err := ParseAddress(strings.Trim(cells[at], `" `)); err == nil {
				return true
			}
		}
	}
	return false
}

// lineEnds gives text whose lines end in LF, CRLF or CR, mixed too, with LF.
type lineEnds struct {
	in io.Reader
	cr bool // the last character was a CR
}

func (r *lineEnds) Read(p []byte) (int, error) {
	for {
		n, err := r.in.Read(p)
		if text := p[:n]; n > 0 && (r.cr || bytes.IndexByte(text, '\r') >= 0) {
			n = r.convert(text)
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// convert changes text in place and gives its new length.
func (r *lineEnds) convert(text []byte) int {
	n := 0
	for _, c := range text {
		after := r.cr
		if r.cr = c == '\r'; r.cr {
			c = '\n'
		} else if c == '\n' && after {
			continue
		}
		text[n] = c
		n++
	}
	return n
}
