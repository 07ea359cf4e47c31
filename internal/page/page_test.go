package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
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

// Who takes gzip gets an answer compressed, the same content; others as it is.
func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("<p>a verdict</p>\n"), 1000)
	large, small := NewAnswer(HTML, NoStore, text), NewAnswer(HTML, NoStore, text[:100])
	picture := NewAnswer("image/png", NoStore, text)
	for name, c := range map[string]struct {
		answer  *Answer
		accepts string
		gzipped bool
	}{
		"a browser":         {large, "gzip, deflate, br", true},
		"anything":          {large, "*", true},
		"in capitals":       {large, "GZIP;q=0.5", true},
		"nothing said":      {large, "", false},
		"not gzip":          {large, "br, gzip;q=0", false},
		"anything but gzip": {large, "*, gzip; q=0", false},
		"another coding":    {large, "xgzip", false},
		"a small answer":    {small, "gzip", false},
		"a picture":         {picture, "gzip", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", c.accepts)
		w := httptest.NewRecorder()
		c.answer.ServeHTTP(w, r)
		body := io.Reader(w.Body)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.gzipped {
			t.Errorf("%s: got gzip: %v, want %v", name, got, c.gzipped)
			continue
		}
		if w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
			t.Errorf("%s: got Content-Length %s, want %d", name, w.Header().Get("Content-Length"), w.Body.Len())
		}
		if c.gzipped {
			if w.Body.Len() > len(text)/10 || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: got %d bytes, Vary %q", name, w.Body.Len(), w.Header().Get("Vary"))
			}
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unpacked
		}
		if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, c.answer.Body) {
			t.Errorf("%s: got %d bytes, %v, want the answer's", name, len(got), err)
		}
		again := httptest.NewRequest(http.MethodGet, "/", nil)
		again.Header.Set("Accept-Encoding", c.accepts)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		w = httptest.NewRecorder()
		c.answer.ServeHTTP(w, again)
		if w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s: got %d with %d bytes to who has it, want 304", name, w.Code, w.Body.Len())
		}
	}
}
