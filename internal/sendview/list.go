package sendview

import (
	"net/http"
	"slices"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

const (
	listMost     = 20 // editions on the first page
	refreshSend  = 2  // seconds, while a send runs
	refreshPause = 10 // seconds, while it is paused
)

// row is an edition in the list.
type row struct {
	edition.Edition
	Look  Look
	Total int64
}

// listing is what the first page shows.
type listing struct {
	Rows  []row // the newest first
	Older int   // how many are left out
	Surge subscribers.SurgeState
	Nodes []node.Node
	Alike []string // what is not alike on them
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	editions, err := s.Editions.List(r.Context())
	if err != nil {
		s.showError(w, r, err)
		return
	}
	data, refresh := listing{Older: max(len(editions)-listMost, 0)}, 0
	if s.SignUps != nil {
		if data.Surge, err = s.SignUps(r.Context()); err != nil {
			s.showError(w, r, err)
			return
		}
	}
	for i := len(editions) - 1; i >= data.Older; i-- {
		e := editions[i]
		x := row{Edition: e}
		if e.Frozen() {
			if x.Look, err = s.watch.Look(r.Context(), e.ID); err != nil {
				s.showError(w, r, err)
				return
			}
			x.Total = x.Look.Counts.Total()
		}
		if e.State == edition.Sending {
			refresh = refreshSend
		}
		data.Rows = append(data.Rows, x)
	}
	if s.Nodes != nil {
		if data.Nodes, err = s.Nodes.Nodes(r.Context()); err != nil {
			s.showError(w, r, err)
			return
		}
		data.Alike = differences(data.Nodes)
	}
	s.pages.Show(w, http.StatusOK, "list", page.View{Title: "Sends", Refresh: refresh, Data: data})
}

// differences are what is not alike on the nodes that live, each pair said once.
func differences(list []node.Node) (out []string) {
	alive := slices.DeleteFunc(slices.Clone(list), func(n node.Node) bool { return !n.Alive })
	for i, n := range alive {
		if i+1 == len(alive) {
			break
		}
		for _, d := range node.Differences(n, alive[i+1:]) {
			out = append(out, "on node "+n.Name+": "+d)
		}
	}
	return out
}

// Done is how many of the row's readers have a final outcome.
func (r row) Done() int64 { return r.Look.Counts.Total() - r.Look.Counts.Open() }

// N is the row's count of a state.
func (r row) N(s delivery.State) int64 { return r.Look.Counts[s] }
