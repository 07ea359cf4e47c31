package plainsql

import (
	"context"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// GetsDigests is the condition on a subscriber who gets an edition frozen at the time
// in a parameter, if it has something of their topics; see
// subscribers.Subscriber.GetsDigests.
func GetsDigests(at string) string { return IsMailable + ` AND paused_until <= ` + at }

// Recipients is the condition on a subscriber, as s, who gets what f freezes; at is a
// parameter with f.At.
func Recipients(f delivery.Freeze, at string) string {
	if f.Corrects == 0 {
		return GetsDigests(at)
	}
	return GetsDigests(at) + ` AND ` + HasOlder(f.Corrects)
}

// Freeze freezes an edition in the transaction; see delivery.Freezer. fill makes the
// deliveries, and gives how many there are and how many readers were left out as
// duplicates.
func Freeze(ctx context.Context, tx Tx, f delivery.Freeze, fill func() (recipients, duplicates int64, err error)) (out delivery.Frozen, err error) {
	if _, err := heldState(ctx, tx, f.Edition); err != nil {
		return out, err
	}
	err = tx.QueryRow(ctx, `SELECT recipients, duplicates FROM sends WHERE edition_id = $1`, f.Edition).Scan(&out.Recipients, &out.Duplicates)
	if out.Resumed = err == nil; out.Resumed || !noRows(err) {
		return out, err
	}
	if err := FreezeEdition(ctx, tx, f); err != nil {
		return out, err
	}
	if out.Recipients, out.Duplicates, err = fill(); err != nil {
		return out, err
	}
	if out.Recipients == 0 {
		return out, delivery.ErrNobody
	}
	if err := InsertLines(ctx, tx, f.Edition, f.Lines); err != nil {
		return out, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sends (edition_id, recipients, duplicates, started_at) VALUES ($1, $2, $3, $4)`,
		f.Edition, out.Recipients, out.Duplicates, column.Millis(f.At))
	return out, err
}

// FreezeEdition begins the edition's send and keeps the bytes that its readers
// will get.
func FreezeEdition(ctx context.Context, tx Tx, f delivery.Freeze) error {
	_, err := ChangeEdition(ctx, tx, f.Edition, func(e edition.Edition) (edition.Edition, error) {
		return e.Freeze(f.Hash, f.ApprovalRequired, f.At)
	})
	if err != nil {
		return err
	}
	for _, v := range append([]edition.Variant{{Message: f.Message, Sender: f.Sender}}, f.Cuts...) {
		if err := InsertFrozen(ctx, tx, f.Edition, v); err != nil {
			return err
		}
	}
	return nil
}

// Topics counts readers by their topics; see delivery.Freezer.
func (s SendRecords) Topics(ctx context.Context, at time.Time) (map[string]int64, error) {
	type count struct {
		categories string
		readers    int64
	}
	list, err := rowsOf(ctx, s.db, "count readers by topics", func(row Rows) (c count, err error) {
		err = row.Scan(&c.categories, &c.readers)
		return c, err
	}, "SELECT categories, count(*) FROM subscribers WHERE "+GetsDigests("$1")+" GROUP BY categories", column.Millis(at))
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(list))
	for _, c := range list {
		out[c.categories] = c.readers
	}
	return out, nil
}
