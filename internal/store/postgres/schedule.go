package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/column"
)

// Schedule remembers which slots are settled, and what the clock has been.
type Schedule struct{ db *DB }

var _ schedule.Ledger = Schedule{}

// Schedule gives the database's schedule.
func (db *DB) Schedule() Schedule { return Schedule{db} }

// Observe notes that the clock shows now, and gives what was noted before. Of
// several nodes' clocks the one that is ahead counts.
func (s Schedule) Observe(ctx context.Context, now time.Time) (schedule.Observed, error) {
	var first, last, through int64
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO schedule_state (id, first_seen, last_seen) VALUES (1, $1, $1)
			ON CONFLICT (id) DO NOTHING`, column.Millis(now))
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT first_seen, last_seen FROM schedule_state FOR UPDATE`).Scan(&first, &last); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			SELECT COALESCE(MIN(slot) FILTER (WHERE outcome = 'open') - 1, MAX(slot), 0)
			FROM schedule_slots
			WHERE kind = 'send'`).Scan(&through)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE schedule_state SET last_seen = greatest(last_seen, $1)`, column.Millis(now))
		return err
	})
	if err != nil {
		return schedule.Observed{}, fmt.Errorf("observe clock: %w", err)
	}
	return schedule.Observed{First: column.Time(first), Last: column.Time(last), Through: column.Time(through)}, nil
}

// Claim gives a slot to one owner for the time between now and until, which the
// database's clock measures: nodes whose clocks differ do not take each other's.
func (s Schedule) Claim(ctx context.Context, slot schedule.Slot, owner string, now, until time.Time) (schedule.Claim, error) {
	var claim schedule.Claim
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		claim, err = claimSlot(ctx, tx, slot, owner, now, until.Sub(now))
		return err
	})
	if err != nil {
		return schedule.Busy, fmt.Errorf("claim slot %s %s: %w", slot.Kind, slot.Week, err)
	}
	return claim, nil
}

func claimSlot(ctx context.Context, tx pgx.Tx, s schedule.Slot, owner string, now time.Time, lease time.Duration) (schedule.Claim, error) {
	r, err := heldSlot(ctx, tx, s, now)
	if err != nil {
		return schedule.Busy, err
	}
	claim := r.Claim(owner, now)
	if claim == schedule.Settled {
		return claim, nil
	}
	var state edition.State
	err = tx.QueryRow(ctx, `SELECT state FROM editions WHERE week = $1`, s.Week.String()).Scan(&state)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return schedule.Busy, err
	}
	if err == nil && s.Kind.SettledBy(state) {
		_, err := tx.Exec(ctx, `
			UPDATE schedule_slots SET slot = $3, outcome = $4, owner = '', taken_until = NULL, settled_at = $5
			WHERE kind = $1 AND week = $2`,
			string(s.Kind), s.Week.String(), column.Millis(s.At), string(schedule.Done), column.Millis(now))
		return schedule.Settled, err
	}
	if claim == schedule.Busy {
		return claim, nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE schedule_slots SET slot = $3, owner = $4, taken_until = clock_timestamp() + $5
		WHERE kind = $1 AND week = $2`,
		string(s.Kind), s.Week.String(), column.Millis(s.At), owner, lease)
	return claim, err
}

// heldSlot gives a slot's record, making one that is open where there is none,
// and keeps other nodes from it. A claim that runs by the database's clock runs
// by now's.
func heldSlot(ctx context.Context, tx pgx.Tx, s schedule.Slot, now time.Time) (r schedule.Record, err error) {
	_, err = tx.Exec(ctx, `
		INSERT INTO schedule_slots (kind, week, slot, outcome, owner) VALUES ($1, $2, $3, $4, '')
		ON CONFLICT (kind, week) DO NOTHING`, string(s.Kind), s.Week.String(), column.Millis(s.At), string(schedule.Open))
	if err != nil {
		return r, err
	}
	var runs bool
	err = tx.QueryRow(ctx, `
		SELECT outcome, owner, coalesce(taken_until > clock_timestamp(), false) FROM schedule_slots
		WHERE kind = $1 AND week = $2 FOR UPDATE`, string(s.Kind), s.Week.String()).Scan(&r.Outcome, &r.Owner, &runs)
	if runs {
		r.Until = now.Add(time.Minute)
	}
	return r, err
}

// Release gives an owner's claim back.
func (s Schedule) Release(ctx context.Context, slot schedule.Slot, owner string) error {
	return s.endClaim(ctx, "release", `
		UPDATE schedule_slots SET owner = '', taken_until = NULL
		WHERE kind = $1 AND week = $2 AND owner = $3 AND outcome = 'open'`,
		string(slot.Kind), slot.Week.String(), owner)
}

// Settle ends a slot for good.
func (s Schedule) Settle(ctx context.Context, slot schedule.Slot, owner string, o schedule.Outcome, now time.Time) error {
	return s.endClaim(ctx, "settle", `
		UPDATE schedule_slots SET outcome = $4, settled_at = $5, owner = '', taken_until = NULL
		WHERE kind = $1 AND week = $2 AND owner = $3 AND outcome = 'open'`,
		string(slot.Kind), slot.Week.String(), owner, string(o), column.Millis(now))
}

func (s Schedule) endClaim(ctx context.Context, what, stmt string, args ...any) error {
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, stmt, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s slot: %w", what, err)
	}
	return nil
}

// ResetClock makes now the latest time that the scheduler has seen, for an
// operator whose clock was ahead and is right now. What was settled for slots
// still to come is forgotten, with the editions that were marked missed for
// them and hold nothing; what was sent stays.
func (s Schedule) ResetClock(ctx context.Context, now time.Time) error {
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		at := column.Millis(now)
		for _, stmt := range []string{
			`UPDATE schedule_state SET first_seen = least(first_seen, $1), last_seen = $1`,
			`DELETE FROM schedule_slots WHERE slot > $1`,
			`DELETE FROM editions e
			WHERE slot > $1 AND state = 'missed' AND hash = ''
			  AND NOT EXISTS (SELECT 1 FROM edition_items i WHERE i.edition_id = e.id)
			  AND NOT EXISTS (SELECT 1 FROM edition_builds b WHERE b.edition_id = e.id)`,
		} {
			if _, err := tx.Exec(ctx, stmt, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reset clock: %w", err)
	}
	return nil
}

// Seen is the latest time that the clock has shown to a scheduler; zero before
// the first.
func (s Schedule) Seen(ctx context.Context) (time.Time, error) {
	var last int64
	err := s.db.pool.QueryRow(ctx, "SELECT last_seen FROM schedule_state").Scan(&last)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read the schedule: %w", s.db.fault(err))
	}
	return column.Time(last), nil
}
