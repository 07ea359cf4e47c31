package workbench_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/edition"
)

// Whatever act is refused, the page has what was typed, says why beside its field,
// and leads there.
func TestRefusedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	if err := b.desk.By(ada).AddNote(t.Context(), week, "", "Is the price right?"); err != nil {
		t.Fatal(err)
	}
	_, body := b.get(weekPath)
	edits, do := form(body, weekPath+"/edits"), form(body, weekPath+"/do")
	const quote = "quote.cursor-vs-windsurf.1"
	for _, x := range []struct {
		name, path string
		form       url.Values
		typed      url.Values
		status     int
		field      string // where the error stands
	}{
		{"a quote that nobody said", "/edits", edits, url.Values{"do": {"save"}, "subject": {"My subject"}, "note": {"My\nnote"}, quote: {"Nobody ever said this."}}, 422, quote},
		{"a comparison that there is not", "/edits", edits, url.Values{"do": {"in:nosuch"}, "subject": {"My subject"}}, 422, "order"},
		{"a form without a version", "/edits", edits, url.Values{"do": {"save"}, "version": {""}, "preheader": {"My preheader"}}, 400, ""},
		{"no version to go back to", "/edits", edits, url.Values{"do": {"undo:9"}, "subject": {"My subject"}}, 422, ""},
		{"an empty note", "/do", do, url.Values{"do": {"note"}, "text": {" "}, "slug": {"cursor-vs-windsurf"}}, 422, "text"},
		{"a test to no address", "/do", do, url.Values{"do": {"test"}, "to": {"nobody"}}, 422, "to"},
		{"an approval over an open note", "/do", do, url.Values{"do": {"approve"}, "notes": {"open"}}, 422, "sure"},
		{"a week left out without a tick", "/do", do, url.Values{"do": {"skip"}}, 422, "sure-end"},
		{"a button that there is not", "/do", do, url.Values{"do": {"dance"}}, 400, ""},
	} {
		f := url.Values{"see": {"look=dark&width=phone"}}
		for key, values := range x.form {
			f[key] = values
		}
		f.Set("see", "look=dark&width=phone")
		for key, values := range x.typed {
			f[key] = values
		}
		resp, body := b.post(weekPath+x.path, f)
		if resp.StatusCode != x.status {
			t.Errorf("%s: got %d, want %d", x.name, resp.StatusCode, x.status)
		}
		for key := range x.typed {
			if text := strings.TrimSpace(x.typed.Get(key)); key != "do" && key != "notes" && key != "slug" && text != "" && !strings.Contains(body, text) {
				t.Errorf("%s: got no %q on the page", x.name, text)
			}
		}
		if slug := x.typed.Get("slug"); slug != "" && !strings.Contains(body, `<option value="`+slug+`" selected`) {
			t.Errorf("%s: got another comparison chosen than %s", x.name, slug)
		}
		if x.field != "" && (!strings.Contains(body, `href="#`+x.field+`"`) || !strings.Contains(body, `id="amiss"`)) {
			t.Errorf("%s: got no way to the field %s and no error beside it", x.name, x.field)
		}
		if !strings.Contains(body, `class="around"`) || !strings.Contains(body, "stage mail phone") {
			t.Errorf("%s: got no navigation, or another view than the one before", x.name)
		}
	}
	if _, body := b.post(weekPath+"/do", url.Values{"do": {"test"}, "to": {"nobody"}}); !strings.Contains(body, "The test mail was not sent: the address is not") {
		t.Error("a test to no address: got no plain word of it")
	}
	if e, err := b.desk.Edition(t.Context(), week); err == nil {
		t.Errorf("got the edition recorded as %s, want nothing done", e.State)
	}
}

