package sqlite_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"verdicts.example/digest/subscribers"
)

// Sign-ups that come at once share commits; each is there when its call returns,
// and none is there twice.
func TestSignUpsShareCommits(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{QueueLimit: 450})
	var group sync.WaitGroup
	var taken, limited atomic.Int64
	for i := range 500 {
		group.Go(func() {
			err := s.SignUp(t.Context(), subscribers.SignUp{Email: fmt.Sprintf("reader%d@example.com", i), Source: "form"})
			switch {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, subscribers.ErrLimited):
				limited.Add(1)
			default:
				t.Errorf("got %v, want it taken or limited", err)
			}
		})
	}
	group.Wait()
	var rows, readers int64
	query(t, path, "SELECT count(*) FROM signups", &rows)
	query(t, path, "SELECT count(DISTINCT email) FROM signups", &readers)
	if taken.Load() != 450 || limited.Load() != 50 || rows != 450 || readers != 450 {
		t.Errorf("got %d taken, %d limited, %d rows of %d readers, want 450, 50, 450 of 450", taken.Load(), limited.Load(), rows, readers)
	}
}

// BenchmarkSignUps is sign-ups a second from 64 visitors at once.
func BenchmarkSignUps(b *testing.B) {
	s := emptyList(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := s.SignUp(b.Context(), subscribers.SignUp{Email: fmt.Sprintf("reader%d@example.com", n.Add(1)), Source: "form"})
			if err != nil && !errors.Is(err, subscribers.ErrLimited) {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signups/s")
}
