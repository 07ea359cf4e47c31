package render

import (
	"os"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// TestPreviews writes mails and screenshots of them for people to look at:
//
//	DIGEST_PREVIEWS=/tmp/previews go test -run Previews ./internal/render
func TestPreviews(t *testing.T) {
	dir := os.Getenv("DIGEST_PREVIEWS")
	if dir == "" {
		t.Skip("skipped: set DIGEST_PREVIEWS to a folder to get previews")
	}
	r := newRenderer(t)
	page := browsertest.New(t).Page(t)
	for name, out := range previews(t, r) {
		for suffix, s := range map[string]string{".html": out.HTML, ".uninlined.html": out.Uninlined, ".txt": out.Text} {
			if err := os.WriteFile(filepath.Join(dir, name+suffix), []byte(s), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		page.SetHTML(out.HTML)
		t.Logf("%s: %d bytes of HTML, %d of text, notes %q", name, len(out.HTML), len(out.Text), out.Notes)
		for _, dark := range []bool{false, true} {
			scheme := map[bool]string{false: "light", true: "dark"}[dark]
			page.EmulateDark(dark)
			page.EmulateViewport(700, 800)
			page.Screenshot(filepath.Join(dir, name+"."+scheme+".wide.png"))
			page.EmulateScale(375, 800, 1.5)
			page.Screenshot(filepath.Join(dir, name+"."+scheme+".phone.png"))
		}
		page.EmulateDark(false)
		page.EmulateViewport(320, 800)
		page.Screenshot(filepath.Join(dir, name+".320.png"))
		page.SetHTML(anyStyle.ReplaceAllString(out.HTML, ""))
		page.EmulateViewport(375, 800)
		page.Screenshot(filepath.Join(dir, name+".inlined-only.png"))
		page.SetHTML(anyStyle.ReplaceAllString(out.Uninlined, ""))
		page.EmulateViewport(640, 800)
		page.Screenshot(filepath.Join(dir, name+".no-styles.png"))
	}
}

func previews(t *testing.T, r *Renderer) map[string]Rendered {
	t.Helper()
	all := make(map[string]Rendered)
	digest, err := r.Digest(input(numbered(5)...))
	if err != nil {
		t.Fatal(err)
	}
	all["digest"] = digest
	for name, cs := range fixtures() {
		if all[name], err = r.Digest(input(cs...)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range samples() {
		if name == "digest" {
			continue
		}
		if all[name], err = r.Mail(name, data); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
