package comparison

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
)

// Parse reads a comparison from YAML or JSON and checks every rule. All
// problems are returned at once, in the order of their lines; the comparison is
// fit for use only when there is none. Without a slug, the file's name is it.
func Parse(file string, src []byte) (Comparison, []Problem) {
	ps := problems{file: file}
	text, ok := readable(&ps, src, maxFile)
	if !ok {
		return Comparison{File: file}, ps.list
	}
	root := tree(&ps, text, looksLikeJSON(file, text))
	if root == nil {
		return Comparison{File: file}, ps.list
	}
	return fromTree(ps, root, text, defaultSlug, requireDate)
}

func tree(ps *problems, text []byte, isJSON bool) *yaml.Node {
	if isJSON {
		return jsonTree(ps, text)
	}
	return yamlTree(ps, text)
}

func looksLikeJSON(file string, text []byte) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	}
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}

// What a comparison read from a tree is allowed to leave out.
type dateRule bool

const (
	requireDate dateRule = true
	allowNoDate dateRule = false // the caller knows the date
)

// fromTree decodes and validates. slug gives the slug of a comparison that
// names none, "" when it has to name one.
func fromTree(ps problems, root *yaml.Node, src []byte, slug func(Comparison) string, dates dateRule) (Comparison, []Problem) {
	d := newDecoder(ps, src)
	c := d.comparison(root)
	c.File, c.lines, c.cuts = ps.file, d.lines, d.cuts
	if c.Slug == "" && !d.broken["slug"] {
		c.Slug = slug(c)
	}
	v := validator{c: c, broken: d.broken, problems: d.problems}
	v.comparison(dates)
	return c, v.sorted()
}

// ParseDraft reads a comparison that the caller completes: its date may be
// missing, and a slug that it lacks is the file's name where the source is such
// a file, else made of the tools' names: standard input and URLs have no name
// worth keeping.
func ParseDraft(file string, src []byte, isJSON bool) (Comparison, []Problem) {
	ps := problems{file: file}
	text, ok := readable(&ps, src, maxFile)
	if !ok {
		return Comparison{}, ps.list
	}
	root := tree(&ps, text, isJSON)
	if root == nil {
		return Comparison{}, ps.list
	}
	return fromTree(ps, root, text, draftSlug, allowNoDate)
}

func draftSlug(c Comparison) string {
	if s := fileSlug(c.File); isContent(c.File) && slugForm.MatchString(s) {
		return s
	}
	return slugOf(c.Tools)
}

// Draft completes a comparison that was read from something else than a
// comparison file and checks every rule but the missing date. lines says in
// which line of the file each value stands, by its field ("tools[0].entry").
func Draft(c Comparison, file string, lines map[string]int) (Comparison, []Problem) {
	c.File, c.lines, c.Slug = file, lines, slugOf(c.Tools)
	v := validator{c: c, problems: problems{file: file}}
	v.comparison(allowNoDate)
	return c, v.sorted()
}

func defaultSlug(c Comparison) string { return fileSlug(c.File) }

// Validate checks the rules on a comparison made in memory or changed since it
// was read.
func (c Comparison) Validate() []Problem {
	v := validator{c: c, problems: problems{file: c.File}}
	v.comparison(requireDate)
	return v.sorted()
}

// UnmarshalJSON reads what MarshalJSON writes, as strictly as Parse; only the
// date may be missing. The error is an *InvalidError.
func (c *Comparison) UnmarshalJSON(src []byte) error {
	var ps problems
	root := jsonTree(&ps, src)
	if root == nil {
		return asError(ps.list)
	}
	got, problems := fromTree(ps, root, nil, func(c Comparison) string { return slugOf(c.Tools) }, allowNoDate)
	if len(problems) > 0 {
		return fmt.Errorf("comparison %s: %w", spelling.Clip(got.Title()), asError(problems))
	}
	*c = got
	return nil
}
