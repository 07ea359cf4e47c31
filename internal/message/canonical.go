package message

import "bytes"

// appendRelaxedField appends a whole field, with its CRLF, in the relaxed
// canonical form (RFC 6376 §3.4.2): name in lower case, unfolded, white space
// reduced to single spaces and gone around the value.
func appendRelaxedField(dst, field []byte) []byte {
	colon := bytes.IndexByte(field, ':')
	for _, c := range bytes.TrimRight(field[:colon], " \t") {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	dst = append(dst, ':')
	space, any := false, false
	for _, c := range field[colon+1:] {
		switch c {
		case ' ', '\t', '\r', '\n':
			space = any
		default:
			if space {
				dst = append(dst, ' ')
			}
			dst = append(dst, c)
			space, any = false, true
		}
	}
	return append(dst, '\r', '\n')
}

// relaxedLiteral gives a literal of the body in the relaxed canonical form
// (RFC 6376 §3.4.4). Literals begin and end at line ends, no line ends in white
// space, and the body's last line is not empty: so each can be done by itself,
// and what is left to do is to reduce white space within lines.
func relaxedLiteral(lit []byte) []byte {
	dst := make([]byte, 0, len(lit))
	space := false
	for _, c := range lit {
		if c == ' ' || c == '\t' {
			space = true
			continue
		}
		if space {
			dst = append(dst, ' ')
			space = false
		}
		dst = append(dst, c)
	}
	return dst
}

// A headField is one field of a frozen head. Without a value of the reader's
// its pieces are one literal.
type headField struct {
	name   string
	pieces []piece
}

func (f *headField) static() bool { return len(f.pieces) == 1 }

// splitFields takes a frozen head apart.
func splitFields(head []piece) []headField {
	var fields []headField
	var cur headField
	for _, p := range head {
		lit := p.lit
		for {
			end := fieldEnd(lit)
			if end == 0 {
				break
			}
			cur.pieces = append(cur.pieces, piece{lit: lit[:end]})
			fields = append(fields, cur.named())
			cur, lit = headField{}, lit[end:]
		}
		if p.op != opNone {
			cur.pieces = append(cur.pieces, piece{lit, p.op})
		}
	}
	return fields
}

func (f headField) named() headField {
	name, _, _ := bytes.Cut(f.pieces[0].lit, []byte(":"))
	f.name = string(name)
	return f
}

// fieldEnd is the length of the rest of a field at the start of lit, with its
// CRLF; 0 when the field goes on after lit, or lit is the blank line.
func fieldEnd(lit []byte) int {
	if bytes.HasPrefix(lit, []byte("\r\n")) && len(lit) == 2 {
		return 0
	}
	for i := 0; ; {
		n := bytes.Index(lit[i:], []byte("\r\n"))
		if n < 0 {
			return 0
		}
		if i += n + 2; i == len(lit) || lit[i] != ' ' && lit[i] != '\t' {
			return i
		}
	}
}
