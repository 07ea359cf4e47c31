package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
)

// A page names its picture and says in words what it shows; a comparison that is not
// there, or not yet, has none.
func TestPreview(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	path := "/compare/karpathy-coding-skills-vs-smolvlm2"
	for _, from := range []string{path, "/archive/2026-W48"} {
		body := html.UnescapeString(s.get(t, from).body)
		for _, want := range []string{
			`<meta property="og:image" content="` + s.url + path + `.png">`, `<meta property="og:url" content="` + s.url + from + `">`, `<meta name="twitter:card" content="summary_large_image">`,
			`<meta property="og:image:alt" content="Karpathy Coding Skills vs SmolVLM2. Karpathy Coding Skills: Ship, 3 of 4 (75%). SmolVLM2: Ship, 4 of 4 (100%).">`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: got no %s", from, want)
			}
		}
	}
	if body := s.get(t, "/nowhere").body; strings.Contains(body, "og:") {
		t.Error("got a preview of an error page")
	}
	a := s.get(t, path+".png")
	wantStatus(t, a, http.StatusOK)
	size, err := png.DecodeConfig(strings.NewReader(a.body))
	if err != nil || size.Width != 1200 || size.Height != 630 || a.Header.Get("Content-Type") != "image/png" {
		t.Errorf("got %dx%d, %v, %s", size.Width, size.Height, err, a.Header.Get("Content-Type"))
	}
	if b := s.send(t, http.MethodGet, path+".png", head("If-None-Match", a.Header.Get("ETag")), ""); b.StatusCode != http.StatusNotModified {
		t.Errorf("got status %d for a picture that the client has", b.StatusCode)
	}
	for _, path := range []string{"/compare/not-yet.png", "/compare/nothing.png", "/compare/.png", path + ".png.png"} {
		wantStatus(t, s.get(t, path), http.StatusNotFound)
	}
}

// Pictures are drawn once for a state of the library, one at a time, and bounded.
func TestPicturesAreKept(t *testing.T) {
	t.Parallel()
	p, err := newPictures("Site")
	if err != nil {
		t.Fatal(err)
	}
	c := sampleComparisons()[0]
	one, two := library.NewSnapshot(1, comparison.Library{}), library.NewSnapshot(2, comparison.Library{})
	draw := func(of *library.Snapshot) *page.Answer {
		a, err := p.picture(t.Context(), of, c)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := draw(one)
	if draw(one) != first || draw(two) == first {
		t.Error("got a picture drawn twice for one library, or once for two")
	}
	p.drawing <- struct{}{} // somebody else's is drawn
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.picture(gone, one, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want no picture while another is drawn", err)
	}
	for i := range 40 {
		p.keep(two, fmt.Sprint(i), page.NewAnswer("image/png", keepFeed, make([]byte, 1<<20)))
		if p.bytes > maxPictures || len(p.kept) > 16 {
			t.Fatalf("got %d bytes in %d pictures kept", p.bytes, len(p.kept))
		}
	}
}
