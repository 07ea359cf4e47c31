package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

const (
	clients   = 4
	groupSize = 256
	claimSize = 500
)

// BenchmarkIntents is what senders write to PostgreSQL before messages leave, and after:
// four of them, each with connections of its own, record groups of intents, groups of
// intents with the outcomes of the group before, such groups of eight, and one intent a
// transaction. Every group is a transaction of the store's own, with its fence, journal and
// counts, and synced.
func BenchmarkIntents(b *testing.B) {
	server := startPostgreSQL(b)
	for _, c := range []struct {
		name            string
		group, messages int // messages of each client
		outcomes        bool
	}{
		{"groups", groupSize, 32 * groupSize, false},
		{"with-outcomes", groupSize, 32 * groupSize, true},
		{"eight-with-outcomes", 8, 256 * 8, true},
		{"one-by-one", 1, 512, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			if server == nil {
				b.Skip("there is no server")
			}
			s, m := newSenders(b, server, clients*c.messages), newMeter(b, server, "intents")
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				s.begin(fmt.Sprintf("2026-W%02d", i%52+1))
				s.all(func(q *sending) error { return q.claim(c.messages) })
				b.StartTimer()
				m.during(func() int {
					s.all(func(q *sending) error { return q.record(c.group, c.outcomes) })
					return clients * c.messages
				})
				b.StopTimer()
				s.all((*sending).end)
				b.StartTimer()
			}
			m.report()
		})
	}
}

// BenchmarkClaim is four senders that claim an edition in batches: each in parts of its
// own by a cursor, as the store does, and all in one list by FOR UPDATE SKIP LOCKED, with
// the index that it needs to find what is queued.
func BenchmarkClaim(b *testing.B) {
	const readers = 256_000
	server := startPostgreSQL(b)
	if server == nil {
		b.Skip("there is no server")
	}
	s := newSenders(b, server, readers)
	own, skip := newMeter(b, server, "claims-by-cursor"), newMeter(b, server, "claims-skip-locked")
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		s.begin(fmt.Sprintf("2026-W%02d", 2*i%52+1))
		b.StartTimer()
		own.during(func() int {
			s.all(func(q *sending) error { return q.claim(readers) })
			return s.claimed()
		})
		b.StopTimer()
		s.all((*sending).end)
		s.begin(fmt.Sprintf("2026-W%02d", (2*i+1)%52+1))
		fatal(b, s.list[0].db.Exec(fmt.Sprintf(`CREATE INDEX ON edition_%d_deliveries (subscriber_id) WHERE state = 0`, s.list[0].f.Edition)))
		b.StartTimer()
		skip.during(func() int {
			s.all((*sending).claimSkipping)
			return s.claimed()
		})
		b.StopTimer()
		s.all((*sending).end)
		b.StartTimer()
	}
	own.report()
	skip.report()
}

// A meter says how fast something goes, and what it costs the server.
type meter struct {
	b      *testing.B
	server *postgrestest.Server
	unit   string
	n      int
	took   time.Duration
	cpu    time.Duration
}

func newMeter(b *testing.B, server *postgrestest.Server, unit string) *meter {
	return &meter{b: b, server: server, unit: unit}
}

// during measures what fn does; it gives how many that were.
func (m *meter) during(fn func() int) {
	m.b.Helper()
	used, err := m.server.CPU()
	fatal(m.b, err)
	began := time.Now()
	m.n += fn()
	m.took += time.Since(began)
	after, err := m.server.CPU()
	fatal(m.b, err)
	m.cpu += after - used
}

func (m *meter) report() {
	m.b.ReportMetric(float64(m.n)/m.took.Seconds(), m.unit+"/s")
	m.b.ReportMetric(float64(m.cpu)/float64(time.Microsecond)/float64(m.n), m.unit+"-µs-CPU-of-the-server")
}

// senders are several, of one list.
type senders struct {
	b    *testing.B
	list []*sending
}

// A sending is one of them: its own connections, its lease and what it has claimed.
type sending struct {
	f       *deliverytest.Fixture
	db      *postgrestest.Fixture
	by      delivery.Sender
	queue   delivery.Queue
	claimed []int64
	seq     uint64
}

func newSenders(b *testing.B, server *postgrestest.Server, readers int) *senders {
	b.Helper()
	s := &senders{b: b}
	url := fmt.Sprintf("%s?schema=b%d", server.URL("postgres"), time.Now().UnixNano())
	for i := range clients {
		db, err := postgrestest.Open(url)
		fatal(b, err)
		f := deliverytest.Over(b, b.TempDir(), db)
		f.Node = fmt.Sprint("node", i)
		s.list = append(s.list, &sending{f: f, db: db})
	}
	s.list[0].f.AddReaders(readers)
	return s
}

