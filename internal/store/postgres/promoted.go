package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
)

// promotionTold is how long after a promotion was noticed a freeze asks the journals.
// No edition is frozen longer than that ahead of its slot.
const promotionTold = 14 * 24 * time.Hour

// awaitJournals has a freshly frozen edition wait for the journals that may know of
// it. A standby that was promoted without the log's end lacks freezes too, with the
// nodes that took part in them: frozen again, such an edition would be mailed twice.
// So for some time after a promotion those who sent the last edition, and all who may
// send, compare their journals with the new server first; see
// delivery.SendInfo.NotCompared.
func awaitJournals(ctx context.Context, tx pgx.Tx, here server, id int64, at time.Time) error {
	former, err := promotedFrom(ctx, tx, here, at)
	if err != nil || former == "" {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO send_journals (edition_id, node, seq, server)
		SELECT $1, node, 0, $2
		FROM (SELECT node FROM send_journals
		      WHERE edition_id = (SELECT edition_id FROM sends WHERE edition_id <> $1 ORDER BY started_at DESC LIMIT 1)
		      UNION SELECT name FROM nodes WHERE cardinality(roles) = 0 OR 'send' = ANY (roles)) n
		ON CONFLICT DO NOTHING`, id, former)
	if err != nil {
		return fmt.Errorf("whose journals are to be compared: %w", err)
	}
	return nil
}

// promotedFrom notes which server the list is on, and gives the one that it was on
// before, when it has not been on this one for long; "": none.
func promotedFrom(ctx context.Context, tx pgx.Tx, here server, at time.Time) (former string, err error) {
	_, err = tx.Exec(ctx, `INSERT INTO servers (server, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, here.String(), column.Millis(at))
	if err != nil {
		return "", err
	}
	err = tx.QueryRow(ctx, `
		SELECT f.server
		FROM servers f, servers h
		WHERE h.server = $1 AND h.since > $2 AND f.since < h.since
		ORDER BY f.since DESC LIMIT 1`, here.String(), column.Millis(at.Add(-promotionTold))).Scan(&former)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return former, err
}
