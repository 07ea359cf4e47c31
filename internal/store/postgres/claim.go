package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/cursor"
	"verdicts.example/digest/internal/store/plainsql"
)

// Claim takes deliveries into the sender's hand; see delivery.Queue. There is
// more as long as anything is queued or in another sender's hand: that one may
// die.
func (q *queue) Claim(ctx context.Context, c delivery.Claim) (delivery.Claims, error) {
	if q.stray {
		if err := q.putBackStray(ctx); err != nil {
			return delivery.Claims{}, err
		}
	}
	out, err := q.claimNext(ctx, c)
	if errors.Is(err, ErrInDoubt) {
		q.stray = true
		return delivery.Claims{From: delivery.Queued, More: true}, q.putBackStray(ctx)
	}
	if err == nil {
		q.holds(out.Recipients)
		if out.More = len(out.Recipients) > 0; len(c.Only) == 0 {
			out.More, err = q.more(ctx)
		}
	}
	if err != nil {
		return delivery.Claims{}, fmt.Errorf("claim deliveries of edition %d: %w", q.sender.Edition, q.db.fault(err))
	}
	return out, nil
}

// putBackStray gives back what the database says that this sender has claimed and
// the sender does not know of: the reply to its commit was lost.
func (q *queue) putBackStray(ctx context.Context) error {
	known := []int{}
	for _, s := range q.shards {
		known = append(known, s.number)
	}
	err := q.held(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE deliveries SET state = `+stateQueued+`
			WHERE `+q.edition+` AND epoch = $1 AND state = `+stateClaimed+` AND subscriber_id <> ALL ($2)`, q.sender.Epoch, q.inHand())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE send_shards SET epoch = 0, looked_at = 0
			WHERE edition_id = $1 AND epoch = $2 AND shard <> ALL ($3)`, q.sender.Edition, q.sender.Epoch, known)
		return err
	})
	if errors.Is(err, ErrInDoubt) {
		return q.putBackStray(ctx) // again it does no harm
	}
	if err != nil {
		return fmt.Errorf("give back what was claimed in doubt: %w", err)
	}
	q.stray = false
	return nil
}

func (q *queue) more(ctx context.Context) (bool, error) {
	var more bool
	err := q.db.pool.QueryRow(ctx, `
		SELECT coalesce(sum(n), 0) > 0 FROM counts_now
		WHERE edition_id = $1 AND (state = `+stateQueued+` OR state IN (`+stateClaimed+`, `+stateDotting+`) AND epoch <> $2)`,
		q.sender.Edition, q.sender.Epoch).Scan(&more)
	return more, err
}

// claimNext claims what is due, else what is queued in the parts that the sender
// has, else in one that is free.
func (q *queue) claimNext(ctx context.Context, c delivery.Claim) (delivery.Claims, error) {
	if err := q.lookForDead(ctx, c.At); err != nil {
		return delivery.Claims{}, err
	}
	if !c.Due.IsZero() {
		b, err := q.batch(ctx, c, nil)
		if err != nil || b.found() {
			return b.out, err
		}
	}
	c.Due = time.Time{}
	if len(c.Only) > 0 { // wherever they are
		b, err := q.batch(ctx, c, nil)
		return b.out, err
	}
	for _, s := range slices.Clone(q.shards) {
		out, found, err := q.claimFrom(ctx, c, s)
		if err != nil || found {
			return out, err
		}
	}
	for again := true; ; {
		s, err := q.takeShard(ctx)
		if err == nil && s == nil && again {
			again = false
			s, err = q.lookAgain(ctx)
		}
		if err != nil || s == nil {
			return delivery.Claims{From: delivery.Queued}, err
		}
		out, found, err := q.claimFrom(ctx, c, s)
		if err != nil || found {
			return out, err
		}
	}
}

