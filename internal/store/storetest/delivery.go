package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/subscribers"
)

// Deliveries is a store of deliveries under test, with what other packages do
// to the same database.
type Deliveries struct {
	delivery.Store
	delivery.Freezer
	Leases  delivery.Leases
	Notices delivery.Notices
	Inbox   interface {
		inbound.Store
		inbound.Shelf
		inbound.Settler
	}
	Subscribers subscribers.List
	Compact     func(before, at time.Time) (int64, error)

	AddReaders   func(n int) // active, with ids from 1
	AddReadersAt func(n int, email func(id int64) string)
	AddEdition   func(week string) int64            // a draft that has been built, with hash "h"
	Unsubscribe  func(id int64)                     // by the reader
	Pause        func(edition int64, reason string) // "" to go on
	Cancel       func(edition int64)
	Suppression  func(id int64) subscribers.Reason
	Vary         func(edition, upTo int64, variant int)                     // Database's
	Settle       func(edition int64, s delivery.State, n int, reply string) // likewise
	Saved        SavedLines
	// Lapse ends every lease, where the store's own clock measures them; nil: the
	// callers' does.
	Lapse func() error
}

// SavedLines is what readers saved, and what they were told of it.
type SavedLines interface {
	Save(ctx context.Context, it saved.Item) error
	Kept(ctx context.Context) ([]saved.Kept, error)
	Told(ctx context.Context, edition int64) (saved.Told, error)
}

// RunDeliveries runs the suite; open gives an empty store for one test.
func RunDeliveries(t *testing.T, open func(t *testing.T) Deliveries) {
	for name, test := range map[string]func(*testing.T, *deliveries){
		"Freeze":             freezeList,
		"FreezeNobody":       freezeNobody,
		"FreezeWhom":         freezeWhom,
		"FreezeIsIdempotent": freezeTwice,
		"Claim":              claimInOrder,
		"ClaimSkipsDomains":  claimSkips,
		"ClaimDue":           claimDue,
		"Intent":             intent,
		"LargeGroup":         largeGroup,
		"Outcomes":           outcomes,
		"Withdrawn":          withdrawn,
		"LeaveRunningSend":   leaveRunningSend,
		"Gate":               gate,
		"Recover":            recoverCrashed,
		"Release":            release,
		"Lease":              lease,
		"LeaseEachEdition":   leaseEachEdition,
		"Epochs":             epochs,
		"Journals":           journals,
		"LeaseLost":          leaseLost,
		"Undone":             undone,
		"HardBounce":         hardBounce,
		"SoftBounces":        softBounces,
		"Unbelieved":         unbelieved,
		"LastInLine":         lastInLine,
		"Resend":             resend,
		"ResendStopped":      resendStopped,
		"Resolve":            resolve,
		"Reconcile":          reconcile,
		"CancelDeliveries":   cancelDeliveries,
		"Finish":             finish,
		"Compact":            compact,
		"CompactLines":       compactLines,
		"Days":               days,
		"Reservations":       reservations,
		"Notices":            notices,
		"Canary":             canary,
		"Correction":         correction,
		"Returned":           returned,
		"ReturnedSoft":       returnedSoft,
		"ReturnedOutage":     returnedOutage,
		"ReturnedUnknown":    returnedUnknown,
		"LoggedForgotten":    loggedForgotten,
		"ReturnedNotice":     returnedNotice,
		"Relays":             relays,
		"RelayStands":        relayStands,
		"SentTo":             sentTo,
		"InboxKeeps":         inboxKeeps,
		"ErasedIsNotKept":    erasedIsNotKept,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, &deliveries{Deliveries: open(t), t: t, seq: 1})
		})
	}
}

// deliveries is a store with one edition and the sender that owns the lease.
type deliveries struct {
	Deliveries
	t   *testing.T
	id  int64
	seq uint64

	sender delivery.Sender
	queue  delivery.Queue
}

// sending freezes an edition for n readers and takes the lease.
func (d *deliveries) sending(n int) {
	d.t.Helper()
	d.AddReaders(n)
	d.id = d.AddEdition("2026-W47")
	if got := d.freeze(d.id); got.Recipients != int64(n) {
		d.t.Fatalf("freeze: got %d recipients, want %d", got.Recipients, n)
	}
	d.begin()
}

