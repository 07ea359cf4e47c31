package plainsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// signUpsWait reports whether there is anything to decide: sign-ups in the queue
// or held, or a surge that may end.
func signUpsWait(ctx context.Context, db DB) (waits bool, err error) {
	err = db.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM signups) OR EXISTS (SELECT 1 FROM held_signups) OR EXISTS (SELECT 1 FROM signup_surges)`).Scan(&waits)
	})
	return waits, err
}

// A surgeBatch is the part of a batch that surges are about.
type surgeBatch struct {
	gate *subscribers.Gate
	tx   Tx
	at   time.Time
	had  []subscribers.Surge
}

// beginSurgeBatch reads the traffic and makes the batch's gate.
func beginSurgeBatch(ctx context.Context, tx Tx, at time.Time, begin func(subscribers.Traffic) *subscribers.Gate) (*surgeBatch, error) {
	t, err := traffic(ctx, tx, at)
	if err != nil {
		return nil, fmt.Errorf("read the traffic of sign-ups: %w", err)
	}
	return &surgeBatch{gate: begin(t), tx: tx, at: at, had: t.Surges}, nil
}

func traffic(ctx context.Context, tx Tx, at time.Time) (t subscribers.Traffic, err error) {
	t.At = at
	if t.Hour, err = countsOfHour(ctx, tx, at); err != nil {
		return t, err
	}
	if t.Usual, err = usualCounts(ctx, tx, at); err != nil {
		return t, err
	}
	if t.Surges, err = surges(ctx, tx); err != nil {
		return t, err
	}
	return t, tx.QueryRow(ctx, "SELECT count(*) FROM held_signups").Scan(&t.Held)
}

func countsOfHour(ctx context.Context, tx Tx, at time.Time) (list []subscribers.SignUpCount, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var c subscribers.SignUpCount
		err := rows.Scan(&c.Bucket, &c.Domain, &c.Asked, &c.Mailed, &c.Answered, &c.Confirmed)
		list = append(list, c)
		return err
	}, "SELECT bucket, domain, asked, mailed, answered, confirmed FROM signup_counts WHERE bucket >= $1 AND bucket <= $2",
		subscribers.HourBefore(at), subscribers.BucketOf(at))
	return list, err
}

// usualCounts are means of the week before the last hour.
func usualCounts(ctx context.Context, tx Tx, at time.Time) (map[string]float64, error) {
	usual, hour := map[string]float64{}, subscribers.HourBefore(at)
	err := each(ctx, tx, func(rows Rows) error {
		var domain string
		var unconfirmed int64
		err := rows.Scan(&domain, &unconfirmed)
		usual[domain] = subscribers.UsualPerHour(unconfirmed)
		return err
	}, `
		SELECT domain, CAST(sum(asked) - sum(confirmed) AS BIGINT) FROM signup_counts
		WHERE surge = 0 AND bucket >= $1 AND bucket < $2 AND (domain = '' OR domain IN (
			SELECT domain FROM signup_counts WHERE bucket >= $3 GROUP BY domain HAVING sum(asked) >= $4))
		GROUP BY domain`,
		subscribers.BucketOf(at.Add(-subscribers.CountedFor)), hour, hour, subscribers.SurgeLeast)
	return usual, err
}

func surges(ctx context.Context, tx Tx) (list []subscribers.Surge, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var s subscribers.Surge
		var since, episode int64
		err := rows.Scan(&s.Domain, &since, &episode)
		s.Since, s.Episode = column.Time(since), column.Time(episode)
		list = append(list, s)
		return err
	}, "SELECT domain, since, episode FROM signup_surges ORDER BY domain")
	return list, err
}

// hold keeps a sign-up whose confirmation waits, one a mailbox.
func (b *surgeBatch) hold(ctx context.Context, q subscribers.QueuedSignUp) error {
	row, err := column.FromSignUp(q)
	if err != nil {
		return err
	}
	mailbox, answered := q.Address.Throttle(), 0
	if q.Answered {
		answered = 1
	}
	_, err = b.tx.Exec(ctx, `
		INSERT INTO held_signups (mailbox_sha256, email, details, ip, at, answered) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (mailbox_sha256) DO UPDATE SET email = excluded.email, details = excluded.details, ip = excluded.ip, answered = excluded.answered`,
		mailbox[:], row.Email, row.Details, row.IP, row.At, answered)
	if err != nil {
		return fmt.Errorf("hold sign-up: %w", err)
	}
	return nil
}

// unhold forgets that a mailbox's sign-up waits: it is mailed.
func (b *surgeBatch) unhold(ctx context.Context, a subscribers.Address) error {
	mailbox := a.Throttle()
	_, err := b.tx.Exec(ctx, "DELETE FROM held_signups WHERE mailbox_sha256 = $1", mailbox[:])
	return err
}

// admit does with a request what the gate decides; mail queues the mail that is due.
func (b *surgeBatch) admit(ctx context.Context, c subscribers.Case, mail func() error) error {
	switch b.gate.Admit(c) {
	case subscribers.Ignore:
		return nil
	case subscribers.Hold:
		return b.hold(ctx, c.SignUp)
	}
	if c.Held {
		if err := b.unhold(ctx, c.SignUp.Address); err != nil {
			return err
		}
	}
	return mail()
}

// end mails those whom the gate releases, and keeps what it counted.
func (b *surgeBatch) end(ctx context.Context, mail func(subscribers.QueuedSignUp) error) error {
	if _, err := b.tx.Exec(ctx, "DELETE FROM held_signups WHERE at < $1", column.Millis(b.at.Add(-subscribers.HeldFor))); err != nil {
		return fmt.Errorf("forget held sign-ups: %w", err)
	}
	if b.gate.MayRelease() || b.gate.Overfull() {
		if err := b.letGo(ctx, mail); err != nil {
			return fmt.Errorf("release held sign-ups: %w", err)
		}
	}
	if err := b.keepCounts(ctx); err != nil {
		return fmt.Errorf("count sign-ups: %w", err)
	}
	if err := b.keepSurges(ctx); err != nil {
		return fmt.Errorf("keep surges: %w", err)
	}
	return nil
}

// letGo mails those whom the gate releases, and drops the surplus of the others.
func (b *surgeBatch) letGo(ctx context.Context, mail func(subscribers.QueuedSignUp) error) error {
	held, all, err := b.held(ctx)
	if err != nil {
		return err
	}
	released := b.gate.Release(held)
	for _, id := range released {
		n, err := b.drop(ctx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue // another node was faster
		}
		if err := mail(all[id]); err != nil {
			return err
		}
	}
	held = slices.DeleteFunc(held, func(h subscribers.HeldSignUp) bool { return slices.Contains(released, h.ID) })
	for _, id := range subscribers.Surplus(held) {
		if _, err := b.drop(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (b *surgeBatch) drop(ctx context.Context, id int64) (int64, error) {
	return b.tx.Exec(ctx, "DELETE FROM held_signups WHERE id = $1", id)
}

// held reads those who wait, and what is queued of each.
func (b *surgeBatch) held(ctx context.Context) (held []subscribers.HeldSignUp, all map[int64]subscribers.QueuedSignUp, err error) {
	all = map[int64]subscribers.QueuedSignUp{}
	err = each(ctx, b.tx, func(rows Rows) error {
		r := column.SignUp{Wish: subscribers.WishJoin}
		var answered int
		if err := rows.Scan(&r.ID, &r.Email, &r.Details, &r.IP, &r.At, &answered); err != nil {
			return err
		}
		q, err := r.SignUp()
		all[r.ID] = q
		held = append(held, subscribers.HeldSignUp{ID: r.ID, Domain: q.Address.Domain, IP: q.IP, Answered: answered != 0})
		return err
	}, "SELECT id, email, details, ip, at, answered FROM held_signups")
	return held, all, err
}

const addCounts = `
	INSERT INTO signup_counts (domain, bucket, asked, mailed, answered, confirmed, surge) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (domain, bucket) DO UPDATE SET
		asked = signup_counts.asked + excluded.asked,
		mailed = signup_counts.mailed + excluded.mailed,
		answered = signup_counts.answered + excluded.answered,
		confirmed = signup_counts.confirmed + excluded.confirmed,
		surge = CASE WHEN signup_counts.surge > 0 THEN signup_counts.surge ELSE excluded.surge END`

func addCount(ctx context.Context, tx Tx, c subscribers.SignUpCount) error {
	surge := 0
	if c.Surge {
		surge = 1
	}
	_, err := tx.Exec(ctx, addCounts, c.Domain, c.Bucket, c.Asked, c.Mailed, c.Answered, c.Confirmed, surge)
	return err
}

func (b *surgeBatch) keepCounts(ctx context.Context) error {
	for _, c := range b.gate.Counts() {
		if err := addCount(ctx, b.tx, c); err != nil {
			return err
		}
	}
	_, err := b.tx.Exec(ctx, "DELETE FROM signup_counts WHERE bucket < $1", subscribers.BucketOf(b.at.Add(-subscribers.CountedFor)))
	return err
}

// keepSurges keeps those that began, and ends those that ended. What another node
// has begun meanwhile stays.
func (b *surgeBatch) keepSurges(ctx context.Context) error {
	goesOn := map[string]bool{}
	for _, s := range b.gate.Surges() {
		goesOn[s.Domain] = true
		_, err := b.tx.Exec(ctx, "INSERT INTO signup_surges (domain, since, episode) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			s.Domain, column.Millis(s.Since), column.Millis(s.Episode))
		if err != nil {
			return err
		}
	}
	for _, s := range b.had {
		if goesOn[s.Domain] {
			continue
		}
		if _, err := b.tx.Exec(ctx, "DELETE FROM signup_surges WHERE domain = $1", s.Domain); err != nil {
			return err
		}
	}
	return nil
}

// countConfirmed counts a confirmation, the last thing in its transaction.
func countConfirmed(ctx context.Context, tx Tx, a subscribers.Address, at time.Time) error {
	for _, domain := range []string{"", subscribers.CountedDomain(a.Domain)} {
		c := subscribers.SignUpCount{Domain: domain, Bucket: subscribers.BucketOf(at), Confirmed: 1}
		if err := addCount(ctx, tx, c); err != nil {
			return fmt.Errorf("count confirmation: %w", err)
		}
	}
	return nil
}

// SurgeState tells how a surge stands.
func (q SignUps) SurgeState(ctx context.Context, at time.Time) (s subscribers.SurgeState, err error) {
	err = q.db.Read(ctx, func(tx Tx) (err error) {
		if s.Surges, err = surges(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM held_signups").Scan(&s.Held); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT CAST(coalesce(sum(asked), 0) AS BIGINT), CAST(coalesce(sum(confirmed), 0) AS BIGINT) FROM signup_counts WHERE domain = '' AND bucket >= $1",
			subscribers.HourBefore(at)).Scan(&s.Asked, &s.Confirmed)
	})
	if err != nil {
		return s, fmt.Errorf("read how sign-ups stand: %w", err)
	}
	return s, nil
}
