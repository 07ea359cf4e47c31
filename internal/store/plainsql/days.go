package plainsql

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/delivery"
)

// Days keep how many messages of a warm-up's day senders have reserved.
type Days struct{ db DB }

// Days gives the reservations of days.
func (db DB) Days() Days { return Days{db} }

// SentOnDay is how many messages were intended on a day.
func (d Days) SentOnDay(ctx context.Context, day int64) (n int64, err error) {
	err = d.db.Read(ctx, func(tx Tx) (err error) {
		n, err = sentOnDay(ctx, tx, day)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the messages of a day: %w", err)
	}
	return n, nil
}

func sentOnDay(ctx context.Context, tx Tx, day int64) (n int64, err error) {
	return n, tx.QueryRow(ctx, `SELECT CAST(coalesce(sum(dots), 0) AS BIGINT) FROM `+tx.Dialect().SendDays+` WHERE day = $1`, day).Scan(&n)
}

// ReserveDay reserves a part of a day; see delivery.Timetable. Where there is not
// enough, it ends the leases of senders that have died with a part of it.
func (d Days) ReserveDay(ctx context.Context, s delivery.Sender, r delivery.DayRequest) (granted int64, err error) {
	err = d.db.Write(ctx, func(tx Tx) (err error) {
		granted, err = reserveDay(ctx, tx, s, r)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reserve a part of the day: %w", err)
	}
	return granted, nil
}

func reserveDay(ctx context.Context, tx Tx, s delivery.Sender, r delivery.DayRequest) (granted int64, err error) {
	dialect := tx.Dialect()
	if dialect.HoldDays != "" {
		if _, err := tx.Exec(ctx, dialect.HoldDays); err != nil {
			return 0, err
		}
	}
	if err := dialect.Fence(ctx, tx, s); err != nil {
		return 0, err
	}
	if granted, err = grantOfDay(ctx, tx, s, r); err != nil {
		return 0, err
	}
	if granted < r.More {
		if err := dialect.EndLapsed(ctx, tx, s, r.At); err != nil {
			return 0, err
		}
		if granted, err = grantOfDay(ctx, tx, s, r); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO day_reservations (edition_id, epoch, day, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (edition_id, epoch) DO UPDATE SET day = excluded.day, n = excluded.n`,
		s.Edition, s.Epoch, r.Day, r.Holds+granted)
	return granted, err
}

// grantOfDay counts what is sent before what is reserved: what a sender intends
// meanwhile is in one of the two at least.
func grantOfDay(ctx context.Context, tx Tx, s delivery.Sender, r delivery.DayRequest) (int64, error) {
	sent, err := sentOnDay(ctx, tx, r.Day)
	if err != nil {
		return 0, err
	}
	var reserved int64
	err = tx.QueryRow(ctx, `
		SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM day_reservations
		WHERE day = $1 AND NOT (edition_id = $2 AND epoch = $3)`, r.Day, s.Edition, s.Epoch).Scan(&reserved)
	return r.Grant(sent, reserved), err
}

// DropReservation gives back what a sender has reserved, in the transaction that
// ends its lease.
func DropReservation(ctx context.Context, tx Tx, edition, epoch int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM day_reservations WHERE edition_id = $1 AND epoch = $2`, edition, epoch)
	return err
}
