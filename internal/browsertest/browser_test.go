package browsertest

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	page := New(t).Page(t)
	page.SetHTML(`<!DOCTYPE html><style>body{margin:0;color:#111111}
		@media (prefers-color-scheme:dark){body{color:#eeeeee}}</style><p id="x">Grüße</p><p style="height:3000px">`)

	if got, want := Eval[string](page, `document.getElementById("x").textContent`), "Grüße"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	if got, want := Eval[int](page, `Promise.resolve(innerWidth)`), 1000; got != want {
		t.Errorf("width: got %d, want %d", got, want)
	}
	page.EmulateViewport(375, 700)
	page.EmulateDark(true)
	if got, want := Eval[string](page, `getComputedStyle(document.body).color`), "rgb(238, 238, 238)"; got != want {
		t.Errorf("colour in dark mode: got %s, want %s", got, want)
	}

	file := filepath.Join(t.TempDir(), "shots", "page.png")
	page.Screenshot(file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatalf("decode the screenshot: %v", err)
	}
	if got := img.Bounds().Size(); got.X != 375 || got.Y < 3000 {
		t.Errorf("screenshot: got %v, want 375 wide and at least 3000 high", got)
	}
}

// A name below localhost resolves without a network, so only the browser's own
// rule can refuse it.
func TestBrowserResolvesNoHosts(t *testing.T) {
	t.Parallel()
	page := New(t).Page(t)
	page.SetHTML(`<!DOCTYPE html><title>x</title>`)
	const fetch = `fetch("http://outside.localhost:" + location.port + "/1", {mode: "no-cors"}).then(() => "reached", () => "refused")`
	if got, want := Eval[string](page, fetch), "refused"; got != want {
		t.Errorf("fetch of another host: got %s, want %s", got, want)
	}
}
