package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/storetest"
)

// A brokenStore fails some commits.
type brokenStore struct {
	delivery.Store
	fails func(g *delivery.Group) error
}

func (b brokenStore) Recover(ctx context.Context, s delivery.Sender, at time.Time) (delivery.Queue, delivery.Recovered, error) {
	q, r, err := b.Store.Recover(ctx, s, at)
	return brokenQueue{q, b.fails}, r, err
}

type brokenQueue struct {
	delivery.Queue
	fails func(g *delivery.Group) error
}

func (b brokenQueue) Record(ctx context.Context, g *delivery.Group) (delivery.GroupResult, error) {
	if err := b.fails(g); err != nil {
		return delivery.GroupResult{}, err
	}
	return b.Queue.Record(ctx, g)
}

var errDisk = errors.New("disk I/O error")

// Without the commit there is no end of the message: whoever received one is
// recorded, and the next run sends to the others only.
func TestNoCommitNoMessage(t *testing.T) {
	t.Parallel()
	const n = 400
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{}
	var groups, runs int
	for range 200 {
		runs++
		opt := f.Options(server)
		opt.Store = brokenStore{f.Store, func(*delivery.Group) error {
			groups++
			if rand.IntN(20) == 0 {
				return errDisk
			}
			return nil
		}}
		sum, err := delivery.Run(t.Context(), opt)
		if err == nil && sum.Counts.Open() == 0 {
			break
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("got %v, want the disk's error", err)
		}
	}
	if runs < 2 {
		t.Fatalf("got %d run over %d commits, want some to fail", runs, groups)
	}
	unknown := map[string]bool{}
	list := f.List(delivery.Unknown)
	for _, d := range list {
		unknown[d.Email] = true
	}
	got := server.Received()
	for i := int64(1); i <= n; i++ {
		to := deliverytest.Email(i)
		if got[to] != 1 && !unknown[to] || got[to] > 1 {
			t.Errorf("reader %d: got %d messages, unknown %v, want exactly one", i, got[to], unknown[to])
		}
	}
	if limit := (runs - 1) * 4; len(list) > limit {
		t.Errorf("got %d unknown, want at most one a connection and crash: %d", len(list), limit)
	}
	f.Verify()
}

func TestOneSenderAtATime(t *testing.T) {
	t.Parallel()
	const n = 500
	f := deliverytest.New(t, n)
	f.Freeze()
	inside, goOn := make(chan struct{}), make(chan struct{})
	var once1 atomic.Bool
	server := &deliverytest.Server{Before: func(delivery.Envelope) {
		if once1.CompareAndSwap(false, true) {
			close(inside)
			<-goOn
		}
	}}
	first := make(chan error, 1)
	go func() {
		_, err := delivery.Run(t.Context(), f.Options(server))
		first <- err
	}()
	<-inside
	_, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrLocked) || !strings.Contains(err.Error(), "test") {
		t.Errorf("second sender: got %v, want ErrLocked with the holder", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	once(t, server, n)
}

// A sender whose lease was taken ends no further message, and what it knows is
// recorded all the same.
func TestLostLease(t *testing.T) {
	t.Parallel()
	const n = 500
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Before: at(100, f.TakeOver)}
	if _, err := delivery.Run(t.Context(), f.Options(server)); !errors.Is(err, delivery.ErrLeaseLost) {
		t.Fatalf("got %v, want ErrLeaseLost", err)
	}
	received := len(server.Received())
	if received < 90 || received > 110 {
		t.Errorf("got %d messages, want a stop at about 100", received)
	}
	server.Before = nil
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || sum.Recovered.Unknown > 4 {
		t.Fatalf("takeover: got %+v, %v, want at most 4 unknown", sum, err)
	}
	for to, got := range server.Received() {
		if got != 1 {
			t.Errorf("%s: got %d messages, want 1", to, got)
		}
	}
	f.Verify()
}

