package check

import (
	"golang.org/x/net/html"
)

// A Place is one defect, and where it is: in the mail, in a comparison's file, or
// in what editors set. What is zero does not apply.
type Place struct {
	Text    string
	Element int    // of the HTML, in document order, from 1 on
	Slug    string // of a comparison
	Field   string // of its file: "tools[0].entry"; "" is the comparison as a whole
	File    string // of a comparison that cannot be read
	Setting string // of an edition's edits: "subject", "preheader", "note"
}

// A defect is a place on its way into a finding.
type defect struct {
	Place
	node *html.Node // of the document; nil: no element
}

// at is a defect of an element.
func at(n *html.Node, text string) defect { return defect{Place{Text: text}, n} }

// in is a defect of a comparison's field.
func in(slug, field, text string) defect {
	return defect{Place{Text: text, Slug: slug, Field: field}, nil}
}

// says are defects that are nowhere in particular.
func says(texts ...string) []defect {
	var out []defect
	for _, t := range texts {
		out = append(out, defect{Place{Text: t}, nil})
	}
	return out
}
