package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
)

// A walk is serve as an editor meets it who has read docs/editing.md and nothing
// else: a browser, a mailbox and the desk's address.
type walk struct {
	*browsertest.Page
	t       *testing.T
	base    string
	mailbox string
	files   string // the folder of comparisons
	config  string // the settings' file
	service *assembly.Service
}

const wrongPrice = `# Prices: asked for by mail.
published: %s
tools:
  - name: Quill
    entry: $9 a month   # per seat
    best_for: notes
    panel: {ship: 2, skip: 0}
  - name: Inkwell
    entry: Free
    best_for: letters
    panel: {ship: 0, skip: 2}
`

func newWalk(t *testing.T) *walk {
	t.Helper()
	ln, port := listenLocally(t)
	data := t.TempDir()
	w := &walk{t: t, base: "http://localhost:" + port, mailbox: filepath.Join(data, "mailbox", "new"), files: t.TempDir()}
	content := fmt.Sprintf(wrongPrice, midweek()().UTC().AddDate(0, 0, -1).Format(time.DateOnly))
	if err := os.WriteFile(filepath.Join(w.files, "quill-vs-inkwell.yaml"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	s, log, config := newServiceAt(t, fmt.Sprintf("site: {base_url: %q}\neditors: [ada@example.com]\nedition: {approval: required}\ncomparisons: {dir: %q}\ndatabase: %q\n", w.base, w.files, filepath.Join(data, "digest.db")))
	w.service, w.config = s, config
	runService(t, s, ln, log)
	w.Page = browsertest.New(t).Page(t)
	w.EmulateViewport(1440, 1000)
	return w
}

// shows waits until a page has what an editor waits for.
func (w *walk) shows(what, expression string) {
	w.t.Helper()
	ok := browsertest.Eval[bool](w.Page, `new Promise(done => { const until = Date.now() + 100000; (function look() {
		let is = false; try { is = !!(`+expression+`); } catch { is = false; }
		if (is) done(true); else if (Date.now() > until) done(false); else setTimeout(look, 20); })(); })`)
	if !ok {
		w.t.Fatalf("waited in vain for %s; the page is\n%s", what, browsertest.Eval[string](w.Page, `document.body.innerText.slice(0, 3000)`))
	}
}

func (w *walk) heading(want string) {
	w.t.Helper()
	if got := browsertest.Eval[string](w.Page, `document.querySelector("h1").textContent`); !strings.Contains(got, want) {
		w.t.Fatalf("got the page %q, want %q", got, want)
	}
}

// mailSays is an expression that is true once the mail in its frame has the words.
func mailSays(words string) string {
	return fmt.Sprintf(`document.getElementById("frame").contentDocument.body.innerText.includes(%q)`, words)
}

// ended looks at what the walk came to: the price in the file, with its comments,
// and the edition approved by the editor, with the new price in it.
func (w *walk) ended(price string) {
	w.t.Helper()
	src, err := os.ReadFile(filepath.Join(w.files, "quill-vs-inkwell.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, want := range []string{"# Prices: asked for by mail.\n", `"` + price + `"  # per seat` + "\n"} {
		if !strings.Contains(string(src), want) {
			w.t.Errorf("got the file\n%s\nwant %q in it", src, want)
		}
	}
	choice, err := w.service.Desk.DraftWeek(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	e, err := w.service.Desk.Edition(w.t.Context(), choice.Week)
	if err != nil || e.State != edition.Approved || e.ApprovedBy != "ada@example.com" {
		w.t.Fatalf("got %s by %q, %v, want it approved by ada@example.com", e.State, e.ApprovedBy, err)
	}
	var now desk.Preview
	if now, err = w.service.Desk.Preview(w.t.Context(), choice.Week, nil); err != nil {
		w.t.Fatal(err)
	}
	if e.ApprovedHash != now.Build.Hash || !strings.Contains(now.Build.HTML, price) {
		w.t.Errorf("got %s approved, want the content with %s, %s", e.ApprovedHash, price, now.Build.Hash)
	}
}

// By pointer: from the address of the desk to the approval, with one wrong price
// corrected on the way, as docs/editing.md says it.
func TestWalkByPointer(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.Navigate(w.base + "/desk/")
	w.heading("Log in at the desk")
	w.Click("#email")
	w.Press("ada@example.com")
	w.Follow("button.main")
	w.heading("Look into your mailbox")
	w.Navigate(waitForLink(t, w.mailbox))
	w.Follow("button.main")
	w.shows("the mail", mailSays("$9 a month"))
	w.Follow(`#why a[href*="/comparisons/quill-vs-inkwell"]`)
	w.heading("Edit Quill vs Inkwell")
	w.Click(`[id="f-tools[0].entry"]`)
	browsertest.Eval[bool](w.Page, `(document.activeElement.select(), true)`)
	w.Press("$12 a month")
	w.Follow("#edits button.main")
	w.shows("the new price", mailSays("$12 a month"))
	w.Follow(`#act button[value="approve"]`)
	w.shows("that it is approved", `document.getElementById("done").textContent === "Approved."`)
	w.ended(`$12 a month`)
}

// By keyboard alone: the same way with Tab, letters and Enter.
func TestWalkByKeyboard(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.Navigate(w.base + "/desk/")
	w.shows("the focus in the address", `document.activeElement.id === "email"`)
	w.Press("ada@example.com")
	w.PressAndFollow("\r")
	w.heading("Look into your mailbox")
	w.Navigate(waitForLink(t, w.mailbox))
	w.tabTo("Log in", `document.activeElement.textContent === "Log in"`)
	w.PressAndFollow("\r")
	w.shows("the mail", mailSays("$9 a month"))
	w.tabTo("Edit", `document.activeElement.matches("#why a[href*='/comparisons/quill-vs-inkwell']")`)
	w.PressAndFollow("\r")
	w.heading("Edit Quill vs Inkwell")
	w.tabTo("the price", `document.activeElement.id === "f-tools[0].entry"`)
	w.Press("$12 a month") // what is tabbed to is selected
	w.PressAndFollow("\r")
	w.shows("the new price", mailSays("$12 a month"))
	w.tabTo("the approval", `document.activeElement.value === "approve"`)
	w.PressAndFollow("\r")
	w.shows("that it is approved", `document.getElementById("done").textContent === "Approved."`)
	w.ended(`$12 a month`)
}

// tabTo presses Tab until the focus is there.
func (w *walk) tabTo(what, expression string) {
	w.t.Helper()
	const most = 200
	for range most {
		if browsertest.Eval[bool](w.Page, expression) {
			return
		}
		w.Press("\t")
	}
	w.t.Fatalf("pressed Tab %d times and did not come to %s", most, what)
}
