package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Two nodes on one list: each has connections of its own.
func nodes(t *testing.T, version string) (a, b *postgres.DB) {
	t.Helper()
	url := postgrestest.Database(t, version)
	return open(t, url), open(t, url)
}

func serviceOver(db *postgres.DB) *subscribers.Service {
	return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
}

// gate is as the service makes it, where no surge begins.
func gate(t subscribers.Traffic) *subscribers.Gate { return subscribers.SurgeRule{}.Gate(t, nil) }

// atOnce runs fn for 0 to n-1 at once.
func atOnce(n int, fn func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-begin; fn(i) })
	}
	close(begin)
	wg.Wait()
}

func alternate(i int, a, b *postgres.DB) *postgres.DB {
	if i%2 == 0 {
		return a
	}
	return b
}

// One address signed up many times over both nodes, decided on by both at once,
// is one reader with one confirmation; its link, clicked many times at once on
// both, works once.
func TestSignUpOnTwoNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		a, b := nodes(t, version)
		atOnce(40, func(i int) {
			if err := serviceOver(alternate(i, a, b)).SignUp(t.Context(), subscribers.SignUp{Email: fmt.Sprintf("reader%d@example.com", i/10), Source: "form"}); err != nil {
				t.Error(err)
			}
		})
		var decided atomic.Int64
		atOnce(8, func(i int) {
			for {
				n, err := alternate(i, a, b).SignUps().Decide(t.Context(), subscribers.Batch{Limit: 3, At: time.Now()}, gate)
				if err != nil {
					t.Error(err)
					return
				}
				if decided.Add(int64(n)); n == 0 {
					return
				}
			}
		})
		if n := decided.Load(); n != 40 {
			t.Errorf("got %d sign-ups decided on, want each of 40 once", n)
		}
		c, err := a.Subscribers().Count(t.Context())
		if err != nil || c != (subscribers.Counts{Pending: 4}) {
			t.Errorf("got %+v, %v, want four pending readers", c, err)
		}
		token := takeAtOnce(t, a, b)
		var confirmed, used atomic.Int64
		atOnce(10, func(i int) {
			_, err := serviceOver(alternate(i, a, b)).Confirm(t.Context(), token)
			switch {
			case err == nil:
				confirmed.Add(1)
			case errors.Is(err, subscribers.ErrUsed):
				used.Add(1)
			default:
				t.Error(err)
			}
		})
		if confirmed.Load() != 1 || used.Load() != 9 {
			t.Errorf("got %d confirmations and %d used links, want one and nine", confirmed.Load(), used.Load())
		}
	})
}

// takeAtOnce has couriers of both nodes take what waits: four confirmations, each
// once. It gives the link of one.
func takeAtOnce(t *testing.T, a, b *postgres.DB) (token string) {
	t.Helper()
	var mu sync.Mutex
	taken := map[int64]int{}
	atOnce(8, func(i int) {
		box := alternate(i, a, b).Outbox()
		for {
			// One node's clock is an hour ahead: the leases are by the database's.
			e, ok, err := box.Take(t.Context(), time.Now().Add(time.Duration(i%2)*time.Hour))
			if err != nil {
				t.Error(err)
			}
			if !ok {
				return
			}
			link, err := box.ComposeConfirm(t.Context(), e.Subscriber.ID, time.Now())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			taken[e.ID]++
			token = link
			mu.Unlock()
		}
	})
	if len(taken) != 4 {
		t.Errorf("got %d events, want four", len(taken))
	}
	for id, n := range taken {
		if n != 1 {
			t.Errorf("event %d: got it taken %d times, want once", id, n)
		}
	}
	return token
}

