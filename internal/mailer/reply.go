package mailer

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText  = 512      // bytes of a reply's text that are kept
	maxReply = 64 << 10 // bytes that are read of one
)

// reply is the last reply read. Its buffer is used again.
type reply struct {
	code     int
	enhanced string
	text     []byte // without codes, lines joined by a space
}

func (r *reply) positive() bool { return r.code/100 == 2 }
func (r *reply) refused() bool  { return r.code/100 == 4 || r.code/100 == 5 }

// read reads a reply, of several lines it may be (RFC 5321 §4.2). An error
// means that there was no complete one.
func (s *session) read() error { return s.reply.read(s.r) }

func (r *reply) read(br *bufio.Reader) error {
	r.code, r.enhanced, r.text = 0, "", r.text[:0]
	code, left := 0, maxReply
	for {
		line, err := br.ReadSlice('\n')
		cut := err == bufio.ErrBufferFull
		if err != nil && !cut {
			return err
		}
		n, more, text, ok := parseLine(line)
		if !ok || code != 0 && n != code {
			return fmt.Errorf("%w: reply %q", ErrProtocol, clean(string(line[:min(len(line), 64)])))
		}
		code, left = n, left-len(line)
		r.addLine(text)
		if cut {
			rest, err := skipLine(br, left)
			if err != nil {
				return err
			}
			left -= rest
		}
		switch {
		case !more:
			r.code = code
			return nil
		case left <= 0:
			return errLongReply
		}
	}
}

var errLongReply = fmt.Errorf("%w: a reply of more than %d bytes", ErrProtocol, maxReply)

// skipLine reads the rest of a line that is longer than any should be, and gives how
// many bytes that were. Of more than most it makes errLongReply.
func skipLine(br *bufio.Reader, most int) (n int, err error) {
	for {
		part, err := br.ReadSlice('\n')
		n += len(part)
		switch {
		case err == nil:
			return n, nil
		case err != bufio.ErrBufferFull:
			return n, err
		case n > most:
			return n, errLongReply
		}
	}
}

// addLine appends a line's text. The enhanced status code is the first line's.
func (r *reply) addLine(text []byte) {
	if code, rest, ok := cutEnhanced(text); ok {
		if r.enhanced == "" {
			r.enhanced = internEnhanced(code)
		}
		text = rest
	}
	if len(r.text) > 0 && len(text) > 0 {
		r.text = append(r.text, ' ')
	}
	if room := maxText + utf8.UTFMax - len(r.text); room > 0 {
		r.text = append(r.text, text[:min(len(text), room)]...)
	}
}

// parseLine takes a reply line apart: code, whether more lines follow, text.
func parseLine(line []byte) (code int, more bool, text []byte, ok bool) {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || !digit(line[1]) || !digit(line[2]) {
		return 0, false, nil, false
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, false, nil, true
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, false, nil, false
	}
	return code, line[3] == '-', line[4:], true
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// cutEnhanced cuts an enhanced status code (RFC 3463 §2: class.subject.detail)
// off the front of a reply's text.
func cutEnhanced(text []byte) (code, rest []byte, ok bool) {
	if len(text) < 5 || text[0] != '2' && text[0] != '4' && text[0] != '5' || text[1] != '.' {
		return nil, text, false
	}
	i := 2
	for range 2 {
		start := i
		for i < len(text) && digit(text[i]) {
			i++
		}
		if i == start || i > start+3 {
			return nil, text, false
		}
		if start == 2 {
			if i == len(text) || text[i] != '.' {
				return nil, text, false
			}
			i++
		}
	}
	if i == len(text) {
		return text, nil, true
	}
	if text[i] != ' ' {
		return nil, text, false
	}
	return text[:i], text[i+1:], true
}

// splitEnhanced is cutEnhanced for a text that is a string already.
func splitEnhanced(text string) (enhanced, rest string) {
	code, tail, ok := cutEnhanced([]byte(text))
	if !ok {
		return "", text
	}
	return string(code), string(tail)
}

// internEnhanced spares an allocation for the codes of every success.
func internEnhanced(code []byte) string {
	switch string(code) {
	case "2.0.0":
		return "2.0.0"
	case "2.1.0":
		return "2.1.0"
	case "2.1.5":
		return "2.1.5"
	case "2.6.0":
		return "2.6.0"
	}
	return string(code)
}

// clean makes a server's words safe to show and store: no control or invalid
// characters, 512 bytes at most.
func clean(text string) string {
	plain := true
	for i := range len(text) {
		if text[i] < 0x20 || text[i] >= 0x7f {
			plain = false
			break
		}
	}
	if !plain {
		text = strings.Map(func(c rune) rune {
			switch {
			case c == '\t' || c == '\r' || c == '\n':
				return ' '
			case !unicode.IsPrint(c):
				return utf8.RuneError
			}
			return c
		}, strings.ToValidUTF8(text, string(utf8.RuneError)))
	}
	if len(text) <= maxText {
		return strings.TrimSpace(text)
	}
	cut := maxText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.TrimSpace(text[:cut])
}