func (d *deliveries) freeze(id int64) delivery.Frozen {
	d.t.Helper()
	out, err := d.Freeze(d.t.Context(), delivery.Freeze{
		Edition: id, Hash: "h", Message: []byte("m"), At: monday(),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// begin takes the lease over and recovers, as a sender does that begins.
func (d *deliveries) begin() delivery.Recovered {
	d.t.Helper()
	d.sender = d.acquire(d.id)
	q, r, err := d.Recover(d.t.Context(), d.sender, monday())
	if err != nil {
		d.t.Fatal(err)
	}
	d.queue = q
	return r
}

func (d *deliveries) acquire(id int64) delivery.Sender {
	d.t.Helper()
	l := delivery.Lease{Edition: id, Node: "n1", Host: "h", Holder: "test", Until: monday().Add(time.Minute)}
	s, err := d.Leases.Acquire(d.t.Context(), l, true, monday())
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *deliveries) claim(q delivery.Claim) delivery.Claims {
	d.t.Helper()
	if q.At.IsZero() {
		q.At = monday()
	}
	c, err := d.queue.Claim(d.t.Context(), q)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// claimAll claims everything that is queued.
func (d *deliveries) claimAll() []delivery.Recipient {
	d.t.Helper()
	return d.claim(delivery.Claim{Limit: 1000}).Recipients
}

// record commits a group and gives its result.
func (d *deliveries) record(g delivery.Group) delivery.GroupResult {
	d.t.Helper()
	res, err := d.tryRecord(g)
	if err != nil {
		d.t.Fatal(err)
	}
	return res
}

func (d *deliveries) tryRecord(g delivery.Group) (delivery.GroupResult, error) {
	g.Seq = d.seq
	if g.At.IsZero() {
		g.At = monday()
	}
	g.LeaseUntil = g.At.Add(time.Minute)
	d.seq++
	return d.queue.Record(d.t.Context(), &g)
}

// intents are those of readers, at a relay.
func intents(readers ...int64) (list []delivery.Intent) {
	for _, id := range readers {
		list = append(list, delivery.Intent{ID: id, Relay: "relay"})
	}
	return list
}

// intend records intents that must hold.
func (d *deliveries) intend(ids ...int64) {
	d.t.Helper()
	if res := d.record(delivery.Group{Intents: intents(ids...)}); res.Gate != nil || len(res.Withdrawn) > 0 {
		d.t.Fatalf("intents %v: got %+v, want them to hold", ids, res)
	}
}

// want compares counts, given as state and number pairs.
func (d *deliveries) want(pairs ...int64) {
	d.t.Helper()
	got, err := d.Counts(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	var want delivery.Counts
	for i := 0; i < len(pairs); i += 2 {
		want[pairs[i]] = pairs[i+1]
	}
	if got != want {
		d.t.Errorf("counts: got %v, want %v", got, want)
	}
}

// only gives the one delivery in a state.
func (d *deliveries) only(s delivery.State) delivery.Delivery {
	d.t.Helper()
	list, err := d.List(d.t.Context(), d.id, s, 0, 10)
	if err != nil || len(list) != 1 {
		d.t.Fatalf("%s deliveries: got %v, %v, want one", s, list, err)
	}
	return list[0]
}

func (d *deliveries) info() delivery.SendInfo {
	d.t.Helper()
	info, err := d.Info(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return info
}

func ids(list []delivery.Recipient) string {
	var out []int64
	for _, r := range list {
		out = append(out, r.ID)
	}
	return fmt.Sprint(out)
}

// The states as numbers, for want.
const (
	queued     = int64(delivery.Queued)
	claimed    = int64(delivery.Claimed)
	dotting    = int64(delivery.Dotting)
	accepted   = int64(delivery.Accepted)
	deferred   = int64(delivery.Deferred)
	failed     = int64(delivery.Failed)
	unknown    = int64(delivery.Unknown)
	suppressed = int64(delivery.Suppressed)
)

func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
