package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

// Schedule remembers which slots are settled, and what the clock has been.
type Schedule struct{ db *DB }

var _ schedule.Ledger = Schedule{}

// Schedule gives the database's schedule.
func (db *DB) Schedule() Schedule { return Schedule{db} }

// Observe notes that the clock shows now, and gives what was noted before.
func (s Schedule) Observe(ctx context.Context, now time.Time) (schedule.Observed, error) {
	var seen schedule.Observed
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		seen, err = observeClock(ctx, tx, now)
		return err
	})
	if err != nil {
		return schedule.Observed{}, fmt.Errorf("observe clock: %w", err)
	}
	return seen, nil
}

func observeClock(ctx context.Context, tx *sql.Tx, now time.Time) (schedule.Observed, error) {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO schedule_state (id, first_seen, last_seen) VALUES (1, ?1, ?1)
		ON CONFLICT (id) DO NOTHING`, toMillis(now))
	if err != nil {
		return schedule.Observed{}, err
	}
	var first, last, through int64
	err = tx.QueryRowContext(ctx, `
		SELECT first_seen,
		       last_seen,
		       (SELECT COALESCE(MIN(slot) FILTER (WHERE outcome = 'open') - 1, MAX(slot), 0)
		        FROM schedule_slots
		        WHERE kind = 'send')
		FROM schedule_state`).Scan(&first, &last, &through)
	if err != nil {
		return schedule.Observed{}, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE schedule_state SET last_seen = MAX(last_seen, ?)`, toMillis(now))
	return schedule.Observed{First: fromMillis(first), Last: fromMillis(last), Through: fromMillis(through)}, err
}

// Claim gives a slot to one owner until a time.
func (s Schedule) Claim(ctx context.Context, slot schedule.Slot, owner string, now, until time.Time) (schedule.Claim, error) {
	var claim schedule.Claim
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		claim, err = claimSlot(ctx, tx, slot, owner, now, until)
		return err
	})
	if err != nil {
		return schedule.Busy, fmt.Errorf("claim slot %s %s: %w", slot.Kind, slot.Week, err)
	}
	return claim, nil
}

func claimSlot(ctx context.Context, tx *sql.Tx, s schedule.Slot, owner string, now, until time.Time) (schedule.Claim, error) {
	r, err := slotRecord(ctx, tx, s)
	if err != nil {
		return schedule.Busy, err
	}
	claim := r.Claim(owner, now.Truncate(time.Millisecond))
	if claim == schedule.Settled {
		return claim, nil
	}
	var state edition.State
	err = tx.QueryRowContext(ctx, `SELECT state FROM editions WHERE week = ?`, s.Week.String()).Scan(&state)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return schedule.Busy, err
	}
	if err == nil && s.Kind.SettledBy(state) {
		return schedule.Settled, saveSlot(ctx, tx, s, schedule.Record{Outcome: schedule.Done}, now)
	}
	if claim == schedule.Busy {
		return claim, nil
	}
	return claim, saveSlot(ctx, tx, s, schedule.Record{Outcome: schedule.Open, Owner: owner, Until: until}, time.Time{})
}

func slotRecord(ctx context.Context, tx *sql.Tx, s schedule.Slot) (schedule.Record, error) {
	var r schedule.Record
	var until int64
	err := tx.QueryRowContext(ctx, `SELECT outcome, owner, lease_until FROM schedule_slots WHERE kind = ? AND week = ?`,
		string(s.Kind), s.Week.String()).Scan(&r.Outcome, &r.Owner, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	r.Until = fromMillis(until)
	return r, err
}

func saveSlot(ctx context.Context, tx *sql.Tx, s schedule.Slot, r schedule.Record, settled time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO schedule_slots (kind, week, slot, outcome, owner, lease_until, settled_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (kind, week) DO UPDATE
		SET slot = excluded.slot, outcome = excluded.outcome, owner = excluded.owner,
		    lease_until = excluded.lease_until, settled_at = excluded.settled_at`,
		string(s.Kind), s.Week.String(), toMillis(s.At), string(r.Outcome), r.Owner, toMillis(r.Until), toMillis(settled))
	return err
}

// Release gives an owner's claim back.
func (s Schedule) Release(ctx context.Context, slot schedule.Slot, owner string) error {
	return s.endClaim(ctx, "release", `
		UPDATE schedule_slots SET owner = '', lease_until = 0
		WHERE kind = ? AND week = ? AND owner = ? AND outcome = 'open'`,
		string(slot.Kind), slot.Week.String(), owner)
}

// Settle ends a slot for good.
func (s Schedule) Settle(ctx context.Context, slot schedule.Slot, owner string, o schedule.Outcome, now time.Time) error {
	return s.endClaim(ctx, "settle", `
		UPDATE schedule_slots SET outcome = ?, settled_at = ?, owner = '', lease_until = 0
		WHERE kind = ? AND week = ? AND owner = ? AND outcome = 'open'`,
		string(o), toMillis(now), string(slot.Kind), slot.Week.String(), owner)
}

func (s Schedule) endClaim(ctx context.Context, what, stmt string, args ...any) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, stmt, args...)
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
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		at := toMillis(now)
		_, state := tx.ExecContext(ctx, `
			UPDATE schedule_state SET first_seen = MIN(first_seen, ?1), last_seen = ?1`, at)
		_, slots := tx.ExecContext(ctx, `DELETE FROM schedule_slots WHERE slot > ?`, at)
		_, missed := tx.ExecContext(ctx, `
			DELETE FROM editions
			WHERE slot > ? AND state = 'missed' AND hash = ''
			  AND id NOT IN (SELECT edition_id FROM edition_items)
			  AND id NOT IN (SELECT edition_id FROM edition_builds)`, at)
		return errors.Join(state, slots, missed)
	})
	if err != nil {
		return fmt.Errorf("reset clock: %w", err)
	}
	return nil
}
