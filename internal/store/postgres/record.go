package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Record commits a group; see delivery.Queue. The context's end does not
// interrupt it: what was sent must be recorded. When the reply to its commit is
// lost, it asks the database whether it holds, and commits it again if not. While that
// cannot be asked, as when the database is away, it is what the next Record of the same
// group begins with.
func (q *queue) Record(ctx context.Context, g *delivery.Group) (delivery.GroupResult, error) {
	ctx = context.WithoutCancel(ctx)
	if err := q.relays.Learn(ctx, g); err != nil {
		return delivery.GroupResult{}, fmt.Errorf("record deliveries of edition %d: %w", q.sender.Edition, err)
	}
	r, err := q.doubt, ErrInDoubt
	if q.doubt = nil; r == nil || r.g != g {
		q.groups++
		r = &recording{q: q, g: g, number: q.sender.Epoch<<32 | q.groups}
		err = r.commit(ctx)
	}
	doubtful := errors.Is(err, ErrInDoubt)
	for errors.Is(err, ErrInDoubt) {
		err = r.commitDoubtful(ctx)
	}
	if doubtful && err != nil {
		q.doubt = r
	}
	if errors.Is(err, delivery.ErrLeaseLost) {
		err = errors.Join(err, r.afterwards(ctx))
	}
	if err != nil {
		return delivery.GroupResult{}, fmt.Errorf("record deliveries of edition %d: %w", q.sender.Edition, err)
	}
	q.drops(g, r.out.Withdrawn)
	return r.out, nil
}

// A recording is one group on its way into the database.
type recording struct {
	q      *queue
	g      *delivery.Group
	number int64
	out    delivery.GroupResult
}

func (r *recording) commit(ctx context.Context) error {
	if r.g.Pause.Reason != "" {
		return r.q.db.inTx(ctx, func(tx pgx.Tx) error { return r.within(ctx, tx) })
	}
	usual := r.usual()
	if usual {
		if done, err := r.commitUsual(ctx); done || err != nil {
			return err
		}
	}
	opens := usual && r.opensTally()
	err := r.q.db.inOneGo(ctx, r.statements, func(tx runner) error {
		err := r.follow(ctx, tx)
		if err == nil && opens {
			err = openTally(ctx, tx, r.q.sender, r.tally())
		}
		return err
	})
	if err == nil && opens {
		r.q.tally = r.tally()
	}
	return err
}

// within records the group in a transaction. A group may ask for a pause, which comes
// first: none of its intents holds then.
func (r *recording) within(ctx context.Context, tx pgx.Tx) error {
	if r.g.Pause.Reason != "" {
		if _, _, err := plainsql.PauseSend(ctx, plainTx{tx}, r.q.sender.Edition, r.g.Pause, r.g.At); err != nil {
			return err
		}
	}
	b, answers := r.statements()
	res := tx.SendBatch(ctx, b)
	err := answers(res)
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = r.follow(ctx, tx)
	}
	return err
}

// gateQuery is how the edition stands for the group's intents.
const gateQuery = `SELECT state, pause_reason FROM editions WHERE id = $1`

// statements are the whole group, to be sent to the server in one go, and what reads
// the answers, in their order: the network's delay is paid twice a group, not ten times.
func (r *recording) statements() (*pgx.Batch, func(pgx.BatchResults) error) {
	r.out = delivery.GroupResult{}
	var b pgx.Batch
	b.Queue(fenceQuery, r.q.sender.Edition, r.q.sender.Epoch)
	others := r.queueOutcomes(&b)
	r.queueUndone(&b)
	accepted := r.queueIntents(&b)
	return &b, func(res pgx.BatchResults) error { return r.answers(res, others, accepted) }
}

// follow is what comes after a group's statements, where there is any.
func (r *recording) follow(ctx context.Context, tx runner) error {
	if errors.Is(r.out.Gate, delivery.ErrCancelled) {
		// An outcome of this group may have asked for a retry after the cancellation had
		// taken the others out.
		if _, err := plainsql.Withdraw(ctx, plainTx{tx}, r.q.sender.Edition, r.g.At); err != nil {
			return err
		}
	}
	return plainsql.AddAlarms(ctx, plainTx{tx}, r.q.sender.Edition, r.g.Alarms, r.g.At)
}

// answers reads what the server says to a batch.
func (r *recording) answers(res pgx.BatchResults, others int, accepted int64) error {
	if err := r.q.fence(res.QueryRow()); err != nil {
		return err
	}
	if others >= 0 {
		tag, err := res.Exec()
		if err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		if tag.RowsAffected() < int64(others) {
			return fmt.Errorf("%w: of %d whose message was ended, %d were being sent", delivery.ErrNotSending, others, tag.RowsAffected())
		}
	}
	if len(r.g.Undone) > 0 {
		if _, err := res.Exec(); err != nil {
			return fmt.Errorf("intents undone: %w", err)
		}
	}
	var state, reason string
	var held []int64
	var taken int64
	if err := res.QueryRow().Scan(&state, &reason, &held, &taken); err != nil {
		return fmt.Errorf("intents: %w", err)
	}
	if taken != accepted {
		return fmt.Errorf("%w: of %d accepted, %d were being sent", delivery.ErrNotSending, accepted, taken)
	}
	r.out.Gate = delivery.Gate(edition.State(state), reason)
	r.keep(held)
	return nil
}

