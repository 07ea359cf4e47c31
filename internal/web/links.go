package web

import (
	"context"
	"errors"
	"net/http"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

// linksView is the page for readers who want to vote on a comparison, or save it,
// and came to its page without their own links.
type linksView struct {
	Title string
	Slug  string
	Sent  bool
}

// votedIn is the week of the latest digest in which a comparison may still be voted
// on; "" when there is none.
func (s *server) votedIn(slug string, now *shown) string {
	for _, e := range now.published {
		for _, it := range e.Items {
			if it.Slug == slug && s.Votes != nil && s.VoteRules.Check(e.Slot, s.Now()) == nil {
				return e.Week.String()
			}
		}
	}
	return ""
}

// linksSent is the one answer to every address that can be one.
func (s *server) linksSent(*http.Request, *shown) (string, recipe, error) {
	return "/links/sent", func(context.Context) (*page.Answer, error) {
		return s.answer("links", content{Title: "Check your mailbox", NoIndex: true, Data: linksView{Sent: true}})
	}, nil
}

// askLinks has the reader's own links mailed. What the list knows of the address
// changes neither the answer nor the work that is done before it.
func (s *server) askLinks(w http.ResponseWriter, r *http.Request) error {
	in, err := readForm(w, r)
	if err != nil {
		return err
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	c, err := now.library.Get(r.PathValue("slug"))
	if err != nil || !s.isPublished(c) {
		return errNotFound
	}
	address, err := subscribers.ParseAddress(in.Email)
	if err == nil {
		if err := s.limits.signUp(s.clientIP(r), address.Domain); err != nil {
			return err
		}
		err = s.List.RequestLinks(r.Context(), in.Email, subscribers.Page{Slug: c.Slug, Title: c.Title(), Week: s.votedIn(c.Slug, now)}, s.clientIP(r))
	}
	var bad *subscribers.AddressError
	switch {
	case err == nil && wantsJSON(r):
		s.writeJSON(w, http.StatusAccepted, map[string]string{"status": "accepted", "message": "If the address is on the list, links to vote and save are on their way to it."})
	case err == nil:
		s.seeOther(w, "/links/sent")
	case errors.As(err, &bad) && wantsJSON(r):
		s.writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": sentence(in.Email, bad), "field": bad.Field})
	case errors.As(err, &bad):
		s.writePage(w, http.StatusUnprocessableEntity, "links", content{
			Title: "Please check your address", NoIndex: true, Data: linksView{Title: c.Title(), Slug: c.Slug},
			Form: formView{Email: in.Email, Error: sentence(in.Email, bad)},
		})
	case isBusy(err), errors.Is(err, subscribers.ErrLimited):
		return err
	default:
		return errors.New("ask for links: " + redact(err.Error(), in.Email))
	}
	return nil
}