// A restored backup must not send again.
func TestRestoredBackup(t *testing.T) {
	t.Parallel()
	const n, before = 300, 100
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{}
	opt := f.Options(server)
	opt.Limit = before
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := f.Database.Backup(backup); err != nil {
		t.Fatal(err)
	}
	opt.Limit = 150
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if got := len(server.Received()); got != 250 {
		t.Fatalf("got %d messages, want 250", got)
	}
	f.Close()
	restore(t, backup, f.Dir)

	g := deliverytest.Open(t, f.Dir)
	if _, err := delivery.Run(t.Context(), g.Options(server)); !errors.Is(err, delivery.ErrJournalAhead) {
		t.Fatalf("got %v, want ErrJournalAhead", err)
	}
	marked, err := g.Reconcile(t.Context(), g.Edition, time.Now())
	if err != nil || marked != 150 {
		t.Fatalf("reconcile: got %d, %v, want 150", marked, err)
	}
	sum, err := delivery.Run(t.Context(), g.Options(server))
	if err != nil || sum.Counts[delivery.Unknown] != 150 || sum.Counts[delivery.Accepted] != 150 {
		t.Fatalf("got %v, %v, want 150 unknown and 150 accepted", sum.Counts, err)
	}
	once(t, server, n)
	g.Verify()
	if k := g.Resolve(delivery.ResolveSent); k != 150 {
		t.Errorf("resolve: got %d, want 150", k)
	}
	g.Verify()
}

func restore(t *testing.T, backup, dir string) {
	t.Helper()
	if os.Getenv(deliverytest.StoreVar) != "" {
		if err := postgrestest.Restore(backup, dir); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(deliverytest.Path(dir) + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.Rename(backup, deliverytest.Path(dir)); err != nil {
		t.Fatal(err)
	}
}

func TestLostJournal(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 100)
	f.Freeze()
	server := &deliverytest.Server{}
	opt := f.Options(server)
	opt.Limit = 50
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(f.Journals.Path(journal.Name{Week: deliverytest.Week})); err != nil {
		t.Fatal(err)
	}
	_, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrJournalLost) || !strings.Contains(err.Error(), deliverytest.Week) {
		t.Fatalf("got %v, want ErrJournalLost with the file's name", err)
	}
	if err := f.AcceptJournalLoss(t.Context(), f.Edition, time.Now()); err != nil {
		t.Fatal(err)
	}
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished {
		t.Fatalf("got %+v, %v, want the end", sum, err)
	}
	once(t, server, 100)
}

// An unknown delivery that is resolved as "retry" goes once more, and the proof
// still holds.
func TestResolveRetry(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 20)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, before int) delivery.Result {
		if env.To == deliverytest.Email(3) && before == 0 {
			return deliverytest.Cut(delivery.PhaseDot)
		}
		return deliverytest.Accepted()
	}}
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished || sum.Counts[delivery.Unknown] != 1 {
		t.Fatalf("got %+v, %v, want an end with one unknown", sum, err)
	}
	if n := f.Resolve(delivery.ResolveRetry); n != 1 {
		t.Fatalf("resolve: got %d, want 1", n)
	}
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != 20 {
		t.Fatalf("got %+v, %v, want all accepted", sum, err)
	}
	if got := server.Received()[deliverytest.Email(3)]; got != 2 {
		t.Errorf("got %d messages for the one that was retried, want 2", got)
	}
	f.Verify()
}

// The proof notices what must not be.
func TestVerifyNotices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how    storetest.Tampering
		reader int64
		want   string
	}{
		"a lost row":          {storetest.LoseRow, 5, "30 recipients were frozen, 29 are recorded"},
		"a forged acceptance": {storetest.ForgeAccept, 25, "1 accepted deliveries are not in the journal"},
		"a forgotten end":     {storetest.ForgetEnd, 5, "1 readers are in the journal but not in the database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := deliverytest.New(t, 30)
			f.Freeze()
			opt := f.Options(&deliverytest.Server{})
			opt.Limit = 20
			if _, err := delivery.Run(t.Context(), opt); err != nil {
				t.Fatal(err)
			}
			f.Verify()
			if err := f.Database.Tamper(f.Edition, c.reader, c.how); err != nil {
				t.Fatal(err)
			}
			p, err := delivery.Verify(t.Context(), f.Store, f.Journals, f.Edition)
			if err != nil || !strings.Contains(fmt.Sprint(p.Problems()), c.want) {
				t.Errorf("got %q, %v, want %q", p.Problems(), err, c.want)
			}
		})
	}
}
