package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

// RelayNumbers are the numbers by which deliveries name relays, as far as they were
// asked for. One goroutine uses them at a time.
type RelayNumbers struct {
	db    DB
	known map[string]int64
}

// RelayNumbers gives the database's, to one sender.
func (db DB) RelayNumbers() *RelayNumbers {
	return &RelayNumbers{db: db, known: map[string]int64{"": 0}}
}

// Learn makes sure that each relay of a group has its number. A relay gets it in a
// transaction of its own, so that it has it whatever becomes of the group.
func (r *RelayNumbers) Learn(ctx context.Context, g *delivery.Group) error {
	for i := range g.Intents {
		if err := r.learn(ctx, g.Intents[i].Relay); err != nil {
			return err
		}
	}
	for i := range g.Outcomes {
		if err := r.learn(ctx, g.Outcomes[i].Relay); err != nil {
			return err
		}
	}
	return nil
}

// Of is a relay's number, once it was learnt.
func (r *RelayNumbers) Of(name string) int64 { return r.known[name] }

func (r *RelayNumbers) learn(ctx context.Context, name string) error {
	if _, ok := r.known[name]; ok {
		return nil
	}
	var id int64
	err := r.db.Write(ctx, func(tx Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO relays (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`, name); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT id FROM relays WHERE name = $1`, name).Scan(&id)
	})
	if err != nil {
		return fmt.Errorf("the number of relay %s: %w", name, err)
	}
	r.known[name] = id
	return nil
}

// Relays counts an edition's deliveries by the relay that they were tried through
// last; see delivery.Records.
func (s SendRecords) Relays(ctx context.Context, id int64) (out []delivery.RelayCounts, err error) {
	err = s.db.Look(ctx, func(tx Tx) error {
		out = nil
		return each(ctx, tx, func(rows Rows) error {
			var relay string
			var state int
			var n int64
			if err := rows.Scan(&relay, &state, &n); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Relay != relay {
				out = append(out, delivery.RelayCounts{Relay: relay})
			}
			out[len(out)-1].Counts[state] = n
			return nil
		}, `
			SELECT coalesce(r.name, ''), c.state, CAST(sum(c.n) AS BIGINT)
			FROM `+tx.Dialect().SendCounts+` c LEFT JOIN relays r ON r.id = c.relay
			GROUP BY 1, 2 HAVING sum(c.n) <> 0
			ORDER BY 1, 2`, id)
	})
	if err != nil {
		return nil, fmt.Errorf("count what edition %d sent by relay: %w", id, err)
	}
	return out, nil
}

// KeepRelays keeps how relays stand with a sender, and drops what dead ones said; see
// delivery.RelayStands.
func (s SendRecords) KeepRelays(ctx context.Context, by delivery.Sender, list []delivery.RelayStand, at time.Time) error {
	err := s.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `
			DELETE FROM relay_stands
			WHERE edition_id = $1 AND (epoch = $2 OR NOT EXISTS (
				SELECT 1 FROM send_leases l
				WHERE l.edition_id = relay_stands.edition_id AND l.epoch = relay_stands.epoch AND `+tx.Dialect().Lives("$3")+`))`,
			by.Edition, by.Epoch, column.Millis(at))
		for _, r := range list {
			if err == nil {
				_, err = tx.Exec(ctx, `
					INSERT INTO relay_stands (edition_id, epoch, relay, open, may, most, rests_until, reason, at)
					VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
					by.Edition, by.Epoch, r.Relay, r.Open, r.May, r.Most, column.Millis(r.RestsUntil), r.Reason, column.Millis(at))
			}
		}
		return err
	})
	return wrap("keep how relays stand", err)
}

// RelayStands reads how relays stand with an edition's senders; see
// delivery.RelayStands.
func (s SendRecords) RelayStands(ctx context.Context, id int64, at time.Time) (list []delivery.RelayStand, err error) {
	err = s.db.Look(ctx, func(tx Tx) error {
		list = nil
		return each(ctx, tx, func(rows Rows) error {
			var r delivery.RelayStand
			var until, at int64
			err := rows.Scan(&r.Relay, &r.Node, &r.Open, &r.May, &r.Most, &until, &r.Reason, &at)
			r.RestsUntil, r.At = column.Time(until), column.Time(at)
			list = append(list, r)
			return err
		}, `
			SELECT r.relay, e.node, r.open, r.may, r.most, r.rests_until, r.reason, r.at
			FROM relay_stands r
			JOIN send_epochs e ON e.edition_id = r.edition_id AND e.epoch = r.epoch
			JOIN send_leases l ON l.edition_id = r.edition_id AND l.epoch = r.epoch
			WHERE r.edition_id = $1 AND `+tx.Dialect().Lives("$2")+`
			ORDER BY 1, 2`, id, column.Millis(at))
	})
	return list, wrap(fmt.Sprintf("read how relays stand with edition %d", id), err)
}
