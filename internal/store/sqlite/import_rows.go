package sqlite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// insertChunk is how many rows one INSERT takes.
const insertChunk = 100

// insertFields is the number of values in a row of insertRows.
const insertFields = 13

// insertRows is an INSERT of n rows.
func insertRows(n int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", insertFields), ",") + ")"
	return `INSERT INTO subscribers (id, email, email_key, address_hash, name, status, suppressed, token,
		categories, source, created_at, confirmed_at, left_at)
		VALUES ` + strings.TrimSuffix(strings.Repeat(row+",", n), ",")
}

// addRows inserts new subscribers.
func (im *importer) addRows(rows []subscribers.ImportRow) error {
	for i := range rows {
		if rows[i].Suppressed != subscribers.NotSuppressed {
			im.suppress = true
			if err := im.RecordSuppression(rows[i]); err != nil {
				return err
			}
		}
	}
	for len(rows) >= insertChunk {
		if err := im.exec(func(args ...any) error {
			// Query binds all values in one call into C; Exec needs one for each.
			r, err := im.insert.QueryContext(context.WithoutCancel(im.Ctx), args...)
			if err != nil {
				return err
			}
			return r.Close()
		}, rows[:insertChunk]); err != nil {
			return err
		}
		rows = rows[insertChunk:]
	}
	if len(rows) == 0 {
		return nil
	}
	return im.exec(func(args ...any) error {
		_, err := im.tx.ExecContext(im.Ctx, insertRows(len(rows)), args...)
		return err
	}, rows)
}

func (im *importer) exec(do func(args ...any) error, rows []subscribers.ImportRow) error {
	args := make([]any, 0, len(rows)*insertFields)
	for i := range rows {
		r := &rows[i]
		args = append(args,
			im.base+int64(r.Line),
			r.Address.Email,
			r.Address.Key,
			r.Address.Hash,
			r.Name,
			int64(r.Status),
			int64(r.Suppressed),
			r.Token[:],
			subscribers.JoinCategories(r.Categories),
			im.Options.Source,
			toMillis(r.Created),
			toMillis(r.Confirmed),
			toMillis(r.Left),
		)
	}
	if err := do(args...); err != nil {
		return fmt.Errorf("insert lines %d to %d: %w", rows[0].Line, rows[len(rows)-1].Line, err)
	}
	return nil
}

// update writes what a row changes of a known subscriber.
func (im *importer) update(old, s subscribers.Subscriber, r subscribers.ImportRow) error {
	if err := im.KeepSubscribers(s.ID); err != nil {
		return err
	}
	if s.Status == subscribers.Unsubscribed || s.Suppressed != subscribers.NotSuppressed {
		return im.TakeOff(old, s, r)
	}
	return plainsql.SaveSubscriber(im.Ctx, im.Tx, s)
}

// touch remembers the lines of subscribers that were on the list before.
func (im *importer) touch(rows []subscribers.ImportRow, known []subscribers.Known) error {
	var pairs [][2]int64
	for i, k := range known {
		if k.Found && k.Line == 0 {
			pairs = append(pairs, [2]int64{k.Subscriber.ID, int64(rows[i].Line)})
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	_, err = im.tx.ExecContext(im.Ctx, "INSERT INTO temp.touched SELECT value ->> 0, value ->> 1 FROM json_each(?)", string(list))
	return err
}

// LookUpSubscribers looks for the addresses.
func (im *importer) LookUpSubscribers(rows []subscribers.ImportRow, known []subscribers.Known) error {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Address.Key
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	found, err := im.tx.QueryContext(im.Ctx, "SELECT "+plainsql.SubscriberColumns+`, j.key, coalesce(t.line, 0)
		FROM json_each(?) j
		CROSS JOIN subscribers s ON s.email_key = j.value
		LEFT JOIN temp.touched t ON t.id = s.id`, string(list))
	if err != nil {
		return err
	}
	defer found.Close() // found.Err says it
	for found.Next() {
		var i, line int
		sub, err := column.Subscriber(found.Scan, &i, &line)
		if err != nil {
			return err
		}
		if sub.ID > im.base {
			line = int(sub.ID - im.base)
		}
		known[i].Found, known[i].Subscriber, known[i].Line = true, sub, line
	}
	return found.Err()
}

// LookUpSuppressions looks for the suppressions, if there are any.
func (im *importer) LookUpSuppressions(rows []subscribers.ImportRow, known []subscribers.Known) error {
	if !im.suppress {
		return nil
	}
	hashes := make([]string, len(rows))
	for i := range rows {
		hashes[i] = hex.EncodeToString(rows[i].Address.SHA256[:])
	}
	list, err := json.Marshal(hashes)
	if err != nil {
		return err
	}
	found, err := im.tx.QueryContext(im.Ctx, `SELECT j.key, p.reason
		FROM json_each(?) j CROSS JOIN suppressions p ON p.address_sha256 = unhex(j.value)`, string(list))
	if err != nil {
		return err
	}
	defer found.Close() // found.Err says it
	for found.Next() {
		var i int
		var reason subscribers.Reason
		if err := found.Scan(&i, &reason); err != nil {
			return err
		}
		known[i].Suppressed = reason
	}
	return found.Err()
}

// LookUpTokens looks for the tokens that the file gives.
func (im *importer) LookUpTokens(rows []subscribers.ImportRow, known []subscribers.Known) error {
	tokens := map[int]string{}
	for i := range rows {
		if rows[i].Given.Token && !known[i].Found {
			tokens[i] = hex.EncodeToString(rows[i].Token[:])
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	list, err := json.Marshal(tokens)
	if err != nil {
		return err
	}
	found, err := im.tx.QueryContext(im.Ctx, `SELECT j.key FROM json_each(?) j
		CROSS JOIN subscribers s ON s.token = unhex(j.value)`, string(list))
	if err != nil {
		return err
	}
	defer found.Close() // found.Err says it
	for found.Next() {
		var i int
		if err := found.Scan(&i); err != nil {
			return err
		}
		known[i].TokenTaken = true
	}
	return found.Err()
}
