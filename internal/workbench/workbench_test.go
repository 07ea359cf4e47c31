package workbench_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/workbench"
)

// friday is three days before the slot of week.
var (
	friday = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	week   = edition.Week{Year: 2026, Number: 48}
)

const weekPath = "/week/2026-W48"

// Each way of looking shows what its clients show, in a frame where nothing runs.
func TestLooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	resp, body := b.get(weekPath)
	if resp.StatusCode != http.StatusOK || !strings.Contains(body, `sandbox="allow-same-origin"`) {
		t.Fatalf("got status %d and no sandboxed frame:\n%.2000s", resp.StatusCode, body)
	}
	for _, want := range []string{"script-src 'self'", "connect-src 'self'", "form-action 'self'", "default-src 'none'"} {
		if got := resp.Header.Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("got the page's policy %s, want %s in it", got, want)
		}
	}
	for look, is := range map[string]func(string) bool{
		"light": func(m string) bool { return !strings.Contains(m, "prefers-color-scheme") },
		"dark": func(m string) bool {
			return strings.Contains(m, "(min-width:0)") && strings.Contains(m, `content="dark"`)
		},
		"inverted":        func(m string) bool { return strings.Contains(m, "invert(1)") },
		"no-style":        func(m string) bool { return !strings.Contains(m, "</style>") || strings.Contains(m, "<!--[if mso]>") },
		"no-media":        func(m string) bool { return !strings.Contains(m, "@media") },
		"gmail/ios":       func(m string) bool { return strings.Contains(m, "Cursor") },
		"outlook/windows": func(m string) bool { return !strings.Contains(m, "border-radius") },
	} {
		resp, mail := b.get(weekPath + "/frame?look=" + url.QueryEscape(look))
		policy := resp.Header.Get("Content-Security-Policy")
		for _, want := range []string{"script-src 'none'", "form-action 'none'", "sandbox allow-same-origin"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: got the policy %s, want %s in it", look, policy, want)
			}
		}
		if resp.StatusCode != http.StatusOK || !is(mail) {
			t.Errorf("%s: got status %d and a mail that is not so", look, resp.StatusCode)
		}
	}
	for query, want := range map[string]string{
		"?view=text": "CURSOR", "?view=headers": "List-Unsubscribe", "?view=source": "&lt;table", "?view=before": "&lt;style",
		"?look=outlook%2Fwindows": "Approximation, data of 20", "?look=inverted": "An approximation", "?width=phone": "stage mail phone", "?view=page": "/site/archive/2026-W48",
	} {
		if _, body := b.get(weekPath + query); !strings.Contains(strings.ToUpper(body), strings.ToUpper(want)) {
			t.Errorf("%s: got no %q on the page", query, want)
		}
	}
	if _, body := b.get("/mails/welcome"); !strings.Contains(body, "<iframe") {
		t.Errorf("another mail: got\n%.1500s", body)
	}
	if _, body := b.post("/mails/welcome", url.Values{"to": {"ada@example.com"}}); !strings.Contains(body, "The test mail is on its way.") || len(b.outbox.sent) != 1 || b.outbox.sent[0] != "ada@example.com" {
		t.Errorf("a test of another mail: got it sent to %q and\n%.1500s", b.outbox.sent, body)
	}
	if resp, _ := b.post("/mails/welcome", url.Values{"to": {"nobody"}}); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a test to no address: got %d, want 422", resp.StatusCode)
	}
	if resp, _ := b.get("/mails/nonsense"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a mail that is none: got %d, want 404", resp.StatusCode)
	}
}

