package render

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPreviews(t *testing.T) {
	dir := os.Getenv("DIGEST_PREVIEWS")
	if dir == "" {
		t.Skip("skipped: set DIGEST_PREVIEWS to a folder to get preview files")
	}
	out, err := newRenderer(t).Digest(input(numbered(5)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(out.HTML), out.Notes)
	for name, s := range map[string]string{"digest.html": out.HTML, "digest.uninlined.html": out.Uninlined, "digest.txt": out.Text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
