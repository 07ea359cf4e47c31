package sitepage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/spelling"
)

// text is the text of a field between two lines, and a note for whatever of it
// may be the page's own: what stands from a line of the frame on is left out, so
// are lines at the end that are no sentences, and any paragraph behind the first
// is named, because only a person can tell whether it belongs there. whose says
// what the text is, for the notes.
func (p *pageReader) text(field, whose string, from, to int) string {
	if from >= to {
		return ""
	}
	p.at[field] = p.lines[from].number
	end := p.textEnd(from, to)
	if end < to {
		p.leftOut(field, end, to, "not "+whose)
	}
	texts := p.joined(field, from, end)
	if len(texts) == 1 && isAbsentMark(texts[0]) {
		return ""
	}
	return strings.Join(texts, "\n\n")
}

// textEnd is the index behind the last line that is text. The first line is,
// unless it begins the frame.
func (p *pageReader) textEnd(from, to int) int {
	for i := from; i < to; i++ {
		if i > from && isBelow(p.lines[i].text) && !p.isContinued(i) {
			to = i
			break
		}
	}
	end := to
	for end > from+1 && !isSentence(p.lines[end-1].text) && !p.isContinued(end-1) {
		end--
	}
	for i := from; i < end; i++ { // lines of no sentences only: nothing tells them apart
		if isSentence(p.lines[i].text) {
			return end
		}
	}
	return to
}

// isContinued reports whether line i goes on with the sentence of the line above.
func (p *pageReader) isContinued(i int) bool {
	if i == 0 || p.lines[i].number != p.lines[i-1].number+1 {
		return false
	}
	first, _ := utf8.DecodeRuneInString(p.lines[i].text)
	return unicode.IsLower(first) && !sentenceEnd.MatchString(p.lines[i-1].text)
}

// joined gives the paragraphs of lines, with sentences that a line break cut
// made whole.
func (p *pageReader) joined(field string, from, to int) []string {
	var texts []string
	last := from
	for i := from; i < to; {
		last = i
		var b strings.Builder
		b.WriteString(p.lines[i].text)
		for i++; i < to && p.isContinued(i); i++ {
			b.WriteString(lineGap(p.lines[i-1].text) + p.lines[i].text)
			p.unwrapped(i)
		}
		texts = append(texts, b.String())
	}
	if len(texts) > 1 {
		p.note(from, field, "the %s is read as %d paragraphs, from %s to %s in line %d; take out what is the page's own",
			fieldWords(field), len(texts), spelling.Clip(p.lines[from].text), spelling.Clip(p.lines[last].text), p.lines[last].number)
	}
	return texts
}

// lineGap is what stands for a line break in a sentence: nothing behind a hyphen.
func lineGap(before string) string {
	if strings.HasSuffix(before, "-") && !strings.HasSuffix(before, " -") && before != "-" {
		return ""
	}
	return " "
}

// unwrapped notes once that lines were joined.
func (p *pageReader) unwrapped(i int) {
	if !p.joins {
		p.joins = true
		p.note(i, "", "the text was broken into lines, from here at the latest; they are joined, so look at the paragraphs")
	}
}

// leftOut notes lines that are not read.
func (p *pageReader) leftOut(field string, from, to int, why string) {
	if from >= to {
		return
	}
	if to-from == 1 {
		p.note(from, field, "left out %s: %s", spelling.Clip(p.lines[from].text), why)
		return
	}
	p.note(from, field, "left out %d lines, from %s to %s in line %d: %s", to-from, spelling.Clip(p.lines[from].text), spelling.Clip(p.lines[to-1].text), p.lines[to-1].number, why)
}

// leftOutUnless notes the lines from from to to, but for those that are known, run
// by run.
func (p *pageReader) leftOutUnless(why string, from, to int, known func(i int) bool) {
	start := from
	for i := from; i <= to; i++ {
		if i == to || known(i) {
			p.leftOut("", start, i, why)
			start = i + 1
		}
	}
}

func fieldWords(field string) string {
	if strings.HasSuffix(field, "description") {
		return "description"
	}
	return "take"
}