// Whatever happens to one address at once on both nodes, the list never mails who
// was suppressed, and has the address once.
func TestOneAddressOnTwoNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		a, b := nodes(t, version)
		for round := range 10 {
			email := fmt.Sprintf("reader%d@example.com", round)
			if err := serviceOver(a).SignUp(t.Context(), subscribers.SignUp{Email: email}); err != nil {
				t.Fatal(err)
			}
			atOnce(4, func(i int) {
				db := alternate(i, a, b)
				var err error
				switch i {
				case 0:
					_, err = db.SignUps().Decide(t.Context(), subscribers.Batch{Limit: 10, At: time.Now()}, gate)
				case 1:
					err = serviceOver(db).Suppress(t.Context(), email, subscribers.Complaint, "")
				case 2:
					_, err = serviceOver(db).Add(t.Context(), subscribers.NewReader{Email: email})
				case 3:
					_, err = serviceOver(db).Erase(t.Context(), email)
				}
				if err != nil && !errors.Is(err, subscribers.ErrSuppressed) && !errors.Is(err, subscribers.ErrExists) {
					t.Errorf("act %d: %v", i, err)
				}
			})
			s, err := serviceOver(b).Get(t.Context(), email)
			if err == nil && s.Mailable() {
				t.Errorf("%s: got %+v, want nobody who is mailed after a complaint", email, s)
			}
		}
	})
}

// Votes of both nodes at once on one comparison are each counted once.
func TestVotesOnTwoNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		a, b := nodes(t, version)
		const readers = 60
		ids := make([]int64, readers)
		for i := range ids {
			ids[i] = adding(serviceOver(a))(t, fmt.Sprintf("reader%d@example.com", i))
		}
		atOnce(readers*3, func(i int) {
			v := votes.Vote{Reader: ids[i%readers], Slug: []string{"a-vs-b", "c-vs-d"}[i%2], Tool: i / 2 % 2, Choice: votes.Choice(i / readers % 2), At: time.Now()}
			if err := alternate(i/readers, a, b).Votes().Cast(t.Context(), v); err != nil {
				t.Error(err)
			}
		})
		got, err := a.Votes().Tallies(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for slug := range got {
			for tool := range 2 {
				var ship, skip int64
				for _, id := range ids {
					of, err := b.Votes().Of(t.Context(), id, slug)
					if err != nil {
						t.Fatal(err)
					}
					switch of[tool] {
					case votes.Ship:
						ship++
					case votes.Skip:
						skip++
					}
				}
				if c := got[slug][tool]; int64(c.Ship) != ship || int64(c.Skip) != skip {
					t.Errorf("%s, tool %d: got %+v, want what the votes come to: %d and %d", slug, tool, c, ship, skip)
				}
				sum += ship + skip
			}
		}
		if sum != readers {
			t.Errorf("got %d votes, want one of each reader", sum)
		}
	})
}

// Readers leave, confirm and vote while an import is under way; what they say
// stands, whatever the file says of them.
func TestLeavingDuringAnImport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		a, b := nodes(t, version)
		const readers = 50
		ids := make([]int64, readers)
		rows := make([]subscribers.ImportRow, readers)
		for i := range readers {
			email := fmt.Sprintf("reader%d@example.com", i)
			ids[i] = adding(serviceOver(a))(t, email)
			address, err := subscribers.ParseAddress(email)
			if err != nil {
				t.Fatal(err)
			}
			rows[i] = subscribers.ImportRow{Line: i + 2, Address: address, Name: "New Name", Status: subscribers.Active, Created: time.Now(), Token: subscribers.NewToken()}
		}
		var left []int64
		batches := iter.Seq2[[]subscribers.ImportRow, error](func(yield func([]subscribers.ImportRow, error) bool) {
			for at := 0; at < readers; at += 10 {
				// The other node takes a leaver before the rows and, as far as these
				// are not written yet, after them.
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if _, err := b.Subscribers().Leave(ctx, ids[at], "one-click", false, time.Now()); err != nil {
					t.Errorf("leave during the import: %v", err)
				}
				cancel()
				left = append(left, ids[at])
				if !yield(rows[at:at+10], nil) {
					return
				}
			}
			for _, last := range []int64{ids[5], ids[45]} {
				if _, err := b.Subscribers().Leave(t.Context(), last, "one-click", false, time.Now()); err != nil {
					t.Errorf("leave during the import: %v", err)
				}
				left = append(left, last)
			}
		})
		report, err := a.Subscribers().Import(t.Context(), batches, subscribers.StoreImport{Source: "import:test.csv", At: time.Now()})
		if err != nil || report.Updated != readers-len(left) || len(report.Rejected) != len(left) {
			t.Errorf("got %+v, %v, want %d updated and those who left rejected", report, err, readers-len(left))
		}
		for _, id := range left {
			s, err := b.Subscribers().ByID(t.Context(), id)
			if err != nil || s.Status != subscribers.Unsubscribed {
				t.Errorf("reader %d: got %+v, %v, want them gone", id, s, err)
			}
		}
	})
}

