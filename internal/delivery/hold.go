package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"verdicts.example/digest/internal/journal"
)

// hold takes the folder's lock and the lease; unlock gives both back. The lease
// decides; who has the lock as well knows that an earlier owner on this host is
// dead, and need not wait for its lease to run out.
func hold(ctx context.Context, store Leases, f *journal.Folder, l Lease, now time.Time) (unlock func() error, err error) {
	release, held, err := f.Lock()
	if err != nil {
		return nil, err
	}
	if !held {
		release = func() error { return nil }
	}
	if err := store.AcquireLease(ctx, l, held, now); err != nil {
		return nil, errors.Join(err, release())
	}
	return func() error {
		return errors.Join(store.ReleaseLease(context.WithoutCancel(ctx), l.Owner), release())
	}, nil
}

// exclusively runs fn while no sender can work.
func exclusively(ctx context.Context, store Leases, f *journal.Folder, now time.Time, fn func() error) error {
	l := Lease{Owner: rand.Text(), Host: hostID(), Holder: "an operator's command", Until: now.Add(defaultLease)}
	unlock, err := hold(ctx, store, f, l, now)
	if err != nil {
		return err
	}
	return errors.Join(fn(), unlock())
}
