package edition

import "time"

// The transitions: what may happen to an edition, as pure functions. Each gives
// the edition as it is then, or says why not; a store keeps what it is given.

// Insertable is nil when an edition may begin as e: as a draft, or as one that
// was skipped or missed before anybody built it.
func (e Edition) Insertable() error {
	switch e.State {
	case Draft, Skipped, Missed:
		return nil
	}
	return e.Refuse(ErrState, "new; it can't begin as %s", e.State)
}

// A Revision is the outcome of one build.
type Revision struct {
	Slot    time.Time
	Since   time.Time
	Cutoff  time.Time
	Items   []Item
	Carried []Item
	Build   *Build    // nil: nothing to send
	Edits   int       // the version of the edits that it knew
	At      time.Time // when it was made
}

// Revise replaces the content. A skipped or missed edition becomes a draft. A
// build with another hash than the approved one voids the approval: an approved
// edition is a draft again, and goes with a new approval only. Without a build
// the edition becomes skipped. A held one stays held.
func (e Edition) Revise(r Revision) (Edition, error) {
	if !e.State.Buildable() {
		return e, e.Refuse(ErrState, "%s; it can't be built again", e.Status())
	}
	e.Slot, e.Since, e.Cutoff, e.BuiltAt = r.Slot, r.Since, r.Cutoff, r.At
	e.Items, e.Carried, e.EditsVersion = r.Items, r.Carried, r.Edits
	e.Subject, e.Preheader, e.Hash = "", "", ""
	if r.Build != nil {
		e.Subject, e.Preheader, e.Hash = r.Build.Subject, r.Build.Preheader, r.Build.Hash
	}
	if e.ApprovedHash != e.Hash {
		e.ApprovedHash, e.ApprovedBy = "", ""
	}
	e.FinishedAt, e.SkippedBy = time.Time{}, ""
	switch {
	case e.State == Held:
	case r.Build == nil:
		e = e.end(Skipped, r.At)
	case e.ApprovedHash != "":
		e.State = Approved
	default:
		e.State = Draft
	}
	return e, nil
}

// Approve releases the content with this hash for sending, a held edition's
// too. From then on the edition goes as it was approved, or not at all. Who
// approved first stays.
func (e Edition) Approve(hash, by string) (Edition, error) {
	switch {
	case e.State != Draft && e.State != Approved && e.State != Held:
		return e, e.Refuse(ErrState, "%s; it can't be approved", e.Status())
	case e.Hash == "":
		return e, e.Refuse(ErrNotBuilt, "not built yet; there is nothing to approve")
	case e.Hash != hash:
		return e, e.Refuse(ErrChanged, "now %.12s, not %.12s; look at it again and approve that", e.Hash, hash)
	case e.State == Approved:
		return e, nil
	}
	e.State, e.ApprovedHash, e.ApprovedBy, e.NeedsApproval = Approved, hash, by, true
	return e, nil
}

// Hold keeps an edition from being sent until somebody approves it: an approval
// that was given before counts no more. Holding twice is no error.
func (e Edition) Hold() (Edition, error) {
	switch e.State {
	case Held:
		return e, nil
	case Draft, Approved:
		e.State, e.ApprovedHash, e.ApprovedBy, e.NeedsApproval = Held, "", "", true
		return e, nil
	}
	return e, e.Refuse(ErrState, "%s; it can't be held", e.Status())
}

// Skip leaves the week out by an editor's word; its content stays a candidate.
func (e Edition) Skip(by string, at time.Time) (Edition, error) {
	switch e.State {
	case Draft, Approved, Held, Skipped:
		e.ApprovedHash, e.ApprovedBy, e.SkippedBy = "", "", by
		return e.end(Skipped, at), nil
	}
	return e, e.Refuse(ErrState, "%s; it can't be skipped", e.Status())
}

// Miss ends an edition whose slot and catch-up time have passed unused, a held
// one too. Missing it twice is no error.
func (e Edition) Miss(at time.Time) (Edition, error) {
	switch e.State {
	case Missed:
		return e, nil
	case Draft, Approved, Held:
		e.ApprovedHash, e.ApprovedBy = "", ""
		return e.end(Missed, at), nil
	}
	return e, e.Refuse(ErrState, "%s; it wasn't missed", e.Status())
}

