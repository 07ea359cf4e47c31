package delivery

import "context"

// Where a connection is lost again and again with one reader's message in hand, and
// others are answered meanwhile, it is this reader at whom the server breaks: it would
// hold all others up. Such a reader is deferred. What an outage does to everybody costs
// nobody anything.
const (
	lostBetween = 3 // times, with others answered in between
	lostAlone   = 8 // times, with nobody else left to ask
)

// A loss is how often a server went away in mid-message with one reader in hand.
type loss struct {
	times    int
	answered int64 // transactions that had been answered, at the last time
	between  bool  // others were answered from one time to the next
}

// note notes one more; answered is how many transactions of the run were answered, and
// opened whether this one's beginning was. It reports whether it is the reader's.
func (l *loss) note(answered int64, opened, tried bool) bool {
	l.between = l.between || l.times > 0 && answered > l.answered
	l.times, l.answered = l.times+1, answered
	return l.between && l.times >= lostBetween ||
		opened && (tried || answered > 0) && l.times >= lostAlone
}

// triesOn gives a reader back whose transaction failed by nobody's fault, unless it is
// to be deferred. A loss in a session that has carried something may be the session's,
// and says nothing of the reader.
func (w *worker) triesOn(ctx context.Context, r *Recipient, res Result) bool {
	switch {
	case res.Code != 0 && r.asked >= askAgain:
		return false
	case res.Code != 0:
		r.asked++
		w.hangUp() // out of step, or in a transaction that is open still
		w.supply.giveBack(*r, foremost)
	case res.Phase < PhaseMail, res.Carried > 0, ctx.Err() != nil:
		w.supply.giveBack(*r, foremost)
	case r.lost.note(w.link.answers(), res.Phase > PhaseMail, r.Attempts > 0):
		return false
	default:
		w.supply.giveBack(*r, lastOfAll)
	}
	return true
}
