package workbench_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/check/caniemail"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/workbench"
)

// approves is what a script would do at the desk: it says that it ran, and approves
// what the page shows.
const approves = `top.ran=1;fetch('/week/2026-W48/do',{method:'POST',body:new URLSearchParams({do:'approve',hash:(top.document.querySelector('[name=hash]')||{}).value})})`

// payloads are texts that would run where a page forgot to escape one: as an
// element, out of an attribute, a text area, a title, a style, an option, by a
// form, a frame, a base, a refresh and an address.
func payloads() []string {
	return []string{
		`<script>` + approves + `</script>`,
		`"><img src=x onerror="` + approves + `">`,
		`' onfocus="` + approves + `" autofocus tabindex=1 x='`,
		`</textarea></pre></title></style></select></option></iframe><svg onload="` + approves + `">`,
		`--><iframe srcdoc="<script>` + strings.ReplaceAll(approves, `'`, `&#39;`) + `</script>"></iframe>`,
		`<form id=evil method=post action=/week/2026-W48/do><button name=do value=approve autofocus onfocus="` + approves + `">x</button></form>`,
		`<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=/calendar">`,
		`{{.Base}} <a href="javascript:` + approves + `" id=go>go</a> <style>*{background:url(/calendar)}</style>`,
	}
}

// hostile is a comparison whose every text is one of these.
func hostile(payload func() string) string {
	tool := func(name string) string {
		short := fmt.Sprintf("%q", name+" <img src=x onerror=top.ran=1>")
		text := func() string { return fmt.Sprintf("%q", payload()) }
		reviews := ""
		for _, r := range comparison.Reviewers() {
			reviews += fmt.Sprintf("      - {reviewer: %s, score: 50, verdict: ship, take: %s}\n", r, text())
		}
		return fmt.Sprintf("  - name: %s\n    tagline: %s\n    category: %s\n    entry: %s\n    pricing: %s\n    best_for: %s\n    description: %s\n    panel: {ship: 5, skip: 0}\n    reviews:\n%s",
			short, text(), text(), text(), text(), text(), text(), reviews)
	}
	return "# " + payload() + "\npublished: 2026-11-18\ntools:\n" + tool("Quill") + tool("Inkwell")
}

