package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

func TestVotes(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	v := db.Votes()
	storetest.RunVotes(t, storetest.Votes{
		Cast: v.Cast, Of: v.Of, Tallies: v.Tallies, ByReader: v.ByReader,
		Reader: func(t *testing.T, email string) int64 {
			t.Helper()
			s, err := list.Add(t.Context(), subscribers.NewReader{Email: email})
			if err != nil {
				t.Fatal(err)
			}
			return s.ID
		},
		Leave: func(t *testing.T, email string) {
			t.Helper()
			s, err := list.Get(t.Context(), email)
			if err == nil {
				_, err = list.UnsubscribeReader(t.Context(), s.ID, subscribers.ViaMail)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		Erase: func(t *testing.T, email string) {
			t.Helper()
			if _, err := list.Erase(t.Context(), email); err != nil {
				t.Fatal(err)
			}
		},
	})
}

const voters = 400

// readersWhoVote makes a database with readers numbered from 2: an import leaves
// the first number out.
func readersWhoVote(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	var csv strings.Builder
	csv.WriteString("email\n")
	for i := range voters {
		fmt.Fprintf(&csv, "reader%d@example.com\n", i)
	}
	if _, err := list.Import(context.Background(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "test.csv"}); err != nil {
		t.Fatal(err)
	}
	return db
}

// BenchmarkCast is how many votes a second are durable, from many at once.
func BenchmarkCast(b *testing.B) {
	db := readersWhoVote(b, filepath.Join(b.TempDir(), "digest.db"))
	defer func() { _ = db.Close() }()
	b.SetParallelism(100)
	var n sync.Mutex
	next := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.Lock()
			next++
			i := next
			n.Unlock()
			err := db.Votes().Cast(b.Context(), votes.Vote{Reader: int64(2 + i%voters), Slug: fmt.Sprintf("s%d", i/voters%50), Tool: i % 2, Choice: votes.Choice(i / 7 % 2), At: time.Now()})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "votes/s")
}
