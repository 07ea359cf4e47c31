package workbench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkWeek opens the page of a week with 8 comparisons, and its frame.
func BenchmarkWeek(b *testing.B) {
	w := newBench(b, 1)
	more := string(must(os.ReadFile(filepath.Join(w.dir, "cursor-vs-windsurf.yaml"))))
	for from, to := range map[string]string{"slug: cursor-vs-windsurf": "slug: quill-vs-inkwell", "name: Cursor": "name: Quill", "name: Windsurf": "name: Inkwell"} {
		more = strings.ReplaceAll(more, from, to)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "quill-vs-inkwell.yaml"), []byte(more), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, body := w.get(weekPath); !strings.Contains(body, "Quill vs Inkwell") {
			b.Fatal("got no page of the week")
		}
		w.get(weekPath + "/frame")
	}
}
