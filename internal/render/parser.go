package render

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"sync"
)

// A Parser parses the mail templates again only when they have changed: parsing
// and rehearsing them takes longer than a week's mail does. The zero value is
// ready to use, by several goroutines.
type Parser struct {
	mu   sync.Mutex
	sum  [sha256.Size]byte
	site Site
	last *Renderer
}

// Parse is New, or what New gave for the same files and site.
func (p *Parser) Parse(templates fs.FS, site Site) (*Renderer, error) {
	sum, err := sumOf(templates)
	if err != nil {
		return New(templates, site) // it says which file, and what is wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil && p.sum == sum && p.site == site {
		return p.last, nil
	}
	r, err := New(templates, site)
	if err != nil {
		return nil, err
	}
	p.sum, p.site, p.last = sum, site, r
	return r, nil
}

// sumOf is the hash of the names and contents of what mails are made of.
func sumOf(templates fs.FS) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	files, err := fs.Glob(templates, "mail/*")
	if err != nil {
		return sum, err
	}
	for _, name := range files {
		src, err := fs.ReadFile(templates, name)
		if err != nil {
			return sum, err
		}
		fmt.Fprintf(h, "%q %x\n", name, sha256.Sum256(src))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
