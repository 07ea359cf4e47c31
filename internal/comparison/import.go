package comparison

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Import makes a comparison from a page of the comparison site, as text or as
// HTML in either layout, or from YAML or JSON; which it is shows in the file's
// ending or its beginning. A page has no date, so Published may be zero: the
// caller sets it. A page read from an http or https URL (file) has that URL,
// unless its HTML names a canonical one. The slug, where the source has none,
// is made of the tools' names.
//
// The error is an *InvalidError that names the line and what was expected.
func Import(file string, src []byte) (Comparison, error) {
	c, _, err := ImportWithNotes(file, src)
	return c, err
}

// ImportWithNotes is Import that also says what the page shows but a comparison
// cannot hold, such as a community percentage without counts.
func ImportWithNotes(file string, src []byte) (Comparison, []Problem, error) {
	ps := problems{file: file}
	text, ok := readable(&ps, src, maxPage)
	if !ok {
		return Comparison{}, nil, asError(ps.list)
	}
	switch detect(file, text) {
	case formatYAML:
		return importTree(ps, text, false)
	case formatJSON:
		return importTree(ps, text, true)
	case formatHTML:
		lines, canonical := htmlLines(text)
		return importPage(file, lines, pageURL(canonical, file))
	default:
		return importPage(file, textLines(text), pageURL(file))
	}
}

func importTree(ps problems, text []byte, isJSON bool) (Comparison, []Problem, error) {
	if len(text) > maxFile {
		ps.tooLarge(maxFile)
		return Comparison{}, nil, asError(ps.list)
	}
	root := tree(&ps, text, isJSON)
	if root == nil {
		return Comparison{}, nil, asError(ps.list)
	}
	c, list := fromTree(ps, root, importSlug, allowNoDate)
	return c, nil, asError(list)
}

// importSlug is the file's name where the source is such a file, else the
// tools' names: standard input and URLs have no name worth keeping.
func importSlug(c Comparison) string {
	if s := fileSlug(c.File); isContent(c.File) && slugForm.MatchString(s) {
		return s
	}
	return slugOf(c.Tools)
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
