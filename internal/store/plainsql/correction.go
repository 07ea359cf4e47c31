package plainsql

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"verdicts.example/digest/internal/store/column"
)

// HasOlder is the condition on a subscriber, as s, who has an edition in a version
// that was amended since: it was accepted, and its variant comes before the last one
// that has all of the edition.
func HasOlder(id int64) string {
	n := strconv.FormatInt(id, 10)
	return `s.id IN (
		SELECT o.subscriber_id FROM deliveries o
		WHERE o.edition_id = ` + n + ` AND o.state = ` + Accepted + `
		  AND o.variant < (SELECT max(f.variant) FROM edition_frozen f WHERE f.edition_id = ` + n + ` AND f.slugs = ''))`
}

// Older counts the readers who may be told that an edition was amended.
func (s Editions) Older(ctx context.Context, id int64, at time.Time) (n int64, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `
			SELECT count(*) FROM subscribers s
			WHERE `+GetsDigests("$1")+` AND `+HasOlder(id), column.Millis(at)).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count who has edition %d in an older version: %w", id, err)
	}
	return n, nil
}