// claimFrom claims in one part, and gives it back when its end is reached.
func (q *queue) claimFrom(ctx context.Context, c delivery.Claim, s *shard) (delivery.Claims, bool, error) {
	for s.list.GoOn(c.Skip, c.At) {
		b, err := q.batch(ctx, c, s)
		if err != nil {
			return b.out, false, err
		}
		s.list.Advance(c, b.Batch)
		if b.found() {
			return b.out, true, nil
		}
	}
	if s.list.More() {
		return delivery.Claims{}, false, nil
	}
	q.shards = slices.DeleteFunc(q.shards, func(x *shard) bool { return x == s })
	err := q.held(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE send_shards SET epoch = 0, looked_at = $1
			WHERE edition_id = $2 AND shard = $3 AND epoch = $4`, column.Millis(c.At), q.sender.Edition, s.number, q.sender.Epoch)
		return err
	})
	return delivery.Claims{}, false, err
}

// takeShard takes a part that is free and may have something queued; nil when
// there is none.
func (q *queue) takeShard(ctx context.Context) (*shard, error) {
	var s *shard
	err := q.held(ctx, func(tx pgx.Tx) (err error) {
		s, err = freeShard(ctx, tx, q.sender)
		return err
	})
	if err == nil && s != nil {
		q.shards = append(q.shards, s)
	}
	return s, err
}

// lookAgain looks through all parts once more where that can find anything; see
// cursor.LookAgain.
func (q *queue) lookAgain(ctx context.Context) (*shard, error) {
	again := false
	err := q.held(ctx, func(tx pgx.Tx) error {
		var held, queued int64
		err := tx.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM send_shards WHERE edition_id = $1 AND epoch > 0),
			       (SELECT coalesce(sum(n), 0)::bigint FROM counts_now WHERE edition_id = $1 AND state = `+stateQueued+`)`,
			q.sender.Edition).Scan(&held, &queued)
		if again = cursor.LookAgain(held, queued); err == nil && again {
			_, err = tx.Exec(ctx, `UPDATE send_shards SET looked_at = 0 WHERE edition_id = $1`, q.sender.Edition)
		}
		return err
	})
	if err != nil || !again {
		return nil, err
	}
	return q.takeShard(ctx)
}

func freeShard(ctx context.Context, tx pgx.Tx, by delivery.Sender) (*shard, error) {
	var s shard
	err := tx.QueryRow(ctx, `
		UPDATE send_shards SET epoch = $2
		WHERE edition_id = $1 AND shard = (
			SELECT shard FROM send_shards
			WHERE edition_id = $1 AND epoch = 0 AND looked_at = 0
			ORDER BY shard LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING shard, first_id, last_id`, by.Edition, by.Epoch).Scan(&s.number, &s.first, &s.last)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	s.list.After = s.first - 1
	return &s, err
}

// lookForDead takes over senders that have died, a few times a lease.
func (q *queue) lookForDead(ctx context.Context, at time.Time) error {
	if time.Since(q.looked) < q.lasts/4 {
		return nil
	}
	q.looked = time.Now()
	_, err := q.takeOver(ctx, at)
	return err
}

func (q *queue) batch(ctx context.Context, c delivery.Claim, s *shard) (batch, error) {
	var out batch
	err := q.held(ctx, func(tx pgx.Tx) error {
		b := batch{q: q, tx: tx, c: c, shard: s}
		err := b.run(ctx)
		out = b
		return err
	})
	if err != nil {
		return batch{}, err
	}
	return out, nil
}

// A batch is one transaction of a claim: in a shard, or of what is due.
type batch struct {
	q     *queue
	tx    pgx.Tx
	c     delivery.Claim
	shard *shard // nil: what is due
	out   delivery.Claims
	plainsql.ClaimRead
}

func (b *batch) due() bool { return !b.c.Due.IsZero() }

func (b *batch) found() bool { return len(b.out.Recipients) > 0 || b.out.Suppressed > 0 }

func (b *batch) run(ctx context.Context) error {
	b.out.From = delivery.Queued
	if b.due() {
		b.out.From = delivery.Deferred
	}
	if err := b.read(ctx); err != nil {
		return err
	}
	if err := b.findSkipped(ctx); err != nil {
		return err
	}
	gone, err := b.move(ctx, b.Gone, delivery.Suppressed)
	if err != nil {
		return err
	}
	b.out.Suppressed = int64(len(gone))
	return b.claim(ctx)
}

// claimSource is where a claim's columns come from.
const claimSource = `
	FROM %s d LEFT JOIN subscribers s ON s.id = d.subscriber_id
	WHERE (cardinality($1::text[]) = 0 OR coalesce(` + domainOf + `, '') <> ALL ($1))`

