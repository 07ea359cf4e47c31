// Package node knows the processes that share one database: who they are, whether
// they are alive, and whether they were told the same.
//
// The package promises that of two processes with one name on two hosts the second
// does not begin, because a name is also a journal's; that one which died keeps its
// name for no longer than DeadAfter; and that settings which readers would see differ by,
// or which decide when something is sent, are compared as long as the nodes live,
// each difference named with both nodes. No secret is compared, only its digest.
package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrTaken = errors.New("another host's process is that node")
)

const (
	// Every is how often a node says that it is alive.
	Every = 5 * time.Second
	// DeadAfter is how long after it last said so it counts as dead, by the database's clock.
	DeadAfter = 20 * time.Second
	// skewMost is how far a node's clock may be from the database's before it is said.
	skewMost = time.Minute
)

// A Node is a process that has the database open to serve or to send.
type Node struct {
	Name     string
	Process  string // drawn at random at its start
	Place    string // of its journals: who else is there has to wait for the name
	Host     string
	PID      int
	Roles    []string // none: all
	Version  string
	Settings map[string]string // what must be alike, by the name of the setting
	Since    time.Time

	Alive bool          // read from the database, as what follows
	Quiet time.Duration // since it said that it is alive
	Skew  time.Duration // its clock was ahead of the database's by that much
	Works []Work
}

// A Work is a send that a node takes part in now.
type Work struct {
	Week   string
	Shards int     // parts of it that are the node's
	Rate   float64 // messages accepted a second
}

// Does says in words what the node does now.
func (n Node) Does() string {
	if !n.Alive {
		return "nothing: not heard of for " + n.Quiet.Round(time.Second).String()
	}
	var out []string
	for _, w := range n.Works {
		out = append(out, fmt.Sprintf("sends %s (%d shards, %.0f a second)", w.Week, w.Shards, w.Rate))
	}
	if len(out) == 0 {
		return "waits"
	}
	return strings.Join(out, ", ")
}

// Role is the node's roles in words.
func (n Node) Role() string {
	if len(n.Roles) == 0 {
		return "all"
	}
	return strings.Join(n.Roles, ",")
}

// A Registry keeps the nodes of a database.
type Registry interface {
	// Report keeps n as alive and gives the others. It fails with ErrTaken while
	// another process lives that has its name, elsewhere.
	Report(ctx context.Context, n Node, now time.Time) (others []Node, err error)
	// Leave says that n has ended.
	Leave(ctx context.Context, n Node) error
	// Nodes gives all that were heard of within a day, by name.
	Nodes(ctx context.Context) ([]Node, error)
}

// Differences are the settings in which n and others that live are not alike, in
// words, and clocks that are off. Where no other lives, n is compared with the one
// that was heard of last: it may be another list's database.
func Differences(n Node, others []Node) []string {
	var out []string
	alive := slices.DeleteFunc(slices.Clone(others), func(o Node) bool { return !o.Alive })
	if len(alive) == 0 && len(others) > 0 {
		alive = []Node{slices.MinFunc(others, func(a, b Node) int { return int(a.Quiet - b.Quiet) })}
	}
	for _, o := range alive {
		for _, key := range slices.Sorted(maps.Keys(n.Settings)) {
			if theirs, ok := o.Settings[key]; ok && theirs != n.Settings[key] {
				out = append(out, fmt.Sprintf("%s is %q here and %q on node %s", key, n.Settings[key], theirs, o.Name))
			}
		}
		if o.Alive && o.Skew.Abs() > skewMost {
			out = append(out, offBy(o.Name, o.Skew))
		}
	}
	return out
}

func offBy(name string, skew time.Duration) string {
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	return fmt.Sprintf("the clock of node %s is %s %s the database's", name, skew.Abs().Round(time.Second), way)
}
