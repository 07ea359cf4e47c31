package edition

import (
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// The lengths of a headline, in characters.
const (
	subjectIdeal = 60 // what a phone shows
	subjectMax   = 78 // RFC 5322 §2.1.1: what a line should not exceed
	preheaderMin = 40 // shorter, and clients show the mail's first words too
	preheaderMax = 110
	nameMax      = 32 // a tool's name in a headline
	ledeMax      = 150
	ledeClauses  = 3
)

// A Headline is a subject that an edition could have, with the preheader that
// goes on where it ends.
type Headline struct {
	Subject   string
	Preheader string
	Reason    string // why it stands where it stands, for the editor
}

// Subject writes an edition's subject and preheader: the best of Headlines. No
// comparisons give "".
func Subject(list []comparison.Comparison, lead string) (subject, preheader string) {
	all := Headlines(list, lead)
	if len(all) == 0 {
		return "", ""
	}
	return all[0].Subject, all[0].Preheader
}

// Headlines writes the subjects that an edition could have, the best first, for
// comparisons in the edition's order. Lead is the slug of the comparison that an
// editor put first; "" where nobody chose.
//
// A subject says what is news (see Weight; a chosen lead is the first news), is
// at most 78 characters long and 60 where the names allow, mixes no votes with
// percentages, and never headlines a single reviewer. A preheader says what its
// subject does not: what else is in the edition, in 40 to 110 characters. Neither
// has control, formatting or bidirectional characters, whatever the names hold.
func Headlines(list []comparison.Comparison, lead string) []Headline {
	if len(list) == 0 {
		return nil
	}
	w := writer{list: list, news: ranked(list, lead)}
	if len(list) == 1 {
		w.single()
	} else {
		w.several()
	}
	w.pairings()
	return w.headlines()
}

// A writer collects wordings of a subject, the best first.
type writer struct {
	list     []comparison.Comparison
	news     []news
	subjects []subject
}

// A subject is a possible one, and the comparisons that it speaks of.
type subject struct {
	text   string
	about  []int // indexes into writer.list
	reason string
}

func (w *writer) propose(about []int, reason, format string, args ...any) {
	w.subjects = append(w.subjects, subject{fmt.Sprintf(format, args...), about, reason})
}

// headlines puts those that a phone shows whole before the longer ones, leaves
// out what says the same twice, and cuts the last resort.
func (w *writer) headlines() []Headline {
	var whole, long []Headline
	seen := map[string]bool{}
	for i, s := range w.subjects {
		if i == len(w.subjects)-1 && len(whole)+len(long) == 0 {
			s.text = cut(s.text, subjectMax)
		}
		n := length(s.text)
		if seen[s.text] || n > subjectMax {
			continue
		}
		seen[s.text] = true
		h := Headline{Subject: s.text, Preheader: w.preheader(s), Reason: s.reason}
		if n > subjectIdeal {
			h.Reason += fmt.Sprintf("; %d characters, a phone shows about %d", n, subjectIdeal)
			long = append(long, h)
		} else {
			whole = append(whole, h)
		}
	}
	return append(whole, long...)
}

// single words the subject of a lone comparison.
func (w *writer) single() {
	only := []int{0}
	a, b := standings(w.list[0])
	if a.known() && b.known() {
		w.propose(only, "both verdicts", "%s", pairing(a, b))
	}
	if len(w.news) > 0 {
		n := w.news[0]
		if rival := n.rival(a, b); rival != "" {
			w.propose(only, n.weight.String(), "%s against %s", opening(n.sentence(false)), rival)
		}
		w.propose(only, n.weight.String(), "%s", opening(n.sentence(false)))
	}
}

// rival is the tool of a pairing that the news does not name; "" when it names
// both.
func (n news) rival(a, b standing) string {
	for _, s := range []standing{a, b} {
		if !slices.Contains(n.names, s.name) {
			return s.name
		}
	}
	return ""
}

// several words the subject of more comparisons: the two most telling verdicts,
// of different weight where there are such; then each alone.
func (w *writer) several() {
	if len(w.news) == 0 {
		return
	}
	first := w.news[0]
	for _, second := range w.seconds(first) {
		bare := first.unit != second.unit && first.unit != inNothing && second.unit != inNothing
		w.propose([]int{first.at, second.at}, first.weight.String()+", then "+second.weight.String(),
			"%s; %s", opening(first.sentence(bare)), second.clauseIn(bare))
	}
	rest := more(len(w.list)-1, "more verdict")
	for _, n := range w.news[:min(len(w.news), 3)] {
		w.propose([]int{n.at}, n.weight.String()+" alone", "%s, and %s", opening(n.sentence(false)), rest)
	}
	w.propose([]int{first.at}, first.weight.String()+" alone", "%s", opening(first.sentence(false)))
}

// seconds are what may stand beside the first: another weight before the same.
func (w *writer) seconds(first news) []news {
	var other, same []news
	for _, n := range w.news[1:] {
		if slices.ContainsFunc(n.names, func(name string) bool { return slices.Contains(first.names, name) }) {
			continue // the same tool twice
		}
		if n.weight == first.weight {
			same = append(same, n)
		} else {
			other = append(other, n)
		}
	}
	all := append(other, same...)
	return all[:min(len(all), 3)]
}

func (n news) clauseIn(bare bool) string {
	if bare {
		return n.bare
	}
	return n.clause
}

// sentence is the clause as it begins a sentence.
func (n news) sentence(bare bool) string {
	text := n.clauseIn(bare)
	for verb, big := range map[string]string{"ship ": "Ship ", "skip ": "Skip "} {
		if rest, ok := strings.CutPrefix(text, verb); ok && !strings.HasPrefix(n.names[0], verb) {
			return big + rest
		}
	}
	return text
}

// pairings words a subject without any verdict.
func (w *writer) pairings() {
	const reason = "asks, and says no verdict"
	a, b := standings(w.list[0])
	if len(w.list) == 1 {
		only, asks := []int{0}, question(w.list[0])
		w.propose(only, reason, "%s vs %s: %s", a.name, b.name, asks)
		w.propose(only, reason, "%s vs %s", a.name, b.name)
		w.propose(only, reason, "%s and its rival: %s", a.name, asks)
		return
	}
	c, d := standings(w.list[1])
	if len(w.list) == 2 {
		w.propose([]int{0, 1}, reason, "%s vs %s, %s vs %s", a.name, b.name, c.name, d.name)
	}
	w.propose([]int{0}, reason, "%s vs %s, and %s", a.name, b.name, more(len(w.list)-1, "more comparison"))
	w.propose([]int{0}, reason, "%s and %s", a.name, more(2*len(w.list)-1, "more tool"))
}

// question asks what the comparison answers: not which one ships where the
// verdicts are alike, also those of single reviewers.
func question(c comparison.Comparison) string {
	a, b := c.Tools[0].Panel.Outcome(), c.Tools[1].Panel.Outcome()
	switch {
	case a == b && a == comparison.OutcomeShip:
		return "which one is for you?"
	case a == b && a == comparison.OutcomeSkip:
		return "is either one worth it?"
	}
	return "which one ships?"
}

// Lede is the first sentence of a mail: its news, in at most 150 characters, for
// readers and for the machines that make previews of a mail's first words. It is
// "" where no verdict is known. It begins with the lead that an editor chose, as
// Headlines takes it.
func Lede(list []comparison.Comparison, lead string) string {
	if len(list) == 1 {
		if a, b := standings(list[0]); a.known() && b.known() {
			return pairing(a, b) + "."
		}
	}
	var lede string
	var used unit
	all := ranked(list, lead)
	for i, n := range all[:min(len(all), ledeClauses)] {
		bare := n.unit != inNothing && used != inNothing && n.unit != used
		text := opening(n.sentence(bare))
		if !strings.HasSuffix(text, "…") { // a name that was cut ends the sentence itself
			text += "."
		}
		if i > 0 {
			text = " " + text
		}
		if length(lede)+length(text) > ledeMax {
			continue
		}
		if n.unit != inNothing && !bare {
			used = n.unit
		}
		lede += text
	}
	return strings.TrimSpace(lede)
}

func more(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
