package comparison

import (
	"path/filepath"
	"strings"
)

// A Broken is a file that breaks a rule, or a folder that cannot be read, with what
// is known of its comparison all the same.
type Broken struct {
	File      string    // its path in the folder of comparisons, with slashes
	Slug      string    // its own, or the one that its file's name gives
	Tools     [2]string // "" where unknown
	Published Published // zero where unknown
}

// Holds reports whether a comparison was read from this file, or from a file in this
// folder. Where the folder of comparisons is does not matter.
func (b Broken) Holds(c Comparison) bool {
	return b.File != "" && strings.Contains("/"+filepath.ToSlash(c.File)+"/", "/"+b.File+"/")
}

// broken is what is known of a file with problems. A slug that another file has
// taken is not its own.
func (p *parsed) broken(taken map[string]string) Broken {
	b := Broken{File: p.name, Slug: p.c.Slug, Published: p.c.Published}
	if _, twice := taken[b.Slug]; b.Slug == "" || twice {
		b.Slug = fileSlug(p.name)
	}
	if a, z := p.c.Tools[0].Name, p.c.Tools[1].Name; a != "" && z != "" {
		b.Tools = [2]string{a, z}
	}
	return b
}
