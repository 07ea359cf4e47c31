package pipeline

import (
	"html"
	"strings"

	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/slot"
)

// NameFallback stands where a reader's name would, when it is not known.
const NameFallback = "reader"

// HTMLFor gives a mail's HTML as one reader sees it.
func HTMLFor(doc string, r *message.Reader) string {
	return fill(doc, r, html.EscapeString)
}

// TextFor gives a mail's text as one reader sees it.
func TextFor(text string, r *message.Reader) string {
	return fill(text, r, func(s string) string { return s })
}

func fill(s string, r *message.Reader, escape func(string) string) string {
	name := message.Clean(r.Name)
	if name == "" {
		name = NameFallback
	}
	return strings.NewReplacer(
		string(slot.Token), r.Token,
		string(slot.Email), escape(r.Email),
		string(slot.Name), escape(name),
	).Replace(s)
}
