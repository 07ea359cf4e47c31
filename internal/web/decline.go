package web

import (
	"errors"
	"net/http"

	"verdicts.example/digest/subscribers"
)

// declineView is the page behind a confirmation mail's "it was not me".
type declineView struct {
	Confirmed bool // the reader has confirmed: to leave is not this link's purpose
	Done      bool
}

// declinePage asks; only its button declines, because mail scanners open links.
func (s *server) declinePage(w http.ResponseWriter, r *http.Request) error {
	return s.showDecline(w, s.List.DeclineInfo(r.Context(), r.PathValue("token")), false)
}

func (s *server) decline(w http.ResponseWriter, r *http.Request) error {
	if _, err := readBody(w, r); err != nil {
		return err
	}
	return s.showDecline(w, s.List.Decline(r.Context(), r.PathValue("token")), true)
}

func (s *server) showDecline(w http.ResponseWriter, err error, done bool) error {
	v, title := declineView{Done: done}, "Was it not you?"
	switch {
	case errors.Is(err, subscribers.ErrExists):
		v, title = declineView{Confirmed: true}, "You are on the list"
	case err != nil:
		return err
	case done:
		title = "It is forgotten"
	}
	s.writePage(w, http.StatusOK, "decline", content{Title: title, NoIndex: true, Data: v})
	return nil
}
