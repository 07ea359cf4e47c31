package check

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Contrast that WCAG 2.2 (1.4.3, level AA) asks for.
const (
	contrastText  = 4.5
	contrastLarge = 3.0
	largePixels   = 24.0
	largeBold     = 18.66
)

// contrast checks every visible text against its background, as clients with
// and without dark mode show it.
func (r *report) contrast(d *document) {
	for _, mode := range []string{"light", "dark"} {
		defects, least, texts := contrastDefects(d, newCascade(d, mode == "dark"))
		r.all("a11y.contrast-"+mode, Fail, defects, "choose colors with at least 4.5:1 (3:1 for large text)",
			"%d texts, the least contrast is %.1f:1", texts, least)
	}
}

func contrastDefects(d *document, cs *cascade) (defects []string, least float64, texts int) {
	least = 21
	seen := map[string]bool{}
	for n := range d.root.Descendants() {
		if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" || !cs.visible(n.Parent) {
			continue
		}
		fg, bg := cs.foreground(n.Parent), cs.background(n.Parent)
		ratio := contrastRatio(fg, bg)
		texts++
		need := contrastText
		if cs.large(n.Parent) {
			need = contrastLarge
		}
		least = min(least, ratio)
		key := fg.String() + bg.String()
		if ratio < need && !seen[key] {
			seen[key] = true
			defects = append(defects, fmt.Sprintf("%s on %s is %.1f:1, below %.1f:1, at %s", fg, bg, ratio, need, place(n.Parent)))
		}
	}
	return defects, least, texts
}

// visible reports whether a text in n is shown.
func (cs *cascade) visible(n *html.Node) bool {
	for p := n; p != nil; p = p.Parent {
		if p.Type != html.ElementNode {
			continue
		}
		switch p.Data {
		case "head", "style", "script", "title":
			return false
		}
		if cs.value(p, "display") == "none" {
			return false
		}
	}
	return true
}

func (cs *cascade) foreground(n *html.Node) color {
	for p := n; p != nil; p = p.Parent {
		if c, ok := parseColor(cs.value(p, "color")); ok {
			return c
		}
	}
	return color{0, 0, 0}
}

func (cs *cascade) background(n *html.Node) color {
	for p := n; p != nil; p = p.Parent {
		for _, property := range []string{"background-color", "background"} {
			if c, ok := parseColor(cs.value(p, property)); ok {
				return c
			}
		}
		if p.Type == html.ElementNode {
			if c, ok := parseColor(attr(p, "bgcolor")); ok && cs.value(p, "background-color") == "" {
				return c
			}
		}
	}
	return color{255, 255, 255}
}

func (cs *cascade) large(n *html.Node) bool {
	size, bold := 0.0, false
	for p := n; p != nil; p = p.Parent {
		if px, ok := strings.CutSuffix(cs.value(p, "font-size"), "px"); ok && size == 0 {
			size, _ = strconv.ParseFloat(px, 64)
		}
		if w := cs.value(p, "font-weight"); w == "bold" || w == "700" || w == "800" {
			bold = true
		}
	}
	return size >= largePixels || bold && size >= largeBold
}
