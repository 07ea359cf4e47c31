package postgres

import (
	"context"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

// unusualGroup is the SQLSTATE with which usualQuery undoes itself.
const unusualGroup = "DG001"

// usualQuery records a group as nearly all are, and is a transaction of its own: servers
// took messages, others are about to be ended, of readers who are tried for the first
// time, all at one relay, while the edition is being sent and nobody leaves. Over few
// connections a group has few readers, and what it costs the server whatever their number
// is most of it: with BEGIN, COMMIT, the lease's row and the counts' trigger that is twice
// as much.
//
// It counts in the journal's row, which is its fence as well: no epoch ends without
// foldTally. It gives the rows that it is told the next state each, by the edition's own
// table, so that no trigger counts them again. Where anything is not as it was told (the
// sender, the server, the edition, one of the rows), it undoes itself. The arrays are asked
// for by subqueries, so that the server does not plan anew for each.
func usualQuery(table string) string {
	return `
		WITH journal AS (
			UPDATE send_journals
			SET seq = greatest(seq, $8), last_group = $9,
			    tally_dots = tally_dots + $10::bigint,
			    tally_dotting = tally_dotting + $10::bigint - $11::bigint,
			    tally_accepted = tally_accepted + $11::bigint
			WHERE edition_id = $1 AND node = $3 AND tally_epoch = $2 AND tally_relay = $6::int AND tally_day = $7
			  AND (` + identityColumns + `) = ($4, $5)
			  AND EXISTS (SELECT 1 FROM editions WHERE id = $1 AND state = 'sending' AND pause_reason = '')
			RETURNING 1
		), moved AS (
			UPDATE ` + table + ` d
			SET state = d.state + 1,
			    at = $12,
			    attempts = attempts + m.took,
			    dots = dots + 1 - m.took,
			    relay = $6::int,
			    fault = CASE m.took WHEN 1 THEN 0 ELSE d.fault END,
			    reply = CASE m.took WHEN 1 THEN m.reply ELSE d.reply END
			FROM unnest((SELECT $13::bigint[]), (SELECT $14::smallint[]), (SELECT $15::text[])) m (id, took, reply)
			WHERE d.subscriber_id = m.id AND d.epoch = $2
			  AND d.state = ` + stateClaimed + ` + m.took AND d.relay = m.took * $6::int
			  AND EXISTS (SELECT 1 FROM journal)
			RETURNING 1
		)
		SELECT CASE WHEN (SELECT count(*) FROM moved) <> $10::bigint + $11::bigint THEN unusual_group() END`
}

// usual reports whether the group looks like one that usualQuery records.
func (r *recording) usual() bool {
	g := r.g
	if len(g.Intents) == 0 || len(g.Undone)+len(g.Alarms) > 0 || g.Pause.Reason != "" {
		return false
	}
	relay := g.Intents[0].Relay
	for i := range g.Intents {
		if g.Intents[i].Relay != relay {
			return false
		}
	}
	for i := range g.Outcomes {
		if o := &g.Outcomes[i]; !o.Plain() || o.Relay != relay {
			return false
		}
	}
	return r.q.untried(g.Intents)
}

// commitUsual commits a usual group, if it is counted under the tally that is open. done is
// false of another one, of which it has recorded nothing.
func (r *recording) commitUsual(ctx context.Context) (done bool, err error) {
	if r.q.tally != r.tally() {
		return false, nil
	}
	r.out = delivery.GroupResult{}
	err = r.q.db.inOneStatement(ctx, r.q.usual, r.usualArgs()...)
	if sqlState(err) == unusualGroup {
		r.q.tally = tally{} // which may be why
		return false, nil
	}
	return err == nil, err
}

func (r *recording) usualArgs() []any {
	g, s, t := r.g, r.q.sender, r.tally()
	ids, replies := r.accepted()
	took := make([]int16, len(g.Outcomes)+len(g.Intents))
	for i := range g.Outcomes {
		took[i] = 1
	}
	for _, in := range g.Intents {
		ids, replies = append(ids, in.ID), append(replies, "")
	}
	return []any{
		s.Edition, s.Epoch, s.Node, r.q.server.system, r.q.server.logTimeline(), t.relay, t.day,
		int64(g.Seq), r.number, len(g.Intents), len(g.Outcomes), column.Millis(g.At), ids, took, replies,
	}
}
