package api

import "verdicts.example/digest/internal/delivery"

// A Node is one of several that send an edition.
type Node struct {
	Node     string  `json:"node"`
	Epoch    int64   `json:"epoch"`
	Alive    bool    `json:"alive"`
	Shards   int     `json:"shards"`
	Accepted int64   `json:"accepted"`
	Unknown  int64   `json:"unknown"`
	Rate     float64 `json:"rate"` // messages a second
}

// Nodes are the nodes of a send; none is an empty list.
func Nodes(list []delivery.NodeStatus) []Node {
	out := make([]Node, 0, len(list))
	for _, n := range list {
		out = append(out, Node(n))
	}
	return out
}