// Where the page of the form cannot be shown any more, another one keeps what was
// typed, to be sent again.
func TestKeptWithoutItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/cursor-vs-windsurf"
	_, body := b.get(path)
	f := form(body, path)
	f.Set("f-tools[0].entry", "$7 a month")
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	src := must(os.ReadFile(file))
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	resp, body := b.post(path, f)
	if resp.StatusCode != http.StatusNotFound || !strings.Contains(body, `value="$7 a month"`) || !strings.Contains(body, "Price to start of Cursor") || strings.Contains(body, ">Price to start of Windsurf<") {
		t.Fatalf("its file has gone: got %d, want 404 and what was typed, and nothing else:\n%s", resp.StatusCode, body)
	}
	if err := os.WriteFile(file, src, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, body := b.post(path, form(body, path)); !strings.Contains(body, "The comparison is saved.") {
		t.Errorf("sent again: got\n%.2500s", body)
	}

	// A week that has become another one meanwhile has no form for it.
	_, body = b.get(weekPath)
	f = form(body, weekPath+"/edits")
	f.Set("do", "save")
	f.Set("subject", "My subject")
	_, err := b.desk.By(bob).ApproveShown(t.Context(), week, must(b.desk.Draft(t.Context(), week)).Build.Hash)
	if err == nil {
		_, err = b.desk.By(bob).Cancel(t.Context(), week)
	}
	if err != nil {
		t.Fatal(err)
	}
	resp, body = b.post(weekPath+"/edits", f)
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, `value="My subject"`) || !strings.Contains(body, "Send it again") || !strings.Contains(body, `class="around"`) {
		t.Errorf("a cancelled week: got %d, want 409 and what was typed:\n%.2500s", resp.StatusCode, body)
	}

	// Without its database the desk knows nothing, and keeps what was typed.
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	resp, body = b.post("/week/2026-W49/edits", url.Values{"version": {"0"}, "do": {"save"}, "note": {"A note of\nmine"}})
	if resp.StatusCode < 500 || !strings.Contains(body, "A note of\nmine</textarea>") || !strings.Contains(body, `name="do" value="save"`) {
		t.Errorf("no database: got %d, want an error and what was typed:\n%.2500s", resp.StatusCode, body)
	}
}

