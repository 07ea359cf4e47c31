package sitepage

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"verdicts.example/digest/internal/comparison"
)

// isVoid is for elements without content (HTML Living Standard §13.1.2).
func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input,
		atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// isBlock is for elements that browsers show on lines of their own
// (HTML Living Standard §15.3).
func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Body, atom.Caption, atom.Center, atom.Dd, atom.Details,
		atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figure, atom.Footer, atom.Form, atom.Head, atom.Header,
		atom.Hgroup, atom.Html, atom.Legend, atom.Main, atom.Menu, atom.Ol, atom.Section, atom.Summary,
		atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return isProse(tag)
}

// isProse is for blocks whose inline elements are words of their text.
func isProse(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Li, atom.Blockquote, atom.Pre, atom.Figcaption:
		return true
	}
	return isHeading(tag)
}

func isHeading(tag atom.Atom) bool {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// isSection is for elements that have a footer of their own.
func isSection(tag atom.Atom) bool {
	switch tag {
	case atom.Article, atom.Blockquote, atom.Figure, atom.Main, atom.Section:
		return true
	}
	return false
}

// isPageLabel is for the fixed words that stand beside a value.
func isPageLabel(text string) bool {
	same := func(label string) bool { return strings.EqualFold(text, label) }
	return slices.ContainsFunc([]string{panelLabel, "Community", "Entry", "No panel take"}, same) ||
		slices.ContainsFunc(comparison.Reviewers(), func(r comparison.Reviewer) bool { return same(string(r)) })
}

// isFrame is for elements whose text is never the page's: scripts, navigation,
// controls.
func isFrame(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Title, atom.Nav, atom.Svg, atom.Math,
		atom.Button, atom.Select, atom.Textarea, atom.Datalist, atom.Iframe, atom.Object, atom.Video, atom.Audio,
		atom.Canvas, atom.Dialog:
		return true
	}
	return false
}

// isShown reports whether a browser shows the text of a skipped element.
func isShown(tag atom.Atom) bool {
	switch tag {
	case atom.Nav, atom.Button, atom.Footer, atom.Dialog, atom.Select, atom.Textarea, atom.Object, atom.Iframe:
		return true
	}
	return false
}

// isHidden is for elements that a browser does not show.
func isHidden(t html.Token) bool {
	for _, a := range t.Attr {
		if a.Key == "hidden" || a.Key == "style" && strings.Contains(strings.ReplaceAll(a.Val, " ", ""), "display:none") {
			return true
		}
	}
	return false
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
