package workbench_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
)

// No page of the desk is there for whoever is not logged in, and nothing can be
// done.
func TestNothingWithoutLogin(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	for _, path := range []string{"/", weekPath, weekPath + "/frame", weekPath + "/message.eml", "/calendar", "/mails/confirm", "/mails/confirm/frame", "/comparisons/cursor-vs-windsurf", "/paste", "/events", "/sessions"} {
		a := c.want(c.get(path), http.StatusSeeOther, path)
		if want := "/desk/login?next=" + url.QueryEscape(path); a.location() != want {
			t.Errorf("%s: got led to %s, want %s", path, a.location(), want)
		}
	}
	for _, path := range []string{weekPath + "/edits", weekPath + "/do", weekPath + "/share", "/comparisons/cursor-vs-windsurf", "/paste", "/sessions", "/logout"} {
		a := c.want(c.post(path, url.Values{"do": {"hold"}, "page": {"x"}}), http.StatusUnauthorized, path)
		if !strings.Contains(a.body, "You are not logged in any more") {
			t.Errorf("%s: got no word of it:\n%s", path, a.body)
		}
	}
	if _, err := b.desk.Edition(t.Context(), week); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("got an edition (%v), want none: nobody was logged in", err)
	}
}

// The way in: the same answer for every address; a look uses nothing up; the
// button logs in, once, and leads to the page that was asked for.
func TestLogin(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", "Ada <"+ada+">", bob)
	c := b.browser()
	next := weekPath + "?view=text"
	if a := c.get("/login?next=" + url.QueryEscape(next)); form(a.body, "/desk/login").Get("next") != next {
		t.Fatalf("got no next page in the form:\n%s", a.body)
	}
	known := c.want(c.post("/login", url.Values{"email": {" ADA@example.com"}, "next": {next}}), http.StatusSeeOther, "an editor")
	stranger := c.want(c.post("/login", url.Values{"email": {"eve@example.com"}}), http.StatusSeeOther, "a stranger")
	if known.location() != stranger.location() || known.body != stranger.body {
		t.Error("got answers that tell who is an editor")
	}
	link := b.mailed(ada)
	for range 3 { // as mail scanners do
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := b.browser().send(method, link, nil); a.StatusCode != http.StatusOK || len(a.Cookies()) > 0 {
				t.Fatalf("%s: got status %d and cookies %v, want a page only", method, a.StatusCode, a.Cookies())
			}
		}
	}
	if a := c.get(link); !strings.Contains(a.body, ada) || !strings.Contains(a.body, "<button") {
		t.Errorf("got no button and name:\n%s", a.body)
	}
	a := c.want(c.post(link, nil), http.StatusSeeOther, "the button")
	if a.location() != "/desk"+next {
		t.Errorf("got led to %s, want /desk%s", a.location(), next)
	}
	if a := c.want(c.get(weekPath), http.StatusOK, "the week"); !strings.Contains(a.body, ada) {
		t.Error("got a page that does not say who is logged in")
	}
	for what, thief := range map[string]*browser{"another browser": b.browser(), "the same browser": c} {
		if a := thief.post(link, nil); a.StatusCode != http.StatusGone || len(a.Cookies()) > 0 {
			t.Errorf("the link again in %s: got %d and %v, want 410", what, a.StatusCode, a.Cookies())
		}
	}
	c.want(c.get("/login/"+editors.NewToken().String()), http.StatusNotFound, "a link that there is not")
	c.want(c.get("/login/x"), http.StatusNotFound, "no link at all")
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	c.post("/login", url.Values{"email": {ada}})
	link := b.mailed(ada)
	b.later(15 * time.Minute)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if a := c.send(method, link, nil); a.StatusCode != http.StatusGone || !strings.Contains(a.body, "15 minutes") {
			t.Errorf("%s after 15 minutes: got %d:\n%s", method, a.StatusCode, a.body)
		}
	}
}

// Whoever asks or guesses too often is held back.
func TestLoginLimits(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	status := 0
	for range 12 {
		status = c.post("/login", url.Values{"email": {"eve@example.com"}}).StatusCode
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the twelfth ask: got %d, want 429", status)
	}
	for range 20 {
		status = c.post("/login/"+editors.NewToken().String(), nil).StatusCode
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the twentieth guess: got %d, want 429", status)
	}
}

