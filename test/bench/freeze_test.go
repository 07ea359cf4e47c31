package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/postgrestest"
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
	fatal(b, fill(server.URL("postgres")+"?schema=frozen", n))
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

// fill puts active readers into the schema.
func fill(url string, n int) error {
	f, err := postgrestest.Open(url)
	if err != nil {
		return err
	}
	err = f.AddReaders(n, func(id int64) string { return fmt.Sprintf("reader%d@example%d.com", id, id%50) })
	return errors.Join(err, f.Close())
}
