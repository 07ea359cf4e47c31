package workbench_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/workbench"
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

// benchOfEight is a week that features 8 comparisons.
func benchOfEight(b *testing.B) *bench {
	b.Helper()
	w := newBenchOf(b, 1, 8, func(_ *bench, _ *workbench.Deps, _ string) func(http.Handler) http.Handler { return loopback.Only })
	for _, pair := range [][2]string{{"Quill", "Inkwell"}, {"Pagefern", "Margin"}, {"Lumen", "Harrow"}} {
		more := string(must(os.ReadFile(filepath.Join(w.dir, "cursor-vs-windsurf.yaml"))))
		slug := strings.ToLower(pair[0] + "-vs-" + pair[1])
		more = strings.NewReplacer("slug: cursor-vs-windsurf", "slug: "+slug, "name: Cursor", "name: "+pair[0], "name: Windsurf", "name: "+pair[1]).Replace(more)
		if err := os.WriteFile(filepath.Join(w.dir, slug+".yaml"), []byte(more), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	if n := len(must(w.desk.Draft(b.Context(), week)).Selection.Comparisons); n != 8 {
		b.Fatalf("got %d comparisons featured, want 8", n)
	}
	return w
}
