package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// Record commits a group; see delivery.Queue. The context's end does
// not interrupt it: what was sent must be recorded.
func (q *queue) Record(ctx context.Context, g *delivery.Group) (out delivery.GroupResult, err error) {
	if err = q.relays.Learn(context.WithoutCancel(ctx), g); err == nil {
		out, err = q.recordGroup(g)
	}
	if err != nil {
		return delivery.GroupResult{}, fmt.Errorf("record deliveries of edition %d: %w", q.sender.Edition, err)
	}
	return out, nil
}

// recordGroup records a group in the quickest way that does.
func (q *queue) recordGroup(g *delivery.Group) (delivery.GroupResult, error) {
	if done, err := q.recordUsual(g); done || err != nil {
		return delivery.GroupResult{}, err
	}
	out, err := q.record(g, false)
	if errors.Is(err, errSomeLeft) {
		return q.record(g, true)
	}
	return out, err
}

// errSomeLeft undoes a group of which some intents do not hold, and it is not known
// which: to ask before each would cost every group a query.
var errSomeLeft = errors.New("some readers have left")

func (q *queue) record(g *delivery.Group, ask bool) (out delivery.GroupResult, err error) {
	var lost error
	err = q.db.inGroup(func(ctx context.Context, tx *sql.Conn) error {
		r := recording{ctx: ctx, tx: tx, sender: q.sender, relays: q.relays, g: g, ask: ask}
		err := r.record()
		if errors.Is(err, delivery.ErrLeaseLost) {
			lost, err = err, nil // what was answered is true all the same
		}
		out = r.out
		return err
	})
	return out, errors.Join(err, lost)
}

// A recording is one Record in its transaction.
type recording struct {
	ctx    context.Context
	tx     *sql.Conn
	sender delivery.Sender
	relays *plainsql.RelayNumbers
	g      *delivery.Group
	ask    bool // which intents hold, before they are recorded
	out    delivery.GroupResult
}

func (r *recording) record() error {
	lease := renewLease(r.ctx, r.tx, r.sender, r.g.LeaseUntil)
	if lease != nil && !errors.Is(lease, delivery.ErrLeaseLost) {
		return lease
	}
	if err := r.accepted(); err != nil {
		return err
	}
	for i := range r.g.Outcomes {
		o := &r.g.Outcomes[i]
		if o.Plain() || lease != nil && !o.Dotted {
			continue // claimed, if at all, by the new sender
		}
		if err := r.outcome(o); err != nil {
			return fmt.Errorf("outcome for subscriber %d: %w", o.ID, err)
		}
	}
	if lease != nil {
		return lease
	}
	if err := r.undo(); err != nil {
		return fmt.Errorf("intents undone: %w", err)
	}
	if err := plainsql.AddAlarms(r.ctx, plainTx{r.tx}, r.sender.Edition, r.g.Alarms, r.g.At); err != nil {
		return fmt.Errorf("alarms: %w", err)
	}
	if err := r.gate(); err != nil || r.out.Gate != nil {
		return err
	}
	return r.intents()
}

// accepted records what servers took, in one statement: a statement each would
// be a third of the work of a group.
func (r *recording) accepted() error {
	var took []*delivery.Outcome
	for i := range r.g.Outcomes {
		if o := &r.g.Outcomes[i]; o.Plain() {
			took = append(took, o)
		}
	}
	for some := range slices.Chunk(took, repliesMost) {
		text, args := acceptances(r.sender, r.g.At, some)
		got, err := changed(r.tx.ExecContext(r.ctx, text, args...))
		if err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		if got != int64(len(some)) {
			return fmt.Errorf("%w: of %d accepted, %d were being sent", delivery.ErrNotSending, len(some), got)
		}
	}
	return nil
}

// acceptances is the statement that records what servers took.
func acceptances(s delivery.Sender, at time.Time, took []*delivery.Outcome) (text string, args []any) {
	ids, replies := make([]any, len(took)), make([]any, len(took))
	for i, o := range took {
		ids[i], replies[i] = o.ID, padReply(o.Reply)
	}
	return acceptedStatement.with([]any{toMillis(at), s.Edition}, ids, replies)
}

var acceptedStatement = readersStatement(2, repliesMost, func(n int) string {
	var replies strings.Builder
	for i := range n {
		fmt.Fprintf(&replies, " WHEN ?%d THEN ?%d", 3+i, 3+n+i)
	}
	return `
		UPDATE deliveries
		SET state = ` + stateAccepted + `, attempts = attempts + 1, next_attempt = 0, at = ?1, fault = 0,
		    reply = CASE subscriber_id` + replies.String() + ` END
		WHERE edition_id = ?2 AND state IN (` + stateDotting + `, ` + stateUnknown + `) AND subscriber_id IN `
})

// outcome records one verdict.
func (r *recording) outcome(o *delivery.Outcome) error {
	at := toMillis(r.g.At)
	from, relay := o.From(), r.relays.Of(o.Relay)
	attempt, since := 0, int64(0)
	if o.Attempt {
		attempt = 1
	}
	if o.State == delivery.Deferred {
		since = at
	}
	n, err := changed(r.tx.ExecContext(r.ctx, `
		UPDATE deliveries
		SET state = ?,
		    attempts = attempts + ?,
		    since = CASE since WHEN 0 THEN ? ELSE since END,
		    next_attempt = ?,
		    at = ?,
		    fault = ?,
		    reply = ?,
		    relay = CASE ? WHEN 0 THEN relay ELSE ? END
		WHERE edition_id = ? AND subscriber_id = ? AND state IN (?, ?)`,
		int(o.State), attempt, since, toMillis(o.NextAttempt), at, int(o.Fault), padReply(o.Reply), relay, relay,
		r.sender.Edition, o.ID, int(from[0]), int(from[1])))
	if err != nil {
		return err
	}
	if n == 0 && o.Dotted {
		return fmt.Errorf("%w: it was not being sent", delivery.ErrNotSending)
	}
	return nil // or the reader left meanwhile
}

