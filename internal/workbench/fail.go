package workbench

import (
	"errors"
	"net/http"
	"net/url"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/subscribers"
)

var (
	errReadOnly = errors.New("this link is read-only; the person who sent it can change the edition")
	errForm     = errors.New("the form cannot be read")
	errNoPage   = errors.New("there is no such page")
	errLogIn    = errors.New("you are not logged in")
	errLimited  = errors.New("that was asked for too often; wait a while")
	errHost     = errors.New("the desk does not answer to this name")
)

// statuses are what errors answer with.
func statuses() map[error]int {
	return map[error]int{
		errReadOnly: http.StatusForbidden, errForm: http.StatusBadRequest, errNoPage: http.StatusNotFound, desk.ErrEmptyNote: http.StatusUnprocessableEntity, message.ErrReader: http.StatusUnprocessableEntity,
		errLogIn: http.StatusUnauthorized, errLimited: http.StatusTooManyRequests, errHost: http.StatusMisdirectedRequest, errPlain: http.StatusForbidden,
		editors.ErrNotFound: http.StatusNotFound, editors.ErrUsed: http.StatusGone, editors.ErrExpired: http.StatusGone, editors.ErrOver: http.StatusGone,
		editors.ErrBusy:   http.StatusServiceUnavailable,
		edition.ErrNoSlot: http.StatusNotFound, edition.ErrState: http.StatusConflict, edition.ErrNotBuilt: http.StatusConflict, edition.ErrNothing: http.StatusConflict,
		subscribers.ErrNotFound: http.StatusNotFound, library.ErrChanged: http.StatusConflict, library.ErrExists: http.StatusConflict, store.ErrBusy: http.StatusServiceUnavailable, store.ErrDisk: http.StatusServiceUnavailable,
	}
}

// showError answers with what went wrong.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errLogIn) && r.Method == http.MethodGet {
		http.Redirect(w, r, s.Base+"/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	status, n := http.StatusInternalServerError, page.Notice{Heading: "That did not work", Text: err.Error(), Back: s.backTo(r), BackTo: "Back"}
	for kind, as := range statuses() {
		if errors.Is(err, kind) {
			status = as
		}
	}
	switch {
	case errors.Is(err, desk.ErrNoDatabase):
		status, n.Heading = http.StatusConflict, "There is no database yet"
		n.Text = "A draft can be looked at without one, but not changed or approved; 'digest edition build' makes one; then open the desk again."
	case errors.Is(err, errLogIn):
		n.Heading, n.Back, n.BackTo = "You are not logged in any more", s.Base+"/login", "Log in"
		n.Text = "Nothing was done. What you typed is still in your browser: log in in another window, come back to this one, go one page back and send it again."
	case status == http.StatusGone || errors.Is(err, editors.ErrNotFound):
		n.Heading, n.Back, n.BackTo = "This link does not work", s.Base+"/login", "Log in"
	case status == http.StatusInternalServerError:
		s.Logger.Warn("a request to the workbench failed", "path", r.Pattern, "error", err)
	}
	if errors.Is(err, errHost) || errors.Is(err, errPlain) {
		n.Back, n.BackTo = "", ""
	}
	s.pages.Notice(w, status, n)
}
