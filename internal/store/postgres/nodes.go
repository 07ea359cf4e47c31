package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
)

// Nodes gives the nodes that have sent an edition, by name.
func (d Deliveries) Nodes(ctx context.Context, id int64) ([]delivery.NodeStatus, error) {
	rows, err := d.db.pool.Query(ctx, `
		WITH done AS (
			SELECT e.node, e.epoch,
			       coalesce(sum(c.n) FILTER (WHERE c.state = `+stateAccepted+`), 0) AS accepted,
			       coalesce(sum(c.n) FILTER (WHERE c.state = `+stateUnknown+`), 0) AS unknown
			FROM send_epochs e LEFT JOIN counts_now c ON c.edition_id = e.edition_id AND c.epoch = e.epoch
			WHERE e.edition_id = $1
			GROUP BY e.node, e.epoch
		)
		SELECT l.node, l.epoch, coalesce(l.expires_at > clock_timestamp(), false),
		       (SELECT count(*) FROM send_shards s WHERE s.edition_id = $1 AND s.epoch = l.epoch),
		       (SELECT coalesce(sum(accepted), 0) FROM done WHERE node = l.node)::bigint,
		       (SELECT coalesce(sum(unknown), 0) FROM done WHERE node = l.node)::bigint,
		       CASE WHEN l.expires_at > clock_timestamp() THEN
		           (SELECT accepted FROM done WHERE epoch = l.epoch)::float8
		           / greatest(extract(epoch FROM clock_timestamp()) - e.began_at / 1000.0, 1)::float8
		       ELSE 0 END
		FROM send_leases l JOIN send_epochs e ON e.edition_id = l.edition_id AND e.epoch = l.epoch
		WHERE l.edition_id = $1
		ORDER BY l.node`, id)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (n delivery.NodeStatus, err error) {
		return n, row.Scan(&n.Node, &n.Epoch, &n.Alive, &n.Shards, &n.Accepted, &n.Unknown, &n.Rate)
	})
	if err != nil {
		return nil, fmt.Errorf("read the nodes of edition %d: %w", id, d.db.fault(err))
	}
	return list, nil
}
