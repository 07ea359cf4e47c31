package sitepage

import (
	"bytes"
	"regexp"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// A page comes through other programs before it is a file: mail quotes it, PDF
// puts form feeds between its pages, word processors break lines with characters
// of their own. What they do is taken back; where it cannot be known, as with what
// is escaped as HTML, it is named.

// otherBreaks ends lines in a line feed where a form feed or a vertical tab does.
var otherBreaks = strings.NewReplacer("\n\f", "\n", "\f\n", "\n", "\f", "\n", "\n\v", "\n", "\v\n", "\n", "\v", "\n")

// unicodeBreaks are line breaks that are not control characters of ASCII.
var unicodeBreaks = strings.NewReplacer("\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

var (
	reference   = regexp.MustCompile(`&(?:#[0-9]{2,5}|#[xX][0-9a-fA-F]{2,5}|amp|quot|apos|lt|gt|nbsp|[lr][sd]quo|hellip|[mn]dash);`)
	frontEnding = regexp.MustCompile(`(?m)\A---\n(?:.*\n)*?---\n`)
)

// uncopied gives the text as it stands on the page.
func (p *pageReader) uncopied(text []byte) []byte {
	out := unicodeBreaks.Replace(string(text))
	if front := frontEnding.FindString(out); front != "" { // YAML in front of the text
		out = strings.Repeat("\n", strings.Count(front, "\n")) + out[len(front):]
	}
	if isQuoted(out) {
		lines := strings.SplitAfter(out, "\n")
		for i, line := range lines {
			lines[i] = mdQuote.ReplaceAllString(line, "")
		}
		out = strings.Join(lines, "")
	}
	if at := reference.FindStringIndex(out); at != nil {
		p.notes = append(p.notes, comparison.Problem{
			File: p.file, Line: strings.Count(out[:at[0]], "\n") + 1,
			Message: "has " + out[at[0]:at[1]] + ", as HTML writes characters; it is kept, so look for what the page shows in its place",
		})
	}
	return []byte(out)
}

// isQuoted reports whether a mail program quotes every line.
func isQuoted(text string) bool {
	quoted := 0
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, ">"):
			quoted++
		case line != "":
			return false
		}
	}
	return quoted > 0
}

// isPageBehindFront reports whether a text begins with YAML about itself and goes
// on with something else, as programs that clip pages write it.
func isPageBehindFront(text []byte) bool {
	front := frontEnding.Find(text)
	rest := bytes.TrimSpace(text[len(front):])
	return len(front) > 0 && len(rest) > 0 && !yamlStart.Match(rest)
}
