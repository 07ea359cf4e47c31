package web

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/subscribers"
)

// reasonCounter counts what the site tells of.
type reasonCounter struct {
	noRecorder
	n map[string]int
}

func (c reasonCounter) LeaveReason(reason string) { c.n[reason]++ }

func serveReasons(t *testing.T, r *readers) (*site, reasonCounter) {
	t.Helper()
	c := reasonCounter{n: map[string]int{}}
	return serve(t, r, func(d *Deps) { d.Now, d.Reasons, d.Recorder = r.clock, r.db.LeaveReasons(), c }), c
}

// reasons are how many gave each, on all days.
func (r *readers) reasons(t *testing.T) map[subscribers.LeaveReason]int64 {
	t.Helper()
	counts, err := r.db.LeaveReasons().Counts(t.Context(), time.Unix(0, 0), r.clock().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// lostReasons cannot be asked.
type lostReasons struct{ Reasons }

func (lostReasons) Answered(context.Context, int64) (bool, error) {
	return false, context.DeadlineExceeded
}

// Who has left is told so, also where nothing more can be looked up.
func TestLeftAndNotAsked(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r, func(d *Deps) { d.Now, d.Reasons = r.clock, lostReasons{} })
	sub := r.active(t, "reader@example.org")
	a := s.form(t, "/unsubscribe/"+sub.Token.String(), "")
	if wantStatus(t, a, http.StatusOK); !strings.Contains(a.body, "You are unsubscribed") || strings.Contains(a.body, `name="why"`) {
		t.Errorf("got %s, want the goodbye without the question", a.body)
	}
	r.wantStatus(t, "reader@example.org", subscribers.Unsubscribed)
}

// Who has left is asked why, once, and only on their own page: neither a look at it
// nor the mail program's one click says anything, and no answer unsubscribes.
func TestWhy(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s, metric := serveReasons(t, r)
	sub := r.active(t, "reader@example.org")
	page := "/unsubscribe/" + sub.Token.String()
	const question = `name="why"`

	if a := s.form(t, page, "why=too-long&answer=1"); strings.Contains(a.body, question) || len(r.reasons(t)) != 0 {
		t.Errorf("on the list: got %d, %v, %s; want nothing counted", a.StatusCode, r.reasons(t), a.body)
	}
	r.wantStatus(t, "reader@example.org", subscribers.Active)

	a := s.form(t, page, "")
	if wantStatus(t, a, http.StatusOK); strings.Count(a.body, question) != len(subscribers.LeaveReasons()) || strings.Contains(a.body, "reader@") {
		t.Errorf("left: got %s, want each reason to choose and no address", a.body)
	}
	if a := s.form(t, page, "List-Unsubscribe=One-Click&why=too-long"); strings.Contains(a.body, question) || len(r.reasons(t)) != 0 {
		t.Errorf("one click: got %s, %v, want neither question nor answer", a.body, r.reasons(t))
	}
	for range 2 { // a look changes nothing
		if a := s.get(t, page+"?why=too-long&answer=1"); !strings.Contains(a.body, question) || len(r.reasons(t)) != 0 {
			t.Errorf("looked at: got %s, %v, want the question and nothing counted", a.body, r.reasons(t))
		}
	}
	for _, bad := range []string{"answer=1", "why=", "why=reader%40example.org&answer=1"} {
		if a := s.form(t, page, bad); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose one of these") || !strings.Contains(a.body, question) {
			t.Errorf("%s: got %d %s, want 422 and the question again", bad, a.StatusCode, a.body)
		}
	}
	if a := s.form(t, page, "why=too-long&answer=1"); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "Your answer is counted; we don’t keep which one was yours") || strings.Contains(a.body, "reader@") || strings.Contains(a.body, question) || !strings.Contains(a.body, `name="undo"`) {
		t.Errorf("got %d %s, want thanks and the way back", a.StatusCode, a.body)
	}
	s.form(t, page, "why=too-often&answer=1") // once a leaving
	if got := r.reasons(t); len(got) != 1 || got[subscribers.LeftTooLong] != 1 || metric.n["too-long"] != 1 || len(metric.n) != 1 {
		t.Errorf("got %v and the metric %v, want the first answer alone, once", got, metric.n)
	}
	if a := s.get(t, page); strings.Contains(a.body, question) || !strings.Contains(a.body, "already unsubscribed") {
		t.Errorf("answered: got %s, want no question", a.body)
	}
	wantStatus(t, s.form(t, "/unsubscribe/"+strings.Repeat("A", 22), "why=too-long"), http.StatusNotFound)
}

// The question works with a browser that runs no script.
func TestWhyInABrowser(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s, _ := serveReasons(t, r)
	page := s.url + "/unsubscribe/" + r.active(t, "reader@example.org").Token.String()
	p := browsertest.New(t).Page(t)
	p.DisableScript()
	dir := t.ArtifactDir()
	p.Navigate(page)
	p.Follow(".leave button")
	for _, width := range []int64{1200, 375} {
		for _, dark := range []bool{false, true} {
			p.EmulateViewport(width, 800)
			p.EmulateDark(dark)
			looks(t, p, width, filepath.Join(dir, fmt.Sprintf("why-%d-%t.png", width, dark)))
		}
	}
	browsertest.Eval[bool](p, `document.querySelector("input[value=other-tools]").checked = true`)
	p.Follow(`button[name="answer"]`)
	if got := r.reasons(t); got[subscribers.LeftTools] != 1 {
		t.Errorf("got %v, want the reason that was chosen", got)
	}
	looks(t, p, 375, filepath.Join(dir, "why-thanks.png"))
}
