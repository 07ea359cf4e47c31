package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/cursor"
	"verdicts.example/digest/internal/store/plainsql"
)

var _ delivery.Queue = (*queue)(nil)

// A queue is one sender's deliveries of one edition, beside others'; see
// delivery.Queue. It takes the send's parts one by one, so that a fast sender
// takes more of them, and looks for dead senders while it claims.
type queue struct {
	db      *DB
	sender  delivery.Sender
	server  server        // that it began on
	table   string        // of the edition's deliveries
	edition string        // what tells them in deliveries; see named
	usual   string        // see usualQuery
	tally   tally         // that is open, as far as is known
	tallied tally         // of the last usual group
	lasts   time.Duration // the lease
	shards  []*shard      // that it has; the last one is claimed from first
	looked  time.Time     // for dead senders
	groups  int64         // recorded
	doubt   *recording    // of which nobody knows yet whether it is; see Record
	stray   bool          // something may be claimed that this sender does not know of
	relays  *plainsql.RelayNumbers

	mu   sync.Mutex
	hand map[int64]bool // claimed, and not recorded yet: whether a relay was asked before
}

// A shard is a part of the send that this sender has.
type shard struct {
	number      int
	first, last int64
	list        cursor.Cursor
}

// holds and drops keep account of what is in hand.
func (q *queue) holds(list []delivery.Recipient) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range list {
		q.hand[list[i].ID] = list[i].Attempts > 0 || list[i].Dots > 0
	}
}

func (q *queue) drops(g *delivery.Group, withdrawn []int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range g.Outcomes {
		if g.Outcomes[i].State != delivery.Claimed {
			delete(q.hand, g.Outcomes[i].ID)
		}
	}
	for _, list := range [][]int64{withdrawn, g.Undone} {
		for _, id := range list {
			delete(q.hand, id)
		}
	}
}

// untried reports whether none of the readers was tried before, as far as is known.
func (q *queue) untried(list []delivery.Intent) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !slices.ContainsFunc(list, func(in delivery.Intent) bool { return q.hand[in.ID] })
}

func (q *queue) inHand() []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Sorted(maps.Keys(q.hand))
}

// Release gives back what is claimed, and the parts that the sender has; see
// delivery.Queue. What is deferred with it is queued in no other sender's part.
func (q *queue) Release(ctx context.Context, deferUntil time.Time) error {
	err := q.held(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE deliveries SET state = `+stateQueued+`
			WHERE `+q.edition+` AND subscriber_id = ANY ($1) AND epoch = $2 AND state = `+stateClaimed, q.inHand(), q.sender.Epoch)
		if err == nil && !deferUntil.IsZero() {
			_, err = tx.Exec(ctx, `
				UPDATE deliveries d SET state = `+stateDeferred+`, next_attempt = $1
				WHERE `+q.edition+` AND state = `+stateQueued+` AND NOT EXISTS (
					SELECT 1 FROM send_shards s
					WHERE s.edition_id = $2 AND s.epoch NOT IN (0, $3) AND d.subscriber_id BETWEEN s.first_id AND s.last_id)`,
				column.Millis(deferUntil), q.sender.Edition, q.sender.Epoch)
		}
		if err != nil {
			return err
		}
		return freeShards(ctx, tx, q.sender.Edition, q.sender.Epoch)
	})
	if err != nil {
		return fmt.Errorf("release deliveries of edition %d: %w", q.sender.Edition, err)
	}
	q.shards = nil
	return nil
}

// Finish marks the edition sent when nothing of it is open, for any sender; of
// several who do so at once the first one does it.
func (q *queue) Finish(ctx context.Context, at time.Time) (finished bool, err error) {
	id := q.sender.Edition
	err = q.held(ctx, func(tx pgx.Tx) (err error) {
		finished, err = plainsql.FinishSend(ctx, plainTx{tx}, id, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("finish edition %d: %w", id, err)
	}
	return finished, nil
}
