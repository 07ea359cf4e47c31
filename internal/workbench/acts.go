package workbench

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// said words what was done, for the page after it.
func said(what string) string {
	return map[string]string{
		"saved": "Saved.", "back": "The earlier version is back.", "approved": "Approved.", "half": "Your approval is recorded; another editor has to approve as well.",
		"held": "Held: it is not sent until it is approved.", "cancelled": "Cancelled for good.", "skipped": "This week is left out.",
		"sent": "The test mail is on its way.", "noted": "Noted.", "resolved": "Resolved.", "edited": "The comparison is saved.", "imported": "The comparison is imported. Please read it through.",
		"ended": "Ended.", "unshared": "That link does not work any more.",
	}[what]
}

// do is what is decided about a week as a whole. What is refused is shown on the
// week's page, with what was typed.
func (s *server) do(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	what, about, _ := strings.Cut(r.PostForm.Get("do"), ":")
	if what == "approve" {
		return s.approve(w, r, week)
	}
	done, place, err := s.act(r, week, what, about)
	if err != nil {
		return s.weekAgain(w, r, week, formOf(what), err)
	}
	s.done(w, r, "/week/"+week.String(), done, place)
	return nil
}

// formOf is the form that a button is in, with the input that its refusal is about.
func formOf(what string) refusal {
	return map[string]refusal{
		"cancel": {Form: "end", Field: "sure-end"}, "skip": {Form: "end", Field: "sure-end"}, "approve": {Form: "approve", Field: "sure"},
		"test": {Form: "test", Field: "to"}, "note": {Form: "note", Field: "text"},
	}[what]
}

// act does what a button says, and gives what was done and where on the page it is
// to be seen.
func (s *server) act(r *http.Request, week edition.Week, what, about string) (done, place string, err error) {
	switch what {
	case "hold":
		_, err = s.desk(r).Hold(r.Context(), week)
		return "held", "act", err
	case "cancel":
		return "cancelled", "act", s.end(r, week, "cancelled", r.PostForm.Get("sure") != "")
	case "skip":
		return "skipped", "act", s.end(r, week, "skipped", r.PostForm.Get("sure") != "")
	case "test":
		return "sent", "to", s.test(r, week, oneLine(r.PostForm.Get("to")))
	case "note":
		place, err = s.note(r, week)
		return "noted", place, err
	case "resolve":
		id, err := strconv.ParseInt(about, 10, 64)
		if err != nil {
			return "", "", fmt.Errorf("%w: %q is not a note", errForm, about)
		}
		return "resolved", noteID(id), s.desk(r).ResolveNote(r.Context(), week, id)
	}
	return "", "", fmt.Errorf("%w: there is no button %q", errForm, what)
}

// note keeps a note and gives its place: it is the newest.
func (s *server) note(r *http.Request, week edition.Week) (place string, err error) {
	if err := s.desk(r).AddNote(r.Context(), week, r.PostForm.Get("slug"), r.PostForm.Get("text")); err != nil {
		return "", err
	}
	p, err := s.Desk.Page(r.Context(), week, "")
	if err != nil || len(p.Notes) == 0 {
		return "notes", nil // it is kept all the same
	}
	return noteID(p.Notes[len(p.Notes)-1].ID), nil
}

func noteID(id int64) string { return "n-" + strconv.FormatInt(id, 10) }

var errUnsure = errors.New("tick the box beside the button first")

// end leaves a week out or cancels it.
func (s *server) end(r *http.Request, week edition.Week, what string, sure bool) (err error) {
	switch {
	case !sure:
		return errUnsure
	case what == "skipped":
		_, err = s.desk(r).Skip(r.Context(), week)
	default:
		_, err = s.desk(r).Cancel(r.Context(), week)
	}
	return err
}

func (s *server) test(r *http.Request, week edition.Week, to string) error {
	if _, err := s.desk(r).Test(r.Context(), week, to); err != nil {
		return fmt.Errorf("the test mail was not sent: %w", err)
	}
	return nil
}

// approve approves what was shown. When the content is another one by now, the
// difference is shown first.
func (s *server) approve(w http.ResponseWriter, r *http.Request, week edition.Week) error {
	if r.PostForm.Get("notes") != "" && r.PostForm.Get("sure") == "" {
		return s.weekAgain(w, r, week, formOf("approve"), fmt.Errorf("there are open notes: %w", errUnsure))
	}
	hash := r.PostForm.Get("hash")
	a, err := s.desk(r).ApproveShown(r.Context(), week, hash)
	switch {
	case errors.Is(err, edition.ErrChanged):
		return s.changed(w, r, week, hash)
	case err != nil:
		return s.weekAgain(w, r, week, refusal{Form: "approve"}, err)
	case a.Missing > 0:
		s.done(w, r, "/week/"+week.String(), "half", "act")
	default:
		s.done(w, r, "/week/"+week.String(), "approved", "act")
	}
	return nil
}

// A changedView says what changed since the editor saw it.
type changedView struct {
	chrome
	Week edition.Week
	Diff string
}

func (s *server) changed(w http.ResponseWriter, r *http.Request, week edition.Week, hash string) error {
	old, oldErr := s.earlier(r, week, hash)
	p, err := s.build(r.Context(), week, audience{}, s.who(r).Name)
	if err != nil {
		return err
	}
	v := changedView{chrome: s.chrome(r), Week: week}
	if oldErr == nil {
		v.Diff = edition.Diff(old, p.Build)
	}
	s.pages.Show(w, http.StatusConflict, "changed", page.View{Title: week.String() + ": not what you saw", Data: v})
	return nil
}
