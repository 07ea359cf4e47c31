package mailer

import (
	"time"

	"golang.org/x/time/rate"

	"verdicts.example/digest/internal/delivery"
)

const (
	rowMost   = 5 // readers in a row that a relay refuses, while others accept
	autoFirst = 4 // sessions that a relay begins with whose number is found by trying
)

// A relay is one of a pool; the pool's lock guards it.
type relay struct {
	Relay
	pace *rate.Limiter // nil: no limit

	open   int // sessions, and those on their way
	window int // sessions that it bears, as far as is known
	round  int // messages that it took since the window changed

	fails  int       // rests in a row, with nothing accepted between
	rests  int       // so far: sessions of before end
	until  time.Time // it rests until then
	tried  time.Time // a session was asked for
	reason error     // of its last failure
	took   bool      // it has accepted something since it was taken in
	row    int       // readers in a row whom it refused for what may be its own reasons
}

func newRelay(r Relay, now func() time.Time) *relay {
	r.Weight, r.Connections = max(r.Weight, 1), max(r.Connections, 1)
	out := &relay{Relay: r, window: r.Connections}
	if r.Auto {
		out.window = min(autoFirst, r.Connections)
	}
	if r.Rate > 0 {
		out.pace = rate.NewLimiter(rate.Limit(r.Rate), max(int(r.Rate/10), 1))
	}
	return out
}

func (r *relay) serves(now time.Time) bool { return !now.Before(r.until) }

// most is how many sessions it may have; while it has failed, one asks whether it
// serves again.
func (r *relay) most() int {
	if r.fails > 0 {
		return 1
	}
	return r.window
}

func (r *relay) load() float64 { return float64(r.open+1) / float64(r.Weight) }

// stand is how it stands, for people.
func (r *relay) stand(now time.Time) delivery.RelayStand {
	s := delivery.RelayStand{Relay: r.Name, Open: r.open, May: r.most(), Most: r.Connections}
	if !r.serves(now) {
		s.RestsUntil = r.until
		if r.reason != nil {
			s.Reason = delivery.Public(r.reason.Error())
		}
	}
	return s
}

// rest leaves it alone for longer each time.
func (r *relay) rest(now time.Time, account bool) {
	first, longest := restFirst, restLongest
	if account {
		first, longest = restAccount, restHours
	}
	for range min(r.fails, 16) {
		first = min(2*first, longest)
	}
	r.until, r.took, r.row = now.Add(first), false, 0
	r.fails++
	r.rests++
}

// narrow has it bear n sessions.
func (r *relay) narrow(n int) { r.window, r.round = max(min(n, r.window), 1), 0 }

// accepted notes a message that it took: it serves again, and after a round of them it
// may bear one session more.
func (r *relay) accepted() (back bool) {
	if back = r.fails > 0; back {
		r.fails, r.until, r.window, r.round = 0, time.Time{}, 1, 0
	}
	r.took, r.row = true, 0
	if r.round++; r.round >= r.window {
		r.round = 0
		if r.window < r.Connections {
			r.window++
			back = true
		}
	}
	return back
}

// A blame is whose a refusal is, as far as one relay among several can tell.
type blame uint8

const (
	notOurs blame = iota // the reader's, a domain's, nobody's
	maybe                // the relay's, if it goes on like that
	itsOwn               // the relay's: its account, our login
	tooMany              // the relay's: fewer sessions
)

func blameOf(res delivery.Result, v delivery.Verdict) blame {
	switch {
	case v.Fault == delivery.OperatorFault, v.Fault == delivery.AccountFault:
		return itsOwn
	case res.Code == 421 && res.Carried == 0, res.Enhanced == "4.3.2":
		return tooMany
	case v.Fault == delivery.SenderFault, v.Fault == delivery.PolicyFault, v.Fault == delivery.DomainFault:
		return maybe
	case v.Fault == delivery.PathFault && res.Code > 0:
		return maybe
	}
	return notOurs
}
