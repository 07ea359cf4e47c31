package postgres

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// LookUpSubscribers looks for the addresses.
func (im *importer) LookUpSubscribers(rows []subscribers.ImportRow, known []subscribers.Known) error {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Address.Key
	}
	found, err := im.tx.Query(im.Ctx, "SELECT "+plainsql.SubscriberColumns+`, k.i
		FROM unnest($1::text[]) WITH ORDINALITY k(key, i) JOIN subscribers s ON s.email_key = k.key`, keys)
	if err != nil {
		return err
	}
	defer found.Close() // found.Err says it
	for found.Next() {
		var i int
		sub, err := column.Subscriber(found.Scan, &i)
		if err != nil {
			return err
		}
		line := int(im.touched[sub.ID])
		if sub.ID > im.base {
			line = int(sub.ID - im.base)
		}
		k := &known[i-1]
		k.Found, k.Subscriber, k.Line = true, sub, line
	}
	return found.Err()
}

// LookUpSuppressions looks for the suppressions, if there are any.
func (im *importer) LookUpSuppressions(rows []subscribers.ImportRow, known []subscribers.Known) error {
	if !im.suppress {
		return nil
	}
	hashes := make([][]byte, len(rows))
	for i := range rows {
		hashes[i] = rows[i].Address.SHA256[:]
	}
	found, err := im.tx.Query(im.Ctx, `
		SELECT k.i, p.reason
		FROM unnest($1::bytea[]) WITH ORDINALITY k(hash, i) JOIN suppressions p ON p.address_sha256 = k.hash`, hashes)
	if err != nil {
		return err
	}
	var i int
	var reason subscribers.Reason
	_, err = pgx.ForEachRow(found, []any{&i, &reason}, func() error {
		known[i-1].Suppressed = reason
		return nil
	})
	return err
}

// LookUpTokens looks for the tokens that the file gives.
func (im *importer) LookUpTokens(rows []subscribers.ImportRow, known []subscribers.Known) error {
	var tokens [][]byte
	var at []int
	for i := range rows {
		if rows[i].Given.Token && !known[i].Found {
			tokens, at = append(tokens, rows[i].Token[:]), append(at, i)
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	found, err := im.tx.Query(im.Ctx, `
		SELECT k.i FROM unnest($1::bytea[]) WITH ORDINALITY k(token, i) JOIN subscribers s ON s.token = k.token`, tokens)
	if err != nil {
		return err
	}
	var i int
	_, err = pgx.ForEachRow(found, []any{&i}, func() error {
		known[at[i-1]].TokenTaken = true
		return nil
	})
	return err
}

// update writes what rows change of known subscribers. It holds them and decides
// again by what they are now.
func (im *importer) update(rows []subscribers.ImportRow, old []subscribers.Known) error {
	if len(rows) == 0 {
		return nil
	}
	held, err := im.hold(old)
	if err != nil {
		return err
	}
	if err := im.KeepSubscribers(slices.Collect(maps.Keys(held))...); err != nil {
		return err
	}
	plain := &pgx.Batch{}
	for i, r := range rows {
		k := old[i]
		k.Subscriber = held[k.Subscriber.ID]
		change, s, reason := subscribers.Merge(k, r)
		if write, err := im.Report.Count(change, r, reason); err != nil {
			return err
		} else if !write {
			continue
		}
		switch {
		case s.Mailable() || s.Status == subscribers.Pending && s.Suppressed == subscribers.NotSuppressed:
			plain.Queue(plainsql.SaveSQL, texts(plainsql.SaveArgs(s))...)
		default:
			if err := im.TakeOff(k.Subscriber, s, r); err != nil {
				return err
			}
		}
	}
	if err := im.tx.SendBatch(im.Ctx, plain).Close(); err != nil {
		return fmt.Errorf("save subscribers: %w", err)
	}
	return nil
}

// hold gives subscribers as they are, and keeps others from changing them.
func (im *importer) hold(list []subscribers.Known) (map[int64]subscribers.Subscriber, error) {
	ids := make([]int64, len(list))
	for i, k := range list {
		ids[i] = k.Subscriber.ID
	}
	rows, err := im.tx.Query(im.Ctx, "SELECT "+plainsql.SubscriberColumns+" FROM subscribers s WHERE s.id = ANY($1) ORDER BY s.id"+forUpdate, ids)
	held, err := collect(rows, err, func(row pgx.CollectableRow) (subscribers.Subscriber, error) { return column.Subscriber(row.Scan) })
	out := make(map[int64]subscribers.Subscriber, len(held))
	for _, s := range held {
		out[s.ID] = s
	}
	return out, err
}