// What an editor saves is in the mail; the second of two is told, and shown the
// difference, and can save over it.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, page := b.get(weekPath)
	ada := form(page, weekPath+"/edits")
	bob := form(page, weekPath+"/edits")
	order := ada["order"]
	if len(order) < 3 {
		t.Fatalf("got the order %q, want three and more", order)
	}
	ada.Set("subject", "Ada's own subject")
	ada.Set("note", "Hello *there*.")
	ada.Set("do", "down:"+order[0])
	if _, body := b.post(weekPath+"/edits", ada); !strings.Contains(body, "Ada&#39;s own subject") || !strings.Contains(body, "Saved.") {
		t.Fatalf("got no saved subject:\n%.3000s", body)
	}
	if mail := must(b.desk.Draft(t.Context(), week)).Rendered.HTML; !strings.Contains(mail, "Hello <em>there</em>.") {
		t.Error("got no note in the mail")
	}
	if e := must(b.desk.Edits(t.Context(), week)); e.Order[0] != order[1] || e.Order[1] != order[0] || e.By != "ada@example.com" {
		t.Errorf("got the order %q by %s, want the first two swapped by ada", e.Order, e.By)
	}
	b.as(workbench.Editor{Name: "bob@example.com"})
	bob.Set("subject", "Bob's subject")
	bob.Set("do", "save")
	resp, body := b.post(weekPath+"/edits", bob)
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "ada@example.com has saved") || !strings.Contains(body, "Ada&#39;s own subject") || !strings.Contains(body, "Bob&#39;s subject") {
		t.Fatalf("got status %d, want a conflict that shows both:\n%s", resp.StatusCode, body)
	}
	mine := form(body, weekPath+"/edits")
	mine.Set("do", "mine")
	b.post(weekPath+"/edits", mine)
	if e := must(b.desk.Edits(t.Context(), week)); e.Subject != "Bob's subject" || e.Version != 2 {
		t.Errorf("got %q in version %d, want Bob's in version 2", e.Subject, e.Version)
	}
	undo := url.Values{"version": {"2"}, "do": {"undo:1"}}
	b.post(weekPath+"/edits", undo)
	if e := must(b.desk.Edits(t.Context(), week)); e.Subject != "Ada's own subject" || e.Version != 3 || e.Note == "" {
		t.Errorf("after going back: got %q in version %d, want Ada's in version 3", e.Subject, e.Version)
	}
}

// What stands in a saved order is left out like any other, and brought back without
// being pinned.
func TestLeaveOutOfAnOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	press := func(do string) edition.Edits {
		_, body := b.get(weekPath)
		f := form(body, weekPath+"/edits")
		f.Set("do", do)
		if resp, body := b.post(weekPath+"/edits", f); resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: got %d:\n%.2500s", do, resp.StatusCode, body)
		}
		return must(b.desk.Edits(t.Context(), week))
	}
	_, body := b.get(weekPath)
	order := form(body, weekPath+"/edits")["order"]
	press("first:" + order[1])
	if e := press("out:" + order[0]); len(e.LeftOut) != 1 || len(e.Order) != len(order)-1 {
		t.Errorf("got %+v, want the comparison left out of the order", e)
	}
	if e := press("in:" + order[0]); len(e.LeftOut) != 0 || len(e.Pinned) != 0 {
		t.Errorf("got %+v, want it neither left out nor pinned", e)
	}
	if e := press("pin:" + order[0]); len(e.Pinned) != 1 {
		t.Errorf("got %+v, want it pinned", e)
	}
}

// A comparison is corrected where it is wrong; a broken rule and a file that changed
// meanwhile are refused with what was typed.
func TestEditComparison(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/cursor-vs-windsurf"
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	commented := "# Checked by Bob.\n" + string(must(os.ReadFile(file)))
	if err := os.WriteFile(file, []byte(commented), 0o644); err != nil {
		t.Fatal(err)
	}
	_, body := b.get(path + "?week=2026-W48")
	f := form(body, path)
	typed := url.Values{"sum": {f.Get("sum")}, "week": {"2026-W48"}, "f-tools[0].entry": {"$7 a month"}}
	if _, body := b.post(path, typed); !strings.Contains(body, "The comparison is saved.") {
		t.Fatalf("got\n%.2500s", body)
	}
	if got := string(must(os.ReadFile(file))); !strings.HasPrefix(got, "# Checked by Bob.\n") || !strings.Contains(got, "$7 a month") || len(strings.Split(got, "\n")) != len(strings.Split(commented, "\n")) {
		t.Errorf("got the file\n%s\nwant the price changed and nothing else", got)
	}
	if _, mail := b.get(weekPath + "/frame"); !strings.Contains(mail, "$7 a month") {
		t.Error("got a mail without the new price")
	}
	resp, body := b.post(path, typed) // the sum is that of the old file
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "has changed meanwhile") || !strings.Contains(body, "$7 a month") {
		t.Errorf("got status %d, want 409 with what was typed", resp.StatusCode)
	}
	_, body = b.get(path)
	resp, body = b.post(path, url.Values{"sum": {form(body, path).Get("sum")}, "f-tools[0].reviews[0].score": {"140"}})
	if resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `class="bad"`) || !strings.Contains(body, `value="140"`) {
		t.Errorf("a score of 140: got status %d, want 422 beside the input", resp.StatusCode)
	}
}

