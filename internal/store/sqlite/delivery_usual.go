package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// errUnusual undoes a group that is not as nearly all are; Record then looks at it
// closely.
var errUnusual = errors.New("the group is not a usual one")

// recordUsual commits a group as nearly all are: servers took messages, others are about
// to be ended at one relay, the edition is being sent, and nobody has left. done is false
// for any other, of which it has recorded nothing.
//
// Over few connections a group has few readers, and what it costs whatever their number
// is most of it. So the lease and the state are asked for together, and database/sql is
// left out: a tenth of the processor's time of a group of eight.
func (q *queue) recordUsual(g *delivery.Group) (done bool, err error) {
	if !isUsual(g) {
		return false, nil
	}
	err = q.db.inGroupDirect(func(c direct) error {
		for _, step := range []func(direct, *delivery.Group) error{q.mayRecord, q.takeAccepted, q.takeIntents} {
			if err := step(c, g); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errUnusual) {
		return false, nil
	}
	return err == nil, err
}

func isUsual(g *delivery.Group) bool {
	if len(g.Intents) == 0 || len(g.Intents) > readersMost || len(g.Undone)+len(g.Alarms) > 0 || g.Pause.Reason != "" {
		return false
	}
	for i := range g.Intents {
		if g.Intents[i].Relay != g.Intents[0].Relay {
			return false
		}
	}
	for i := range g.Outcomes {
		if !g.Outcomes[i].Plain() {
			return false
		}
	}
	return len(g.Outcomes) <= repliesMost
}

// mayRecord makes sure that the sender holds the lease and the edition is being sent.
func (q *queue) mayRecord(c direct, g *delivery.Group) error {
	var got [3]driver.Value
	found, err := c.row(got[:], `
		SELECT (SELECT expires_at FROM send_leases WHERE edition_id = ?1 AND epoch = ?2 AND expires_at > 0),
		       state,
		       pause_reason
		FROM editions WHERE id = ?1`, q.sender.Edition, q.sender.Epoch)
	if err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	until, holds := got[0].(int64)
	state, _ := got[1].(string)
	reason, _ := got[2].(string)
	if !found || !holds || delivery.Gate(edition.State(state), reason) != nil {
		return errUnusual
	}
	if until >= toMillis(g.LeaseUntil) {
		return nil
	}
	return c.exec(1, lengthenLease, toMillis(g.LeaseUntil), q.sender.Edition, q.sender.Epoch)
}

func (q *queue) takeAccepted(c direct, g *delivery.Group) error {
	if len(g.Outcomes) == 0 {
		return nil
	}
	took := make([]*delivery.Outcome, len(g.Outcomes))
	for i := range g.Outcomes {
		took[i] = &g.Outcomes[i]
	}
	text, args := acceptances(q.sender, g.At, took)
	if err := c.exec(int64(len(took)), text, args...); err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	return nil
}

func (q *queue) takeIntents(c direct, g *delivery.Group) error {
	ids := make([]int64, len(g.Intents))
	for i := range g.Intents {
		ids[i] = g.Intents[i].ID
	}
	text, args := dots(q.sender, g.At, q.relays.Of(g.Intents[0].Relay), ids)
	if err := c.exec(int64(len(ids)), text, args...); err != nil {
		return fmt.Errorf("intents: %w", err)
	}
	if err := c.exec(1, journalReaches, q.sender.Edition, q.sender.Node, int64(g.Seq)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := c.exec(1, dayHas, g.Day, int64(len(ids))); err != nil {
		return fmt.Errorf("day: %w", err)
	}
	return nil
}
