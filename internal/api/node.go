package api

import (
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/node"
)

// A Node is one of several processes that share a database, and what it has done of a
// send.
type Node struct {
	Node     string   `json:"node"`
	Epoch    int64    `json:"epoch"` // of its latest sender; 0: it has not sent
	Alive    bool     `json:"alive"` // it sends
	Shards   int      `json:"shards"`
	Accepted int64    `json:"accepted"`
	Unknown  int64    `json:"unknown"`
	Rate     float64  `json:"rate"` // messages a second
	Host     string   `json:"host,omitempty"`
	Process  int      `json:"pid,omitempty"`
	Roles    []string `json:"roles,omitempty"` // absent: all
	Version  string   `json:"version,omitempty"`
	Up       bool     `json:"up"` // the process was heard of within the last seconds
	Since    string   `json:"since,omitempty"`
	Seen     string   `json:"seen,omitempty"` // when it was heard of last
	Does     string   `json:"does,omitempty"`
	Differs  []string `json:"differs,omitempty"` // from the others, in words
}

// Nodes are the nodes of a send, and those that are there; none is an empty list.
func Nodes(list []delivery.NodeStatus, fleet []node.Node, now time.Time) []Node {
	out := make([]Node, 0, len(list)+len(fleet))
	for _, n := range list {
		out = append(out, Node{Node: n.Node, Epoch: n.Epoch, Alive: n.Alive, Shards: n.Shards, Accepted: n.Accepted, Unknown: n.Unknown, Rate: n.Rate})
	}
	for _, n := range fleet {
		i := slices.IndexFunc(out, func(o Node) bool { return o.Node == n.Name })
		if i < 0 {
			i = len(out)
			out = append(out, Node{Node: n.Name})
		}
		out[i].describe(n, fleet, now)
	}
	slices.SortFunc(out, func(a, b Node) int { return strings.Compare(a.Node, b.Node) })
	return out
}

func (o *Node) describe(n node.Node, fleet []node.Node, now time.Time) {
	o.Host, o.Process, o.Roles, o.Version, o.Up, o.Does = n.Host, n.PID, n.Roles, n.Version, n.Alive, n.Does()
	o.Since, o.Seen = n.Since.UTC().Format(time.RFC3339), now.Add(-n.Quiet).UTC().Format(time.RFC3339)
	if n.Alive {
		others := slices.DeleteFunc(slices.Clone(fleet), func(x node.Node) bool { return x.Name == n.Name || !x.Alive })
		o.Differs = node.Differences(n, others)
	}
}
