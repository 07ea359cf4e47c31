package workbench

import (
	"slices"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// A picked comparison is a candidate, with what an editor can do about it.
type picked struct {
	edition.Decision
	Comparison comparison.Comparison // zero when its file has gone
	Bring      string                // what would bring it in
	Pinned     bool
	LeftOut    bool
	Notes      []edition.Note
}

// pick splits the candidates into those that are in and those that are out.
func (v *weekView) pick() {
	notes := map[string][]edition.Note{}
	for _, n := range v.Desk.OpenNotes() {
		notes[n.Slug] = append(notes[n.Slug], n)
	}
	for _, d := range v.Selection.Decisions {
		p := picked{Decision: d, Bring: whatBringsIn(d.Code), Notes: notes[d.Slug]}
		for _, c := range v.Selection.Comparisons {
			if c.Slug == d.Slug {
				p.Comparison = c
			}
		}
		p.Pinned = slices.Contains(v.Edits.Pinned, d.Slug)
		p.LeftOut = slices.Contains(v.Edits.LeftOut, d.Slug)
		if d.In {
			v.Picked = append(v.Picked, p)
		} else {
			v.Candid = append(v.Candid, p)
		}
	}
}

// whatBringsIn says what would bring a candidate in that is out.
func whatBringsIn(code edition.Code) string {
	switch code {
	case edition.CodeLeftOut:
		return "“Bring in” undoes the leaving out."
	case edition.CodeCarried:
		return "It is first in line for the next edition; “Bring in” takes it now, in place of the last one."
	case edition.CodeUndated:
		return "Give it a publication date, in its file or its form."
	case edition.CodeTooLate:
		return "It comes by itself with a later build or edition; “Bring in” takes it now."
	case edition.CodeTooOld, edition.CodeMissed:
		return "A later date, if its date is wrong; or “Bring in”."
	case edition.CodeShown, edition.CodeShownPair:
		return "A date under “updated”, when verdict, scores or prices have changed; or “Bring in”."
	case edition.CodeExpected:
		return "Leave that out there to have this here."
	case edition.CodeChanged:
		return "A date under “updated” brings it in as an update; or “Bring in”."
	case edition.CodeSamePair:
		return "Leave the other comparison of these tools out; or “Bring in”."
	case edition.CodeUnread:
		return "Correct its file."
	case edition.CodeWithdrawn:
		return "Put its file back under its old name."
	case edition.CodeDuplicated:
		return "Give it a slug of its own."
	}
	return ""
}
