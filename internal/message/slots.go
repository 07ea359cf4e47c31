package message

import (
	"strings"

	"verdicts.example/digest/internal/slot"
)

// slotPrefix begins every slot; slotStem is the same in lower case, by which
// damaged ones are found.
const (
	slotPrefix = "zqSLOT"
	slotStem   = "zqslot"
)

// nextSlot finds the first slot in s; s's length and "" when it has none.
func nextSlot(s string) (at int, found slot.Slot) {
	for at < len(s) {
		i := strings.Index(s[at:], slotPrefix)
		if i < 0 {
			break
		}
		at += i
		for _, candidate := range slot.All() {
			if strings.HasPrefix(s[at:], string(candidate)) {
				return at, candidate
			}
		}
		at += len(slotPrefix)
	}
	return len(s), ""
}

// slotOp is how a slot's value is spliced into a body; opNone for a slot that
// this package does not know.
func slotOp(s slot.Slot) op {
	switch s {
	case slot.Token:
		return opToken
	case slot.Email:
		return opEmail
	case slot.Name:
		return opName
	}
	return opNone
}

// slotLeft is the offset of a slot, whole or damaged; -1 when there is none.
func slotLeft(s string) int { return strings.Index(strings.ToLower(s), slotStem) }

// checkSlots refuses a slot that a template or a tool has damaged, or that is
// not known here: readers would see it.
func checkSlots(field, s string) error {
	rest := s
	for _, known := range slot.All() {
		if slotOp(known) != opNone {
			rest = strings.ReplaceAll(rest, string(known), strings.Repeat(" ", len(known)))
		}
	}
	if at := slotLeft(rest); at >= 0 {
		return wrong(field, "line %d has a damaged or unknown slot, %.20q; write slots as package slot names them",
			1+strings.Count(rest[:at], "\n"), rest[at:])
	}
	return nil
}
