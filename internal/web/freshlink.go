package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// freshView is the page behind a link that a reader asked for.
type freshView struct {
	Purpose subscribers.Purpose
	Name    string
	Email   string // what was typed
	Error   string // what is wrong with it
	Done    bool   // it was pressed, and this is what came of it
	Asked   bool   // of an address: a mail is on its way to the new one
}

// aboutView is what is known about a reader, for them to read and to keep.
type aboutView struct {
	api.About
	Download template.URL // the same as JSON
	Cast     []aboutLine  // About's votes, and what was saved, by name
	Kept     []aboutLine
}

// aboutLine is one thing that a reader did.
type aboutLine struct {
	At   time.Time
	Text string
}

// byName says a reader's votes and saved comparisons with the names that the library
// has for them.
func (s *server) byName(now *shown, row api.About) (cast, kept []aboutLine) {
	for _, v := range row.Votes {
		what := fmt.Sprintf("tool %d of %s", v.Tool, v.Slug)
		if c, err := now.library.Get(v.Slug); err == nil && s.isPublished(c) {
			what = c.Tools[v.Tool-1].Name + ", in " + c.Title()
		}
		cast = append(cast, aboutLine{v.At, v.Vote + " for " + what})
	}
	for _, k := range row.Saved {
		what := k.Slug
		if c, err := now.library.Get(k.Slug); err == nil && s.isPublished(c) {
			what = c.Title()
		}
		kept = append(kept, aboutLine{k.At, what})
	}
	return cast, kept
}

// freshPage says what the link does; only its button does it.
func (s *server) freshPage(w http.ResponseWriter, r *http.Request) error {
	link, err := s.List.FreshLinkInfo(r.Context(), r.PathValue("token"))
	if err != nil {
		return freshError(err)
	}
	s.showFresh(w, http.StatusOK, freshView{Purpose: link.Purpose, Name: link.Subscriber.Name})
	return nil
}

func (s *server) showFresh(w http.ResponseWriter, status int, v freshView) {
	s.writePage(w, status, "fresh", content{Title: freshTitle(v), NoIndex: true, Data: v})
}

func freshTitle(v freshView) string {
	switch v.Purpose {
	case subscribers.PurposeAddress:
		return "Your address and name"
	case subscribers.PurposeNewAddress:
		return "Your new address"
	case subscribers.PurposeErase:
		return "Erase what we know about you"
	}
	return "What we know about you"
}

// useFresh does what the link is for.
func (s *server) useFresh(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	link, err := s.List.FreshLinkInfo(r.Context(), token)
	if err != nil {
		return freshError(err)
	}
	v := freshView{Purpose: link.Purpose, Done: true}
	switch link.Purpose {
	case subscribers.PurposeAddress:
		return s.changeAddress(w, r, link, body)
	case subscribers.PurposeNewAddress:
		_, err = s.List.MoveTo(r.Context(), token)
	case subscribers.PurposeErase:
		err = s.List.EraseByLink(r.Context(), token)
	case subscribers.PurposeAbout:
		return s.about(w, r, link.Subscriber.ID)
	}
	if err != nil {
		return freshError(err)
	}
	s.showFresh(w, http.StatusOK, v)
	return nil
}

// changeAddress changes the name at once, and the address when its own mailbox
// says so.
func (s *server) changeAddress(w http.ResponseWriter, r *http.Request, link subscribers.FreshLink, body []byte) error {
	form, err := parseForm(r, body)
	if err != nil {
		return statusError{status: http.StatusBadRequest}
	}
	name, email := form.Get("name"), strings.TrimSpace(form.Get("email"))
	_, err = s.List.ChangeAddress(r.Context(), r.PathValue("token"), name, email)
	var bad *subscribers.AddressError
	if errors.As(err, &bad) {
		s.showFresh(w, http.StatusUnprocessableEntity, freshView{Purpose: link.Purpose, Name: name, Email: email, Error: sentence(email, bad)})
		return nil
	}
	if err != nil {
		return freshError(err)
	}
	s.showFresh(w, http.StatusOK, freshView{Purpose: link.Purpose, Done: true, Asked: email != ""})
	return nil
}

// about shows everything, once; the page holds it as JSON too, and a client that
// speaks JSON gets that alone. The link is used when all the rest is at hand: where
// the database fails, it still works.
func (s *server) about(w http.ResponseWriter, r *http.Request, reader int64) error {
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	cast, kept, mailed, err := s.doneBy(r.Context(), reader)
	if err != nil {
		return err
	}
	known, err := s.List.About(r.Context(), r.PathValue("token"))
	if err != nil {
		return freshError(err)
	}
	row := api.NewAbout(known, cast, kept, s.Site.Location)
	row.Digests = api.Digests(mailed, s.Site.Location)
	if wantsJSON(r) {
		s.writeJSON(w, http.StatusOK, row)
		return nil
	}
	text, err := json.MarshalIndent(row, "", "  ")
	if err != nil {
		return err
	}
	v := aboutView{About: row, Download: template.URL("data:application/json;charset=utf-8," + url.PathEscape(string(text)))} //nolint:gosec // escaped
	v.Cast, v.Kept = s.byName(now, row)
	s.writePage(w, http.StatusOK, "about", content{Title: "What we know about you", NoIndex: true, Data: v})
	return nil
}

// doneBy is what a reader did, and was mailed, as far as it is kept.
func (s *server) doneBy(ctx context.Context, reader int64) (cast []votes.Vote, kept []saved.Item, mailed []edition.Mailed, err error) {
	if s.Votes != nil {
		if cast, err = s.Votes.ByReader(ctx, reader); err != nil {
			return nil, nil, nil, err
		}
	}
	if s.Saved != nil {
		if kept, err = s.Saved.Of(ctx, reader); err != nil {
			return nil, nil, nil, err
		}
	}
	if s.Mails != nil {
		mailed, err = s.Mails.Mailed(ctx, reader)
	}
	return cast, kept, mailed, err
}

// freshError words what a confirmation link's errors mean of a fresh link.
func freshError(err error) error {
	gone := func(heading, text string) error {
		return statusError{status: http.StatusGone, text: page.Notice{Heading: heading, Text: text}}
	}
	switch {
	case errors.Is(err, subscribers.ErrExpired):
		return gone("This link has expired", "It worked for an hour. Every digest has a link to your preferences, where you can ask for a new one.")
	case errors.Is(err, subscribers.ErrUsed):
		return gone("This link was used before", "It works only once. Every digest has a link to your preferences, where you can ask for a new one.")
	case errors.Is(err, subscribers.ErrExists):
		return statusError{status: http.StatusConflict, text: page.Notice{Heading: "This address is already on the list",
			Text: "It has a subscription of its own. Unsubscribe one of the two: each digest has a link for that."}}
	case errors.Is(err, subscribers.ErrSuppressed):
		return statusError{status: http.StatusConflict, text: page.Notice{Heading: "This address cannot be mailed",
			Text: "Mail to it bounced before, or its owner asked for none. Your digest still goes to your current address."}}
	case errors.Is(err, subscribers.ErrLimited):
		return tooManyLinks()
	}
	return err
}
