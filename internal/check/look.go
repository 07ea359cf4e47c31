package check

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// A paint is a color, or one that cannot be told (an image, a gradient, a
// notation that mail clients do not share).
type paint struct {
	color
	known bool
}

// A look is what an element's text looks like.
type look struct {
	fg, bg paint
	size   float64 // CSS pixels
	bold   bool
	hidden bool
}

// large reports what WCAG 2.2 calls large text: 18 pt, or 14 pt bold.
func (l look) large() bool { return l.size >= 24 || l.bold && l.size >= 18.66 }

// A defaults is what the client gives where the mail says nothing.
type defaults struct{ text, canvas, link color }

// defaultsOf: a mail that declares that it knows dark mode gets dark defaults
// in it, as Chromium and WebKit have them.
func defaultsOf(d *document, dark bool) defaults {
	if dark {
		for _, n := range d.named("meta") {
			if strings.EqualFold(attr(n, "name"), "color-scheme") && strings.Contains(attr(n, "content"), "dark") {
				return defaults{color{255, 255, 255}, color{18, 18, 18}, color{158, 158, 255}}
			}
		}
	}
	return defaults{color{0, 0, 0}, color{255, 255, 255}, color{0, 0, 238}}
}

// looks computes every element's look, parents first.
func looks(d *document, cs *cascade, dark bool) map[*html.Node]look {
	def := defaultsOf(d, dark)
	root := look{fg: paint{def.text, true}, bg: paint{def.canvas, true}, size: 16}
	out := make(map[*html.Node]look, len(d.elements))
	for _, n := range d.elements {
		parent, ok := out[n.Parent]
		if !ok {
			parent = root
		}
		out[n] = cs.look(n, parent, def)
	}
	return out
}

func (cs *cascade) look(n *html.Node, parent look, def defaults) look {
	l := parent
	l.hidden = parent.hidden || cs.hides(n)
	l.fg = cs.foreground(n, parent.fg, def.link)
	l.bg = cs.background(n, parent.bg)
	if o := cs.value(n, "opacity"); o != "" && o != "1" && o != "1.0" && o != "100%" {
		l.fg.known = false
	}
	if size, ok := fontSize(cs.value(n, "font-size"), parent.size); ok {
		l.size = size
	} else if scale := headingScale(n.Data); scale > 0 {
		l.size = parent.size * scale
	}
	l.bold = isBold(n.Data, cs.value(n, "font-weight"), parent.bold)
	return l
}

// hides reports whether an element and all in it is not shown.
func (cs *cascade) hides(n *html.Node) bool {
	switch n.Data {
	case "head", "style", "script", "title", "template", "noscript":
		return true
	}
	if _, ok := lookup(n, "hidden"); ok {
		return true
	}
	if cs.value(n, "display") == "none" || cs.value(n, "visibility") == "hidden" {
		return true
	}
	height := strings.TrimSuffix(cs.value(n, "max-height"), "px")
	return height == "0" && cs.value(n, "overflow") == "hidden"
}

func (cs *cascade) foreground(n *html.Node, parent paint, link color) paint {
	v := cs.value(n, "color")
	if v == "" && n.Data == "font" {
		v = strings.ToLower(attr(n, "color"))
	}
	switch v {
	case "":
		if _, ok := lookup(n, "href"); ok && n.Data == "a" {
			return paint{link, true}
		}
		return parent
	case "inherit", "unset", "currentcolor":
		return parent
	}
	c, ok := parseColor(v)
	return paint{c, ok}
}

func (cs *cascade) background(n *html.Node, parent paint) paint {
	if image := cs.value(n, "background-image"); image != "" && image != "none" {
		return paint{}
	}
	v := cs.value(n, "background-color")
	if v == "" {
		v = cs.value(n, "background")
	}
	if v == "" {
		v = strings.ToLower(attr(n, "bgcolor"))
	}
	switch v {
	case "", "none", "transparent", "initial", "unset", "inherit":
		return parent
	}
	c, ok := parseColor(v)
	return paint{c, ok}
}

// fontSize reads a font size in CSS pixels; ok is false where none is given.
func fontSize(v string, parent float64) (size float64, ok bool) {
	for _, unit := range []struct {
		suffix string
		pixels float64
	}{{"px", 1}, {"pt", 4.0 / 3}, {"rem", 16}, {"em", parent}, {"%", parent / 100}} {
		if number, is := strings.CutSuffix(v, unit.suffix); is {
			f, err := strconv.ParseFloat(number, 64)
			return f * unit.pixels, err == nil
		}
	}
	return 0, v == "0"
}

// headingScale is what browsers make of a heading without a size; 0: nothing.
func headingScale(name string) float64 {
	switch name {
	case "h1":
		return 2
	case "h2":
		return 1.5
	case "h3":
		return 1.17
	}
	return 0
}

func isBold(name, weight string, parent bool) bool {
	switch weight {
	case "bold", "bolder":
		return true
	case "normal", "lighter":
		return false
	case "", "inherit", "unset":
		switch name {
		case "b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6":
			return weight == "" || parent
		}
		return parent
	}
	n, err := strconv.Atoi(weight)
	return err == nil && n >= 700
}
