package page

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Policy{
		"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'": {},
		"default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src data:; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'; sandbox": {
			Style: "'self'", StyleAttr: "'unsafe-inline'", Img: "data:", Frame: "'self'", Form: "'self'", Ancestors: "'self'", Sandbox: "-",
		},
		"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox allow-popups": {Sandbox: "allow-popups"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Line ends are hashed as the browser has them; a conditional comment's styles are none of
// the document's.
func TestStyleHashes(t *testing.T) {
	t.Parallel()
	got := StyleHashes("<style>a{}\r\nb{}</style><!--[if mso]><style>x{}</style><![endif]--><STYLE type=\"text/css\">p&gt;q{}</STYLE><style></style>")
	sum := "'sha256-zed0RLOFY+TcmXcTg8xXzuEuz9LcL/bpBT9mk1CINVo='" // printf 'a{}\nb{}' | openssl dgst -sha256 -binary | base64
	if parts := strings.Fields(got); len(parts) != 2 || parts[0] != sum {
		t.Errorf("got %q, want two digests, the first %s", got, sum)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	a := NewAnswer(HTML, "public, max-age=60", []byte("<p>page"))
	ask := func(method, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/", nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w
	}
	first := ask(http.MethodGet, "")
	tag := first.Header().Get("ETag")
	if first.Body.String() != "<p>page" || first.Header().Get("Cache-Control") != "public, max-age=60" || first.Header().Get("Content-Type") != HTML {
		t.Errorf("got %v %q", first.Header(), first.Body)
	}
	for _, have := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if w := ask(http.MethodGet, have); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: got %d %q, want 304 and no body", have, w.Code, w.Body)
		}
	}
	if w := ask(http.MethodGet, `"other"`); w.Code != http.StatusOK {
		t.Errorf("another tag: got %d, want 200", w.Code)
	}
	if w := ask(http.MethodHead, ""); w.Body.Len() > 0 || w.Header().Get("Content-Length") != "7" {
		t.Errorf("HEAD: got %v %q, want the length and no body", w.Header(), w.Body)
	}
}

func files(main string) fstest.MapFS {
	return fstest.MapFS{"ui/a.html": {Data: []byte(main)}, "ui/a.css": {Data: []byte("p{}")}, "ui/b.css": {Data: []byte("b{}")}}
}

// A tool's pages have the layout, its one style sheet, and headers that forbid
// the rest; its errors are pages.
func TestTool(t *testing.T) {
	t.Parallel()
	src := Sources{FS: files(`{{define "main"}}<main>{{.}}</main>{{end}}`), Pages: map[string]string{"a": "ui/a.html"}}
	tool, err := NewTool(src, "/x.", []File{{src.FS, "ui/a.css"}, {src.FS, "ui/b.css"}}, Policy{Form: "'self'"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		tool.Show(w, http.StatusOK, "a", View{Title: "A & B", Refresh: 2, Data: "<i>"})
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		tool.Notice(w, http.StatusNotFound, Notice{Heading: "No such page", Text: "It has gone.", Back: "/", BackTo: "All"})
	})
	h := tool.Handler(mux)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	w := get("/")
	for _, want := range []string{"<title>A &amp; B</title>", "<main>&lt;i&gt;</main>", `<meta http-equiv="refresh" content="2">`, `<html lang="en"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("got no %q in %s", want, w.Body)
		}
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
		"Cache-Control":           "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	_, rest, _ := strings.Cut(w.Body.String(), `rel="stylesheet" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	if sheet := get(path); sheet.Body.String() != "p{}b{}" || sheet.Header().Get("Cache-Control") != Immutable {
		t.Errorf("%s: got %q, %v", path, sheet.Body, sheet.Header())
	}
	if w := get("/nowhere"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "It has gone.") || strings.Contains(w.Body.String(), "refresh") {
		t.Errorf("got %d %s, want the notice", w.Code, w.Body)
	}
}

// A template that fails gives an error page and not half a page; one that does
// not parse is found at the start.
func TestBrokenTemplates(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	src := Sources{FS: files(`{{define "main"}}half{{.Nothing}}{{end}}`), Pages: map[string]string{"a": "ui/a.html"}}
	kit, err := New(src, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	kit.Write(w, http.StatusOK, "a", View{Data: "x"})
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") || !strings.Contains(log.String(), "page=a") {
		t.Errorf("got %d %q and the log %q, want a 500 that is whole", w.Code, w.Body, log.String())
	}
	src.FS = files("{{define \"main\"}}\n{{if}}")
	if _, err := New(src, nil); err == nil || !strings.Contains(err.Error(), "a.html:2") {
		t.Errorf("got %v, want the file and the line", err)
	}
}
