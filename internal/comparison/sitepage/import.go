// Package sitepage reads the pages of the comparison site, as text or as HTML,
// in both layouts.
//
// The package promises that nothing of a page becomes somebody's words that was
// not, and that nothing is lost in silence: a line is read, or it is a note that
// names the line, or the page is refused with the line and what was expected
// there. What a page does not say stays absent.
package sitepage

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// maxPage bounds a page in bytes. A real one has a few hundred thousand.
const maxPage = 5 << 20

// Import makes a comparison from a page of the comparison site, as text or as
// HTML in either layout, or from YAML or JSON; which it is shows in the file's
// ending or its beginning. A page has no date, so Published may be zero: the
// caller sets it. A page read from an http or https URL (file) has that URL,
// unless its HTML names a canonical one. The slug, where the source has none,
// is made of the tools' names.
//
// The notes say what the page shows but the comparison does not hold, such as a
// community percentage without counts. The error is a *comparison.InvalidError
// that names the line and what was expected.
func Import(file string, src []byte) (comparison.Comparison, []comparison.Problem, error) {
	text, problems := comparison.ReadText(file, src, maxPage)
	if len(problems) > 0 {
		return comparison.Comparison{}, nil, &comparison.InvalidError{Problems: problems}
	}
	switch detect(file, text) {
	case formatYAML:
		return importFile(comparison.ParseDraft(file, text, false))
	case formatJSON:
		return importFile(comparison.ParseDraft(file, text, true))
	case formatHTML:
		lines, canonical := htmlLines(text)
		return readPage(file, lines, pageURL(canonical, file))
	default:
		return readPage(file, textLines(text), pageURL(file))
	}
}

func importFile(c comparison.Comparison, problems []comparison.Problem) (comparison.Comparison, []comparison.Problem, error) {
	if len(problems) > 0 {
		return comparison.Comparison{}, nil, &comparison.InvalidError{Problems: problems}
	}
	return c, nil, nil
}

// pageURL is the first candidate that is an absolute http or https URL.
func pageURL(candidates ...string) string {
	for _, s := range candidates {
		u, err := url.Parse(s)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil {
			u.Fragment = ""
			return u.String()
		}
	}
	return ""
}

type format int

const (
	formatPage format = iota // the text of a page
	formatHTML
	formatYAML
	formatJSON
)

var yamlStart = regexp.MustCompile(`^(---|%YAML|["']?[a-z_]+["']?\s*:(\s|$))`)

// detect trusts the endings that mean one format only; for all else (a URL,
// standard input, .txt) the first line that says something decides.
func detect(file string, text []byte) format {
	switch strings.ToLower(path.Ext(file)) {
	case ".yaml", ".yml":
		return formatYAML
	case ".json":
		return formatJSON
	case ".html", ".htm", ".xhtml":
		return formatHTML
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 || line[0] == '#':
			continue
		case line[0] == '{':
			return formatJSON
		case line[0] == '<':
			return formatHTML
		case yamlStart.Match(line):
			return formatYAML
		}
		break
	}
	return formatPage
}
