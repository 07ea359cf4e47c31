package delivery_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
)

// A backup from before a send was frozen, restored with the journals kept: the
// next edition is not sent before the one that was is recorded.
func TestRestoredFromBeforeTheFreeze(t *testing.T) {
	t.Parallel()
	const n, late = 30, 3 // readers in the backup, and who came after it
	for name, drafted := range map[string]bool{"the week was drafted": true, "the week was not known": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := deliverytest.Open(t, t.TempDir())
			f.AddReaders(n)
			backup := filepath.Join(t.TempDir(), "backup.db")
			keep := func() {
				if err := f.Database.Backup(backup); err != nil {
					t.Fatal(err)
				}
			}
			if !drafted {
				keep()
			}
			f.Edition = f.AddEdition(deliverytest.Week)
			if drafted {
				keep()
			}
			f.AddReaders(late)
			f.Freeze()
			if _, err := delivery.Run(t.Context(), f.Options(&deliverytest.Server{})); err != nil {
				t.Fatal(err)
			}
			f.Close()
			restore(t, backup, f.Dir)

			g := deliverytest.Open(t, f.Dir)
			g.Edition = g.AddEdition("2026-W48")
			g.Freeze()
			server := &deliverytest.Server{}
			_, err := delivery.Run(t.Context(), g.Options(server))
			if !errors.Is(err, delivery.ErrSentBefore) || !strings.Contains(err.Error(), deliverytest.Week) {
				t.Fatalf("got %v, want ErrSentBefore with the week", err)
			}
			if got := len(server.Received()); got != 0 {
				t.Errorf("got %d messages, want none", got)
			}
			for _, want := range []int64{n + late, 0} { // twice does no harm
				if k, err := g.Adopt(t.Context(), deliverytest.Week, time.Now()); err != nil || k != want {
					t.Fatalf("adopt: got %d, %v, want %d", k, err, want)
				}
			}
			if sum, err := delivery.Run(t.Context(), g.Options(server)); err != nil || !sum.Finished {
				t.Fatalf("got %+v, %v, want the next edition sent", sum, err)
			}
			sends, err := g.Store.Sends(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			g.Edition = sends[deliverytest.Week]
			if !g.Sent() || g.Counts()[delivery.Unknown] != n+late {
				t.Errorf("got %+v, %v, want the week sent, its readers unknown", g.Info(), g.Counts())
			}
			g.Verify()
		})
	}
}

// A damaged journal stops the send, and has a way out that sends to nobody twice.
func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	const n = 60
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{}
	opt := f.Options(server)
	opt.Limit = 30
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	path := f.Journals.Path(journal.Name{Week: deliverytest.Week})
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 0xff
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := delivery.Run(t.Context(), f.Options(server)); !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("got %v, want ErrDamaged", err)
	}
	if err := f.AcceptJournalLoss(t.Context(), f.Edition, time.Now()); err != nil {
		t.Fatal(err)
	}
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished {
		t.Fatalf("got %+v, %v, want the end", sum, err)
	}
	once(t, server, n)
	if aside, err := filepath.Glob(path + ".damaged-*"); err != nil || len(aside) != 1 {
		t.Errorf("got %v, %v, want the damaged one set aside", aside, err)
	}
}

// A lease from a clock in the future is taken when nobody renews it.
func TestLeaseFromTheFuture(t *testing.T) {
	deliverytest.NeedsFile(t)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := deliverytest.New(t, 10)
		f.Freeze()
		l := delivery.Lease{Edition: f.Edition, Host: "rebooted", Holder: "pid 1", Until: time.Now().AddDate(5, 0, 0)}
		if _, err := f.Leases.Acquire(t.Context(), l, false, time.Now()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		sum, err := delivery.Run(t.Context(), f.Options(&deliverytest.Server{}))
		if err != nil || !sum.Finished {
			t.Fatalf("got %+v, %v, want the send", sum, err)
		}
		if waited := time.Since(began); waited < 30*time.Second || waited > 2*time.Minute {
			t.Errorf("got a wait of %v, want that of a lease", waited)
		}
	})
}

// Who did not get a finished edition, and why, is logged above INFO with the
// server's words, without addresses.
func TestFinishedSendSaysWhy(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 50)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if readerOf(env) == 20 {
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "<"+env.To+">: no such user")
		}
		return deliverytest.Accepted()
	}}
	var log bytes.Buffer
	opt := f.Options(server)
	opt.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, want := range []string{"readers=1", "fault=hard", "550 5.1.1 <address> no such user"} {
		if !strings.Contains(text, want) {
			t.Errorf("got %q, want %q in it", text, want)
		}
	}
	if strings.Contains(text, "@") {
		t.Errorf("got %q, want no address", text)
	}
}
