package workbench

import (
	"net/http"
	"net/url"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// A refusal is why something was not done, and what was typed for it: a page that
// refuses shows both.
type refusal struct {
	Why   string
	Form  string // which of a page's forms it was: "edits", "note", "test", "approve", "end"
	Field string // the id of the input to mend; "": no one in particular
	typed url.Values
}

// Typed is what was typed for an input, otherwise what it has anyhow.
func (f *refusal) Typed(form, name, otherwise string) string {
	if f == nil || f.Form != form || !f.typed.Has(name) {
		return otherwise
	}
	return plain(f.typed.Get(name))
}

// Of reports whether it was this form that was refused.
func (f *refusal) Of(form string) bool { return f != nil && f.Form == form }

// At is why this input is to be mended, "" when it is not.
func (f *refusal) At(field string) string {
	if f == nil || f.Field != field {
		return ""
	}
	return f.Why
}

// weekAgain shows a week's page once more, with what was typed in its form and the
// error beside its field. Where the page cannot be made either, err is given back.
func (s *server) weekAgain(w http.ResponseWriter, r *http.Request, week edition.Week, f refusal, err error) error {
	again := r.Clone(r.Context())
	again.URL.RawQuery = looked(r.PostForm).Encode()
	v, broken := s.weekView(again, week)
	if broken != nil || !v.Editable() && f.Form != "note" { // its forms are not there
		return err
	}
	if statusOf(err) == http.StatusInternalServerError {
		s.Logger.Warn("a request to the workbench failed", "path", r.Pattern, "error", err)
	}
	f.Why, f.typed = s.inWords(err).Text, r.PostForm
	v.Refused = &f
	if f.Form == "edits" {
		v.Form.retype(r.PostForm)
	}
	s.pages.Show(w, statusOf(err), "week", page.View{Title: "Not done: " + v.title(), Data: v})
	return nil
}

// views are the parts of a week's address that say how it is looked at.
func views() []string { return []string{"look", "width", "view", "as", "topic", "mark", "against"} }

// looked gives how the page was looked at that a form was sent from.
func looked(form url.Values) url.Values {
	q, err := url.ParseQuery(form.Get("see"))
	if err != nil {
		return url.Values{}
	}
	return only(q, views()...)
}

// only gives some of a query.
func only(q url.Values, keys ...string) url.Values {
	out := url.Values{}
	for _, key := range keys {
		if q.Has(key) {
			out[key] = q[key]
		}
	}
	return out
}
