package render

import "fmt"

// A Tally counts the panels' verdicts on the tools of an edition.
type Tally struct{ Ship, Skip, Split, Unknown int }

func (t *Tally) count(it Item) {
	for _, tool := range it.Tools {
		switch tool.Verdict.Class() {
		case "ship":
			t.Ship++
		case "skip":
			t.Skip++
		case "split":
			t.Split++
		default:
			t.Unknown++
		}
	}
}

// A Share is one part of the bar in the masthead.
type Share struct {
	Class   string
	Percent int // of the masthead's width; the shares sum up to 100
}

// Shares gives the parts of the bar, without the empty ones.
func (t Tally) Shares() []Share {
	return shares([]part{{"ship", t.Ship}, {"split", t.Split}, {"skip", t.Skip}, {"unknown", t.Unknown}})
}

type part struct {
	class string
	n     int
}

// shares turns counts into percentages that sum up to 100; what integer division
// leaves over goes to the largest. Without any count all is unknown.
func shares(parts []part) []Share {
	all := 0
	for _, p := range parts {
		all += p.n
	}
	if all == 0 {
		return []Share{{Class: "unknown", Percent: 100}}
	}
	var out []Share
	left, largest := 100, 0
	for _, p := range parts {
		if p.n <= 0 {
			continue
		}
		out = append(out, Share{p.class, max(100*p.n/all, 1)})
		left -= out[len(out)-1].Percent
		if out[len(out)-1].Percent > out[largest].Percent {
			largest = len(out) - 1
		}
	}
	out[largest].Percent += left
	return out
}

// Words gives the tally for the masthead: "8 ship, 2 skip".
func (t Tally) Words() string {
	var s string
	for _, part := range []struct {
		n    int
		word string
	}{{t.Ship, "ship"}, {t.Split, "split"}, {t.Skip, "skip"}, {t.Unknown, "unknown"}} {
		if part.n == 0 {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += fmt.Sprintf("%d %s", part.n, part.word)
	}
	return s
}
