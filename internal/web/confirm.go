package web

import (
	"errors"
	"net/http"
	"time"

	"verdicts.example/digest/subscribers"
)

// confirmPage asks; only its button confirms, because mail scanners open links.
func (s *server) confirmPage(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.List.ConfirmInfo(r.Context(), r.PathValue("token"))
	if again(sub, err) {
		return s.confirmedPage(w, r)
	}
	if err != nil {
		return err
	}
	s.writePage(w, http.StatusOK, "confirm", content{Title: "Confirm your subscription", NoIndex: true, Data: readerView{Address: someAddress}})
	return nil
}

func (s *server) confirm(w http.ResponseWriter, r *http.Request) error {
	if _, err := readBody(w, r); err != nil {
		return err
	}
	sub, err := s.List.Confirm(r.Context(), r.PathValue("token"))
	if again(sub, err) {
		return s.confirmedPage(w, r)
	}
	if err != nil {
		return err
	}
	s.Recorder.Confirmed()
	return s.confirmedPage(w, r)
}

// again reports whether a link that was used is still true: its reader is on
// the list, and pressed twice.
func again(sub subscribers.Subscriber, err error) bool {
	return errors.Is(err, subscribers.ErrUsed) && sub.Status == subscribers.Active
}

// confirmedPage says when the first digest comes, where that can be known: the
// reader is on the list in any case.
func (s *server) confirmedPage(w http.ResponseWriter, r *http.Request) error {
	var next time.Time
	if now, err := s.shown(r.Context()); err == nil {
		next = now.next
	}
	s.writePage(w, http.StatusOK, "confirmed", content{Title: "You are on the list", NoIndex: true, Data: next})
	return nil
}

// readerView is what a page says to the reader whose link it is. It has neither
// the address nor the name: mails are forwarded.
type readerView struct {
	Address string // words in place of it, for templates of earlier versions
	Done    bool   // likewise: who has left sees the goodbye page
}

const someAddress = "the address that got this link"
