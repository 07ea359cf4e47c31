package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

var _ edition.Mails = plainsql.Editions{}

// mails tells of one digest that was mailed.
type mails struct{}

func (mails) Mailed(context.Context, int64) ([]edition.Mailed, error) {
	return []edition.Mailed{{Week: edition.Week{Year: 2026, Number: 47}, Subject: "Quill ships", Accepted: true, At: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)}}, nil
}

// The record has the digests that were mailed, as a page and as JSON.
func TestAboutListsDigests(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r, func(d *Deps) { d.Now, d.Mails = r.clock, mails{} })
	preferences := r.own(t, subscribers.PurposePreferences, r.active(t, "ada@example.org").ID)
	if err := r.AskFreshLink(t.Context(), preferences, subscribers.PurposeAbout); err != nil {
		t.Fatal(err)
	}
	path, _ := r.fresh(t)
	a := s.form(t, path, "")
	wantStatus(t, a, http.StatusOK)
	for _, want := range []string{"2026-W47: Quill ships, handed over on 16 November 2026", "%22digests%22"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("got %s, want %q on the page", a.body, want)
		}
	}
}
