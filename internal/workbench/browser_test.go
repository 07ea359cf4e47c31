package workbench_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/edition"
)

// wait waits until an expression is true in the page, and gives how long.
func wait(t testing.TB, p *browsertest.Page, what, expression string) time.Duration {
	t.Helper()
	began := time.Now()
	ok := browsertest.Eval[bool](p, `new Promise(done => { const until = Date.now() + 100000; (function look() {
		let is = false; try { is = !!(`+expression+`); } catch { is = false; }
		if (is) done(true); else if (Date.now() > until) done(false); else setTimeout(look, 10); })(); })`)
	if !ok {
		t.Fatalf("waited 100 s in vain for: %s", what)
	}
	return time.Since(began)
}

// By pointer: an editor sees a wrong price, corrects it, reorders, and approves.
func TestEditorByPointer(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 1000)
	p.Navigate(b.url + "/")
	wait(t, p, "the frame", `document.getElementById("frame").contentDocument.body.innerText.includes("Windsurf")`)
	p.Follow(`#why a[href^="/comparisons/cursor-vs-windsurf"]`)
	browsertest.Eval[bool](p, `(() => { const i = document.getElementById("f-tools[0].entry"); i.focus(); i.value = "$7 a month"; return true; })()`)
	p.Follow(`button.main`)
	wait(t, p, "the new price", `document.getElementById("frame").contentDocument.body.innerText.includes("$7 a month")`)
	second := browsertest.Eval[string](p, `document.querySelectorAll("#order > li")[1].dataset.slug`)
	p.Follow(`button[value="first:` + second + `"]`)
	if got := browsertest.Eval[string](p, `document.querySelector("#order > li").dataset.slug`); got != second {
		t.Errorf("got the lead %s, want %s", got, second)
	}
	if got := browsertest.Eval[string](p, `document.getElementById("done").textContent`); got != "Saved." {
		t.Errorf("got %q, want Saved.", got)
	}
	p.Follow(`button[value="approve"]`)
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Approved || e.Items[0].Slug != second {
		t.Errorf("got %s with %s first, want it approved with %s", e.State, e.Items[0].Slug, second)
	}
}

// In serve and without JavaScript: from the login by a mailed link to the
// approval, with a wrong price corrected on the way, as docs/editing.md tells it.
func TestEditorWithoutScript(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	p := browsertest.New(t).Page(t)
	p.DisableScript()
	p.EmulateViewport(1440, 1000)
	p.Navigate(b.url + "/desk" + weekPath)
	browsertest.Eval[bool](p, `(() => { const i = document.getElementById("email"); i.focus(); return document.activeElement === i; })()`)
	p.Press(ada)
	p.PressAndFollow("\r")
	if got := browsertest.Eval[string](p, `document.querySelector("h1").textContent`); got != "Look into your mailbox" {
		t.Fatalf("got %q, want to be sent to the mailbox", got)
	}
	p.Navigate(b.url + "/desk" + b.mailed(ada))
	p.Follow("button.main") // log in; it leads to the week that was asked for
	if got := browsertest.Eval[string](p, `location.pathname`); got != "/desk"+weekPath {
		t.Fatalf("got led to %s, want the week", got)
	}
	p.Follow(`#why a[href*="/comparisons/cursor-vs-windsurf"]`)
	browsertest.Eval[bool](p, `(() => { const i = document.getElementById("f-tools[0].entry"); i.focus(); i.select(); return true; })()`)
	p.Press("$7 a month")
	p.Follow("#edits button.main")
	if mail := must(b.desk.Draft(t.Context(), week)).Rendered.HTML; !strings.Contains(mail, "$7 a month") {
		t.Error("got no new price in the mail")
	}
	p.Follow(`button[value="approve"]`)
	if got := browsertest.Eval[string](p, `document.getElementById("done").textContent`); got != "Approved." {
		t.Errorf("got %q, want Approved.", got)
	}
	e := must(b.desk.Edition(t.Context(), week))
	if e.State != edition.Approved || e.ApprovedBy != ada {
		t.Errorf("got %s by %s, want it approved by %s", e.State, e.ApprovedBy, ada)
	}
	var did []string
	for _, a := range must(b.db.Desk().Acts(t.Context(), week)) {
		did = append(did, a.By+" "+a.What)
	}
	if want := []string{ada + " approved", ada + " corrected"}; !slices.Equal(did, want) {
		t.Errorf("got the history %q, want %q", did, want)
	}
}

