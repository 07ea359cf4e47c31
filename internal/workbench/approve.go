package workbench

import (
	"errors"
	"net/http"
	"net/url"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// An approveView is the page that the draft's mail leads to: the mail, and the
// button that approves exactly that.
type approveView struct {
	weekView
	Changed bool   // it is not the content that the mail was about
	Known   bool   // that content is kept, so that Since says what changed
	Since   string // what changed since, "" when nothing that can be told
	Phone   string // the frame's address
}

// approvePage looks like the week's page with everything but the decision left
// out. It changes nothing: the link that leads here is in a mail, which may be
// forwarded, and opens nothing to who is not logged in.
func (s *server) approvePage(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	v := approveView{}
	if v.weekView, err = s.weekView(r, week); err != nil {
		return err
	}
	hash := r.PathValue("hash")
	if v.Changed = v.Build.Hash != hash && v.Err == ""; v.Changed {
		old, err := s.earlier(r, week, hash)
		if err != nil && !errors.Is(err, edition.ErrNotFound) {
			return err
		}
		if v.Known = err == nil; v.Known {
			v.Since = edition.Diff(old, v.Build)
		}
	}
	v.Phone = s.Base + "/week/" + week.String() + "/frame?" + url.Values{"look": {"light"}, "hash": {v.Build.Hash}, "as": {v.AsShown()}}.Encode()
	s.pages.Show(w, http.StatusOK, "approve", page.View{Title: "Approve " + v.title(), Data: v})
	return nil
}

// earlier finds a week's content by its hash: as it was shown, or as it was built.
func (s *server) earlier(r *http.Request, week edition.Week, hash string) (edition.Build, error) {
	if x, ok := s.shown.find(func(x seen) bool { return x.week == week && x.preview.Build.Hash == hash }); ok {
		return x.preview.Build, nil
	}
	return s.Desk.BuildOf(r.Context(), week, hash)
}
