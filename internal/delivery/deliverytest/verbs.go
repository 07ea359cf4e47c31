package deliverytest

import (
	"context"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/subscribers"
)

// Leave unsubscribes readers.
func (f *Fixture) Leave(readers ...int64) { f.T.Helper(); f.try(f.Database.Leave(readers...)) }

// Pause pauses the edition as an operator does.
func (f *Fixture) Pause(reason string) { f.T.Helper(); f.try(f.Database.Pause(f.Edition, reason)) }

// Settle gives n queued deliveries a state, as a sender records it.
func (f *Fixture) Settle(s delivery.State, n int, reply string) {
	f.T.Helper()
	f.try(f.Database.Settle(f.Edition, s, n, reply, time.Now()))
}

// Vary gives the readers up to one another frozen variant.
func (f *Fixture) Vary(upTo int64, variant int) {
	f.T.Helper()
	f.try(f.Database.Vary(f.Edition, upTo, variant))
}

// Entitle gives the edition a subject.
func (f *Fixture) Entitle(subject string) {
	f.T.Helper()
	f.try(f.Database.Entitle(f.Edition, subject))
}

// Resume lets a paused edition go on.
func (f *Fixture) Resume() { f.Pause("") }

// Cancel cancels the edition and nothing else.
func (f *Fixture) Cancel() { f.T.Helper(); f.try(f.Database.Cancel(f.Edition)) }

// Resolve settles deliveries.
func (f *Fixture) Resolve(as delivery.Resolution) int64 {
	f.T.Helper()
	n, err := f.Store.Resolve(context.Background(), f.Edition, as, time.Now())
	f.try(err)
	return n
}

// Sent reports whether the edition is sent.
func (f *Fixture) Sent() bool { f.T.Helper(); return f.Info().State == string(edition.Sent) }

// Info is the send as recorded.
func (f *Fixture) Info() delivery.SendInfo {
	f.T.Helper()
	info, err := f.Store.Info(context.Background(), f.Edition)
	f.try(err)
	return info
}

// Commits is how many groups of messages were committed.
func (f *Fixture) Commits() int64 {
	f.T.Helper()
	var n int64
	for _, j := range f.Info().Journals {
		n += int64(j.Seq)
	}
	return n
}

// Deliveries are the records of the edition, by reader.
func (f *Fixture) Deliveries() map[int64]delivery.Delivery {
	f.T.Helper()
	all := map[int64]delivery.Delivery{}
	for state := range len(delivery.Counts{}) {
		for _, d := range f.List(delivery.State(state)) {
			all[d.ID] = d
		}
	}
	return all
}

// List gives the records of one state.
func (f *Fixture) List(s delivery.State) []delivery.Delivery {
	f.T.Helper()
	list, err := f.Store.List(context.Background(), f.Edition, s, 0, 1<<30)
	f.try(err)
	return list
}

// Suppression is why a reader is kept off.
func (f *Fixture) Suppression(reader int64) subscribers.Reason {
	f.T.Helper()
	r, err := f.Database.Suppression(reader)
	f.try(err)
	return r
}

// Suppressed is how many of readers 1 to n are kept off.
func (f *Fixture) Suppressed(n int64) (count int) {
	f.T.Helper()
	for id := int64(1); id <= n; id++ {
		if f.Suppression(id) != subscribers.NotSuppressed {
			count++
		}
	}
	return count
}

// TakeOver takes the lease as a sender on another host does, whose own ends at
// once.
func (f *Fixture) TakeOver() {
	f.T.Helper()
	if server, ok := f.Database.(interface{ Lapse() error }); ok { // its clock measures leases
		f.try(server.Lapse())
	}
	l := delivery.Lease{Edition: f.Edition, Host: "elsewhere", Holder: "somebody else", Until: time.Now().Add(-time.Second)}
	_, err := f.Leases.Acquire(context.Background(), l, false, time.Now().Add(24*time.Hour))
	f.try(err)
}
