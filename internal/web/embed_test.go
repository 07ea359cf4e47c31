package web

import (
	"html"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/subscribers"
)

// snippetOf is what /embed tells to paste.
func snippetOf(t *testing.T, s *site) string {
	t.Helper()
	_, rest, ok := strings.Cut(s.get(t, "/embed").body, "<code>")
	snippet, _, end := strings.Cut(rest, "</code>")
	if !ok || !end {
		t.Fatal("got no snippet on /embed")
	}
	return html.UnescapeString(snippet)
}

// pasted is another site whose page has the snippet, under a strict Content
// Security Policy that names the list's site only. Its own origin is known before
// the list's site starts.
type pasted struct {
	origin string

	mu            sync.Mutex
	page, allowed string // the snippet, and the list's origin
}

func (b *pasted) paste(snippet, allowed string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.page, b.allowed = snippet, allowed
}

func (b *pasted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	policy := "default-src 'none'; form-action " + b.allowed
	if r.URL.Query().Get("script") != "off" {
		policy += "; script-src " + b.allowed + "; connect-src " + b.allowed
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = strings.NewReader("<!DOCTYPE html><html lang=en><title>blog</title><main><h1>blog</h1>" + b.page + "</main>").WriteTo(w)
}

func newPasted(t *testing.T) *pasted {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &pasted{origin: "http://" + ln.Addr().String()}
	srv := &http.Server{Handler: b}
	var done sync.WaitGroup
	done.Go(func() { _ = srv.Serve(ln) })
	t.Cleanup(func() {
		_ = srv.Close()
		done.Wait()
	})
	return b
}

// press presses the pasted form's button, without the browser's own check of the
// address.
const press = `document.querySelector("form[data-digest]").noValidate = true, document.querySelector("form[data-digest] [type=submit]").click()`

// says waits until the form says something other than before.
const says = `new Promise(done => {
	const box = document.querySelector("[role=status]"), was = box.textContent;
	new MutationObserver(() => { if (box.textContent !== was) done(box.textContent); }).observe(box, {childList: true, subtree: true, characterData: true});
	ACT;
})`

func saysAfter(act string) string { return strings.Replace(says, "ACT", act, 1) }

func typed(address string) string {
	return `document.querySelector("form[data-digest] [name=email]").value = "` + address + `", `
}

// The snippet on another site's page, in a real browser: with its script the
// answers appear in place, a misspelt address is asked about, a topic is kept;
// without, the form leads to a page. On a site that is not allowed it does
// nothing but say so.
func TestEmbeddedSnippet(t *testing.T) {
	t.Parallel()
	allowed, other := newPasted(t), newPasted(t)
	r := newReaders(t)
	s := serve(t, r, func(d *Deps) { d.AllowedOrigins = []string{allowed.origin} })
	snippet := snippetOf(t, s)
	allowed.paste(snippet, s.url)
	other.paste(snippet, s.url)
	p := browsertest.New(t).Page(t)

	p.Navigate(allowed.origin + "/reviews?utm=1")
	for _, c := range []struct{ act, want string }{
		{typed("reader@nowhere") + press, "not complete"},
		{typed("reader@gmial.com") + press, "Did you mean reader@gmail.com?"},
		{`document.querySelector("[role=status] button").click()`, "Check your mailbox"},
		{`document.querySelector("[name=categories]").checked = true, ` + typed("topics@example.org") + press, ""},
	} {
		if c.want == "" { // it says the same again: wait for the form to be empty
			browsertest.Eval[bool](p, `new Promise(done => { document.querySelector("form[data-digest]").addEventListener("reset", () => done(true)); `+c.act+`; })`)
			continue
		}
		if got := browsertest.Eval[string](p, saysAfter(c.act)); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.act, got, c.want)
		}
	}
	if got := browsertest.Eval[string](p, "location.href"); got != allowed.origin+"/reviews?utm=1" {
		t.Errorf("got to %s, want the same page", got)
	}
	for _, c := range []struct{ site, heading string }{
		{allowed.origin + "/plain?script=off", "Check your mailbox"},
		{other.origin + "/plain?script=off", "Not from that site"},
		{other.origin + "/plain", "Not from that site"},
	} {
		p.Navigate(c.site)
		browsertest.Eval[bool](p, typed("plain@example.org")+`true`)
		p.Follow("form[data-digest] [type=submit]")
		wantHeading(t, p, c.heading)
	}
	wantEmbedded(t, r, s, allowed.origin)
}

// wantEmbedded confirms who signed up through the snippet, and looks at the
// proofs.
func wantEmbedded(t *testing.T, r *readers, s *site, origin string) {
	t.Helper()
	for _, token := range r.links(t) {
		wantStatus(t, s.form(t, "/confirm/"+token, ""), http.StatusOK)
	}
	for email, source := range map[string]string{
		"reader@gmail.com": origin + "/reviews", "topics@example.org": origin + "/reviews", "plain@example.org": origin,
	} {
		sub, err := r.Get(t.Context(), email)
		if err != nil {
			t.Fatalf("%s: %v", email, err)
		}
		if wants := email == "topics@example.org"; wants != (len(sub.Categories) == 1) {
			t.Errorf("%s: got the topics %q", email, sub.Categories)
		}
		proofs, err := r.Consents(t.Context(), sub)
		if err != nil || len(proofs) != 1 {
			t.Fatalf("%s: got %d proofs of consent, %v; want 1", email, len(proofs), err)
		}
		p := proofs[0]
		if p.Source != source+" from 127.0.0.1" || !strings.HasPrefix(p.Text, "Weekly AI Tool Verdicts: One mail a week.") || p.ConfirmedAt.IsZero() {
			t.Errorf("%s: got the proof %+v, want it from %s, with its words and when it was confirmed", email, p, source)
		}
	}
}

// The script is small and its snippet's page names every origin it needs.
func TestEmbedScript(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t), func(d *Deps) { d.Site.BaseURL = "https://news.example.org/digest" })
	a := s.get(t, "/subscribe.js")
	if n := len(a.body); n > 3<<10 || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("got %d bytes, headers %v; want at most 3 KiB of JavaScript for other origins", n, a.Header)
	}
	snippet := snippetOf(t, s)
	for _, link := range regexp.MustCompile(`https?://[^"]+`).FindAllString(snippet, -1) {
		if !strings.HasPrefix(link, "https://news.example.org/digest/subscribe") {
			t.Errorf("got the snippet with %s, want only the list's own addresses", link)
		}
	}
	if strings.Contains(snippet, "style") || strings.Contains(snippet, "onsubmit") {
		t.Error("got a snippet with styles or code in it: a Content Security Policy forbids both")
	}
}

// A wording that nobody showed is none, and a client without a form has its own.
func TestAgreedTo(t *testing.T) {
	t.Parallel()
	version := subscribers.WordingVersion("Send me the digest.")
	for in, want := range map[string]string{version: version, "": "", strings.ToUpper(version): "", version + "0": "", "<script>alert": ""} {
		if got := agreedTo(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// axe judges the page that is open.
func axe(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	script, err := os.ReadFile("../../test/tools/node_modules/axe-core/axe.min.js")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("axe-core is not installed: npm ci --prefix test/tools")
	} else if err != nil {
		t.Fatal(err)
	}
	browsertest.Eval[bool](p, string(script)+"; true")
	found := browsertest.Eval[[]string](p, `axe.run(document, {runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.html.slice(0, 120))))`)
	if len(found) > 0 {
		t.Errorf("%s: got %d violations, want none: %s", name, len(found), found)
	}
}
