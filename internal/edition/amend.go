package edition

import "time"

// An Amendment corrects a paused send for those who have not got it: they get a
// variant of their own.
type Amendment struct {
	Build   Build
	Message []byte // the frozen message of Build
	Sender  Sender
	By      string // who amends, and answers for it as an approval would
	At      time.Time
	Cuts    []Correction // of variants that have a part of the edition
}

// A Correction takes the place of some variants.
type Correction struct {
	Variant       // its number is given by the store
	For     []int // the numbers of those variants
}

// Amend gives a paused edition other content for whoever still waits for it.
func (e Edition) Amend(b Build, by string) (Edition, error) {
	switch {
	case e.State != Sending || e.PauseReason == "":
		return e, e.Refuse(ErrState, "%s; pause its send to amend it", e.Status())
	case e.Hash == b.Hash:
		return e, e.Refuse(ErrSame, "the same as it was frozen; there is nothing to amend")
	}
	e.Hash, e.Subject, e.Preheader = b.Hash, b.Subject, b.Preheader
	e.ApprovedHash, e.ApprovedBy = b.Hash, by
	return e, nil
}