// What is sent after the session has ended is kept, and can be sent again after a
// login in another window.
func TestTypedOutlivesTheSession(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	b.logIn(c, ada)
	page := c.want(c.get(weekPath), http.StatusOK, "the week")
	f := form(page.body, "/desk"+weekPath+"/edits")
	c.want(c.post("/logout", nil), http.StatusSeeOther, "log out")
	f.Set("do", "save")
	f.Set("subject", "A subject & mine")
	refused := c.want(c.post(weekPath+"/edits", f), http.StatusUnauthorized, "without a session")
	if !strings.Contains(refused.body, `value="A subject &amp; mine"`) || !strings.Contains(refused.body, `target="_blank"`) || strings.Contains(refused.body, `class="around"`) {
		t.Fatalf("got\n%s\nwant what was typed, a login in another window, and no way around", refused.body)
	}
	b.logIn(c, ada)
	again := form(refused.body, "/desk"+weekPath+"/edits")
	again.Set("do", "save")
	c.want(c.post(weekPath+"/edits", again), http.StatusSeeOther, "sent again")
	if e := must(b.desk.Edits(t.Context(), week)); e.Subject != "A subject & mine" {
		t.Errorf("got the subject %q, want what was typed", e.Subject)
	}
	// So is what a conflict was about to be settled with.
	c.want(c.post("/logout", nil), http.StatusSeeOther, "log out")
	settle := url.Values{"version": {"1"}, "mine": {`{"version":1,"note":"Mine"}`}, "do": {"mine"}}
	refused = c.want(c.post(weekPath+"/edits", settle), http.StatusUnauthorized, "without a session")
	b.logIn(c, ada)
	again = form(refused.body, "/desk"+weekPath+"/edits")
	again.Set("do", "mine")
	c.want(c.post(weekPath+"/edits", again), http.StatusSeeOther, "sent again")
	if e := must(b.desk.Edits(t.Context(), week)); e.Note != "Mine" {
		t.Errorf("got the note %q, want what the conflict was settled with", e.Note)
	}
	// What another site's page sends is not kept for a second click.
	foreign := c.post(weekPath+"/edits", f, func(r *http.Request) {
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	if c.want(foreign, http.StatusForbidden, "another site"); strings.Contains(foreign.body, "mine") || !strings.Contains(foreign.body, "another site") {
		t.Errorf("another site's page: got\n%s\nwant nothing of what it sent", foreign.body)
	}
}

// Every button leads back to what it was about, seen as before.
func TestButtonsKeepThePlace(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, body := b.get(weekPath)
	order := form(body, weekPath+"/edits")["order"]
	last := len(order) - 1
	for _, x := range []struct{ path, do, place string }{
		{"/edits", "down:" + order[0], "down-" + order[0]},
		{"/edits", "up:" + order[0], "down-" + order[0]}, // it is the first again
		{"/edits", "first:" + order[last], "down-" + order[last]},
		{"/edits", "out:" + order[1], "c-" + order[1]},
		{"/edits", "in:" + order[1], "c-" + order[1]},
		{"/edits", "pin:" + order[0], "c-" + order[0]},
		{"/edits", "unpin:" + order[0], "c-" + order[0]},
		{"/edits", "headline:A subject\nA preheader", "subject"},
		{"/edits", "save", "save"},
		{"/edits", "undo:1", "versions"},
		{"/do", "hold", "act"},
		{"/do", "note", "n-1"},
		{"/do", "resolve:1", "n-1"},
		{"/do", "test", "to"},
	} {
		_, body := b.get(weekPath + "?look=dark&width=phone")
		f := form(body, weekPath+x.path)
		f.Set("do", x.do)
		f.Set("text", "A note")
		f.Set("to", ada)
		resp, body := b.post(weekPath+x.path, f)
		if at := resp.Request.URL; resp.StatusCode != http.StatusOK || at.Fragment != x.place || at.Query().Get("look") != "dark" || at.Query().Get("width") != "phone" {
			t.Errorf("%s: got %d at %s, want the place %s, dark on a phone", x.do, resp.StatusCode, at, x.place)
		}
		if !strings.Contains(body, ` id="`+x.place+`"`) {
			t.Errorf("%s: the page has no place %s", x.do, x.place)
		}
	}
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Held {
		t.Errorf("got %s, want it held", e.State)
	}
}

// What a correction changed is in the history, field by field, wherever it came
// from; and so is what was decided otherwise.
func TestHistorySaysWhatChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/cursor-vs-windsurf"
	correct := func(query string, typed url.Values) {
		t.Helper()
		_, body := b.get(path + query)
		f := form(body, path)
		for key, values := range typed {
			f[key] = values
		}
		if _, body := b.post(path, f); !strings.Contains(body, "The comparison is saved.") {
			t.Fatalf("got\n%.2500s", body)
		}
	}
	correct("?week=2026-W48", url.Values{"f-tools[0].entry": {"$7 a month"}, "f-tools[1].best_for": {"handing a whole task over"}})
	correct("", url.Values{"f-tools[0].entry": {"$8 a month"}}) // not from a week: that at hand
	_, body := b.get(weekPath)
	f := form(body, weekPath+"/edits")
	f.Set("do", "save")
	f.Set("subject", "A subject of mine")
	b.post(weekPath+"/edits", f)
	var got []string
	for _, a := range must(b.db.Desk().Acts(t.Context(), week)) {
		got = append(got, a.By+" "+a.What+": "+a.Detail)
	}
	want := []string{
		ada + " edited: subject: the program's own → “A subject of mine”",
		ada + " corrected: cursor-vs-windsurf: price to start of Cursor: “$7 a month” → “$8 a month”",
		ada + " corrected: cursor-vs-windsurf: price to start of Cursor: “Free” → “$7 a month”; what Windsurf is best for: ",
	}
	for i, line := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], line) {
			t.Errorf("got the history\n%s\nwant the line\n%s", strings.Join(got, "\n"), line)
		}
	}
	if _, body := b.get(weekPath); !strings.Contains(body, "“Free” → “$7 a month”") {
		t.Error("the week's page does not say what was corrected")
	}
}
