package delivery

import "strings"

// Unsent reports whether nothing of the message has left and nothing will
// without a further attempt: such a delivery may still be withdrawn.
func (s State) Unsent() bool { return s == Queued || s == Claimed || s == Deferred }

// Final reports whether nothing more becomes of the delivery by itself.
func (s State) Final() bool { return !s.Unsent() && s != Dotting }

// Withdrawn gives the state when the reader may not be mailed any more (see
// subscribers.Subscriber.Mailable), or when the edition is cancelled. What has
// left cannot be called back.
func (s State) Withdrawn() State {
	if s.Unsent() {
		return Suppressed
	}
	return s
}

// TakenOver gives the state when another sender takes the edition over: what was
// only claimed is queued again, and what became of a message whose end may have
// been written nobody knows.
func (s State) TakenOver() State {
	switch s {
	case Claimed:
		return Queued
	case Dotting:
		return Unknown
	default:
		return s
	}
}

// Dropped reports whether a compaction drops the delivery and keeps its count.
// Failed and unknown ones stay: soft bounces add up over editions.
func (s State) Dropped() bool { return s == Accepted || s == Suppressed }

// Provable reports whether a relay's log that shows a message may make its
// delivery accepted: one of unknown outcome, and one that a database which has
// forgotten it has queued again.
func (s State) Provable() bool { return s == Unknown || s == Queued }

// Left gives the state of a delivery of which the journal knows that its message
// left, and a restored backup does not.
func (s State) Left() State {
	if s.Final() {
		return s
	}
	return Unknown
}

// From gives the states that an outcome ends. A delivery that was taken over in
// mid-message is unknown, and gets its verdict all the same.
func (o *Outcome) From() [2]State {
	if o.Dotted {
		return [2]State{Dotting, Unknown}
	}
	return [2]State{Claimed, Claimed}
}

// Plain reports whether an outcome is the usual one: a server took the message.
// Stores record those of a group in one statement.
func (o *Outcome) Plain() bool { return o.State == Accepted && o.Dotted && o.Attempt }

// What is recorded as the reply of a delivery that no server's reply settles.
const (
	ReplyResolved = "resolved as sent by the operator"
	ReplyRestored = "may have left; the database lost its record"
)

// loggedMost bounds what is recorded of a relay's log.
const loggedMost = 200

// ReplyReturned is recorded as the reply of a delivery that a mail which came
// back shows to have been taken.
func ReplyReturned(kind string) string { return "a " + kind + " came back" }

// ReplyLogged is recorded as the reply of a delivery that the relay's log settles:
// its queue id and words, without addresses.
func ReplyLogged(queue, words string) string {
	s := strings.TrimSpace("relay's log: " + queue + " " + WithoutAddresses(words))
	return s[:min(len(s), loggedMost)]
}
