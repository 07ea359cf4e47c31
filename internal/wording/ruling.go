package wording

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
)

// ruling says in one sentence what the two verdicts come to, or "" where
// neither is known. Where both tools may be taken it says who should take
// which, in the source's words; a reason it does not name: those are the
// reviewers'.
func ruling(a, b Tool) string {
	switch va, vb := a.Verdict.Outcome(), b.Verdict.Outcome(); {
	case va == "" && vb == "":
		return ""
	case vb == "":
		return fmt.Sprintf("%s; no verdict on %s yet.", sentence(alone(a)), Isolate(b.Name))
	case va == "":
		return fmt.Sprintf("%s; no verdict on %s yet.", sentence(alone(b)), Isolate(a.Name))
	case va == vb:
		return alike(a, b)
	case rank(va) < rank(vb):
		return sentence(alone(a)) + joint(va, vb) + alone(b) + "."
	default:
		return sentence(alone(b)) + joint(va, vb) + alone(a) + "."
	}
}

// rank puts what to take first.
func rank(o comparison.Outcome) int {
	return slices.Index([]comparison.Outcome{comparison.OutcomeShip, comparison.OutcomeSplit, comparison.OutcomeSkip}, o)
}

func joint(a, b comparison.Outcome) string {
	if a == comparison.OutcomeSplit || b == comparison.OutcomeSplit {
		return "; "
	}
	return ", "
}

// alone says one verdict inside a sentence.
func alone(t Tool) string {
	if t.Verdict.Outcome() == comparison.OutcomeSplit {
		return "the panel is split on " + Isolate(t.Name)
	}
	return strings.ToLower(t.Verdict.Label()) + " " + Isolate(t.Name)
}

// alike says two verdicts of a kind.
func alike(a, b Tool) string {
	an, bn := Isolate(a.Name), Isolate(b.Name)
	forA, forB := purpose(a), purpose(b)
	told := forA != "" && forB != "" && !strings.EqualFold(forA, forB)
	switch a.Verdict.Outcome() {
	case comparison.OutcomeSkip:
		return "Skip both."
	case comparison.OutcomeSplit:
		if told {
			return fmt.Sprintf("The panel is split on both: %s is for %s, %s for %s.", an, forA, bn, forB)
		}
		return "The panel is split on both."
	}
	va, vb := a.Verdict, b.Verdict
	switch {
	case told:
		return fmt.Sprintf("Ship both: %s for %s; %s for %s.", an, forA, bn, forB)
	case va.One() && vb.One():
		return "Ship both, on one review each."
	case va.Votes() == vb.Votes() || va.Counted() != vb.Counted():
		return "Ship both."
	case !va.Counted() && vb.ShipShare() > va.ShipShare():
		return fmt.Sprintf("Ship both: %s at %d%%, %s at %d%%.", bn, vb.ShipShare(), an, va.ShipShare())
	case !va.Counted():
		return fmt.Sprintf("Ship both: %s at %d%%, %s at %d%%.", an, va.ShipShare(), bn, vb.ShipShare())
	case vb.ShipShare() > va.ShipShare():
		return fmt.Sprintf("Ship both: %s %s, %s %s.", vb.shippers(), bn, va.Votes(), an)
	}
	return fmt.Sprintf("Ship both: %s %s, %s %s.", va.shippers(), an, vb.Votes(), bn)
}

// shippers are who ships a tool, with the verb: "3 of 4 ship".
func (v Verdict) shippers() string {
	if v.One() {
		return v.Votes() + " ships"
	}
	return v.Votes() + " ship"
}

// purposeMost is how long a "best for" may be to stand in a ruling, in
// characters.
const purposeMost = 70

// purpose is a tool's "best for" as it stands behind "for" in the middle of a
// sentence; "" where it does not fit there.
func purpose(t Tool) string {
	s := strings.TrimRight(t.BestFor, ".")
	if s == "" || utf8.RuneCountInString(s) > purposeMost || repeatsTagline(t) || strings.ContainsAny(s, ".;:!?") {
		return ""
	}
	first, _, _ := strings.Cut(s, " ")
	if isCommon(first) {
		r, n := utf8.DecodeRuneInString(s)
		return string(unicode.ToLower(r)) + s[n:]
	}
	return s
}

// isCommon reports whether a capitalised word that begins "best for" is a
// common word, which is written small inside a sentence. A name keeps its
// capital; what is in doubt is taken for one.
func isCommon(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	if !unicode.IsUpper(r) || strings.ContainsFunc(word[n:], unicode.IsUpper) {
		return false
	}
	w := strings.ToLower(word)
	return slices.Contains(strings.Fields(commonWords), w) || len(w) > 5 && strings.HasSuffix(w, "ing") ||
		len(w) > 4 && strings.HasSuffix(w, "s") && !slices.Contains(strings.Fields(properPlurals), w)
}

const (
	commonWords = "a an the all any anyone anybody every everyone everybody people those whoever who when where team devs " +
		"one two three many few most some small large big local private fast quick cheap free simple short long daily new old hard easy " +
		"solo single serious casual early image video audio voice text speech code coding data work research " +
		"on-device offline open self-hosted production non-technical technical"
	// properPlurals are names that end like a plural.
	properPlurals = "windows kubernetes postgres jenkins keras pandas macos rails redis nodejs nextjs emacs kaggle's google's apple's"
)

func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
