package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/store"
)

var _ node.Registry = Registry{}

// A Registry keeps the processes that have the list open.
type Registry struct{ db *DB }

// Registry gives the database's nodes.
func (db *DB) Registry() Registry { return Registry{db} }

// Report keeps a node as alive; see node.Registry. A process that has ended, or is
// known to be dead because another one has its place, gives up its name at once.
func (r Registry) Report(ctx context.Context, n node.Node, now time.Time) (others []node.Node, err error) {
	settings, err := json.Marshal(n.Settings)
	if err != nil {
		return nil, err
	}
	if n.Roles == nil {
		n.Roles = []string{}
	}
	err = r.db.inTx(ctx, func(tx pgx.Tx) error {
		changed, err := run(ctx, tx, `
			INSERT INTO nodes AS n (name, process, place, host, pid, roles, version, settings, skew, since, seen)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (extract(epoch FROM $9::timestamptz - clock_timestamp()) * 1000)::bigint, clock_timestamp(), clock_timestamp())
			ON CONFLICT (name) DO UPDATE SET
				process = excluded.process, place = excluded.place, host = excluded.host, pid = excluded.pid, roles = excluded.roles,
				version = excluded.version, settings = excluded.settings, skew = excluded.skew, seen = excluded.seen, ended = false,
				since = CASE WHEN n.process = excluded.process THEN n.since ELSE excluded.since END
			WHERE n.process = excluded.process OR n.place = excluded.place OR n.ended OR n.seen < clock_timestamp() - $10::interval`,
			n.Name, n.Process, n.Place, text(n.Host), int64(n.PID), n.Roles, n.Version, settings, now, node.DeadAfter)
		if err != nil {
			return err
		}
		if changed == 0 {
			return whose(ctx, tx, n.Name)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM nodes WHERE seen < clock_timestamp() - interval '30 days'`); err != nil {
			return err
		}
		others, err = nodesBut(ctx, tx, n.Name)
		return err
	})
	if errors.Is(err, ErrInDoubt) {
		err = store.Away(err) // it is said again, and once is as good as twice
	}
	if err != nil {
		return nil, fmt.Errorf("say that this node is alive: %w", err)
	}
	return others, nil
}

// whose fails with a node.TakenError.
func whose(ctx context.Context, tx pgx.Tx, name string) error {
	e := &node.TakenError{Name: name}
	var quiet float64
	err := tx.QueryRow(ctx, `
		SELECT host, pid, extract(epoch FROM clock_timestamp() - seen)::float8 FROM nodes WHERE name = $1`, name).
		Scan(&e.Host, &e.PID, &quiet)
	e.Quiet = time.Duration(quiet * float64(time.Second))
	return errors.Join(err, e)
}

// Leave says that a node has ended.
func (r Registry) Leave(ctx context.Context, n node.Node) error {
	err := r.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE nodes SET ended = true, seen = clock_timestamp() WHERE name = $1 AND process = $2`, n.Name, n.Process)
		return err
	})
	if err != nil {
		return fmt.Errorf("say that this node has ended: %w", err)
	}
	return nil
}

// Nodes gives the nodes that were heard of within a day, by name.
func (r Registry) Nodes(ctx context.Context) (list []node.Node, err error) {
	err = r.db.readTx(ctx, func(tx pgx.Tx) error {
		all, err := nodesBut(ctx, tx, "")
		for _, n := range all {
			if n.Quiet < 24*time.Hour {
				list = append(list, n)
			}
		}
		if err != nil {
			return err
		}
		return addWorks(ctx, tx, list)
	})
	if err != nil {
		return nil, fmt.Errorf("read the nodes: %w", err)
	}
	return list, nil
}

func nodesBut(ctx context.Context, tx pgx.Tx, name string) ([]node.Node, error) {
	rows, err := tx.Query(ctx, `
		SELECT name, process, place, host, pid, roles, version, settings, skew, since,
		       NOT ended AND seen >= clock_timestamp() - $2::interval,
		       extract(epoch FROM clock_timestamp() - seen)::float8
		FROM nodes WHERE name <> $1 ORDER BY name`, name, node.DeadAfter)
	return collect(rows, err, func(row pgx.CollectableRow) (n node.Node, err error) {
		var settings []byte
		var skew int64
		var quiet float64
		err = row.Scan(&n.Name, &n.Process, &n.Place, &n.Host, &n.PID, &n.Roles, &n.Version, &settings, &skew, &n.Since, &n.Alive, &quiet)
		if err != nil {
			return n, err
		}
		n.Skew, n.Quiet = time.Duration(skew)*time.Millisecond, time.Duration(quiet*float64(time.Second))
		n.Since = n.Since.UTC()
		return n, json.Unmarshal(settings, &n.Settings)
	})
}

// addWorks says what each node sends now.
func addWorks(ctx context.Context, tx pgx.Tx, list []node.Node) error {
	rows, err := tx.Query(ctx, `
		SELECT l.node, e.week,
		       (SELECT count(*) FROM send_shards s WHERE s.edition_id = l.edition_id AND s.epoch = l.epoch),
		       coalesce((SELECT sum(n) FROM counts_now c WHERE c.edition_id = l.edition_id AND c.epoch = l.epoch AND c.state = `+stateAccepted+`), 0)::float8
		       / greatest(extract(epoch FROM clock_timestamp()) - b.began_at / 1000.0, 1)::float8
		FROM send_leases l
		JOIN editions e ON e.id = l.edition_id
		JOIN send_epochs b ON b.edition_id = l.edition_id AND b.epoch = l.epoch
		WHERE l.expires_at > clock_timestamp()
		ORDER BY e.week`)
	type workOf struct {
		node string
		node.Work
	}
	works, err := collect(rows, err, func(row pgx.CollectableRow) (w workOf, err error) {
		return w, row.Scan(&w.node, &w.Week, &w.Shards, &w.Rate)
	})
	for _, w := range works {
		for i := range list {
			if list[i].Name == w.node {
				list[i].Works = append(list[i].Works, w.Work)
			}
		}
	}
	return err
}
