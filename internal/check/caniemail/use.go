package caniemail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A Use is a feature that a mail uses, with one place as an example.
type Use struct {
	Slug  string
	Where string // "<td style=…padding:0>", "rule .card > p"
	Count int
}

// Uses lists the features of an HTML document: elements, attributes, inline
// styles and style sheets.
func Uses(document string) ([]Use, error) {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("caniemail: parse HTML: %w", err)
	}
	c := collector{}
	c.node(root)
	return c.list(), nil
}

// A collector counts the uses of each feature and keeps the first place.
type collector map[string]*Use

func (c collector) note(slug, where string) {
	u, ok := c[slug]
	if !ok {
		u = &Use{Slug: slug, Where: where}
		c[slug] = u
	}
	u.Count++
}

func (c collector) list() []Use {
	out := make([]Use, 0, len(c))
	for _, u := range c {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Use) int { return cmp.Compare(a.Slug, b.Slug) })
	return out
}

func (c collector) node(n *html.Node) {
	switch n.Type {
	case html.DoctypeNode:
		c.note("html-doctype", "<!doctype>")
	case html.CommentNode:
		c.note("html-comments", "<!-- -->")
	case html.ElementNode:
		c.element(n)
	}
	for child := range n.ChildNodes() {
		c.node(child)
	}
}

func (c collector) element(n *html.Node) {
	where := "<" + n.Data + ">"
	for _, slug := range elementSlugs(n) {
		c.note(slug, where)
	}
	for _, a := range n.Attr {
		c.attribute(n, a)
	}
	if n.Data == "style" && n.FirstChild != nil {
		c.sheet(n.FirstChild.Data)
	}
}

// elementSlugs maps an element to the data's rows; several elements share one.
func elementSlugs(n *html.Node) []string {
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return []string{"html-h1-h6"}
	case "ul", "ol", "dl":
		return []string{"html-lists"}
	case "strong", "b":
		return []string{"html-strong"}
	case "article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section", "summary", "time":
		return []string{"html-semantics"}
	case "svg":
		return []string{"html-svg"}
	case "map", "area":
		return []string{"html-image-maps"}
	case "input", "button":
		return []string{"html-" + n.Data + "-" + cmp.Or(attr(n, "type"), "text")}
	case "meta":
		if strings.EqualFold(attr(n, "name"), "color-scheme") {
			return []string{"html-meta-color-scheme"}
		}
		return nil
	case "a":
		switch href := attr(n, "href"); {
		case strings.HasPrefix(href, "mailto:"):
			return []string{"html-mailto-links"}
		case strings.HasPrefix(href, "#"):
			return []string{"html-anchor-links"}
		}
		return nil
	}
	return []string{"html-" + n.Data}
}

func (c collector) attribute(n *html.Node, a html.Attribute) {
	where := fmt.Sprintf("<%s %s>", n.Data, a.Key)
	switch a.Key {
	case "style":
		c.declarations(a.Val, fmt.Sprintf("<%s style=…>", n.Data))
	case "src":
		if n.Data == "img" {
			c.image(a.Val, where)
		}
	case "aria-describedby", "aria-hidden", "aria-label", "aria-labelledby", "aria-live",
		"align", "background", "cellpadding", "cellspacing", "dir", "height", "hidden", "lang",
		"loading", "popover", "required", "role", "srcset", "target", "valign", "width":
		c.note("html-"+a.Key, where)
	case "inert":
		c.note("css-inert-attribute", where)
	}
}

func (c collector) image(src, where string) {
	lower := strings.ToLower(src)
	if kind, ok := strings.CutPrefix(lower, "data:image/"); ok {
		c.note("image-base64", where)
		kind, _, _ = strings.Cut(kind, ";")
		c.note("image-"+imageKind(kind), where)
		return
	}
	path, _, _ := strings.Cut(lower, "?")
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		c.note("image-"+imageKind(path[i+1:]), where)
	}
}

func imageKind(ext string) string {
	switch ext {
	case "jpeg":
		return "jpg"
	case "svg+xml":
		return "svg"
	case "tif":
		return "tiff"
	case "heic":
		return "heif"
	case "x-icon", "vnd.microsoft.icon":
		return "ico"
	}
	return ext
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
