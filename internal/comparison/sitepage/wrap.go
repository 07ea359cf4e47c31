package sitepage

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unwrap joins the lines of a text that was broken at a width, as mail programs
// and editors do: a line is joined with the next where the next's first word had
// no room. first is the index of the first line joined to another, -1 for none.
func unwrap(lines []pageLine) (out []pageLine, first int) {
	const widest, fewest = 130, 3 // columns, and sentences cut by a line break
	width, cut, gaps := 0, 0, 0
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l.text))
	}
	for i, l := range lines {
		if i > 0 && l.number > lines[i-1].number+1 {
			gaps++
		}
		if i == 0 || l.number != lines[i-1].number+1 {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(l.text); unicode.IsLower(r) && !sentenceEnd.MatchString(lines[i-1].text) && isFull(lines[i-1].text, l.text, width) {
			cut++
		}
	}
	if width > widest || cut < fewest {
		return lines, -1
	}
	first = -1
	var text strings.Builder // of the line that is being made
	for i, l := range lines {
		isNext := i > 0 && l.number == lines[i-1].number+1 && isFull(lines[i-1].text, l.text, width)
		// Without empty lines, a line that ends a sentence may end its paragraph.
		if isNext && (gaps > 3 || !sentenceEnd.MatchString(lines[i-1].text)) && !isFixed(l.text) && openingQuote(l.text) != "“" {
			text.WriteString(lineGap(lines[i-1].text) + l.text)
			if first < 0 {
				first = len(out) - 1
			}
			continue
		}
		if i > 0 {
			out[len(out)-1].text = text.String()
		}
		text.Reset()
		text.WriteString(l.text)
		out = append(out, l)
	}
	out[len(out)-1].text = text.String()
	return out, first
}

// isFull reports whether the next line's first word had no room in a line.
func isFull(line, next string, width int) bool {
	word, _, _ := strings.Cut(next, " ")
	return utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width
}
