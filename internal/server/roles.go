package server

import (
	"net/http"
	"slices"
)

// The roles of a node: which of serve's parts it runs. Several nodes on one
// database share the work; the database makes each part safe on every node.
const (
	Web      = "web"      // pages, sign-ups, the editors' desk
	Schedule = "schedule" // drafts, and sends that are due
	Send     = "send"     // editions, as one of their senders
	Inbound  = "inbound"  // what comes back
	Courier  = "courier"  // mails about events
)

// has reports whether this node has a role: no roles are all.
func (s *Server) has(role string) bool {
	return len(s.in.Roles) == 0 || slices.Contains(s.in.Roles, role)
}

// site is what the site's listener answers: of a node without pages, whether it is
// well.
func (s *Server) site(all http.Handler) http.Handler {
	if s.has(Web) {
		return all
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", all)
	mux.Handle("GET /readyz", all)
	return mux
}
