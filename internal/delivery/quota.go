package delivery

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// Quotas keep what senders have of the limits that all of them share: those of
// other editions in this process, or on every node of a database.
type Quotas interface {
	// Settle gives decide what the other senders have now, and keeps what it answers
	// as s's own, in place of what s had: no other sender decides meanwhile. What s
	// has is its own for lasts, by the database's clock; then it counts no more,
	// however s ended.
	Settle(ctx context.Context, s Sender, lasts time.Duration, decide func(others Standing) Standing) error
	// Leave gives back what s has.
	Leave(ctx context.Context, s Sender) error
}

// A Standing is what one sender has, or what the others have together.
type Standing struct {
	Quotas []Quota
	Rests  []Rest
	At     time.Time // by the clock that all senders share; only read
}

// A Quota is a sender's part of a limit.
type Quota struct {
	Sender Sender
	Limit  string  // which; see limits
	Held   float64 // what it may use
	Want   float64 // what it could use; 0: it has nothing to use it for
}

// A Rest is a domain, or the relay (""), that has asked a sender to wait.
type Rest struct {
	Sender Sender
	Domain string
	Gap    time.Duration // between messages there
	For    time.Duration // until the next
}

// wantAll is the want of a sender that a limit holds back.
const wantAll = math.MaxFloat64

// fairShare is one sender's due of a limit: what it wants, or as much as anybody
// who wants more than there is for each (max-min fairness). What nobody wants is
// shared equally among those who want something.
func fairShare(limit, want float64, others []float64) float64 {
	if want <= 0 {
		return 0
	}
	wants := slices.DeleteFunc(append(slices.Clone(others), want), func(w float64) bool { return w <= 0 })
	left, spare := limit, limit
	for _, w := range wants {
		spare -= w
	}
	if spare >= 0 {
		return want + spare/float64(len(wants))
	}
	slices.Sort(wants)
	for i, w := range wants {
		equal := left / float64(len(wants)-i)
		if w >= equal {
			return min(want, equal)
		}
		left -= w
	}
	return want
}

// unitShare is how many of a limit's units are the due of the sender with a rank
// among n. Those that cannot be divided go round with the turns.
func unitShare(limit, rank, n, turn int) int {
	due := limit / n
	if (rank+turn)%n < limit%n {
		due++
	}
	return due
}

// turnTakes is how long units that cannot be divided stay with a sender.
const turnTakes = 15 * time.Second

// A claimant is what one sender has to say of a limit when it is divided.
type claimant struct {
	sender Sender
	limit  float64
	want   float64
	units  bool // whole ones
}

// divide is what the claimant may have beside what the others hold. The sum of
// what all hold is never above the limit, whoever decides first: what is its due
// and another's still, it gets when that one has given it up.
func (c claimant) divide(name string, others Standing) Quota {
	var wants []float64
	rank, free := 0, c.limit
	for _, q := range others.Quotas {
		if q.Limit != name {
			continue
		}
		free -= q.Held
		wants = append(wants, q.Want)
		if q.Want > 0 && q.Sender.compare(c.sender) < 0 {
			rank++
		}
	}
	due := fairShare(c.limit, c.want, wants)
	if c.units && c.want > 0 {
		n := 1 + len(slices.DeleteFunc(wants, func(w float64) bool { return w <= 0 }))
		due = float64(unitShare(int(c.limit), rank, n, int(others.At.Unix()/int64(turnTakes.Seconds()))))
	}
	return Quota{Sender: c.sender, Limit: name, Held: max(min(due, free), 0), Want: c.want}
}

func (s Sender) compare(t Sender) int {
	return cmp.Or(cmp.Compare(s.Edition, t.Edition), cmp.Compare(s.Epoch, t.Epoch), cmp.Compare(s.Node, t.Node))
}

// NewQuotas keeps the quotas of the editions that one process sends side by side.
func NewQuotas(now func() time.Time) Quotas {
	if now == nil {
		now = time.Now
	}
	return &ownQuotas{now: now, of: map[Sender]Standing{}}
}

// ownQuotas are in memory: a sender of this process leaves before it ends.
type ownQuotas struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[Sender]Standing
}

func (o *ownQuotas) Settle(_ context.Context, s Sender, _ time.Duration, decide func(Standing) Standing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	others := Standing{At: o.now()}
	for who, has := range o.of {
		if who != s {
			others.Quotas = append(others.Quotas, has.Quotas...)
			others.Rests = append(others.Rests, has.Rests...)
		}
	}
	o.of[s] = decide(others)
	return nil
}

func (o *ownQuotas) Leave(_ context.Context, s Sender) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.of, s)
	return nil
}