// gate refuses the intents while the edition is not being sent. A pause that
// the group asks for comes first.
func (r *recording) gate() error {
	state, reason, err := plainsql.PauseSend(r.ctx, plainTx{r.tx}, r.sender.Edition, r.g.Pause, r.g.At)
	if err != nil {
		return err
	}
	r.out.Gate = delivery.Gate(state, reason)
	if !errors.Is(r.out.Gate, delivery.ErrCancelled) {
		return nil
	}
	// An outcome of this group may have asked for a retry after the cancellation
	// had taken the others out.
	_, err = plainsql.Withdraw(r.ctx, plainTx{r.tx}, r.sender.Edition, r.g.At)
	return err
}

func (r *recording) intents() error {
	dots, err := r.dot()
	if err != nil {
		return fmt.Errorf("intents: %w", err)
	}
	if dots == 0 {
		return nil
	}
	if _, err = r.tx.ExecContext(r.ctx, journalReaches, r.sender.Edition, r.sender.Node, int64(r.g.Seq)); err != nil {
		return err
	}
	_, err = r.tx.ExecContext(r.ctx, dayHas, r.g.Day, dots)
	return err
}

const (
	journalReaches = `
		INSERT INTO send_journals (edition_id, node, seq) VALUES (?1, ?2, ?3)
		ON CONFLICT (edition_id, node) DO UPDATE SET seq = ?3`
	dayHas = `
		INSERT INTO send_days (day, dots) VALUES (?1, ?2)
		ON CONFLICT (day) DO UPDATE SET dots = dots + ?2`
)

// dot makes dotting what is still claimed, and says how many that are; the
// others' readers left.
func (r *recording) dot() (dots int, err error) {
	held := make([]int64, 0, len(r.g.Intents))
	for relay, ids := range r.intentsByRelay() {
		if err := r.dotAt(relay, ids, &held); err != nil {
			return 0, err
		}
	}
	r.out.Withdrawn = r.g.Withdrawn(held)
	return len(held), nil
}

// intentsByRelay gives the subscribers of the intents by the relays' numbers: a
// statement each, of which there is one with one relay.
func (r *recording) intentsByRelay() map[int64][]int64 {
	out := map[int64][]int64{}
	for _, in := range r.g.Intents {
		relay := r.relays.Of(in.Relay)
		out[relay] = append(out[relay], in.ID)
	}
	return out
}

// dotAt makes those dotting whose messages are about to be ended at one relay, and
// notes them in held.
func (r *recording) dotAt(relay int64, ids []int64, held *[]int64) (err error) {
	if r.ask {
		if ids, err = r.claimed(ids); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(ids, readersMost) {
		text, args := dots(r.sender, r.g.At, relay, some)
		n, err := changed(r.tx.ExecContext(r.ctx, text, args...))
		if err == nil && n != int64(len(some)) {
			err = errSomeLeft
		}
		if err != nil {
			return err
		}
	}
	*held = append(*held, ids...)
	return nil
}

// dots is the statement that makes readers dotting, of whom each is still claimed.
func dots(s delivery.Sender, at time.Time, relay int64, readers []int64) (text string, args []any) {
	ids := make([]any, len(readers))
	for i, id := range readers {
		ids[i] = id
	}
	return dotStatement.with([]any{toMillis(at), s.Edition, s.Epoch, relay}, ids)
}

var dotStatement = readersStatement(4, readersMost, func(int) string {
	return `
		UPDATE deliveries SET state = ` + stateDotting + `, dots = dots + 1, at = ?1, relay = ?4
		WHERE edition_id = ?2 AND state = ` + stateClaimed + ` AND epoch = ?3 AND subscriber_id IN `
})

// claimed gives those of some readers whom the sender has in hand: the others have left.
func (r *recording) claimed(ids []int64) ([]int64, error) {
	list, err := marshalled(ids)
	if err != nil {
		return nil, err
	}
	return queryIDs(r.ctx, r.tx, `
		SELECT subscriber_id FROM deliveries
		WHERE edition_id = ? AND state = `+stateClaimed+` AND epoch = ?
		  AND subscriber_id IN (SELECT value FROM json_each(?))`,
		r.sender.Edition, r.sender.Epoch, list)
}

// undo queues again what is dotting and was not ended. The intent stays counted
// in dots: the journal may have it.
func (r *recording) undo() error {
	if len(r.g.Undone) == 0 {
		return nil
	}
	list, err := marshalled(r.g.Undone)
	if err != nil {
		return err
	}
	_, err = r.tx.ExecContext(r.ctx, `
		UPDATE deliveries SET state = `+stateQueued+`, at = ?
		WHERE edition_id = ? AND state = `+stateDotting+` AND epoch = ?
		  AND subscriber_id IN (SELECT value FROM json_each(?))`,
		toMillis(r.g.At), r.sender.Edition, r.sender.Epoch, list)
	return err
}

// marshalled gives what a statement takes apart by json_each.
func marshalled(v any) (string, error) {
	list, err := json.Marshal(v)
	return string(list), err
}

var blanks = strings.Repeat(" ", replyRoom)

// padReply makes short replies as long as the room that their row has (see
// replyRoom), so that the row stays in its place.
func padReply(reply string) string {
	if len(reply) >= replyRoom {
		return reply
	}
	return reply + blanks[len(reply):]
}
