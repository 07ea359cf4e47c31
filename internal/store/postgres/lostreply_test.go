package postgres_test

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
)

// A loser is a link to a server that loses, once each time it is asked, what is said: by
// whoever speaks next to the server, or by the server in reply, or the next COMMIT.
type loser struct {
	*postgrestest.Link
	words, reply, commit atomic.Bool

	waits atomic.Bool // for the reply that is lost
}

// cancelRequest is the code with which a client has a statement cancelled whose connection
// it has lost. It is lost as well.
var cancelRequest = []byte{0x04, 0xd2, 0x16, 0x2e}

func (l *loser) loses(toServer bool, said []byte) bool {
	if !toServer {
		return l.waits.CompareAndSwap(true, false)
	}
	if l.reply.CompareAndSwap(true, false) {
		l.waits.Store(true)
	}
	return l.words.CompareAndSwap(true, false) || bytes.Contains(said, cancelRequest) ||
		bytes.Contains(said, []byte("commit\x00")) && l.commit.CompareAndSwap(true, false)
}

// cut ends every connection.
func (l *loser) cut() {
	l.Cut()
	l.Heal()
}

// TestReplyToAUsualGroupIsLost cuts the link under a usual group, once before the server
// has heard of it and once before its reply: it is recorded once either way.
func TestReplyToAUsualGroupIsLost(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*loser){
		"the group": func(l *loser) { l.words.Store(true) },
		"the reply": func(l *loser) { l.reply.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, db, q := behindLoser(t, postgrestest.Schema(t, "15"))
			g := deliverytest.UsualGroup(4, []int64{3}, []int64{4, 5})
			g.At = time.Now()
			lose(l)
			if res, err := q.Record(t.Context(), g); err != nil || len(res.Withdrawn) > 0 || res.Gate != nil {
				t.Fatalf("got %+v and %v, want it recorded", res, err)
			}
			if l.words.Load() || l.reply.Load() {
				t.Error("got nothing lost")
			}
			if got := number(t, db, `SELECT count(*) FROM deliveries WHERE dots <> (state > 1)::int OR attempts <> (state = 3)::int`); got != 0 {
				t.Errorf("got %d readers recorded otherwise than once", got)
			}
			if got := number(t, db, `SELECT count(*) FROM deliveries WHERE state > 1`); got != 5 {
				t.Errorf("got %d intended, want 5", got)
			}
			try(t, db.Sound())
			// The next one is usual again.
			if done, err := postgres.RecordUsual(q, deliverytest.UsualGroup(5, []int64{4, 5}, []int64{6})); err != nil {
				t.Errorf("got %v and %v, want the next recorded", done, err)
			}
		})
	}
}

// behindLoser is a send of nine readers, of whom the last group intended the third, with
// the quick way open.
func behindLoser(t *testing.T, server string) (*loser, *postgrestest.Fixture, delivery.Queue) {
	t.Helper()
	l, db := throughLoser(t, server)
	q := deliverytest.Over(t, t.TempDir(), db).BeginUsual(9)
	if done, err := postgres.RecordUsual(q, deliverytest.UsualGroup(3, []int64{1, 2}, []int64{3})); !done || err != nil {
		t.Fatalf("got %v and %v, want the quick way open", done, err)
	}
	return l, db, q
}

// throughLoser opens a database with a loser before it.
func throughLoser(t *testing.T, server string) (*loser, *postgrestest.Fixture) {
	t.Helper()
	u, err := url.Parse(server)
	try(t, err)
	to, err := strconv.Atoi(u.Port())
	try(t, err)
	link, err := postgrestest.NewLink(to)
	try(t, err)
	t.Cleanup(func() { _ = link.Close() })
	l := &loser{Link: link}
	link.Lose(l.loses)
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(link.Port))
	db, err := postgrestest.Open(u.String())
	try(t, err)
	return l, db
}

// TestLinkIsLostWhileTheServerRecords cuts the link while the server is still at a usual
// group, held up by another transaction: at one of its rows, with the journal's row
// changed, or at the table, before it has changed anything. Whether it holds is only known
// when it has ended, and if it comes later than its repetition, it does not.
func TestLinkIsLostWhileTheServerRecords(t *testing.T) {
	t.Parallel()
	for name, holdUp := range map[string]string{
		"at a row":     `SELECT 1 FROM deliveries WHERE subscriber_id = 4 FOR UPDATE`,
		"at the table": `LOCK TABLE deliveries IN SHARE MODE`, // with the editions' own
	} {
		for _, took := range [][]int64{{3}, nil} {
			t.Run(fmt.Sprint(name, took), func(t *testing.T) {
				t.Parallel()
				server := postgrestest.Schema(t, "15")
				l, _, q := behindLoser(t, server)
				db, err := postgrestest.Open(server)
				try(t, err)
				t.Cleanup(func() { try(t, db.Close()) })
				other, err := db.Raw.Begin(t.Context())
				try(t, err)
				_, err = other.Exec(t.Context(), holdUp)
				try(t, err)
				recorded := make(chan delivery.GroupResult, 1)
				go func() {
					recorded <- record(t, begun{Queue: q}, deliverytest.UsualGroup(4, took, []int64{4, 5}))
				}()
				locked(t, db, 1)
				l.cut()
				locked(t, db, 2)
				try(t, other.Rollback(t.Context()))
				if res := <-recorded; len(res.Withdrawn) > 0 || res.Gate != nil {
					t.Errorf("got %+v, want both intents to hold", res)
				}
				if got, want := number(t, db, `SELECT count(*) FROM deliveries WHERE state IN (2, 3) AND dots = 1`), int64(5); got != want {
					t.Errorf("got %d intended once, want %d", got, want)
				}
				try(t, db.Sound())
			})
		}
	}
}

// TestCommitIsLostBeforeTheJournalsRow loses the first group's commit of a sender whose
// journal has no row yet: its lease was taken before the freeze.
func TestCommitIsLostBeforeTheJournalsRow(t *testing.T) {
	t.Parallel()
	l, db := throughLoser(t, postgrestest.Schema(t, "15"))
	f := deliverytest.Over(t, t.TempDir(), db)
	f.AddReaders(4)
	f.Edition = f.AddEdition(deliverytest.Week)
	now := time.Now()
	by, err := f.Leases.Acquire(t.Context(), delivery.Lease{Edition: f.Edition, Host: "h", Holder: "h", Until: now.Add(time.Hour)}, false, now)
	try(t, err)
	f.Freeze()
	q, _, err := f.Store.Recover(t.Context(), by, now)
	try(t, err)
	claimed(t, begun{by, q}, 4)
	l.commit.Store(true)
	g := &delivery.Group{Seq: 1, Day: 1, Intents: []delivery.Intent{{ID: 1}, {ID: 2}}}
	if res := record(t, begun{by, q}, g); len(res.Withdrawn) > 0 || l.commit.Load() {
		t.Errorf("got %+v and commit lost %v, want it lost, and both intents to hold", res, !l.commit.Load())
	}
}