// A pasted page becomes a comparison; what is none says so.
func TestPaste(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	yaml := "tools:\n  - {name: Quill, entry: Free, best_for: notes}\n  - {name: Inkwell, entry: $5, best_for: letters}\n"
	if resp, body := b.post("/paste", url.Values{"page": {yaml}}); resp.StatusCode != http.StatusOK || !strings.Contains(body, "Edit Quill vs Inkwell") {
		t.Errorf("got status %d:\n%.1500s", resp.StatusCode, body)
	}
	if resp, body := b.post("/paste", url.Values{"page": {"Dear diary"}}); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Dear diary") {
		t.Errorf("got status %d, want 422 with the text kept", resp.StatusCode)
	}
}

// A broken template leaves the last good mail, with the error above it.
func TestLastGoodMail(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.get(weekPath)
	if err := os.MkdirAll(filepath.Join(b.tpl, "mail"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.tpl, "mail", "mail.css"), []byte("p { color: black }\na:hover { color: red }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	resp, body := b.get(weekPath)
	if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "mail/mail.css:2") || !strings.Contains(body, "last good mail") || !strings.Contains(body, "<iframe") {
		t.Errorf("got status %d:\n%.2000s", resp.StatusCode, body)
	}
}

// Whoever only looks changes nothing; a foreign site and a rebinding name do not
// get in.
func TestWhoMayChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, page := b.get(weekPath)
	f := form(page, weekPath+"/do")
	f.Set("do", "approve")
	post := func(header, value, host string) int {
		req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+weekPath+"/do", strings.NewReader(f.Encode())))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			req.Header.Set(header, value)
		}
		if host != "" {
			req.Host = host
		}
		resp, _ := b.ask(req)
		return resp.StatusCode
	}
	if got := post("Origin", "https://evil.example", ""); got != http.StatusForbidden {
		t.Errorf("another site: got %d, want 403", got)
	}
	if got := post("Sec-Fetch-Site", "cross-site", ""); got != http.StatusForbidden {
		t.Errorf("a request that the browser calls cross-site: got %d, want 403", got)
	}
	if got := post("", "", "evil.example"); got != http.StatusMisdirectedRequest {
		t.Errorf("a rebinding name: got %d, want 421", got)
	}
	b.as(workbench.Editor{Name: "a reviewer", ReadOnly: true})
	if got := post("", "", ""); got != http.StatusForbidden {
		t.Errorf("a reviewer: got %d, want 403", got)
	}
	if _, body := b.get(weekPath); strings.Contains(body, `value="approve"`) || strings.Contains(body, `id="edits"`) {
		t.Error("a reviewer's page has buttons")
	}
	if _, err := b.desk.Edition(t.Context(), week); err == nil {
		t.Error("got a recorded edition, want none")
	}
}

// The calendar takes each comparison once.
func TestCalendar(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, body := b.get("/calendar")
	if n := strings.Count(body, "Cursor vs Windsurf"); n != 1 {
		t.Errorf("got Cursor vs Windsurf %d times, want once", n)
	}
	if !strings.Contains(body, "nothing new yet") || strings.Count(body, "/week/2026-W") < 5 {
		t.Errorf("got\n%s", body)
	}
}
