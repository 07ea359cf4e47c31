package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// Record commits a group; see delivery.Queue. The context's end does
// not interrupt it: what was sent must be recorded.
func (q *queue) Record(ctx context.Context, g *delivery.Group) (delivery.GroupResult, error) {
	if err := q.relays.Learn(context.WithoutCancel(ctx), g); err != nil {
		return delivery.GroupResult{}, fmt.Errorf("record deliveries of edition %d: %w", q.sender.Edition, err)
	}
	out, err := q.record(g, false)
	if errors.Is(err, errSomeLeft) {
		out, err = q.record(g, true)
	}
	if err != nil {
		return delivery.GroupResult{}, fmt.Errorf("record deliveries of edition %d: %w", q.sender.Edition, err)
	}
	return out, nil
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
	for some := range slices.Chunk(took, readersMost) {
		args := []any{toMillis(r.g.At), acceptedReplies(some), r.sender.Edition}
		for _, o := range some {
			args = append(args, o.ID)
		}
		got, err := changed(acceptedStatement.exec(r.ctx, r.tx, args))
		if err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		if got != int64(len(some)) {
			return fmt.Errorf("%w: of %d accepted, %d were being sent", delivery.ErrNotSending, len(some), got)
		}
	}
	return nil
}

var acceptedStatement = readersStatement(3, `
	UPDATE deliveries
	SET state = `+stateAccepted+`, attempts = attempts + 1, next_attempt = 0, at = ?1, fault = 0, reply = ?2 ->> ('$.' || subscriber_id)
	WHERE edition_id = ?3 AND state IN (`+stateDotting+`, `+stateUnknown+`) AND subscriber_id IN `)

// acceptedReplies gives the padded replies by subscriber, as one JSON object.
func acceptedReplies(outcomes []*delivery.Outcome) string {
	b := make([]byte, 0, len(outcomes)*(replyRoom+32))
	for _, o := range outcomes {
		b = append(b, `,"`...)
		b = append(strconv.AppendInt(b, o.ID, 10), `":`...)
		b = appendJSON(b, padReply(o.Reply))
	}
	b[0] = '{'
	return string(append(b, '}'))
}

// appendJSON appends a string as JSON. What a server has said is printable ASCII.
func appendJSON(b []byte, s string) []byte {
	start := len(b)
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~':
			text, _ := json.Marshal(s) // of a string it does not fail
			return append(b[:start], text...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

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
	_, err = r.tx.ExecContext(r.ctx, `
		INSERT INTO send_journals (edition_id, node, seq) VALUES (?1, ?2, ?3)
		ON CONFLICT (edition_id, node) DO UPDATE SET seq = ?3`, r.sender.Edition, r.sender.Node, int64(r.g.Seq))
	if err != nil {
		return err
	}
	_, err = r.tx.ExecContext(r.ctx, `
		INSERT INTO send_days (day, dots) VALUES (?1, ?2)
		ON CONFLICT (day) DO UPDATE SET dots = dots + ?2`, r.g.Day, dots)
	return err
}

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
		args := []any{toMillis(r.g.At), r.sender.Edition, r.sender.Epoch, relay}
		for _, id := range some {
			args = append(args, id)
		}
		n, err := changed(dotStatement.exec(r.ctx, r.tx, args))
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

var dotStatement = readersStatement(4, `
	UPDATE deliveries SET state = `+stateDotting+`, dots = dots + 1, at = ?1, relay = ?4
	WHERE edition_id = ?2 AND state = `+stateClaimed+` AND epoch = ?3 AND subscriber_id IN `)

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
