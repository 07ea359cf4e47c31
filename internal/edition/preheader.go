package edition

import (
	"fmt"
	"slices"
	"strings"
)

// What every digest holds, said at two lengths.
const (
	promise      = "Prices, reviewer splits and the panel's reasons, side by side."
	promiseShort = "Prices, splits and the panel's reasons."
)

// preheader goes on where the subject ends: what it has not named, and the
// promise as far as there is room.
func (w *writer) preheader(s subject) string {
	var leads []string
	if len(w.list) == 1 {
		leads = w.entryLeads(s.text)
	} else {
		leads = w.restLeads(s)
	}
	for _, lead := range leads {
		for _, tail := range []string{promise, promiseShort, ""} {
			text := strings.TrimSpace(lead + " " + tail)
			if n := length(text); n >= preheaderMin && n <= preheaderMax {
				return text
			}
		}
	}
	return promise
}

// entryLeads speaks of a lone comparison's rival and of the prices to start.
func (w *writer) entryLeads(subject string) []string {
	var leads []string
	tools := w.list[0].Tools
	a, b := cut(plain(tools[0].Entry), nameMax), cut(plain(tools[1].Entry), nameMax)
	switch {
	case a == "" || b == "":
	case !strings.EqualFold(a, b):
		leads = append(leads, a+" against "+b+" to start.")
	case strings.EqualFold(a, "free"):
		leads = append(leads, "Both are free to start.")
	default:
		leads = append(leads, "Both start at "+a+".")
	}
	for _, t := range tools {
		if name := toolName(t.Name); !strings.Contains(subject, name) {
			leads = append(leads, "Up against "+name+".")
		}
	}
	return leads
}

// restLeads lists the comparisons that the subject does not speak of, else the
// rivals of the tools in it.
func (w *writer) restLeads(of subject) []string {
	var titles, rivals []string
	for i, c := range w.list {
		a, b := standings(c)
		if !slices.Contains(of.about, i) {
			titles = append(titles, a.name+" vs "+b.name)
			continue
		}
		for _, s := range []standing{a, b} {
			if !strings.Contains(of.text, s.name) {
				rivals = append(rivals, s.name)
			}
		}
	}
	if len(titles) == 0 {
		return listed("Up against ", rivals)
	}
	return listed("Also: ", titles)
}

// listed gives ever shorter sentences that list names.
func listed(opening string, names []string) []string {
	var out []string
	for n := len(names); n > 0; n-- {
		switch rest := len(names) - n; {
		case rest > 0:
			out = append(out, opening+strings.Join(names[:n], ", ")+fmt.Sprintf(" and %d more.", rest))
		case n == 1:
			out = append(out, opening+names[0]+".")
		default:
			out = append(out, opening+strings.Join(names[:n-1], ", ")+" and "+names[n-1]+".")
		}
	}
	return out
}
