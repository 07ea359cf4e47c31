package bench

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// BenchmarkFreeze is what comes before the first message of a large list on PostgreSQL:
// the look at the edition (rendering, checks, who gets which topics) and the freeze
// itself. DIGEST_READERS is how many readers; a million where it is not set.
func BenchmarkFreeze(b *testing.B) {
	n := 1_000_000
	if s := os.Getenv("DIGEST_READERS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		fatal(b, err)
	}
	server := startPostgreSQL(b)
	if server == nil {
		b.Skip("without PostgreSQL there is nothing to measure")
	}
	p, _ := newPipeline(b, outing{on: onPostgreSQL(server, "frozen"), addr: "127.0.0.1:9", connections: 1, library: sample, most: 5})
	fatal(b, fill(server.URL("postgres"), n))
	for b.Loop() {
		began := time.Now()
		look, err := p.Look(b.Context(), p.CurrentWeek())
		fatal(b, err)
		looked := time.Now()
		_, frozen, err := p.Release(b.Context(), look)
		fatal(b, err)
		if frozen.Recipients != int64(n) {
			b.Fatalf("got %d frozen, want %d", frozen.Recipients, n)
		}
		b.ReportMetric(looked.Sub(began).Seconds(), "look-s")
		b.ReportMetric(time.Since(looked).Seconds(), "freeze-s")
	}
}

// fill puts active readers into the schema as an import leaves them.
func fill(url string, n int) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, `
		INSERT INTO frozen.subscribers (id, email, email_key, address_hash, name, status, token, created_at)
		SELECT i, email, email, ('x' || left(md5(email), 16))::bit(64)::bigint, 'Reader ' || i, 1, decode(md5('t' || i), 'hex'), 1
		FROM (SELECT i, 'reader' || i || '@example' || i % 50 || '.com' AS email FROM generate_series(1, $1::bigint) i) r`, n)
	if err == nil {
		_, err = c.Exec(ctx, `ANALYZE frozen.subscribers`)
	}
	return errors.Join(err, c.Close(ctx))
}
