package render

import (
	"slices"
	"strings"
	"unicode"
)

// nestQuotes turns the quotation marks of a text that will stand in double ones:
// its own become single, those inside them double, and so on, whatever marks they
// were. Apostrophes and inches stay.
func nestQuotes(s string) string {
	n := nester{text: []rune(s)}
	for i, r := range n.text {
		begun := n.begun
		n.begun = false
		switch at := n.closes(i, r); {
		case at >= 0:
			n.write(at, '’', '”')
			n.open = n.open[:at]
		case n.opens(i, r, begun):
			n.write(len(n.open), '‘', '“')
			n.open, n.begun = append(n.open, r), true
		case strings.ContainsRune("“„«", r):
			n.out.WriteRune('‘')
		case strings.ContainsRune("”»", r), r == '"' && !n.afterDigit(i):
			n.out.WriteRune('’')
		default:
			n.out.WriteRune(r)
		}
	}
	return n.out.String()
}

// A nester is a text whose marks are being turned.
type nester struct {
	text  []rune
	out   strings.Builder
	open  []rune // the marks that opened what stands around, the outer ones first
	begun bool   // the rune before opened something
}

// write writes the mark of a quotation that stands in depth others.
func (n *nester) write(depth int, single, double rune) {
	if depth%2 == 1 {
		single = double
	}
	n.out.WriteRune(single)
}

// enders gives the marks that end what another one began.
func enders(open rune) string {
	switch open {
	case '“', '”':
		return "”"
	case '„':
		return "“”"
	case '‘':
		return "’"
	case '‚':
		return "‘’"
	case '«':
		return "»"
	case '»':
		return "«"
	case '‹':
		return "›"
	case '›':
		return "‹"
	}
	return string(open) // a straight mark
}

// closes gives the place among the open marks of the one that the rune at i ends,
// -1 where it ends none.
func (n *nester) closes(i int, r rune) int {
	single, straight := strings.ContainsRune("'’‘", r), strings.ContainsRune("'\"", r)
	if single && (n.inWord(i) || n.possessive(i)) || straight && n.spaced(i-1) && !n.spaced(i+1) {
		return -1
	}
	for at, open := range slices.Backward(n.open) {
		if strings.ContainsRune(enders(open), r) {
			return at
		}
	}
	return -1
}

// opens reports whether the rune at i begins a quotation. begun: so did the one
// before it.
func (n *nester) opens(i int, r rune, begun bool) bool {
	switch r {
	case '“', '„', '«', '‹':
		return n.ends(i, r)
	case '”', '»', '›', '"':
		return n.beginsWord(i, begun) && n.ends(i, r)
	case '‘', '‚', '\'':
		return n.beginsWord(i, begun) && n.endsSingle(i, r)
	}
	return false
}

// beginsWord reports whether the rune at i stands where a word begins.
func (n *nester) beginsWord(i int, begun bool) bool {
	return begun || n.spaced(i-1) || strings.ContainsRune("([{—–-", n.text[i-1])
}

// ends reports whether what the rune at i begins is ended somewhere.
func (n *nester) ends(i int, r rune) bool {
	return slices.ContainsFunc(n.text[i+1:], func(later rune) bool { return strings.ContainsRune(enders(r), later) })
}

// endsSingle is ends for marks that are apostrophes too: inside a word they end
// nothing.
func (n *nester) endsSingle(i int, r rune) bool {
	for j := i + 2; j < len(n.text); j++ {
		if strings.ContainsRune(enders(r), n.text[j]) && !n.inWord(j) && !unicode.IsSpace(n.text[j-1]) {
			return true
		}
	}
	return false
}

// inWord reports whether the rune at i stands between letters, as in "don't".
func (n *nester) inWord(i int) bool {
	letter := func(j int) bool {
		return j >= 0 && j < len(n.text) && (unicode.IsLetter(n.text[j]) || unicode.IsDigit(n.text[j]))
	}
	return letter(i-1) && letter(i+1)
}

// possessive reports whether the apostrophe at i belongs to a plural, as in "the
// dogs' bowl", because the quotation that it could end is ended by a later one.
func (n *nester) possessive(i int) bool {
	if i == 0 || n.text[i-1] != 's' || !n.spaced(i+1) {
		return false
	}
	for j := i + 2; j < len(n.text); j++ {
		switch r := n.text[j]; {
		case !strings.ContainsRune("'’‘", r) || n.inWord(j):
		case n.beginsWord(j, false):
			return false
		default:
			return true
		}
	}
	return false
}

// spaced reports whether there is white space at i, or the text's edge.
func (n *nester) spaced(i int) bool {
	return i < 0 || i >= len(n.text) || unicode.IsSpace(n.text[i])
}

func (n *nester) afterDigit(i int) bool { return i > 0 && unicode.IsDigit(n.text[i-1]) }
