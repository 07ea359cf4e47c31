package render

import (
	"slices"
	"strings"

	"verdicts.example/digest/internal/wording"
)

// textWidth is the widest line of a text part, in columns.
const textWidth = 78

// wrap breaks text at spaces into lines of at most textWidth columns, each
// beginning with indent. A word that is wider than a line is broken where it
// must, between characters; an address is never broken and stands on a line of
// its own, the one thing that may be longer than textWidth.
func wrap(indent, text string) string {
	lines := fold(cleanSentence(text), textWidth-columns(indent))
	return indent + strings.Join(lines, "\n"+indent)
}

// fold breaks one paragraph into lines of at most width columns.
func fold(text string, width int) []string {
	var lines []string
	line, used := "", 0
	flush := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, used = "", 0
	}
	for _, word := range strings.Fields(text) {
		for _, piece := range pieces(word, width) {
			n := columns(piece)
			gap := 0
			if line != "" && !strings.HasPrefix(piece, glue) {
				gap = 1
			}
			piece = strings.TrimPrefix(piece, glue)
			if line != "" && used+gap+n > width {
				flush()
				gap = 0
			}
			line += strings.Repeat(" ", gap) + piece
			used += gap + n
		}
	}
	flush()
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

// glue marks a piece that goes on with the word before it. It has no width.
const glue = "\u2060"

// pieces breaks a word where a line may end inside it: between wide characters
// (CJK needs no spaces), and anywhere once it is wider than a line, addresses
// excepted.
func pieces(word string, width int) []string {
	if isAddress(word) || columns(word) <= width && !hasWide(word) {
		return []string{word}
	}
	var out []string
	piece, used := "", 0
	var before rune
	for _, r := range word {
		n := runeWidth(r)
		wideBreak := n == 2 && !noBreakBefore(r) && !noBreakAfter(before) || runeWidth(before) == 2 && n == 1 && !noBreakBefore(r)
		if piece != "" && n > 0 && before != '\u200D' && (used+n > width || wideBreak) {
			out = append(out, piece)
			piece, used = glue, 0
		}
		piece += string(r)
		used += n
		before = r
	}
	return append(out, piece)
}

func isAddress(word string) bool {
	return strings.Contains(word, "://") || strings.HasPrefix(word, "mailto:")
}

func hasWide(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return runeWidth(r) == 2 })
}

// noBreakBefore and noBreakAfter keep CJK punctuation off the wrong end of a
// line (kinsoku).
func noBreakBefore(r rune) bool {
	return strings.ContainsRune("、。，．：；？！）］｝」』】〉》ー…‥・ゝ々,.:;?!)]}", r)
}
func noBreakAfter(r rune) bool { return strings.ContainsRune("（［｛「『【〈《([{", r) }

// row gives a line of a table with a label and two columns, each cell wrapped
// in its column.
func row(label, left, right string) string { return tableLine([]int{12, 33, 33}, label, left, right) }

// pairLine gives a line of two columns after a number.
func pairLine(number, left, right string) string {
	return tableLine([]int{4, 37, 37}, number, left, right)
}

// factLine gives a label and a value.
func factLine(label, value string) string { return tableLine([]int{16, 62}, label, value) }

// listed gives an item of a list behind its mark.
func listed(mark, item string) string {
	w := columns(mark) + 1
	return tableLine([]int{w, textWidth - w}, mark, item)
}

// tableLine wraps cells in columns of the given widths; a space stands between
// neighbours. Each cell is isolated, so that a right-to-left one does not
// change places with its neighbour. An address that is wider than its column
// is not broken: what stands beside it goes below.
func tableLine(widths []int, cells ...string) string {
	folded := make([][]string, len(cells))
	height, row := 0, 0
	for i, cell := range cells {
		room := widths[i]
		if i < len(cells)-1 {
			room--
		}
		folded[i] = slices.Concat(make([]string, row), fold(cleanSentence(cell), room))
		if i < len(cells)-1 && slices.ContainsFunc(folded[i], func(s string) bool { return columns(s) > room }) {
			row = len(folded[i])
		}
		height = max(height, len(folded[i]))
	}
	var lines []string
	for y := range height {
		var b strings.Builder
		used := 0
		for i := range cells {
			s := ""
			if y < len(folded[i]) {
				s = folded[i][y]
			}
			if !strings.ContainsRune(cells[i], fsi) { // a sentence with isolated names is no name
				s = wording.Isolate(s)
			}
			b.WriteString(s)
			used += columns(s)
			if gap := sum(widths[:i+1]) - used; gap > 0 {
				b.WriteString(strings.Repeat(" ", gap))
				used += gap
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return strings.Join(lines, "\n")
}

// fsi is the first strong isolate of UAX #9.
const fsi = '\u2068'

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}

func rule(of string) string { return strings.Repeat(of, textWidth/columns(of)) }

// textBar draws both sides of a verdict, 20 characters wide; "" when unknown.
func textBar(v wording.Verdict) string {
	if !v.Known() {
		return ""
	}
	ship := (v.ShipShare() + 2) / 5
	return "[" + strings.Repeat("#", ship) + strings.Repeat("-", 20-ship) + "]"
}

// tidyText ends lines without spaces and leaves at most one empty line between
// paragraphs.
func tidyText(s string) string {
	var b strings.Builder
	empty := 0
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			empty++
			continue
		}
		if empty > 0 && b.Len() > 0 {
			b.WriteByte('\n')
		}
		empty = 0
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}