// By keyboard alone: down with Enter on the button that says so; the focus goes
// in the order of reading.
func TestEditorByKeyboard(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 1000)
	p.Navigate(b.url + weekPath)
	first := browsertest.Eval[string](p, `document.querySelector("#order > li").dataset.slug`)
	if got := browsertest.Eval[string](p, fmt.Sprintf(`document.querySelector('button[value="down:%s"]').getAttribute("aria-label")`, first)); !strings.HasPrefix(got, "Move ") {
		t.Fatalf("got the label %q, want one that says what moves", got)
	}
	for i := 0; ; i++ {
		p.Press("\t")
		if browsertest.Eval[string](p, `document.activeElement.value || ""`) == "down:"+first {
			break
		}
		if i > 150 {
			t.Fatal("tabbed 150 times and did not come to the button")
		}
	}
	p.PressAndFollow("\r")
	if got := browsertest.Eval[string](p, `document.querySelectorAll("#order > li")[1].dataset.slug`); got != first {
		t.Errorf("got %s second, want %s", got, first)
	}
}

// The order can be dragged.
func TestDrag(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 1000)
	p.Navigate(b.url + weekPath)
	first := browsertest.Eval[string](p, `document.querySelector("#order > li").dataset.slug`)
	browsertest.Eval[bool](p, `(() => {
		const rows = document.querySelectorAll("#order > li"), data = new DataTransfer();
		const fire = (on, type, y) => on.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data, clientY: y}));
		fire(rows[0].querySelector(".handle"), "dragstart", 0);
		const box = rows[2].getBoundingClientRect();
		fire(rows[2], "dragover", box.bottom - 1);
		fire(rows[2], "drop", box.bottom - 1);
		fire(rows[0].querySelector(".handle"), "dragend", 0);
		return true; })()`)
	// The page is replaced meanwhile, so the record tells.
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		e := must(b.desk.Edits(t.Context(), week))
		if len(e.Order) > 2 && e.Order[2] == first {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("got the order %q, want %s third", e.Order, first)
		}
	}
}

