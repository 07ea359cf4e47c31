package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
)

// fenceQuery asks for the epoch alone, which no two senders of an edition have had:
// a sender may keep another node's journal. It is how a transaction makes sure that
// its sender has not been taken over, and keeps others from taking it over until it
// ends; and that the server is the one that the sender began on. For the rest of the
// transaction it has the server plan statements once for all arrays: for groups of a few
// messages it would plan anew each time, which takes as long as the work.
const fenceQuery = `
	SELECT ` + identityColumns + `,
	       set_config('plan_cache_mode', 'force_generic_plan', true)
	FROM send_leases
	WHERE edition_id = $1 AND epoch = $2 AND expires_at IS NOT NULL FOR SHARE`

// fence fails with delivery.ErrLeaseLost unless the sender holds its lease, and with
// delivery.ErrServerMoved when the transaction is on another server than the sender
// began on, whatever its connection led to before. It reads the answer to fenceQuery.
func (q *queue) fence(row pgx.Row) error {
	var system, timeline, plans string
	err := row.Scan(&system, &timeline, &plans)
	if errors.Is(err, pgx.ErrNoRows) {
		return delivery.ErrLeaseLost
	}
	if err != nil {
		return err
	}
	now, err := identified(system, timeline)
	if err != nil || now == q.server {
		return err
	}
	err = fmt.Errorf("%w: it was %s, it is %s", delivery.ErrServerMoved, q.server, now)
	return errors.Join(err, q.db.follow(now))
}

// holdsLease is the fence of what makes no message leave: the lease alone.
func holdsLease(ctx context.Context, tx runner, s delivery.Sender) error {
	n, err := run(ctx, tx, fenceQuery, s.Edition, s.Epoch)
	if err == nil && n == 0 {
		return delivery.ErrLeaseLost
	}
	return err
}

// held runs fn in a transaction in which the sender holds the lease.
func (q *queue) held(ctx context.Context, fn func(pgx.Tx) error) error {
	return q.db.inTx(ctx, func(tx pgx.Tx) error {
		if err := q.fence(tx.QueryRow(ctx, fenceQuery, q.sender.Edition, q.sender.Epoch)); err != nil {
			return err
		}
		return fn(tx)
	})
}