// keep notes which intents hold; the others' readers left, unless the edition is
// not being sent, which is said of all.
func (r *recording) keep(held []int64) {
	if r.out.Gate == nil {
		r.out.Withdrawn = r.g.Withdrawn(held)
	}
}

// accepted are what servers took, as columns.
func (r *recording) accepted() (ids []int64, replies []string) {
	ids, replies = make([]int64, 0, len(r.g.Outcomes)), make([]string, 0, len(r.g.Outcomes))
	for i := range r.g.Outcomes {
		if o := &r.g.Outcomes[i]; o.Plain() {
			ids, replies = append(ids, o.ID), append(replies, text(o.Reply))
		}
	}
	return ids, replies
}

// outcomeArrays are outcomes as columns.
type outcomeArrays struct {
	ids, since, next, relay []int64
	states, attempts, fault []int16
	replies                 []string
	dotted                  []bool
}

// queueOutcomes records the other verdicts, in one statement; the number is of
// those that must be there, -1 when there is no statement.
func (r *recording) queueOutcomes(b *pgx.Batch) (must int) {
	a, must := r.arrays(func(o *delivery.Outcome) bool { return !o.Plain() })
	if len(a.ids) == 0 {
		return -1
	}
	a.queue(b, r.q.edition, column.Millis(r.g.At))
	return must
}

func (r *recording) arrays(which func(*delivery.Outcome) bool) (a outcomeArrays, must int) {
	place := map[int64]int{}
	for i := range r.g.Outcomes {
		o := &r.g.Outcomes[i]
		if !which(o) {
			continue
		}
		n, ok := place[o.ID]
		if !ok {
			n = len(a.ids)
			place[o.ID] = n
			a.grow(o.ID)
		}
		a.set(n, o, column.Millis(r.g.At))
		a.relay[n] = r.q.relays.Of(o.Relay)
	}
	for _, d := range a.dotted {
		if d {
			must++
		}
	}
	return a, must
}

func (a *outcomeArrays) grow(id int64) {
	a.ids, a.since, a.next = append(a.ids, id), append(a.since, 0), append(a.next, 0)
	a.relay = append(a.relay, 0)
	a.states, a.attempts, a.fault = append(a.states, 0), append(a.attempts, 0), append(a.fault, 0)
	a.replies, a.dotted = append(a.replies, ""), append(a.dotted, false)
}

// set makes o a reader's latest verdict in the group: it begins where the first
// one did.
func (a *outcomeArrays) set(n int, o *delivery.Outcome, at int64) {
	a.states[n], a.fault[n], a.replies[n], a.next[n] = int16(o.State), int16(o.Fault), text(o.Reply), column.Millis(o.NextAttempt)
	a.dotted[n] = a.dotted[n] || o.Dotted
	if o.Attempt {
		a.attempts[n]++
	}
	if o.State == delivery.Deferred && a.since[n] == 0 {
		a.since[n] = at
	}
}

func (a outcomeArrays) queue(b *pgx.Batch, edition string, at int64) {
	b.Queue(`
		UPDATE deliveries d
		SET state = o.state,
		    attempts = d.attempts + o.attempts,
		    since = CASE d.since WHEN 0 THEN o.since ELSE d.since END,
		    next_attempt = CASE o.state WHEN `+stateDeferred+` THEN o.next ELSE 0 END,
		    at = $1,
		    fault = o.fault,
		    reply = o.reply,
		    relay = CASE o.relay WHEN 0 THEN d.relay ELSE o.relay END
		FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::smallint[], $7::smallint[], $8::text[], $9::boolean[], $10::bigint[])
		     o (id, since, next, state, attempts, fault, reply, dotted, relay)
		WHERE d.`+edition+` AND d.subscriber_id = o.id
		  AND (o.dotted AND d.state IN (`+stateDotting+`, `+stateUnknown+`) OR NOT o.dotted AND d.state = `+stateClaimed+`)`,
		at, a.ids, a.since, a.next, a.states, a.attempts, a.fault, a.replies, a.dotted, a.relay)
}

// queueUndone queues again what is dotting and was not ended. The intent stays
// counted in dots: the journal may have it.
func (r *recording) queueUndone(b *pgx.Batch) {
	if len(r.g.Undone) == 0 {
		return
	}
	b.Queue(`
		UPDATE deliveries SET state = `+stateQueued+`, at = $1
		WHERE `+r.q.edition+` AND subscriber_id = ANY ($2) AND state = `+stateDotting+` AND epoch = $3`,
		column.Millis(r.g.At), r.g.Undone, r.q.sender.Epoch)
}

