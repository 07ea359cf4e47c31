package delivery

import (
	"context"
	"errors"
	"strconv"
	"time"

	"verdicts.example/digest/internal/journal"
)

// hold takes the edition's file lock and its lease; unlock gives both back. The
// lease decides; who has the lock as well knows that an earlier sender on this
// host is dead, and need not wait for its lease to run out.
func hold(ctx context.Context, leases Leases, f *journal.Folder, week string, l Lease, now time.Time) (s Sender, unlock func() error, err error) {
	release, held, err := f.Lock(lockName(week, l.Node))
	if err != nil {
		return Sender{}, nil, err
	}
	if !held {
		release = func() error { return nil }
	}
	s, err = leases.Acquire(ctx, l, held, now)
	var locked *LockedError
	if errors.As(err, &locked) && locked.Until.Sub(now) > farAhead {
		s, err = outwait(ctx, leases, l, locked, now)
	}
	if err != nil {
		return Sender{}, nil, errors.Join(err, release())
	}
	return s, func() error {
		return errors.Join(leases.Release(context.WithoutCancel(ctx), s), release())
	}, nil
}

// lockName is the file lock of a week's sender: each of several nodes has its own.
func lockName(week, node string) string {
	if node == "" {
		return week
	}
	return week + "." + node
}

// ownJournal gives the name of a week's journal that no other process has: the
// first, "", unless its sender lost the lease and lives. A stopped process that
// wakes up writes into its own journal, where it does no harm.
func ownJournal(f *journal.Folder, week string) (node string, free func() error, err error) {
	for i := range journalsMost {
		if i > 0 {
			node = strconv.Itoa(i + 1)
		}
		free, held, err := f.Lock(week + ".journal" + node)
		if held || err != nil {
			return node, free, err
		}
	}
	return "", func() error { return nil }, nil // a system without such locks
}

// journalsMost is how many senders of a week may hang at once.
const journalsMost = 9

// A lease reaches seconds ahead. One that ends more than farAhead from now is of
// a sender whose clock was wrong, or ours is.
const farAhead = 24 * time.Hour

// outwait takes a lease that ends in a far future when nobody renews it for as
// long as a lease lasts.
func outwait(ctx context.Context, leases Leases, l Lease, seen *LockedError, now time.Time) (Sender, error) {
	began := time.Now()
	pauseFor(ctx, max(l.Until.Sub(now), defaultLease))
	if ctx.Err() != nil {
		return Sender{}, ctx.Err()
	}
	waited := time.Since(began)
	l.Until = l.Until.Add(waited)
	s, err := leases.Acquire(ctx, l, false, now.Add(waited))
	var locked *LockedError
	if !errors.As(err, &locked) || *locked != *seen {
		return s, err
	}
	return leases.Acquire(ctx, l, false, seen.Until)
}

// exclusively runs fn while no sender of the edition can work.
func exclusively(ctx context.Context, l Ledger, info SendInfo, now time.Time, fn func() error) error {
	lease := Lease{Edition: info.Edition, Node: l.Node, Host: hostID(), Holder: "an operator's command", Until: now.Add(defaultLease)}
	_, unlock, err := hold(ctx, l.Leases, l.Journals, info.Week, lease, now)
	if err != nil {
		return err
	}
	return errors.Join(fn(), unlock())
}
