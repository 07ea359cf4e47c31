package subscribers

import "slices"

// A LeaveReason is what readers chose who were asked why they left: one of a fixed
// list, so that an answer holds nothing that names a person.
type LeaveReason string

// The reasons.
const (
	LeftTooOften  LeaveReason = "too-often"
	LeftTooLong   LeaveReason = "too-long"
	LeftTools     LeaveReason = "other-tools"
	LeftNothing   LeaveReason = "nothing-new"
	LeftUninvited LeaveReason = "never-asked"
	LeftOther     LeaveReason = "other"
)

// LeaveReasons are all of them, in the order in which they are offered.
func LeaveReasons() []LeaveReason {
	return []LeaveReason{LeftTooOften, LeftTooLong, LeftTools, LeftNothing, LeftUninvited, LeftOther}
}

// ParseLeaveReason reads a form's value; ok is false for what is none of them.
func ParseLeaveReason(value string) (r LeaveReason, ok bool) {
	r = LeaveReason(value)
	return r, slices.Contains(LeaveReasons(), r)
}

// Words are the reason as the reader says it.
func (r LeaveReason) Words() string {
	switch r {
	case LeftTooOften:
		return "It comes too often"
	case LeftTooLong:
		return "It is too long"
	case LeftTools:
		return "It is about tools that I don’t use"
	case LeftNothing:
		return "It doesn’t help me decide"
	case LeftUninvited:
		return "I never signed up for it"
	case LeftOther:
		return "Another reason"
	}
	return string(r) // of a newer version
}
