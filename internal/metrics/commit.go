package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"verdicts.example/digest/internal/delivery"
)

// commitMeters measure the groups in which a send records outcomes and intents.
type commitMeters struct {
	took    prometheus.Histogram
	intents prometheus.Histogram
}

func newCommitMeters() commitMeters {
	return commitMeters{
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "digest_commit_duration_seconds", Help: "Time of a group's commit in the database, also of one that failed.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}),
		intents: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "digest_commit_intents", Help: "Messages whose end may be written once a group is committed; those without any record outcomes only.",
			Buckets: []float64{0, 1, 2, 4, 8, 16, 32, 64, 128, 256},
		}),
	}
}

func (c commitMeters) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.took, c.intents}
}

// Commits is a store whose sends' commits are measured.
func (m *Metrics) Commits(s delivery.Store) delivery.Store { return watchedStore{s, m.commits} }

type watchedStore struct {
	delivery.Store
	commits commitMeters
}

func (s watchedStore) Recover(ctx context.Context, sender delivery.Sender, at time.Time) (delivery.Queue, delivery.Recovered, error) {
	q, r, err := s.Store.Recover(ctx, sender, at)
	if err != nil {
		return q, r, err
	}
	return watchedQueue{q, s.commits}, r, nil
}

type watchedQueue struct {
	delivery.Queue
	commits commitMeters
}

func (q watchedQueue) Record(ctx context.Context, g *delivery.Group) (delivery.GroupResult, error) {
	began := time.Now()
	out, err := q.Queue.Record(ctx, g)
	q.commits.took.Observe(time.Since(began).Seconds())
	q.commits.intents.Observe(float64(len(g.Intents)))
	return out, err
}
