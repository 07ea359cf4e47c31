package message

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// maxHeadLine is the longest line of any message, in characters without CRLF
// (RFC 5322 §2.1.1).
const maxHeadLine = 998

// validate reports whether a stored mail's messages keep the package's
// promises. Its errors wrap ErrFrozen.
func (f *Frozen) validate() error {
	id := f.identity
	switch {
	case !validWeek(id.week) || !validAddress(id.from) || !validDomain(id.idDomain),
		id.bounceDomain != "" && !validDomain(id.bounceDomain):
		return fmt.Errorf("%w: its identity is malformed", ErrFrozen)
	case !utf8.ValidString(f.fallback) || Clean(f.fallback) != f.fallback:
		return fmt.Errorf("%w: its fallback name is malformed", ErrFrozen)
	}
	if err := validatePieces(f.head, op.inHead, maxHeadLine); err != nil {
		return fmt.Errorf("%w: head: %w", ErrFrozen, err)
	}
	if err := validatePieces(f.body, op.inBody, qpLine+1); err != nil {
		return fmt.Errorf("%w: body: %w", ErrFrozen, err)
	}
	return f.validateEnds()
}

// validateEnds looks at what the pieces are together.
func (f *Frozen) validateEnds() error {
	var values [opKinds]int
	for i, p := range f.head {
		values[p.op.kind()]++
		last := i == len(f.head)-1
		end := bytes.Index(p.lit, []byte("\r\n\r\n"))
		if (end >= 0) != last || last && end != len(p.lit)-4 {
			return fmt.Errorf("%w: its head ends elsewhere than at the blank line", ErrFrozen)
		}
	}
	if !wholeBlocks(f.body) {
		return fmt.Errorf("%w: a block of its body is not whole", ErrFrozen)
	}
	if values[opTo] != 1 || values[opMessageID] != 1 {
		return fmt.Errorf("%w: its head needs one To and one Message-ID field", ErrFrozen)
	}
	for i, p := range f.body {
		// A value starts a line; after a soft break what follows does too.
		between := len(p.lit) == 0 && i > 0 && f.body[i-1].op&opSoft != 0 && p.op != opNone
		if !between && !bytes.HasSuffix(p.lit, []byte("\r\n")) {
			return fmt.Errorf("%w: a value of its body stands within a line", ErrFrozen)
		}
		if i > 0 && f.body[i-1].op&opSoft == 0 && !bytes.HasPrefix(p.lit, []byte("\r\n")) {
			return fmt.Errorf("%w: text of its body follows a value on the same line", ErrFrozen)
		}
	}
	return nil
}

// validatePieces checks each piece by itself.
func validatePieces(pieces []piece, allowed func(op) bool, longest int) error {
	for i, p := range pieces {
		last := i == len(pieces)-1
		if last != (p.op == opNone) || !last && !allowed(p.op) {
			return fmt.Errorf("value %d is unknown or out of place", i)
		}
		if err := validateLines(p.lit, longest); err != nil {
			return fmt.Errorf("piece %d: %w", i, err)
		}
	}
	if len(pieces) == 0 {
		return fmt.Errorf("it is empty")
	}
	return nil
}

// validateLines accepts printable ASCII and tabs in lines that end in CRLF, do
// not start with a dot, and are no longer than longest.
func validateLines(lit []byte, longest int) error {
	for line := range bytes.Lines(lit) {
		text, ended := bytes.CutSuffix(line, []byte("\r\n"))
		if !ended && line[len(line)-1] == '\n' {
			return fmt.Errorf("a line ends without CR")
		}
		if len(text) > longest || len(text) > 0 && text[0] == '.' {
			return fmt.Errorf("a line is too long or starts with a dot")
		}
		if ended && len(bytes.TrimRight(text, " \t")) < len(text) {
			return fmt.Errorf("a line ends in white space")
		}
		for _, c := range text {
			if (c < ' ' || c > '~') && c != '\t' {
				return fmt.Errorf("it has the byte %#02x", c)
			}
		}
	}
	return nil
}
