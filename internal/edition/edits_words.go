package edition

import (
	"slices"
	"strings"

	"verdicts.example/digest/internal/spelling"
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

// A Difference is a thing that is decided otherwise than before; "" is the
// program's own choice.
type Difference struct{ Name, Was, Now string }

// Differences are what is decided otherwise in now.
func (e Edits) Differences(now Edits) []Difference {
	var out []Difference
	a, b := e.Settings(), now.Settings()
	for i := range a {
		if a[i] != b[i] {
			out = append(out, Difference{a[i].Name, a[i].Value, b[i].Value})
		}
	}
	return out
}

// String says it in words: "subject: the program's own → “A subject”".
func (d Difference) String() string { return d.Name + ": " + spelling.Changed(d.Was, d.Now, d.None()) }

// None is what holds where nothing is decided.
func (d Difference) None() string {
	switch d.Name {
	case "note", "pinned", "left out":
		return "none"
	}
	return "the program's own"
}

// Words says differences one after the other.
func Words(list []Difference) string {
	words := make([]string, len(list))
	for i, d := range list {
		words[i] = d.String()
	}
	return strings.Join(words, "; ")
}
