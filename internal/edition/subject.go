package edition

import (
	"fmt"

	"verdicts.example/digest/internal/comparison"
)

// The lengths of a headline, in characters.
const (
	subjectIdeal = 60 // what a phone shows
	subjectMax   = 78 // RFC 5322 §2.1.1: what a line should not exceed
	preheaderMin = 40 // shorter, and clients show the mail's first words too
	preheaderMax = 110
	nameMax      = 32 // a tool's name in a headline
)

// Subject writes an edition's subject and preheader from the panels' verdicts,
// for comparisons in the edition's order.
//
// The subject names the most telling verdicts of the first comparisons, such as
// "SmolVLM2 ships 4–0; Devin splits the panel", is at most 78 characters long
// and 60 where the names allow. The preheader goes on where it ends: what else
// is in the edition, in 40 to 110 characters. Neither has control, formatting
// or bidirectional characters, whatever the names hold. No comparisons give "".
func Subject(list []comparison.Comparison) (subject, preheader string) {
	if len(list) == 0 {
		return "", ""
	}
	h := headline{list: list}
	if len(list) == 1 {
		h.single()
	} else {
		h.several()
	}
	subject = fit(subjectIdeal, subjectMax, h.subjects)
	return subject, h.preheader(subject)
}

// A headline collects wordings of the subject, the best first.
type headline struct {
	list     []comparison.Comparison
	subjects []wording
}

// A wording is a possible subject and the comparisons that it speaks of.
type wording struct {
	text  string
	about []int // indexes into headline.list
}

func (h *headline) add(about []int, format string, args ...any) {
	h.subjects = append(h.subjects, wording{fmt.Sprintf(format, args...), about})
}

// single words the subject of a lone comparison: both verdicts, else the more
// telling one, else the pairing.
func (h *headline) single() {
	only := []int{0}
	a, b := standings(h.list[0])
	switch {
	case a.known() && b.known():
		h.add(only, "%s", both(a, b))
		best := telling(a, b, "")
		h.add(only, "%s against %s", best, other(a, b, best).name)
		h.add(only, "%s", best)
	case a.known() || b.known():
		best := telling(a, b, "")
		h.add(only, "%s against %s", best, other(a, b, best).name)
		h.add(only, "%s", best)
	}
	h.add(only, "%s vs %s: which one ships?", a.name, b.name)
	h.add(only, "%s vs %s", a.name, b.name)
	h.add(only, "%s and its rival: which one ships?", a.name)
}

// several words the subject of more comparisons: the most telling verdicts of
// the first two whose panels are known, of different kinds where possible.
func (h *headline) several() {
	lead, leadAt := h.verdict(0, standing{})
	if !lead.known() {
		h.pairings()
		return
	}
	if second, at := h.verdict(leadAt+1, lead); second.known() {
		h.add([]int{leadAt, at}, "%s; %s", lead, second.within())
	}
	rest := len(h.list) - 1
	h.add([]int{leadAt}, "%s, and %s", lead, more(rest, "more verdict"))
	h.add([]int{leadAt}, "%s", lead)
}

// pairings words the subject where no panel is known.
func (h *headline) pairings() {
	a, b := standings(h.list[0])
	c, d := standings(h.list[1])
	if len(h.list) == 2 {
		h.add([]int{0, 1}, "%s vs %s, %s vs %s", a.name, b.name, c.name, d.name)
	}
	h.add([]int{0}, "%s vs %s, and %s", a.name, b.name, more(len(h.list)-1, "more comparison"))
	h.add([]int{0}, "%s and %s", a.name, more(2*len(h.list)-1, "more tool"))
}

// verdict gives the most telling known standing of the first comparison from
// index from on, and where it is; unlike what was said before of the kind or
// the same tool.
func (h *headline) verdict(from int, said standing) (standing, int) {
	for i := from; i < len(h.list); i++ {
		a, b := standings(h.list[i])
		if a.name == said.name {
			a = standing{}
		}
		if b.name == said.name {
			b = standing{}
		}
		if a.known() || b.known() {
			return telling(a, b, said.kind()), i
		}
	}
	return standing{}, 0
}

// fit gives the first wording within ideal characters, else the first within
// the limit, else the last one cut.
func fit(ideal, limit int, list []wording) string {
	return fitting(ideal, limit, list).text
}

func fitting(ideal, limit int, list []wording) wording {
	for _, most := range []int{ideal, limit} {
		for _, w := range list {
			if length(w.text) <= most {
				return w
			}
		}
	}
	last := list[len(list)-1]
	last.text = cut(last.text, limit)
	return last
}

func more(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