// queueIntents records what servers took, makes dotting what is still claimed, if the
// edition is being sent, and notes it with the day's and the journal's count: in one
// statement, so that what it says of the edition is what it went by, and the counts are
// kept once for both. A delivery that was taken over in mid-message is unknown, and gets
// its answer all the same. It gives how many servers took.
func (r *recording) queueIntents(b *pgx.Batch) (accepted int64) {
	intents, relays := make([]int64, 0, len(r.g.Intents)), make([]int64, 0, len(r.g.Intents))
	for _, in := range r.g.Intents {
		intents, relays = append(intents, in.ID), append(relays, r.q.relays.Of(in.Relay))
	}
	taken, replies := r.accepted()
	s := r.q.sender
	b.Queue(`
		WITH taken AS (
			UPDATE deliveries d
			SET state = `+stateAccepted+`, attempts = attempts + 1, next_attempt = 0, at = $1, fault = 0, reply = o.reply
			FROM unnest($11::bigint[], $12::text[]) o (id, reply)
			WHERE d.`+r.q.edition+` AND d.subscriber_id = o.id AND d.state IN (`+stateDotting+`, `+stateUnknown+`)
			RETURNING 1
		), dotted AS (
			UPDATE deliveries d SET state = `+stateDotting+`, dots = dots + 1, at = $1, relay = i.relay
			FROM unnest($2::bigint[], $10::bigint[]) i (id, relay)
			WHERE d.`+r.q.edition+` AND d.subscriber_id = i.id AND d.state = `+stateClaimed+` AND d.epoch = $3
			  AND EXISTS (SELECT 1 FROM editions WHERE id = $4 AND state = 'sending' AND pause_reason = '')
			RETURNING d.subscriber_id
		), journal AS (
			INSERT INTO send_journals AS j (edition_id, node, seq, last_group, server)
			SELECT $4, $5, CASE WHEN count(*) > 0 THEN $6 ELSE 0 END, $7, $8 FROM dotted
			ON CONFLICT (edition_id, node) DO UPDATE SET seq = greatest(j.seq, excluded.seq), last_group = excluded.last_group
		), day AS (
			INSERT INTO send_days AS d (day, node, dots)
			SELECT $9, $5, count(*) FROM dotted HAVING count(*) > 0
			ON CONFLICT (day, node) DO UPDATE SET dots = d.dots + excluded.dots
		)
		SELECT e.state, e.pause_reason, ARRAY(SELECT subscriber_id FROM dotted), (SELECT count(*) FROM taken)
		FROM editions e WHERE e.id = $4`,
		column.Millis(r.g.At), intents, s.Epoch, s.Edition, s.Node, int64(r.g.Seq), r.number, r.q.server.String(), r.g.Day, relays, taken, replies)
	return int64(len(taken))
}

// commitDoubtful commits a group whose commit is in doubt, unless it holds: then it asks
// what it came to. It waits for one that the server is still at, and one that the server
// only comes to later finds the journal's row held, and then that none of its own is as it
// was.
func (r *recording) commitDoubtful(ctx context.Context) error {
	s := r.q.sender
	return r.q.held(ctx, func(tx pgx.Tx) error {
		var last int64
		err := tx.QueryRow(ctx, `
			SELECT last_group FROM send_journals WHERE edition_id = $1 AND node = $2 FOR UPDATE`, s.Edition, s.Node).Scan(&last)
		switch {
		case err == nil && last == r.number:
			return r.recall(ctx, tx)
		case err == nil, errors.Is(err, pgx.ErrNoRows):
			return r.within(ctx, tx)
		default:
			return err
		}
	})
}

// recall asks what a group came to that was committed.
func (r *recording) recall(ctx context.Context, tx pgx.Tx) error {
	s := r.q.sender
	r.out = delivery.GroupResult{}
	var state, reason string
	if err := tx.QueryRow(ctx, gateQuery, s.Edition).Scan(&state, &reason); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT subscriber_id FROM `+r.q.table+` WHERE subscriber_id = ANY ($1) AND state = `+stateDotting+` AND epoch = $2`,
		r.g.Intended(), s.Epoch)
	held, err := collect(rows, err, pgx.RowTo[int64])
	if len(held) == 0 { // else the edition was being sent when they were committed
		r.out.Gate = delivery.Gate(edition.State(state), reason)
	}
	r.keep(held)
	return err
}

// afterwards records what servers have answered to messages whose end was
// written, though the sender was taken over: it is true all the same.
func (r *recording) afterwards(ctx context.Context) error {
	a, _ := r.arrays(func(o *delivery.Outcome) bool { return o.Dotted })
	if len(a.ids) == 0 {
		return nil
	}
	return r.q.db.inTx(ctx, func(tx pgx.Tx) error {
		var b pgx.Batch
		a.queue(&b, r.q.edition, column.Millis(r.g.At))
		return tx.SendBatch(ctx, &b).Close()
	})
}