// A change to a comparison shows without a reload; scroll, focus and what is
// typed stay.
func TestLive(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 700)
	p.Navigate(b.url + weekPath)
	wait(t, p, "the stream", `document.querySelector(".bench").dataset.live === "yes"`)
	wait(t, p, "the frame", `document.getElementById("frame").contentDocument.body.innerText.includes("Windsurf")`)
	browsertest.Eval[bool](p, `(() => { window.kept = true; scrollTo(0, 300); document.getElementById("frame").contentWindow.scrollTo(0, 200);
		document.getElementById("to").focus({preventScroll: true}); return true; })()`)
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	src := string(must(os.ReadFile(file)))
	if err := os.WriteFile(file, []byte(strings.Replace(src, "entry: Free", "entry: $7 a month", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	took := wait(t, p, "the new price", `[...document.querySelectorAll("#frame")].some(f => f.contentDocument.body.innerText.includes("$7 a month"))`)
	wait(t, p, "the swap", `document.querySelectorAll("iframe").length === 1`)
	t.Logf("a change showed after %s", took)
	if got := browsertest.Eval[string](p, `[window.kept, scrollY, document.getElementById("frame").contentWindow.scrollY, document.activeElement.id].join()`); got != "true,300,200,to" {
		t.Errorf("got reload, scroll, the mail's scroll, focus %s, want true,300,200,to", got)
	}
	// What breaks is said, above the last good mail, and gone when it is fixed.
	if err := os.MkdirAll(filepath.Join(b.tpl, "mail"), 0o755); err != nil { // also in a folder that is new
		t.Fatal(err)
	}
	css := filepath.Join(b.tpl, "mail", "mail.css")
	if err := os.WriteFile(css, []byte("a:hover { color: red }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wait(t, p, "the error", `document.getElementById("alerts").innerText.includes("mail.css:1")`)
	if got := browsertest.Eval[string](p, `document.getElementById("frame").contentDocument.body.innerText`); !strings.Contains(got, "$7 a month") {
		t.Error("got no last good mail")
	}
}

// keepsArtifacts reports whether the screenshots are wanted.
func keepsArtifacts() bool {
	f := flag.Lookup("test.artifacts")
	return f != nil && f.Value.String() == "true"
}

func loadAxe(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile("../../test/tools/node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no axe-core on CI: %v", err)
		}
		t.Skipf("skipped: no axe-core (.ci/tools installs it): %v", err)
	}
	return string(src)
}

// A shot is a page to be looked at, by somebody.
type shot struct {
	name, path string
	by         *browser // whose cookies the browser has; nil: nobody's
}

// No page has an accessibility violation, light or dark, and none is wider than
// its screen. With -artifacts the screenshots are kept.
func TestPages(t *testing.T) {
	t.Parallel()
	axe := loadAxe(t)
	b := newDoor(t, 2, "", ada, bob)
	b.sendPast(9)
	c, reviewer := b.browser(), b.browser()
	b.logIn(c, ada)
	c.post(weekPath+"/do", url.Values{"do": {"note"}, "text": {"Is the price right?"}, "slug": {"cursor-vs-windsurf"}})
	link := reviewLink(c.post(weekPath+"/share", url.Values{"make": {"link"}}))
	reviewer.get(link)
	draft := must(b.desk.Draft(t.Context(), week))
	c.post("/login", url.Values{"email": {ada}})
	login := b.mailed(ada)
	c.get(weekPath)
	must(b.desk.By(bob).SaveEdits(t.Context(), week, edition.Edits{Subject: "Another subject"}))
	broken := filepath.Join(b.dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("published: 2026-11-18\ntools: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := browsertest.New(t).Page(t)
	for _, x := range []shot{
		{"login", "/login", nil}, {"asked", "/login/sent", nil}, {"enter", login, nil}, {"used", "/login/x", nil},
		{"week", weekPath, c}, {"week-phone-dark", weekPath + "?look=dark&width=phone", c}, {"changes", weekPath + "?against=seen", c}, {"text", weekPath + "?view=text", c},
		{"places", weekPath + "?view=places", c}, {"spot", weekPath + "/spot?n=30", c}, {"failed", "/nowhere", c}, {"failed-reviewer", "/outcome", reviewer},
		{"mark", weekPath + "?mark=id%3Ac2", c}, {"comparison", "/comparisons/cursor-vs-windsurf?week=2026-W48", c}, {"comparison-broken", "/comparisons/broken", c},
		{"paste", "/paste", c}, {"mail", "/mails/welcome", c}, {"calendar", "/calendar", c}, {"empty", "/week/2027-W10", c},
		{"outcome", "/outcome", c}, {"sessions", "/sessions", c}, {"approve", "/approve/2026-W48/" + draft.Build.Hash, c}, {"reviewer", weekPath, reviewer},
	} {
		p.ClearCookies()
		if x.by != nil {
			for _, k := range x.by.Jar.Cookies(must(url.Parse(b.url))) {
				p.SetCookie(b.url, k.Name, k.Value)
			}
		}
		for _, dark := range []bool{false, true} {
			p.EmulateDark(dark)
			mode := map[bool]string{false: "light", true: "dark"}[dark]
			for _, width := range []int64{1440, 1024, 390} {
				judged := (width == 1440) != dark && width != 1024 // light on a wide screen, dark on a phone
				if !judged && !keepsArtifacts() {
					continue
				}
				p.EmulateViewport(width, 900)
				p.Navigate(b.url + "/desk" + x.path)
				if got := browsertest.Eval[int64](p, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s at %d px: got a page of %d px", x.name, width, got)
				}
				if judged {
					judge(t, p, axe, fmt.Sprintf("%s, %s, %d px", x.name, mode, width))
				}
				if !keepsArtifacts() {
					continue
				}
				p.Screenshot(filepath.Join(t.ArtifactDir(), fmt.Sprintf("%s-%d-%s.png", x.name, width, mode)))
			}
		}
	}
}

// judge has axe look at a page.
func judge(t *testing.T, p *browsertest.Page, axe, name string) {
	t.Helper()
	browsertest.Eval[bool](p, axe+"; true")
	says := browsertest.Eval[[]string](p, `axe.run(document, {iframes: false, runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.html.slice(0, 160))))`)
	if len(says) > 0 {
		t.Errorf("%s: got %d violations: %s", name, len(says), strings.Join(says[:min(4, len(says))], "\n  "))
	}
}

// A page that refuses has no violation either, and the focus is at what it says; its
// links lead into the fields.
func TestRefusingPages(t *testing.T) {
	t.Parallel()
	axe := loadAxe(t)
	b := newBench(t, 1)
	chromium := browsertest.New(t)
	for _, x := range []struct{ name, path, typed, button, field string }{
		{"note", weekPath, `document.getElementById("text").value = " "`, `button[value="note"]`, "text"},
		{"comparison", "/comparisons/cursor-vs-windsurf?week=2026-W48", `document.getElementById("f-tools[0].reviews[0].score").value = "140"`, "#edits button.main", "f-tools[0].reviews[0].score"},
		{"paste", "/paste", `document.getElementById("page").value = "Dear diary"`, "#edits button.main", "page"},
		{"test mail", "/mails/welcome", `document.getElementById("to").type = "text", document.getElementById("to").value = "nobody"`, "form.row button", "to"},
	} {
		p := chromium.Page(t) // the one before has something typed, and asks before it leaves
		p.Navigate(b.url + x.path)
		browsertest.Eval[bool](p, "("+x.typed+", true)")
		p.Follow(x.button)
		wait(t, p, x.name+": the focus at what is said", `document.activeElement.id === "refused"`)
		judge(t, p, axe, x.name)
		browsertest.Eval[bool](p, `([...document.querySelectorAll("#refused a")].find(a => decodeURIComponent(a.hash) === "#`+x.field+`").click(), true)`)
		wait(t, p, x.name+": the focus in the field", `document.activeElement.id === "`+x.field+`"`)
	}
}

// reviewLink is the path below the desk of the link that a page shows once.
func reviewLink(a answer) string {
	_, link, _ := strings.Cut(a.body, "/desk/share/")
	link, _, _ = strings.Cut(link, `"`)
	return "/share/" + link
}