// A reviewer's link shows its week's mail, no reader's data and nothing else,
// changes nothing, and ends by hand or with the edition.
func TestReviewer(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	b.logIn(c, ada)
	c.post(weekPath+"/do", url.Values{"do": {"note"}, "text": {"among editors"}})
	if err := os.WriteFile(filepath.Join(b.dir, "broken.yaml"), []byte("tools: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := c.want(c.post(weekPath+"/share", url.Values{"make": {"link"}}), http.StatusOK, "make a link")
	_, link, _ := strings.Cut(a.body, b.url+"/desk")
	link, _, _ = strings.Cut(link, `"`)
	if a := c.get(weekPath); strings.Contains(a.body, link) || !strings.Contains(a.body, "Made by "+ada) {
		t.Error("got the link again, or no word of it")
	}
	r := b.browser()
	if a := r.want(r.get(link), http.StatusSeeOther, "open it"); a.location() != "/desk"+weekPath {
		t.Errorf("got led to %s, want the week", a.location())
	}
	page := r.want(r.get(weekPath+"?as="+url.QueryEscape("reader@example.com")), http.StatusOK, "look")
	for _, no := range []string{"among editors", ada, "<form", "Edit ", "reader@example.com", b.dir, "message.eml", "/calendar"} {
		if strings.Contains(page.body, no) {
			t.Errorf("got %q on the reviewer's page", no)
		}
	}
	r.want(r.get(weekPath+"/frame?as=nobody%40example.com"), http.StatusOK, "the mail")
	for _, path := range []string{"/week/2026-W47", "/week/2026-W49/frame", weekPath + "/message.eml", "/calendar", "/mails/confirm", "/comparisons/cursor-vs-windsurf", "/paste", "/sessions"} {
		r.want(r.get(path), http.StatusForbidden, path)
	}
	for _, path := range []string{weekPath + "/edits", weekPath + "/do", weekPath + "/share", "/comparisons/cursor-vs-windsurf", "/paste", "/logout"} {
		r.want(r.post(path, url.Values{"do": {"approve"}, "hash": {form(page.body, weekPath+"/do").Get("hash")}}), http.StatusForbidden, path)
	}
	c.post(weekPath+"/share", url.Values{"end": {"1"}})
	r.want(r.get(weekPath), http.StatusSeeOther, "after it was ended")
	r.want(r.get(link), http.StatusGone, "the link itself")

	a = c.post(weekPath+"/share", url.Values{"make": {"link"}})
	_, link, _ = strings.Cut(a.body, b.url+"/desk")
	link, _, _ = strings.Cut(link, `"`)
	r.want(r.get(link), http.StatusSeeOther, "another link")
	r.want(r.get(weekPath), http.StatusOK, "look with it")
	c.want(c.post(weekPath+"/do", url.Values{"do": {"hold"}}), http.StatusSeeOther, "hold")
	c.want(c.post(weekPath+"/do", url.Values{"do": {"cancel"}, "sure": {"yes"}}), http.StatusSeeOther, "cancel")
	r.want(r.get(weekPath), http.StatusSeeOther, "after the edition was cancelled")
	r.want(r.get(link), http.StatusGone, "the link after that")
}

// The link in the draft's mail authenticates nobody: it leads to the login, then
// to the approval of exactly that content, or shows what changed since.
func TestApproveFromTheMail(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 2, "", ada, bob)
	draft := must(b.desk.Draft(t.Context(), week))
	must(b.desk.Build(t.Context(), draft))
	first := draft.Build.Hash
	link := "/approve/2026-W48/" + first
	stranger := b.browser() // to whom the mail was forwarded
	if a := stranger.want(stranger.get(link), http.StatusSeeOther, "a stranger"); !strings.HasPrefix(a.location(), "/desk/login?next=%2Fapprove%2F") {
		t.Errorf("got led to %s, want to the login", a.location())
	}
	stranger.want(stranger.post(weekPath+"/do", url.Values{"do": {"approve"}, "hash": {first}}), http.StatusUnauthorized, "a stranger's approval")

	c := b.browser()
	c.post("/login", url.Values{"email": {ada}, "next": {link}})
	if a := c.post(b.mailed(ada), nil); a.location() != "/desk"+link {
		t.Fatalf("got led to %s, want %s", a.location(), link)
	}
	page := c.want(c.get(link), http.StatusOK, "the page")
	approve := form(page.body, "/desk"+weekPath+"/do")
	if approve.Get("hash") != first || strings.Contains(page.body, "has changed since") || !strings.Contains(page.body, "2 editors have to approve") || !strings.Contains(page.body, "<iframe") {
		t.Fatalf("got\n%.3000s", page.body)
	}
	if _, err := b.db.Desk().Acts(t.Context(), week); err != nil {
		t.Fatal(err)
	}
	if got := must(b.db.Desk().Approvals(t.Context(), week, first)); len(got) != 0 {
		t.Fatalf("got approvals %v by looking", got)
	}
	approve.Set("do", "approve")
	c.want(c.post(weekPath+"/do", approve), http.StatusSeeOther, "approve")

	his := b.browser()
	b.logIn(his, bob)
	if a := his.get(link); !strings.Contains(a.body, "Approved so far by "+ada) || !strings.Contains(a.body, "Yours is the last one") {
		t.Errorf("the second editor: got\n%.3000s", a.body)
	}
	must(b.desk.By(bob).SaveEdits(t.Context(), week, edition.Edits{Subject: "Another subject"}))
	changed := his.want(his.get(link), http.StatusOK, "after a change")
	for _, want := range []string{"has changed since", "Changes since that mail", "Another subject"} {
		if !strings.Contains(strings.ToLower(changed.body), strings.ToLower(want)) {
			t.Errorf("after a change: got no %q:\n%.3000s", want, changed.body)
		}
	}
	old := url.Values{"do": {"approve"}, "hash": {first}}
	if a := his.post(weekPath+"/do", old); a.StatusCode != http.StatusConflict {
		t.Errorf("approving the old content: got %d, want 409", a.StatusCode)
	}
	now := form(changed.body, "/desk"+weekPath+"/do")
	now.Set("do", "approve")
	his.want(his.post(weekPath+"/do", now), http.StatusSeeOther, "approve it as it is now")
	if e := must(b.desk.Edition(t.Context(), week)); e.State == edition.Approved {
		t.Error("got it approved, want ada's approval to be of the old content only")
	}
	c.want(c.post(weekPath+"/do", now), http.StatusSeeOther, "both")
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Approved || e.ApprovedBy != bob+", "+ada && e.ApprovedBy != ada+", "+bob {
		t.Errorf("got %s by %q, want it approved by both", e.State, e.ApprovedBy)
	}
	c.want(c.get("/approve/2026-W48/nonsense"), http.StatusOK, "a hash that there is not")
}
