package workbench

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

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
	errLarge    = errors.New("that is more than 6 MiB, which no page or file of a comparison has")
	errNoPage   = errors.New("there is no such page")
	errLogIn    = errors.New("you are not logged in")
	errLimited  = errors.New("that was asked for too often; wait a while")
	errHost     = errors.New("the desk does not answer to this name")
	errForeign  = errors.New("the browser says that another site's page sent this, so nothing was done; if it was you, reload the desk's page and do it there")
)

// statuses are what errors answer with.
func statuses() map[error]int {
	return map[error]int{
		errReadOnly: http.StatusForbidden, errForm: http.StatusBadRequest, errLarge: http.StatusRequestEntityTooLarge, errUnsure: http.StatusUnprocessableEntity,
		errNoPage: http.StatusNotFound, desk.ErrEmptyNote: http.StatusUnprocessableEntity, message.ErrReader: http.StatusUnprocessableEntity,
		errLogIn: http.StatusUnauthorized, errLimited: http.StatusTooManyRequests, errHost: http.StatusMisdirectedRequest, errPlain: http.StatusForbidden, errForeign: http.StatusForbidden,
		editors.ErrNotFound: http.StatusNotFound, editors.ErrUsed: http.StatusGone, editors.ErrExpired: http.StatusGone, editors.ErrOver: http.StatusGone,
		editors.ErrBusy: http.StatusServiceUnavailable, desk.ErrNoDatabase: http.StatusConflict, desk.ErrNoEditor: http.StatusForbidden,
		edition.ErrNoSlot: http.StatusNotFound, edition.ErrState: http.StatusConflict, edition.ErrNotBuilt: http.StatusConflict, edition.ErrNothing: http.StatusConflict, edition.ErrEdits: http.StatusUnprocessableEntity, edition.ErrStale: http.StatusConflict, edition.ErrChanged: http.StatusConflict,
		subscribers.ErrNotFound: http.StatusNotFound, library.ErrChanged: http.StatusConflict, library.ErrExists: http.StatusConflict, store.ErrBusy: http.StatusServiceUnavailable, store.ErrDisk: http.StatusServiceUnavailable,
	}
}

// statusOf is what an error answers with.
func statusOf(err error) int {
	status := http.StatusInternalServerError
	for kind, as := range statuses() {
		if errors.Is(err, kind) {
			status = as
		}
	}
	return status
}

// A failedView is a page that says what went wrong, leads on, and keeps what was
// typed.
type failedView struct {
	chrome
	page.Notice
	Aside bool      // Back is opened beside this page, which keeps what was typed
	Kept  *keptForm // nil: nothing was typed
}

// inWords says an error to an editor, and where to go from there.
func (s *server) inWords(err error) page.Notice {
	n := page.Notice{Heading: "That did not work", Text: capital(strings.TrimPrefix(err.Error(), errNoPage.Error()+": "))}
	switch {
	case errors.Is(err, desk.ErrNoDatabase):
		n.Heading = "There is no database yet"
		n.Text = "A draft can be looked at without one, but not changed or approved; 'digest edition build' makes one; then open the desk again."
	case errors.Is(err, errLogIn):
		n.Heading, n.Back, n.BackTo, n.Text = "You are not logged in any more", s.Base+"/login", "Log in", "Nothing was done."
	case statusOf(err) == http.StatusGone || errors.Is(err, editors.ErrNotFound):
		n.Heading, n.Back, n.BackTo = "This link does not work", s.Base+"/login", "Log in"
	case errors.Is(err, message.ErrReader):
		n.Text = strings.Replace(n.Text, message.ErrReader.Error()+": ", "", 1)
	case errors.Is(err, errReadOnly):
		n.Heading = "Only for editors"
	case errors.Is(err, errNoPage):
		n.Heading = "There is nothing here"
	}
	if !strings.HasSuffix(n.Text, ".") && !strings.Contains(n.Text, "\n") {
		n.Text += "."
	}
	return n
}

// showError answers with what went wrong.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errLogIn) && r.Method == http.MethodGet {
		http.Redirect(w, r, s.Base+"/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	v := failedView{chrome: s.chrome(r), Notice: s.inWords(err)}
	v.Done = ""
	if errors.Is(err, errLogIn) { // nobody has read the form yet
		r.Body = http.MaxBytesReader(w, r.Body, maxOutside)
		_ = r.ParseForm() // what is too large is not kept
	}
	switch {
	case errors.Is(err, errHost), errors.Is(err, errPlain), errors.Is(err, errForeign):
	case v.Back == "":
		v.Back, v.BackTo = s.backTo(r), "Back to the desk"
		fallthrough
	default:
		v.Kept = s.keep(r)
	}
	v.Outside, v.Aside = s.outsider(r), v.Kept != nil && errors.Is(err, errLogIn)
	status := statusOf(err)
	if status == http.StatusInternalServerError {
		s.Logger.Warn("a request to the workbench failed", "path", r.Pattern, "error", err)
	}
	s.pages.Show(w, status, "failed", page.View{Title: v.Heading, Data: v})
}

// maxOutside bounds what is kept, in bytes, of who is not logged in.
const maxOutside = 1 << 20

// outsider reports whether a request is from nobody who came in.
func (s *server) outsider(r *http.Request) bool {
	_, in := r.Context().Value(editorKey{}).(Editor)
	return s.Door != nil && !in
}