// Of several schedulers one gets a slot; one whose clock is ahead does not take it
// from the one that has it.
func TestSlotsOnTwoNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		a, b := nodes(t, version)
		slot := schedule.Slot{Kind: schedule.Draft, Week: edition.WeekOf(time.Now()), At: time.Now()}
		var won atomic.Int64
		atOnce(8, func(i int) {
			now := time.Now().Add(time.Duration(i%2) * time.Hour)
			c, err := alternate(i, a, b).Schedule().Claim(t.Context(), slot, fmt.Sprint(i), now, now.Add(time.Minute))
			if err != nil {
				t.Error(err)
			}
			if c == schedule.Won {
				won.Add(1)
			}
		})
		if won.Load() != 1 {
			t.Errorf("got %d owners of one slot, want 1", won.Load())
		}
	})
}

// Readers leave on one node while another sends: whoever is recorded as withdrawn
// got nothing, nobody gets two, and the proof holds.
func TestLeavingDuringASend(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		url := postgrestest.Database(t, version)
		db, err := postgrestest.Open(url)
		if err != nil {
			t.Fatal(err)
		}
		f := deliverytest.Over(t, t.TempDir(), db)
		const readers = 600
		f.AddReaders(readers)
		f.Edition = f.AddEdition(deliverytest.Week)
		f.Freeze()
		node := open(t, url)
		leave := make(chan int64, readers)
		leaveNow := func(id int64) {
			if _, err := node.Subscribers().Leave(context.WithoutCancel(t.Context()), id, "one-click", false, time.Now()); err != nil && !errors.Is(err, subscribers.ErrNotFound) {
				t.Errorf("leave: %v", err)
			}
		}
		var first sync.Once
		server := &deliverytest.Server{Before: func(env delivery.Envelope) {
			// One is gone for certain before their turn, however fast the send is.
			first.Do(func() { leaveNow(readers) })
			// Each mail has the reader ten further on leave, who may be claimed.
			var id int64
			if _, err := fmt.Sscanf(env.To, "reader%d@", &id); err == nil && id%3 == 0 {
				leave <- id%readers + 10
			}
		}}
		var leaver sync.WaitGroup
		leaver.Go(func() {
			for id := range leave {
				leaveNow(id)
			}
		})
		_, err = delivery.Run(t.Context(), f.Options(server))
		close(leave)
		leaver.Wait()
		if err != nil {
			t.Fatal(err)
		}
		f.Verify()
		c := f.Counts()
		if c[delivery.Suppressed] == 0 || c[delivery.Accepted]+c[delivery.Suppressed] != readers {
			t.Errorf("got %v, want each accepted or withdrawn, and some withdrawn", c)
		}
		got := server.Received()
		list, err := f.Store.List(t.Context(), f.Edition, delivery.Suppressed, 0, readers)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if n := got[deliverytest.Email(d.ID)]; n != 0 {
				t.Errorf("reader %d: got %d mails, want none: they are recorded as withdrawn", d.ID, n)
			}
		}
		for to, n := range got {
			if n > 1 {
				t.Errorf("%s: got %d mails, want one", to, n)
			}
		}
	})
}