// Freeze begins the send of the content with this hash, from which the frozen
// message was made. It asks what Released asks.
func (e Edition) Freeze(hash string, approvalRequired bool, at time.Time) (Edition, error) {
	switch {
	case e.State == Held:
		return e, e.Refuse(ErrNotApproved, "held; approve it to release it")
	case e.State == Draft && !e.Released(approvalRequired):
		return e, e.Refuse(ErrNotApproved, "a draft that nobody has approved")
	case !e.Released(approvalRequired):
		return e, e.Refuse(ErrState, "%s; it can't be sent", e.Status())
	case e.Hash == "":
		return e, e.Refuse(ErrNotBuilt, "not built yet; there is nothing to send")
	case e.Hash != hash:
		return e, e.Refuse(ErrChanged, "now %.12s, not %.12s: it was built again meanwhile", e.Hash, hash)
	}
	e.State, e.FrozenAt = Sending, at
	return e, nil
}

// Pause makes a sending edition rest. An earlier reason is kept.
func (e Edition) Pause(reason string) (Edition, error) {
	if e.State != Sending {
		return e, e.Refuse(ErrState, "%s; only an edition that is being sent can be paused", e.Status())
	}
	if e.PauseReason == "" {
		e.PauseReason = reason
	}
	return e, nil
}

// Resume lets a paused edition go on; one that is not paused goes on anyway.
func (e Edition) Resume() (Edition, error) {
	if e.State != Sending {
		return e, e.Refuse(ErrState, "%s; only an edition that is being sent can go on", e.Status())
	}
	e.PauseReason = ""
	return e, nil
}

// Finish ends a send: every delivery is final.
func (e Edition) Finish(at time.Time) (Edition, error) {
	if e.State != Sending {
		return e, e.Refuse(ErrState, "%s; only an edition that is being sent can end so", e.Status())
	}
	return e.end(Sent, at), nil
}

// Adopt makes an edition a sent one that was sent by the journals, and of which
// the restored database knows only what was before. Its window is empty from then
// on: what was new for it when it was sent, nobody knows (see Adopted).
func (e Edition) Adopt(at time.Time) (Edition, error) {
	if e.State == Sending || e.State == Sent {
		return e, e.Refuse(ErrState, "%s; the database knows of its send", e.Status())
	}
	e.FrozenAt, e.Since, e.Cutoff = at, at, at
	return e.end(Sent, at), nil
}

// Adopted reports whether an edition was recorded as sent from its journals alone.
func (e Edition) Adopted() bool { return e.Frozen() && e.Since.Equal(e.Cutoff) }

// Forgotten is the draft of a week that was sent by the journals, and of which the
// restored database knows nothing: it is adopted then. What it compared is not
// known, so it takes the week's content with it.
func Forgotten(w Week, at time.Time) Edition {
	return Edition{Week: w, State: Draft, Slot: at, Since: at.AddDate(0, 0, -7), Cutoff: at, CreatedAt: at}
}

// Reopen begins a sent edition's send again, with the same bytes, for the
// deliveries that an operator wants tried again. One that is being sent is open.
func (e Edition) Reopen() (Edition, error) {
	switch e.State {
	case Sending:
		return e, nil
	case Sent:
		e.State, e.FinishedAt = Sending, time.Time{}
		return e, nil
	}
	return e, e.Refuse(ErrState, "%s; only a sent edition can be opened again", e.Status())
}

// Cancel ends an edition for good. In mid-send, whoever has not been mailed will
// not be. Cancelling twice is no error.
func (e Edition) Cancel(at time.Time) (Edition, error) {
	switch e.State {
	case Cancelled:
		return e, nil
	case Sent:
		return e, e.Refuse(ErrState, "%s; it can't be cancelled", e.Status())
	case Skipped, Missed:
		return e, e.Refuse(ErrState, "%s; nothing of it will be sent, so there is nothing to cancel", e.State)
	}
	return e.end(Cancelled, at), nil
}

// end closes an edition's week.
func (e Edition) end(s State, at time.Time) Edition {
	e.State, e.FinishedAt, e.PauseReason = s, at, ""
	return e
}
