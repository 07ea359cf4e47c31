package message

import (
	"strings"

	"verdicts.example/digest/internal/mergefield"
)

// fieldStem begins every merge field in lower case, by which damaged ones are
// found.
const fieldStem = "zqslot"

// nextField finds the first merge field in s; s's length and "" when it has none.
func nextField(s string) (at int, found mergefield.Field) {
	for at < len(s) {
		i := strings.Index(s[at:], mergefield.Prefix)
		if i < 0 {
			break
		}
		at += i
		for _, candidate := range mergefield.All() {
			if strings.HasPrefix(s[at:], string(candidate)) {
				return at, candidate
			}
		}
		at += len(mergefield.Prefix)
	}
	return len(s), ""
}

// fieldOp is how a merge field's value is spliced into a body; opNone for a merge field that
// this package does not know.
func fieldOp(s mergefield.Field) op {
	switch s {
	case mergefield.Token:
		return opToken
	case mergefield.Email:
		return opEmail
	case mergefield.Name:
		return opName
	case mergefield.Vote:
		return opVote
	case mergefield.Save:
		return opSave
	case mergefield.Saved:
		return opSaved
	case mergefield.Preferences:
		return opPreferences
	}
	for o, field := range blockFields() {
		if s == field {
			return o
		}
	}
	return opNone
}

// blockFields are the fields of the block of what changed.
func blockFields() map[op]mergefield.Field {
	return map[op]mergefield.Field{
		opIfChanges: mergefield.IfChanges, opEachChange: mergefield.EachChange, opChange: mergefield.Change,
		opNextChange: mergefield.NextChange, opEndChanges: mergefield.EndChanges,
	}
}

// fieldLeft is the offset of a merge field, whole or damaged; -1 when there is none.
func fieldLeft(s string) int { return strings.Index(strings.ToLower(s), fieldStem) }

// checkFields refuses a merge field that a template or a tool has damaged, or that is
// not known here: readers would see it.
func checkFields(field, s string) error {
	rest := s
	for _, known := range mergefield.All() {
		if fieldOp(known) != opNone {
			rest = strings.ReplaceAll(rest, string(known), strings.Repeat(" ", len(known)))
		}
	}
	if at := fieldLeft(rest); at >= 0 {
		return wrong(field, "line %d has a damaged or unknown merge field, %.20q; write merge fields as package mergefield names them",
			1+strings.Count(rest[:at], "\n"), rest[at:])
	}
	return nil
}
