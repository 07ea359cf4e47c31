package web

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/render/rendertest"
)

// Every page has a language, one h1, headings without a gap, unique ids, and no
// script or style of its own. The sign-up form stands on the pages that readers
// read, with a label, and not on those of a link or on errors.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	leave := "/unsubscribe/" + r.active(t, "reader@example.org").Token.String()
	confirm := "/confirm/" + r.link(t, "new@example.org")
	pages := map[string]string{
		"a form's error": s.form(t, "/subscribe", "email=bad").body,
		"a question":     s.form(t, "/subscribe", "email=reader%40gmial.com").body,
		"confirmed":      s.form(t, confirm, "").body,
		"goodbye":        s.form(t, leave, "").body,
	}
	for _, path := range []string{
		"/", "/archive", "/compare/karpathy-coding-skills-vs-smolvlm2", "/compare/prompt-binder-vs-inkwell",
		"/subscribe", "/subscribed", "/leave", "/leave/sent", "/nowhere", leave, "/confirm/" + r.link(t, "other@example.org"),
	} {
		pages[path] = s.get(t, path).body
	}
	form := map[string]int{
		"/": 1, "/archive": 1, "/compare/karpathy-coding-skills-vs-smolvlm2": 1, "/compare/prompt-binder-vs-inkwell": 1, "/subscribe": 1, "a form's error": 1,
	}
	for name, body := range pages {
		doc, err := html.Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		count, ids, level := make(map[string]int), make(map[string]int), 0
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
			if attr(n, "style") != "" || strings.HasPrefix(attr(n, "href"), "javascript:") || strings.Contains(attr(n, "href"), "Zgotmpl") {
				t.Errorf("%s: got a style or a refused link in <%s>", name, n.Data)
			}
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				if now := int(n.Data[1] - '0'); now > level+1 {
					t.Errorf("%s: got a heading of level %d after %d", name, now, level)
				} else {
					level = now
				}
			}
			if n.Data == "html" && attr(n, "lang") != "en" {
				t.Errorf("%s: got no language", name)
			}
		}
		for tag, want := range map[string]int{"h1": 1, "main": 1, "title": 1, "script": 0, "style": 0, "iframe": 0} {
			if count[tag] != want {
				t.Errorf("%s: got %d <%s>, want %d", name, count[tag], tag, want)
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: got the id %q %d times", name, id, n)
			}
		}
		if wantForm := form[name]; ids["signup"] != wantForm || wantForm == 1 && (ids["email"] != 1 || !strings.Contains(body, `<label for="email">`)) {
			t.Errorf("%s: got %d sign-up forms, want %d, with a label", name, ids["signup"], wantForm)
		}
		if strings.Contains(body, "example.org") && name != "a form's error" && name != "a question" && !strings.Contains(body, "you@example.org") {
			t.Errorf("%s: got an address on the page", name)
		}
	}
	if got := pages["a form's error"]; !strings.Contains(got, `value="bad"`) || !strings.Contains(got, `id="email-error"`) {
		t.Error("got the form without what was typed, or without its error")
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// A mail shown as a page is everybody's: no merge field is left, what speaks to one
// reader goes, their links elsewhere lead home, a style that stands once stays where it is, and what
// Outlook alone reads is not sent.
func TestIssue(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	a := s.get(t, "/archive/2026-W48")
	for _, sl := range mergefield.All() {
		if strings.Contains(a.body, string(sl)) {
			t.Errorf("got the merge field %s on the page", sl)
		}
	}
	for _, want := range []string{
		`<a href="` + s.url + `/">Unsubscribe</a>`, `<a href="` + s.url + `/">by mail</a>`, "Dear reader", `style="margin:0;background:#f7f3ea"`,
		`<main id="content">`, `id="signup"`, `rel="stylesheet"`, `rel="canonical" href="` + s.url + `/archive/2026-W48"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("got no %q on the page", want)
		}
	}
	for _, untrue := range []string{"You get this because", "Leave the list", "[if mso]"} {
		if strings.Contains(a.body, untrue) {
			t.Errorf("got %q on the page, want nothing that speaks to one reader or to Outlook", untrue)
		}
	}
	if got := a.Header.Get("Content-Security-Policy"); !strings.Contains(got, "style-src 'self' 'sha256-") || !strings.Contains(got, "style-src-attr 'unsafe-inline'") || !strings.Contains(got, "default-src 'none'") {
		t.Errorf("got the policy %q", got)
	}
}

// Only what was sent, or is being sent, is in the archive.
func TestArchiveStates(t *testing.T) {
	t.Parallel()
	for _, state := range []edition.State{
		edition.Draft, edition.Approved, edition.Held, edition.Sending, edition.Sent, edition.Skipped, edition.Missed, edition.Cancelled,
	} {
		s := serve(t, nil, func(d *Deps) {
			e := sentEditions()
			e.all[0].State = state
			d.Editions = e
		})
		public := state == edition.Sent || state == edition.Sending
		if got := s.get(t, "/archive/2026-W48").StatusCode == 200; got != public {
			t.Errorf("%s: got the page public: %t, want %t", state, got, public)
		}
		for _, path := range []string{"/", "/archive"} {
			if got := strings.Contains(s.get(t, path).body, "skip Prompt Binder"); got != public {
				t.Errorf("%s on %s: got it listed: %t, want %t", state, path, got, public)
			}
		}
	}
}

func FuzzFrameMail(f *testing.F) {
	f.Add(sampleMail(edition.Week{Year: 2026, Number: 48}))
	f.Add("<body><!--[if mso]>x<![endif]--></body>")
	f.Add(`<a href="` + string(mergefield.Token) + `'>` + string(mergefield.Email))
	f.Fuzz(func(t *testing.T, mail string) {
		got := neutralise(mail, "https://news.example.org/", "/archive/2026-W48")
		for _, sl := range mergefield.All() {
			if strings.Contains(got, string(sl)) && !strings.Contains(strings.ReplaceAll(mail, string(sl), ""), "zqSLOT") {
				t.Errorf("got the merge field %s in %q", sl, got)
			}
		}
		if framed := string(frameMail(mail, nil, nil, nil)); !strings.HasPrefix(mail, framed) {
			t.Errorf("got %q, want the mail as it was", framed)
		}
	})
}

// What an operator overrides wrongly is told at the start.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := func() Deps {
		return Deps{Site: Site{Name: "N", BaseURL: "https://news.example.org/"}, Templates: rendertest.Templates(), Now: monday}
	}
	if _, err := New(good()); err != nil {
		t.Fatalf("got %v, want none", err)
	}
	broken := fstest.MapFS{}
	if err := fs.WalkDir(rendertest.Templates(), "pages", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(rendertest.Templates(), p)
		broken[p] = &fstest.MapFile{Data: b}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	broken["pages/home.html"] = &fstest.MapFile{Data: []byte("{{define \"main\"}}\n{{if}}")}
	for want, change := range map[string]func(*Deps){
		"site.base_url":          func(d *Deps) { d.Site.BaseURL = "news.example.org" },
		"signup.allowed_origins": func(d *Deps) { d.AllowedOrigins = []string{"blog.example/form"} },
		"home.html:2":            func(d *Deps) { d.Templates = broken },
		"pages/layout.html":      func(d *Deps) { d.Templates = fstest.MapFS{} },
	} {
		d := good()
		change(&d)
		if _, err := New(d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want one that names %s", err, want)
		}
	}
}

// Below a path (https://example.org/news) links keep it, and the pages are there
// as well as where a proxy that takes it off asks for them.
func TestBasePath(t *testing.T) {
	t.Parallel()
	for base, root := range map[string]string{"https://example.org/news/": "/news", "https://example.org/a%2Fb/n%C3%A9ws": "/a%2Fb/n%C3%A9ws"} {
		r := newReaders(t)
		s := serve(t, r, func(d *Deps) { d.Site.BaseURL = base })
		leave := "/unsubscribe/" + r.active(t, "reader@example.org").Token.String()
		for _, prefix := range []string{"", root} {
			page := s.get(t, prefix+"/").body
			for _, want := range []string{`action="` + root + `/subscribe"`, `href="` + root + `/archive"`, `href="` + root + `/assets/`, `rel="canonical" href="` + strings.TrimRight(base, "/") + `/"`} {
				if !strings.Contains(page, want) {
					t.Errorf("%s/: got no %s on the page", prefix, want)
				}
			}
			for _, path := range []string{"/archive", "/archive/2026-W48", "/feed.xml", "/healthz", leave} {
				wantStatus(t, s.get(t, prefix+path), http.StatusOK)
			}
			for _, path := range []string{"//x", "/a/../archive", "/nowhere", "/archive/"} {
				wantStatus(t, s.get(t, prefix+path), http.StatusNotFound)
			}
			if got := s.form(t, prefix+"/subscribe", "email=reader%40example.org").Header.Get("Location"); got != root+"/subscribed" {
				t.Errorf("%s: got Location %q, want %s/subscribed", prefix, got, root)
			}
		}
		wantStatus(t, s.get(t, root), http.StatusOK)
		wantStatus(t, s.get(t, root+"x/archive"), http.StatusNotFound)
		if !strings.Contains(s.log.String(), "route=/archive/{week}") {
			t.Error("got no route's name in the log")
		}
	}
}

// A mail and the page around it share a document: neither's rules may reach the
// other's elements.
func TestFrameHasItsOwnClasses(t *testing.T) {
	t.Parallel()
	mails := make(map[string]bool)
	selectors := regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
	for _, sheet := range []string{"mail/mail.css", "mail/kept.css", "mail/ogsc.css"} {
		css, err := fs.ReadFile(rendertest.Templates(), sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range selectors.FindAllStringSubmatch(string(css), -1) {
			mails[m[1]] = true
		}
	}
	s := serve(t, nil)
	doc, err := html.Parse(strings.NewReader(s.get(t, "/archive/2026-W48").body))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for n := range doc.Descendants() {
		for class := range strings.FieldsSeq(attr(n, "class")) {
			if seen++; mails[class] {
				t.Errorf("got the class %q on the frame, which the mail's sheet has too", class)
			}
		}
	}
	if seen == 0 || len(mails) == 0 {
		t.Error("got no classes: the test looks at nothing")
	}
}
