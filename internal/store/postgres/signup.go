package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// SignUps are the database's sign-ups, until they are decided on and confirmed.
type SignUps struct{ db *DB }

var _ subscribers.SignUps = SignUps{}

// SignUps gives the sign-ups.
func (db *DB) SignUps() SignUps { return SignUps{db} }

// Decide takes sign-ups off the queue, and forgets what is long over. Several
// nodes decide at once, each on others; what each counts at the same moment, the
// others' gates do not know yet.
func (q SignUps) Decide(ctx context.Context, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (int, error) {
	waits, err := plainsql.SignUpsWait(ctx, q.db.plain())
	if err != nil || !waits && !b.Always {
		return 0, err
	}
	var n int
	err = q.db.inTx(ctx, func(tx pgx.Tx) (err error) {
		n, err = decideBatch(ctx, tx, b, begin)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("decide sign-ups: %w", err)
	}
	return n, nil
}

func decideBatch(ctx context.Context, tx pgx.Tx, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (int, error) {
	queue, err := takeSignUps(ctx, tx, b.Limit)
	if err != nil {
		return 0, err
	}
	addresses := make([]subscribers.Address, len(queue))
	for i, s := range queue {
		addresses[i] = s.Address
	}
	if err := holdAddresses(ctx, tx, addresses...); err != nil {
		return 0, err
	}
	surge, err := plainsql.BeginSurgeBatch(ctx, plainTx{tx}, b.At, begin)
	if err != nil {
		return 0, err
	}
	for _, s := range queue {
		if err := decideSignUp(ctx, tx, s, surge, b.At); err != nil {
			return 0, err
		}
	}
	err = surge.End(ctx, func(q subscribers.QueuedSignUp) error { return mailHeld(ctx, tx, q, b.At) })
	if err != nil || len(queue) == 0 {
		return 0, err
	}
	return len(queue), forget(ctx, tx, b.At)
}

// SurgeState tells how a surge stands; see plainsql.
func (q SignUps) SurgeState(ctx context.Context, at time.Time) (subscribers.SurgeState, error) {
	return plainsql.SurgeState(ctx, q.db.plain(), at)
}

// takeSignUps takes the oldest sign-ups off the queue that no other node is
// deciding on.
func takeSignUps(ctx context.Context, tx pgx.Tx, limit int) ([]subscribers.QueuedSignUp, error) {
	rows, err := tx.Query(ctx, `
		DELETE FROM signups
		WHERE id = ANY(ARRAY(SELECT id FROM signups ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
		RETURNING id, email, details, ip, at, wish`, limit)
	taken, err := collect(rows, err, func(row pgx.CollectableRow) (r column.SignUp, err error) {
		return r, row.Scan(&r.ID, &r.Email, &r.Details, &r.IP, &r.At, &r.Wish)
	})
	if err != nil {
		return nil, fmt.Errorf("read sign-ups: %w", err)
	}
	slices.SortFunc(taken, func(a, b column.SignUp) int { return int(a.ID - b.ID) })
	queue := make([]subscribers.QueuedSignUp, len(taken))
	for i, r := range taken {
		if queue[i], err = r.SignUp(); err != nil {
			return nil, err
		}
	}
	return queue, nil
}

func decideSignUp(ctx context.Context, tx pgx.Tx, q subscribers.QueuedSignUp, surge *plainsql.SurgeBatch, at time.Time) error {
	c, err := signUpCase(ctx, tx, q)
	if err != nil {
		return err
	}
	return surge.Admit(ctx, c, func() error { return mailSignUp(ctx, tx, c, at) })
}

// mailHeld mails a sign-up that was held, if it is still due.
func mailHeld(ctx context.Context, tx pgx.Tx, q subscribers.QueuedSignUp, at time.Time) error {
	if err := holdAddresses(ctx, tx, q.Address); err != nil {
		return err
	}
	c, err := signUpCase(ctx, tx, q)
	if err != nil || !subscribers.Decide(c, at) {
		return err
	}
	return mailSignUp(ctx, tx, c, at)
}

// mailSignUp queues the mail that is due.
func mailSignUp(ctx context.Context, tx pgx.Tx, c subscribers.Case, at time.Time) (err error) {
	sub, q := c.Subscriber, c.SignUp
	switch q.Wish {
	case subscribers.WishLeave:
		return tellReader(ctx, tx, outbox.LeaveLink{}, sub, at)
	case subscribers.WishLinks:
		return tellReader(ctx, tx, outbox.ReaderLinks{Page: q.Details.Page}, sub, at)
	}
	if !c.Found {
		if sub.ID, err = insertSubscriber(ctx, tx, q.Address, subscribers.Pending, q.Details, q.At); err != nil {
			return err
		}
		sub.Email = q.Address.Email
	}
	if err := tellReader(ctx, tx, outbox.Confirm{Details: q.Details}, sub, at); err != nil {
		return err
	}
	return recordConsent(ctx, tx, sub.ID, subscribers.EventSignUp, q.Note(), q.Details.Wording, q.At)
}

// signUpCase gathers what the decision depends on.
func signUpCase(ctx context.Context, tx pgx.Tx, q subscribers.QueuedSignUp) (subscribers.Case, error) {
	k, err := known(ctx, tx, q.Address)
	if err != nil {
		return subscribers.Case{}, err
	}
	c := subscribers.Case{SignUp: q, Found: k.Found, Subscriber: k.Subscriber, Suppressed: k.Suppressed}
	mailbox := q.Address.Throttle()
	var last int64
	err = tx.QueryRow(ctx, "SELECT sent, last_at FROM confirmation_limits WHERE mailbox_sha256 = $1", mailbox[:]).Scan(&c.Sent, &last)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("read limits: %w", err)
	}
	c.LastSent = column.Time(last)
	err = tx.QueryRow(ctx, `SELECT
		EXISTS (SELECT 1 FROM outbox WHERE dedupe = $1),
		EXISTS (SELECT 1 FROM held_signups WHERE mailbox_sha256 = $4),
		(SELECT coalesce(max(created_at), 0) FROM outbox WHERE subscriber_id = $2 AND kind = $3)`,
		outbox.ConfirmKey(q.Address.Email), c.Subscriber.ID, string(linkKind(q.Wish)), mailbox[:]).Scan(&c.Waiting, &c.Held, &last)
	if err != nil {
		return c, fmt.Errorf("look into the outbox: %w", err)
	}
	c.LastLink = column.Time(last)
	return c, nil
}

// linkKind is the mail that answers a wish for links.
func linkKind(w subscribers.Wish) outbox.Kind {
	if w == subscribers.WishLinks {
		return outbox.KindLinks
	}
	return outbox.KindLeaveLink
}

// forget removes links that expired long ago, mails that were done with long
// ago, and sign-ups that were never confirmed.
func forget(ctx context.Context, tx pgx.Tx, at time.Time) error {
	if _, err := tx.Exec(ctx, "DELETE FROM confirmations WHERE expires_at < $1", column.Millis(at.Add(-subscribers.ConfirmKept))); err != nil {
		return fmt.Errorf("forget links: %w", err)
	}
	if err := forgetEvents(ctx, tx, at); err != nil {
		return err
	}
	return forgetPending(ctx, tx, at)
}

// forgetPending removes who signed up and has not confirmed for long. Their
// limits stay. Whom another node has in hand stays too, until the next time.
func forgetPending(ctx context.Context, tx pgx.Tx, at time.Time) error {
	before := column.Millis(at.Add(-subscribers.PendingFor))
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		SELECT id FROM subscribers s
		WHERE status = %d AND created_at < $1
			AND (SELECT max(at) FROM subscriber_events e WHERE e.subscriber_id = s.id AND e.kind = $2) < $1
		ORDER BY created_at LIMIT 1000 FOR UPDATE OF s SKIP LOCKED`, subscribers.Pending), before, subscribers.EventSignUp)
	ids, err := collect(rows, err, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, table := range []string{"confirmations", "outbox", "subscriber_events", "fresh_links"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE subscriber_id = ANY($1)", ids); err != nil {
			return fmt.Errorf("forget sign-ups' %s: %w", table, err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM subscribers WHERE id = ANY($1)", ids); err != nil {
		return fmt.Errorf("forget sign-ups: %w", err)
	}
	return nil
}

// KeepWording keeps a text that readers agree to.
func (q SignUps) KeepWording(ctx context.Context, version, wording string, at time.Time) error {
	err := q.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO wordings (version, text, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", version, text(wording), column.Millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep wording: %w", err)
	}
	return nil
}

// WordingText gives a text.
func (q SignUps) WordingText(ctx context.Context, version string) (string, error) {
	var wording string
	err := q.db.pool.QueryRow(ctx, "SELECT text FROM wordings WHERE version = $1", version).Scan(&wording)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("%w: no wording %s", subscribers.ErrNotFound, version)
	}
	if err != nil {
		return "", fmt.Errorf("read wording: %w", q.db.fault(err))
	}
	return wording, nil
}
