package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/column"
)

// Schedule remembers which slots are settled, and what the clock has been.
type Schedule struct{ db DB }

var _ schedule.Ledger = Schedule{}

// Schedule gives the database's schedule.
func (db DB) Schedule() Schedule { return Schedule{db} }

// Observe notes that the clock shows now, and gives what was noted before. Of
// several nodes' clocks the one that is ahead counts.
func (s Schedule) Observe(ctx context.Context, now time.Time) (seen schedule.Observed, err error) {
	err = s.db.Write(ctx, func(tx Tx) (err error) {
		seen, err = observeClock(ctx, tx, now)
		return err
	})
	return seen, wrap("observe clock", err)
}

func observeClock(ctx context.Context, tx Tx, now time.Time) (seen schedule.Observed, err error) {
	_, err = tx.Exec(ctx, `
		INSERT INTO schedule_state (id, first_seen, last_seen) VALUES (1, $1, $1)
		ON CONFLICT (id) DO NOTHING`, column.Millis(now))
	if err != nil {
		return seen, err
	}
	var first, last, open, latest int64
	if err := tx.QueryRow(ctx, `SELECT first_seen, last_seen FROM schedule_state`+tx.Dialect().HoldRow).Scan(&first, &last); err != nil {
		return seen, err
	}
	err = tx.QueryRow(ctx, `
		SELECT coalesce(min(slot) FILTER (WHERE outcome = $1), 0), coalesce(max(slot), 0)
		FROM schedule_slots
		WHERE kind = $2`, string(schedule.Open), string(schedule.Send)).Scan(&open, &latest)
	if err != nil {
		return seen, err
	}
	_, err = tx.Exec(ctx, `UPDATE schedule_state SET last_seen = $1 WHERE last_seen < $1`, column.Millis(now))
	return schedule.Observed{
		First: column.Time(first), Last: column.Time(last),
		Through: schedule.SettledThrough(column.Time(open), column.Time(latest)),
	}, err
}

// Claim gives a slot to one owner until a time, which the database's clock measures
// where it has one: nodes whose clocks differ do not take each other's.
func (s Schedule) Claim(ctx context.Context, slot schedule.Slot, owner string, now, until time.Time) (claim schedule.Claim, err error) {
	err = s.db.Write(ctx, func(tx Tx) (err error) {
		claim, err = claimSlot(ctx, tx, slot, owner, now, until)
		return err
	})
	if err != nil {
		return schedule.Busy, fmt.Errorf("claim slot %s %s: %w", slot.Kind, slot.Week, err)
	}
	return claim, nil
}

func claimSlot(ctx context.Context, tx Tx, s schedule.Slot, owner string, now, until time.Time) (schedule.Claim, error) {
	now = now.Truncate(time.Millisecond)
	_, err := tx.Exec(ctx, `
		INSERT INTO schedule_slots (kind, week, slot, outcome, owner) VALUES ($1, $2, $3, $4, '')
		ON CONFLICT (kind, week) DO NOTHING`, string(s.Kind), s.Week.String(), column.Millis(s.At), string(schedule.Open))
	if err != nil {
		return schedule.Busy, err
	}
	r, err := tx.Dialect().HeldSlot(ctx, tx, s, now)
	if err != nil {
		return schedule.Busy, err
	}
	claim := r.Claim(owner, now)
	if claim == schedule.Settled {
		return claim, nil
	}
	var state string
	err = tx.QueryRow(ctx, `SELECT state FROM editions WHERE week = $1`, s.Week.String()).Scan(&state)
	if err == nil && s.Kind.SettledBy(edition.State(state)) {
		_, err := tx.Exec(ctx, `
			UPDATE schedule_slots SET slot = $1, outcome = $2, owner = '', settled_at = $3`+tx.Dialect().FreeSlot+`
			WHERE kind = $4 AND week = $5`,
			column.Millis(s.At), string(schedule.Done), column.Millis(now), string(s.Kind), s.Week.String())
		return schedule.Settled, err
	}
	if err := unlessNone(err); err != nil || claim == schedule.Busy {
		return schedule.Busy, err
	}
	return claim, tx.Dialect().TakeSlot(ctx, tx, s, owner, now, until)
}

// Release gives an owner's claim back.
func (s Schedule) Release(ctx context.Context, slot schedule.Slot, owner string) error {
	return s.endClaim(ctx, "release", func(tx Tx) string {
		return `UPDATE schedule_slots SET owner = ''` + tx.Dialect().FreeSlot + ` WHERE kind = $1 AND week = $2 AND owner = $3 AND outcome = $4`
	}, string(slot.Kind), slot.Week.String(), owner, string(schedule.Open))
}

// Settle ends a slot for good.
func (s Schedule) Settle(ctx context.Context, slot schedule.Slot, owner string, o schedule.Outcome, now time.Time) error {
	return s.endClaim(ctx, "settle", func(tx Tx) string {
		return `UPDATE schedule_slots SET outcome = $1, settled_at = $2, owner = ''` + tx.Dialect().FreeSlot + `
			WHERE kind = $3 AND week = $4 AND owner = $5 AND outcome = $6`
	}, string(o), column.Millis(now), string(slot.Kind), slot.Week.String(), owner, string(schedule.Open))
}

func (s Schedule) endClaim(ctx context.Context, what string, stmt func(Tx) string, args ...any) error {
	return wrap(what+" slot", s.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, stmt(tx), args...)
		return err
	}))
}

// ResetClock makes now the latest time that the scheduler has seen, for an
// operator whose clock was ahead and is right now. What was settled for slots
// still to come is forgotten, with the editions that schedule.MadeByClock names.
func (s Schedule) ResetClock(ctx context.Context, now time.Time) error {
	return wrap("reset clock", s.db.Write(ctx, func(tx Tx) error {
		for _, stmt := range []string{
			`UPDATE schedule_state SET first_seen = $1 WHERE first_seen > $1`,
			`UPDATE schedule_state SET last_seen = $1`,
			`DELETE FROM schedule_slots WHERE slot > $1`,
		} {
			if _, err := tx.Exec(ctx, stmt, column.Millis(now)); err != nil {
				return err
			}
		}
		coming, err := queryEditions(ctx, tx, "WHERE e.slot > $1", []any{column.Millis(now)}, tx.Dialect().Lock)
		for _, e := range coming {
			if err == nil && schedule.MadeByClock(e, now) {
				_, err = tx.Exec(ctx, `
					DELETE FROM editions
					WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM edition_builds WHERE edition_id = $1)`, e.ID)
			}
		}
		return err
	}))
}

// Seen is the latest time that the clock has shown to a scheduler; zero before
// the first.
func (s Schedule) Seen(ctx context.Context) (time.Time, error) {
	var last int64
	err := s.db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, "SELECT coalesce(max(last_seen), 0) FROM schedule_state").Scan(&last)
	})
	return column.Time(last), wrap("read the schedule", err)
}
