package sitepage

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Pages are kept as Markdown, too: by note-taking programs and by those that
// save articles. Its marks are taken off line by line, so lines keep their numbers.

var (
	mdHeading  = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)\s*#*$`)
	mdQuote    = regexp.MustCompile(`^ {0,3}(?:>\s?)+`)
	mdRule     = regexp.MustCompile(`^ {0,3}(?:-{3,}|\*{3,}|_{3,}|(?:- ){2,}-|(?:\* ){2,}\*)\s*$`)
	mdBullet   = regexp.MustCompile(`^\s*[-*+]\s+`)
	mdImage    = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)`)
	mdLink     = regexp.MustCompile(`\[([^\]]*)\]\((?:[^()]|\([^)]*\))*\)`)
	mdStrong   = regexp.MustCompile(`(\*\*|__)(\S(?:.*?\S)?)(\*\*|__)`)
	mdEmphasis = regexp.MustCompile(`(^|[\s(“"])([*_])(\S(?:[^*_]*\S)?)([*_])($|[\s.,;:!?)”"])`)
	mdEscape   = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+.!|>~-])")
	mdBar      = regexp.MustCompile(`^\s*\|.*\|\s*$`)
)

// isMarkdown trusts the ending, else the marks: headings, or a table and bold.
func isMarkdown(file string, text []byte) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".mdown":
		return true
	case ".txt":
	}
	headings, marks := 0, 0
	for line := range bytes.Lines(text) {
		switch {
		case mdHeading.Match(line):
			headings++
		case mdBar.Match(line), mdStrong.Match(line):
			marks++
		}
	}
	return headings >= 2 || headings == 1 && marks > 0
}

// plainMarkdown takes the marks off.
func plainMarkdown(text []byte) []byte {
	var out strings.Builder
	for raw := range strings.Lines(string(text)) {
		out.WriteString(plainLine(strings.TrimRight(raw, "\n")))
		out.WriteByte('\n')
	}
	return []byte(out.String())
}

func plainLine(line string) string {
	line = mdQuote.ReplaceAllString(line, "")
	if mdRule.MatchString(line) {
		return ""
	}
	if m := mdHeading.FindStringSubmatch(line); m != nil {
		line = m[1]
	}
	line = mdImage.ReplaceAllString(line, "")
	line = mdLink.ReplaceAllString(line, "$1")
	line = mdStrong.ReplaceAllString(line, "$2")
	line = mdEmphasis.ReplaceAllString(line, "$1$3$5")
	if item := mdBullet.ReplaceAllString(line, ""); isFixed(oneLine(item)) {
		line = item
	}
	return mdEscape.ReplaceAllString(line, "$1")
}
