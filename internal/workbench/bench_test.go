package workbench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// BenchmarkWeek opens the page of a week with 8 comparisons, and its frame.
func BenchmarkWeek(b *testing.B) {
	w := benchOfEight(b)
	for b.Loop() {
		if _, body := w.get(weekPath); !strings.Contains(body, "Quill vs Inkwell") {
			b.Fatal("got no page of the week")
		}
		w.get(weekPath + "/frame")
	}
}

// BenchmarkFirstPaint opens the page of a week with 8 comparisons in a browser:
// how long until something is seen, in milliseconds, and until a change of a
// comparison is.
func BenchmarkFirstPaint(b *testing.B) {
	w := benchOfEight(b)
	p := browsertest.New(b).Page(b)
	p.EmulateViewport(1440, 1000)
	paint, update, n := 0.0, 0.0, 0
	file := filepath.Join(w.dir, "quill-vs-inkwell.yaml")
	src := string(must(os.ReadFile(file)))
	for b.Loop() {
		p.Navigate(w.url + weekPath)
		wait(b, p, "the stream", `document.querySelector(".bench").dataset.live === "yes"`)
		wait(b, p, "the first paint", `performance.getEntriesByName("first-contentful-paint").length > 0`)
		paint += browsertest.Eval[float64](p, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
		n++
		price := fmt.Sprintf("entry: $%d a month", n)
		if err := os.WriteFile(file, []byte(strings.Replace(src, "entry: Free", price, 1)), 0o644); err != nil {
			b.Fatal(err)
		}
		took := wait(b, p, "the new price", fmt.Sprintf(`document.getElementById("frame").contentDocument.body.innerText.includes("$%d a month")`, n))
		update += float64(took.Milliseconds())
	}
	b.ReportMetric(paint/float64(n), "paint-ms")
	b.ReportMetric(update/float64(n), "update-ms")
}

// benchOfEight is a week with 8 comparisons.
func benchOfEight(b *testing.B) *bench {
	b.Helper()
	w := newBench(b, 1)
	more := string(must(os.ReadFile(filepath.Join(w.dir, "cursor-vs-windsurf.yaml"))))
	for from, to := range map[string]string{"slug: cursor-vs-windsurf": "slug: quill-vs-inkwell", "name: Cursor": "name: Quill", "name: Windsurf": "name: Inkwell"} {
		more = strings.ReplaceAll(more, from, to)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "quill-vs-inkwell.yaml"), []byte(more), 0o644); err != nil {
		b.Fatal(err)
	}
	return w
}