// begin freezes another edition, and gives each its lease and its queue.
func (s *senders) begin(week string) {
	s.b.Helper()
	id := s.list[0].f.AddEdition(week)
	s.list[0].f.Edition = id
	s.list[0].f.Freeze()
	s.all(func(q *sending) error { return q.begin(id) })
}

// all has each do something at once.
func (s *senders) all(do func(*sending) error) {
	s.b.Helper()
	errs := make([]error, len(s.list))
	var wg sync.WaitGroup
	for i, q := range s.list {
		wg.Go(func() { errs[i] = do(q) })
	}
	wg.Wait()
	for _, err := range errs {
		fatal(s.b, err)
	}
}

// claimed is how many they have claimed, all together.
func (s *senders) claimed() (n int) {
	for _, q := range s.list {
		n += len(q.claimed)
	}
	return n
}

func (q *sending) begin(edition int64) (err error) {
	ctx, now := context.Background(), time.Now()
	q.f.Edition, q.claimed, q.seq = edition, nil, 0
	q.by, err = q.f.Leases.Acquire(ctx, delivery.Lease{Edition: edition, Node: q.f.Node, Host: q.f.Node, Holder: q.f.Node, Until: now.Add(time.Hour)}, false, now)
	if err != nil {
		return err
	}
	q.queue, _, err = q.f.Store.Recover(ctx, q.by, now)
	return err
}

func (q *sending) end() error {
	ctx := context.Background()
	if err := q.queue.Release(ctx, time.Time{}); err != nil {
		return err
	}
	return q.f.Leases.Release(ctx, q.by)
}

// claim claims so many, or what there is.
func (q *sending) claim(n int) error {
	for len(q.claimed) < n {
		got, err := q.queue.Claim(context.Background(), delivery.Claim{Limit: min(claimSize, n-len(q.claimed)), At: time.Now()})
		if err != nil {
			return err
		}
		if len(got.Recipients) == 0 {
			return nil
		}
		for i := range got.Recipients {
			q.claimed = append(q.claimed, got.Recipients[i].ID)
		}
	}
	return nil
}

// record records what is claimed, so many intents a group.
func (q *sending) record(size int, outcomes bool) error {
	var before []int64
	for ids := range slices.Chunk(q.claimed, size) {
		now := time.Now()
		q.seq++
		g := &delivery.Group{At: now, LeaseUntil: now.Add(time.Hour), Seq: q.seq, Day: now.Unix() / 86400}
		for _, id := range ids {
			g.Intents = append(g.Intents, delivery.Intent{ID: id, Relay: "relay"})
		}
		for _, id := range before {
			g.Outcomes = append(g.Outcomes, delivery.Outcome{ID: id, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 2.0.0 OK", Relay: "relay"})
		}
		res, err := q.queue.Record(context.Background(), g)
		if err == nil && (res.Gate != nil || len(res.Withdrawn) > 0) {
			err = fmt.Errorf("got %+v, want every intent to hold", res)
		}
		if err != nil {
			return err
		}
		if outcomes {
			before = ids
		}
	}
	return nil
}

// claimSkipping claims all that it can get, each batch the first in the list that
// nobody else holds.
func (q *sending) claimSkipping() error {
	ctx, table := context.Background(), fmt.Sprintf("edition_%d_deliveries", q.f.Edition)
	for {
		rows, err := q.db.Raw.Query(ctx, `
			WITH due AS (
				SELECT d.subscriber_id, d.attempts, d.dots, d.variant, d.since, s.email, s.name, s.token, s.status, s.suppressed
				FROM `+table+` d JOIN subscribers s ON s.id = d.subscriber_id
				WHERE d.state = 0 ORDER BY d.subscriber_id LIMIT $1 FOR UPDATE OF d SKIP LOCKED
			), mine AS (
				UPDATE `+table+` d SET state = 1, epoch = $2, next_attempt = 0, at = $3
				FROM due WHERE d.subscriber_id = due.subscriber_id
			) SELECT * FROM due`, claimSize, q.by.Epoch, time.Now().UnixMilli())
		if err != nil {
			return err
		}
		n := 0
		for rows.Next() {
			row, err := rows.Values()
			if err != nil {
				return err
			}
			q.claimed = append(q.claimed, row[0].(int64))
			n++
		}
		if err := rows.Err(); err != nil || n == 0 {
			return err
		}
	}
}
