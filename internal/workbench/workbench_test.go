package workbench

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/templates"
)

func sample() Preview {
	return Preview{
		Week: edition.Week{Year: 2026, Number: 48}, State: edition.Draft, Slot: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Mail: render.Rendered{
			Subject: "Ship SmolVLM2", Preheader: "and one more verdict", Text: "Dear Ada <b> & Co,\n\nSHIP 100 %\n",
			HTML: `<!DOCTYPE html><html><head><title>m</title><style>body{background:#ffffff}@media(prefers-color-scheme:dark){body{background:#171613}}</style></head>` +
				`<body><p>To ada@example.org</p></body></html>`,
			Uninlined: "<p>before & after</p>",
			Notes:     []string{"the quote of SmolVLM2 is shorter"},
		},
		Checks: []check.Finding{
			{Check: "size.html", Level: check.Pass, Detail: "41,200 bytes"},
			{Check: "links", Level: check.Fail, Detail: "one link has no address", Fix: "give it one"},
			{Check: "subject", Level: check.Warn, Detail: "61 characters"},
		},
		Decisions: []edition.Decision{
			{Slug: "a", Title: "A vs B", In: true, Reason: "new since the cutoff"},
			{Slug: "c", Title: "C vs D", Code: edition.CodeTooOld, Reason: "published before the cutoff"},
		},
		Problems: []comparison.Problem{{File: "comparisons/e.yaml", Line: 3, Message: "tools: there are 3, but a comparison has two"}},
	}
}

func serve(t *testing.T, preview func(context.Context) (Preview, error)) string {
	t.Helper()
	h, err := New(Deps{Preview: preview, Templates: templates.FS(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func get(t *testing.T, url, host string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestViews(t *testing.T) {
	t.Parallel()
	url := serve(t, func(context.Context) (Preview, error) { return sample(), nil })
	for path, wants := range map[string][]string{
		"/":       {"Ship SmolVLM2", "700 px", "375 px", "1 fail", "1 warn", "1 of 2", "Monday 23 November, 09:00 UTC"},
		"/dark":   {`class="frames dark"`},
		"/text":   {"Dear Ada &lt;b&gt; &amp; Co", "SHIP 100 %"},
		"/source": {"&lt;p&gt;before &amp; after"},
		"/checks": {"one link has no address", "give it one", "41,200 bytes", "is shorter"},
		"/why":    {"C vs D", "published before the cutoff", "comparisons/e.yaml:3: tools"},
		"/frame":  {"To ada@example.org"},
	} {
		resp, body := get(t, url+path, "")
		if resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: got status %d with the policy %q", path, resp.StatusCode, resp.Header.Get("Content-Security-Policy"))
		}
		for _, want := range append(wants, "") {
			if !strings.Contains(body, want) {
				t.Errorf("%s: got no %q on the page", path, want)
			}
		}
		if strings.Contains(body, "Ada <b>") || strings.Contains(body, "&amp;lt;") {
			t.Errorf("%s: got a text part that is not escaped once", path)
		}
	}
	if _, body := get(t, url+"/checks", ""); strings.Index(body, "one link") > strings.Index(body, "41,200") {
		t.Error("got the failed check after the passed one")
	}
}

// An edit shows on reload, and so does the error that it may make.
func TestReload(t *testing.T) {
	t.Parallel()
	n := 0
	url := serve(t, func(context.Context) (Preview, error) {
		if n++; n == 2 {
			return Preview{}, errors.New("mail.css:12: a <selector> that the inliner loses")
		}
		p := sample()
		p.Mail.Subject = fmt.Sprintf("build %d", n)
		return p, nil
	})
	for i, want := range []string{"build 1", "mail.css:12: a &lt;selector&gt;", "build 3"} {
		resp, body := get(t, url+"/", "")
		if !strings.Contains(body, want) || (resp.StatusCode == 500) != (i == 1) {
			t.Errorf("load %d: got status %d without %q", i, resp.StatusCode, want)
		}
	}
}

// DNS rebinding comes with a foreign Host, a foreign page with its Origin.
func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	url := serve(t, func(context.Context) (Preview, error) { return sample(), nil })
	for host, want := range map[string]int{
		"localhost:1": 200, "evil.example": 421,
	} {
		if resp, body := get(t, url+"/", host); resp.StatusCode != want || want == 421 && strings.Contains(body, "SmolVLM2") {
			t.Errorf("Host %s: got status %d, want %d", host, resp.StatusCode, want)
		}
	}
}

// The dark view shows the mail's dark rules in a light browser. With -artifacts
// the screenshots are kept.
func TestLooks(t *testing.T) {
	t.Parallel()
	url := serve(t, func(context.Context) (Preview, error) { return sample(), nil })
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1200, 800)
	for path, dark := range map[string]bool{"/": false, "/dark": true, "/checks": false, "/why": false} {
		p.Navigate(url + path)
		if path == "/" {
			for class, want := range map[string]int{"desk": 700, "phone": 375} {
				if got := browsertest.Eval[int](p, `document.querySelector("iframe.`+class+`").clientWidth`); got != want {
					t.Errorf("%s: got a frame of %d px, want the %d px that its caption says", class, got, want)
				}
			}
		}
		file := filepath.Join(t.ArtifactDir(), "view"+strings.ReplaceAll(path, "/", "-")+".png")
		p.Screenshot(file)
		if path == "/" || path == "/dark" {
			if got := insideFrame(t, file) < 0x80; got != dark {
				t.Errorf("%s: got a dark mail: %t, want %t", path, got, dark)
			}
		}
	}
}

// insideFrame is the red of a pixel in the first frame's empty part, 0 to 255.
func insideFrame(t *testing.T, file string) uint8 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r, _, _, _ := img.At(300, 600).RGBA()
	return uint8(r >> 8)
}
