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
// caller sets it. HTML read from an http or https URL (file) has that URL, unless
// it names a canonical one; a text or JSON that is kept at some URL has the one
// that it names itself. The slug, where the source has none, is made of the
// tools' names.
//
// The notes say what the page shows but the comparison does not hold, such as a
// community percentage without counts. The error is a *comparison.InvalidError
// that names the line and what was expected.
func Import(file string, src []byte) (comparison.Comparison, []comparison.Problem, error) {
	page := decode(file, src)
	if !isData(file) {
		page.text = []byte(otherBreaks.Replace(string(page.text)))
	}
	text, problems := comparison.ReadText(file, page.text, maxPage)
	if len(problems) > 0 {
		return comparison.Comparison{}, nil, &comparison.InvalidError{Problems: problems}
	}
	kind := detect(file, text)
	if page.html {
		kind = formatHTML
	}
	r := pageReader{file: file, at: map[string]int{}}
	if page.guess != "" {
		r.notes = append(r.notes, comparison.Problem{File: file, Line: 1, Message: "is not UTF-8 and names no encoding; it is read as " + page.guess + ", so check accented letters"})
	}
	switch kind {
	case formatYAML:
		return importFile(comparison.ParseDraft(file, text, false))
	case formatJSON:
		return importFile(comparison.ParseDraft(file, text, true))
	case formatHTML:
		var canonical string
		r.lines, canonical = r.htmlLines(text)
		r.c.URL = pageURL(canonical, page.url, file)
	default:
		r.c.URL = addressIn([]byte(unicodeBreaks.Replace(string(text))))
		text = r.uncopied(text)
		if isMarkdown(file, text) {
			text = plainMarkdown(text)
		}
		r.textLines(text)
	}
	return r.page()
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

var addressLine = regexp.MustCompile(`(?i)^(?:[a-z ]{3,20}:\s*)?["<]?(https?://\S+?)[">]?$`)

// addressIn is the page's address where a text has it on a line of its own above
// the title: copied from the browser, or written there by who saved the page.
func addressIn(text []byte) string {
	const most = 30 // lines
	n := 0
	for line := range bytes.Lines(text) {
		one := oneLine(string(line))
		if strings.HasPrefix(strings.ToLower(one), "title:") {
			continue // above the address, in what programs write that clip pages
		}
		if n++; n > most || len(titleNames(strings.TrimLeft(one, "# "))) > 0 && !strings.Contains(one, "://") {
			return ""
		}
		if m := addressLine.FindStringSubmatch(one); m != nil {
			return pageURL(m[1])
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

var yamlStart = regexp.MustCompile(`^(---(\s|$)|%YAML|["']?[a-z_]+["']?\s*:(\s|$))`)

// isData reports whether a file's ending says that it is YAML or JSON.
func isData(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

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
	case ".md", ".markdown", ".mdown":
		return formatPage
	}
	if isPageBehindFront(text) {
		return formatPage
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