// A script in a comparison can approve nothing: a comparison whose every field is
// one is opened in every view of the desk, in a real browser, and nothing of it
// runs, posts, or leads away.
func TestHostileComparison(t *testing.T) {
	t.Parallel()
	var posts atomic.Int64
	b := newBenchWith(t, 1, func(*bench, *workbench.Deps, string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler {
			return loopback.Only(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					posts.Add(1)
				}
				h.ServeHTTP(w, r)
			}))
		}
	})
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 1000)
	for _, text := range payloads()[:2] { // they do run where nothing is escaped
		p.SetHTML(`<!DOCTYPE html><p>` + strings.ReplaceAll(text, approves, "top.ran=1"))
		wait(t, p, "the payload on a page that escapes nothing", `window.ran === 1`)
	}
	next := 0
	content := hostile(func() string { next++; return payloads()[next%len(payloads())] })
	for _, file := range must(filepath.Glob(filepath.Join(b.dir, "*.yaml"))) {
		if filepath.Base(file) != "cursor-vs-windsurf.yaml" {
			_ = os.Remove(file)
		}
	}
	if err := os.WriteFile(filepath.Join(b.dir, "quill-vs-inkwell.yaml"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	draft := must(b.desk.Draft(t.Context(), week)) // by an editor who was taken in
	if len(draft.Selection.Comparisons) != 2 {
		t.Fatalf("got %d comparisons, want the hostile one and another: %v", len(draft.Selection.Comparisons), draft.Problems)
	}
	p.Navigate(b.url + weekPath) // seen before it changes
	must(b.desk.By(payloads()[1]).SaveEdits(t.Context(), week, edition.Edits{
		Subject: payloads()[0][:60], Preheader: payloads()[1][:90], Note: "[x](javascript:top.ran=1) " + strings.Join(payloads(), "\n\n"),
		Order: []string{"quill-vs-inkwell", "cursor-vs-windsurf"},
	}))
	if err := b.desk.By("bob@example.com").AddNote(t.Context(), week, "quill-vs-inkwell", payloads()[5]); err != nil {
		t.Fatal(err)
	}
	draft = must(b.desk.Draft(t.Context(), week))
	views := []string{
		"?view=text", "?view=headers", "?view=source", "?view=before", "?view=page", "?view=page&look=dark", "?mark=id%3Ac1", "?mark=nth%3A40", "?against=seen",
	}
	for _, look := range []string{"light", "dark", "inverted", "no-style", "no-media", "no-images"} {
		views = append(views, "?look="+look)
	}
	var pages []string
	for _, v := range views {
		pages = append(pages, weekPath+v)
	}
	pages = append(pages, weekPath+"?look="+url.QueryEscape(string(caniemail.Clients()[0])))
	for _, c := range caniemail.Clients() { // the page around their frames is the same
		pages = append(pages, weekPath+"/frame?look="+url.QueryEscape(string(c)))
	}
	for _, topic := range []string{draft.Selection.Comparisons[0].Tools[0].Category} {
		pages = append(pages, weekPath+"?topic="+url.QueryEscape(topic))
	}
	pages = append(pages, "/comparisons/quill-vs-inkwell?week=2026-W48", "/comparisons/quill-vs-inkwell?whole=yes", "/calendar", "/outcome", "/approve/2026-W48/"+draft.Build.Hash, "/approve/2026-W48/0123456789abcdef",
		weekPath+"/frame", weekPath+"/site/archive/2026-W48", weekPath+"/site/compare/quill-vs-inkwell", weekPath+"/site/")
	for _, path := range pages {
		p.Navigate(b.url + path)
		if !strings.Contains(path, "/frame") && !strings.Contains(path, "/site/") {
			wait(t, p, "the frame of "+path, `[...document.querySelectorAll("iframe")].every(f => f.contentDocument && f.contentDocument.readyState === "complete" && f.contentDocument.body.innerText.length > 0)`)
		}
		// Every element is touched as an editor might: focused, hovered and clicked.
		got := browsertest.Eval[string](p, `(() => {
			const docs = [document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)];
			let found = []; const say = e => found.push(e.outerHTML.slice(0, 200).replace(/\s+/g, " "));
			for (const d of docs) for (const e of d.querySelectorAll("*")) {
				for (const a of e.attributes) if (/^on/i.test(a.name) || /^\s*javascript:/i.test(a.value) && ["href", "src", "action", "formaction"].includes(a.name)) say(e);
				if (["SCRIPT", "BASE", "OBJECT", "EMBED"].includes(e.tagName) && !(d === document && e.tagName === "SCRIPT" && e.src)) say(e);
				if (e.tagName === "IFRAME" && e.id !== "frame" || e.tagName === "FORM" && d !== document) say(e);
			}
			for (const d of docs.slice(1)) for (const e of d.querySelectorAll("a, button, input")) { e.focus(); e.click(); }
			return found.join("\n") + (window.ran ? "\nit ran" : "");
		})()`)
		// A form of the site's own pages stands in its frame, and may post nothing.
		if lines := withoutSiteForms(got, path); lines != "" {
			t.Errorf("%s: got\n%s", path, lines)
		}
		if at := browsertest.Eval[string](p, `location.href`); !strings.HasPrefix(at, b.url+strings.SplitN(path, "?", 2)[0]) {
			t.Errorf("%s: got led to %s", path, at)
		}
	}
	if n := posts.Load(); n != 0 {
		t.Errorf("got %d requests that change something, want none", n)
	}
	if e, err := b.desk.Edition(t.Context(), week); err == nil && e.State == edition.Approved {
		t.Error("got it approved by nobody")
	}
}

func withoutSiteForms(found, path string) string {
	if !strings.Contains(path, "view=page") {
		return strings.TrimSpace(found)
	}
	var out []string
	for line := range strings.Lines(found) {
		if !strings.HasPrefix(line, "<form") || !strings.Contains(line, `/site/subscribe"`) {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, ""))
}
