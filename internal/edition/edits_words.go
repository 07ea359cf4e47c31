package edition

import (
	"slices"
	"strings"
)

// A Setting is one thing that an editor decides, in words.
type Setting struct{ Name, Value string }

// Settings are the edits in words, always in the same order.
func (e Edits) Settings() []Setting {
	var quotes []string
	for slug, pair := range e.Quotes {
		quotes = append(quotes, slug+": "+strings.Trim(pair[0]+" / "+pair[1], " /"))
	}
	slices.Sort(quotes)
	return []Setting{
		{"subject", e.Subject}, {"preheader", e.Preheader}, {"note", e.Note}, {"order", strings.Join(e.Order, ", ")},
		{"pinned", strings.Join(e.Pinned, ", ")}, {"left out", strings.Join(e.LeftOut, ", ")}, {"quotes", strings.Join(quotes, "; ")},
	}
}

// Differences names what is decided otherwise in now.
func (e Edits) Differences(now Edits) []string {
	var out []string
	a, b := e.Settings(), now.Settings()
	for i := range a {
		if a[i] != b[i] {
			out = append(out, a[i].Name)
		}
	}
	return out
}
