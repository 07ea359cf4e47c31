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

// do is what is decided about a week as a whole.
func (s *server) do(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	what, about, _ := strings.Cut(r.PostForm.Get("do"), ":")
	done := what
	switch what {
	case "approve":
		return s.approve(w, r, week)
	case "hold":
		done = "held"
		_, err = s.desk(r).Hold(r.Context(), week)
	case "cancel":
		done, err = "cancelled", s.end(r, week, "cancelled", r.PostForm.Get("sure") != "")
	case "skip":
		done, err = "skipped", s.end(r, week, "skipped", r.PostForm.Get("sure") != "")
	case "test":
		done, err = "sent", s.test(r, week, oneLine(r.PostForm.Get("to")))
	case "note":
		done, err = "noted", s.desk(r).AddNote(r.Context(), week, r.PostForm.Get("slug"), r.PostForm.Get("text"))
	case "resolve":
		var id int64
		if id, err = strconv.ParseInt(about, 10, 64); err == nil {
			done, err = "resolved", s.desk(r).ResolveNote(r.Context(), week, id)
		}
	default:
		err = fmt.Errorf("%w: there is no button %q", errForm, what)
	}
	if err != nil {
		return err
	}
	s.done(w, r, "/week/"+week.String(), done)
	return nil
}

var errUnsure = fmt.Errorf("%w: tick the box beside the button first", errForm)

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
		return fmt.Errorf("%w; there are open notes", errUnsure)
	}
	hash := r.PostForm.Get("hash")
	a, err := s.desk(r).ApproveShown(r.Context(), week, hash)
	switch {
	case errors.Is(err, edition.ErrChanged):
		return s.changed(w, r, week, hash)
	case err != nil:
		return err
	case a.Missing > 0:
		s.done(w, r, "/week/"+week.String(), "half")
	default:
		s.done(w, r, "/week/"+week.String(), "approved")
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
