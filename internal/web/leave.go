package web

import (
	"context"
	"errors"
	"net/http"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

// leavePage is for whoever has no working link: a fresh one is mailed.
func (s *server) leavePage(*http.Request, *shown) (string, recipe, error) {
	return "/leave", func(context.Context) (*page.Answer, error) {
		return s.answer("leave", content{Title: "Leave the list", NoIndex: true})
	}, nil
}

// leaveSent is the one answer to every address that can be one.
func (s *server) leaveSent(*http.Request, *shown) (string, recipe, error) {
	return "/leave/sent", func(context.Context) (*page.Answer, error) {
		return s.answer("leave", content{Title: "Check your mailbox", NoIndex: true, Data: true})
	}, nil
}

// leave asks for the link. What the list knows of the address changes neither the
// answer nor the work that is done before it.
func (s *server) leave(w http.ResponseWriter, r *http.Request) error {
	in, err := readForm(w, r)
	if err != nil {
		return err
	}
	address, err := subscribers.ParseAddress(in.Email)
	if err == nil {
		if err := s.limits.signUp(s.clientIP(r), address.Domain); err != nil {
			return err
		}
		err = s.List.RequestLeave(r.Context(), in.Email, s.clientIP(r))
	}
	var bad *subscribers.AddressError
	switch {
	case err == nil && wantsJSON(r):
		s.writeJSON(w, http.StatusAccepted, map[string]string{"status": "accepted", "message": "If the address is on the list, a link to leave is on its way to it."})
	case err == nil:
		s.seeOther(w, "/leave/sent")
	case errors.As(err, &bad) && wantsJSON(r):
		s.writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": sentence(in.Email, bad), "field": bad.Field})
	case errors.As(err, &bad):
		s.showLeave(w, http.StatusUnprocessableEntity, "Please check your address", formView{Email: in.Email, Error: sentence(in.Email, bad)})
	case isBusy(err) && !wantsJSON(r):
		w.Header().Set("Retry-After", retryAfter(err))
		s.showLeave(w, http.StatusServiceUnavailable, "One moment, please", formView{Email: in.Email, Later: true})
	case isBusy(err), errors.Is(err, subscribers.ErrLimited):
		return err
	default:
		return errors.New("leave: " + redact(err.Error(), in.Email))
	}
	return nil
}

func (s *server) showLeave(w http.ResponseWriter, status int, title string, f formView) {
	s.writePage(w, status, "leave", content{Title: title, NoIndex: true, Form: f})
}
