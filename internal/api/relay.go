package api

import (
	"cmp"
	"slices"
	"time"

	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
)

// A Relay is a mail server and what it took of a send; while the send goes through it,
// how it stands with each node.
type Relay struct {
	attest.Relay
	Now []RelayStand `json:"now,omitempty"`
}

// A RelayStand is how a relay stands with one node. It is told where there are several
// relays, or their number of connections is auto.
type RelayStand struct {
	Node        string     `json:"node,omitempty"`
	Connections int        `json:"connections"` // open
	Bears       int        `json:"bears"`       // how many there may be now
	Most        int        `json:"most"`        // and at most
	RestsUntil  *time.Time `json:"rests_until,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	At          time.Time  `json:"at"`
}

// Relays makes the rows of what relays took and of how they stand, by name.
func Relays(counts []delivery.RelayCounts, stands []delivery.RelayStand) []Relay {
	var rows []Relay
	for _, took := range desk.AttestedRelays(counts) {
		rows = append(rows, Relay{Relay: took})
	}
	for _, s := range stands {
		i := slices.IndexFunc(rows, func(r Relay) bool { return r.Name == s.Relay })
		if i < 0 {
			i = len(rows)
			rows = append(rows, Relay{Relay: attest.Relay{Name: s.Relay}})
		}
		row := RelayStand{Node: s.Node, Connections: s.Open, Bears: s.May, Most: s.Most, Reason: s.Reason, At: s.At}
		if !s.RestsUntil.IsZero() {
			row.RestsUntil = &s.RestsUntil
		}
		rows[i].Now = append(rows[i].Now, row)
	}
	slices.SortStableFunc(rows, func(a, b Relay) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}
