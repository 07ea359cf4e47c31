package edition

import (
	"slices"
	"time"
)

// A correction is a short mail to those who got an amended edition before it was
// amended. It is sent as an edition of its own, with bytes, recipients, journal and
// proof of its own, and only when somebody says so; its week is the edition's
// InCorrection, so that an edition has one at most.

// Correction is the draft of e's correction, which older readers may get who have a
// version of e that was amended since.
func (e Edition) Correction(older int64, at time.Time) (Edition, error) {
	switch {
	case e.Week.Correction:
		return e, e.Refuse(ErrState, "a correction itself")
	case e.State != Sending && e.State != Sent:
		return e, e.Refuse(ErrState, "%s; nobody has it who could be told", e.Status())
	case older == 0:
		return e, e.Refuse(ErrSame, "not with any reader in a version that was amended since; there is nobody to tell")
	}
	return Edition{Week: e.Week.InCorrection(), State: Draft, Slot: at, Since: at, Cutoff: at, CreatedAt: at}, nil
}

// Weekly are the editions of list that are no corrections.
func Weekly(list []Edition) []Edition {
	return slices.DeleteFunc(slices.Clone(list), func(e Edition) bool { return e.Week.Correction })
}