func (b *batch) read(ctx context.Context) (err error) {
	skip := b.c.Skip
	if skip == nil {
		skip = []string{}
	}
	query, args := plainsql.ClaimColumns+fmt.Sprintf(claimSource, b.q.table), []any{skip, b.c.Limit}
	var pass *cursor.Cursor
	var after int64
	if b.shard == nil && !b.due() {
		query += ` AND d.state = ` + stateQueued + ` AND d.subscriber_id = ANY ($3) ORDER BY d.subscriber_id LIMIT $2`
		args = append(args, b.c.Only)
	} else if b.shard == nil {
		query += ` AND d.state = ` + stateDeferred + ` AND d.next_attempt > 0 AND d.next_attempt <= $3 ORDER BY d.next_attempt LIMIT $2`
		args = append(args, column.Millis(b.c.Due))
	} else {
		pass, after = &b.shard.list, b.shard.list.After
		query += ` AND d.state = ` + stateQueued + ` AND d.subscriber_id > $3 AND d.subscriber_id <= $4 ORDER BY d.subscriber_id LIMIT $2`
		args = append(args, after, b.shard.last)
	}
	b.ClaimRead, err = plainsql.ReadClaim(ctx, plainTx{b.tx}, pass, after, b.c.Limit, query, args...)
	b.out.Recipients = b.Recipients
	return err
}

// findSkipped finds the first delivery that Skip left behind in the range that
// was read.
func (b *batch) findSkipped(ctx context.Context) error {
	if len(b.c.Skip) == 0 || b.shard == nil {
		return nil
	}
	upTo := b.Last
	if b.End {
		upTo = b.shard.last
	}
	return b.tx.QueryRow(ctx, `
		SELECT coalesce(min(d.subscriber_id), 0)
		FROM `+b.q.table+` d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.state = `+stateQueued+` AND d.subscriber_id > $1 AND d.subscriber_id <= $2 AND `+domainOf+` = ANY ($3)`,
		b.shard.list.After, upTo, b.c.Skip).Scan(&b.Skipped)
}

// claim marks as claimed what was read and nobody else has taken or withdrawn
// since.
func (b *batch) claim(ctx context.Context) error {
	ids := make([]int64, len(b.out.Recipients))
	for i := range ids {
		ids[i] = b.out.Recipients[i].ID
	}
	mine, err := b.claimUntried(ctx, ids)
	if err == nil && len(mine) < len(ids) {
		var others []int64
		others, err = b.move(ctx, ids, delivery.Claimed) // those of mine are no longer queued
		mine = append(mine, others...)
	}
	if err != nil || len(mine) == len(ids) {
		return err
	}
	held := make(map[int64]bool, len(mine))
	for _, id := range mine {
		held[id] = true
	}
	b.out.Recipients = slices.DeleteFunc(b.out.Recipients, func(r delivery.Recipient) bool { return !held[r.ID] })
	return nil
}

// claimUntried is move for those whom nobody has claimed before, as nearly all are. It
// names the edition's own table and counts them itself, which is quicker than the trigger
// of deliveries, for which each row's old and new version are noted.
func (b *batch) claimUntried(ctx context.Context, ids []int64) ([]int64, error) {
	if len(ids) == 0 || b.due() {
		return nil, nil
	}
	rows, err := b.tx.Query(ctx, `
		WITH mine AS (
			UPDATE `+b.q.table+` SET state = `+stateClaimed+`, epoch = $1, next_attempt = 0, at = $2
			WHERE subscriber_id = ANY ($3) AND state = `+stateQueued+` AND epoch = 0 AND relay = 0
			RETURNING subscriber_id
		), counted AS (
			INSERT INTO send_counts AS c (edition_id, epoch, state, relay, n)
			SELECT $4, t.epoch, t.state, 0, t.one * (SELECT count(*) FROM mine)
			FROM (VALUES (0::bigint, `+stateQueued+`, -1), ($1, `+stateClaimed+`, 1)) t (epoch, state, one)
			WHERE EXISTS (SELECT 1 FROM mine)
			ON CONFLICT (edition_id, epoch, state, relay) DO UPDATE SET n = c.n + excluded.n
		)
		SELECT subscriber_id FROM mine`,
		b.q.sender.Epoch, column.Millis(b.c.At), ids, b.q.sender.Edition)
	return collect(rows, err, pgx.RowTo[int64])
}

// move gives those of ids that are still as they were read another state.
func (b *batch) move(ctx context.Context, ids []int64, to delivery.State) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := b.tx.Query(ctx, `
		UPDATE deliveries SET state = $1, epoch = $2, next_attempt = 0, at = $3
		WHERE `+b.q.edition+` AND subscriber_id = ANY ($4) AND state = $5
		RETURNING subscriber_id`,
		int16(to), b.q.sender.Epoch, column.Millis(b.c.At), ids, int16(b.out.From))
	return collect(rows, err, pgx.RowTo[int64])
}
