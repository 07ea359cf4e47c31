package measure

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// TestScreenshots writes every mail as a reader gets it, for people to look at:
//
//	DIGEST_SCREENSHOTS=/tmp/shots go test -run Screenshots ./internal/measure
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("DIGEST_SCREENSHOTS")
	if dir == "" {
		t.Skip("skipped: set DIGEST_SCREENSHOTS to a folder to get screenshots")
	}
	page := browsertest.New(t).Page(t)
	for _, l := range letters(t) {
		name := filepath.Join(dir, strings.NewReplacer(", ", "-", " ", "-").Replace(l.name))
		page.EmulateDark(false)
		at(page, 700).SetHTML(l.html)
		page.Screenshot(name + ".desktop.png")
		at(page, 375).Screenshot(name + ".phone.png")
		page.EmulateDark(true)
		page.Screenshot(name + ".phone-dark.png")
		at(page, 700).Screenshot(name + ".desktop-dark.png")
		page.EmulateDark(false)
		browsertest.Eval[bool](page, withoutStyles)
		page.Screenshot(name + ".no-styles.png")
	}
}
