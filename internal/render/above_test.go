package render

import (
	"strings"
	"testing"
)

func TestAbove(t *testing.T) {
	t.Parallel()
	frame := func(s string) string {
		return `<!DOCTYPE html><html><head><title>` + s + `</title></head><body class="page" id="body"><div class="preheader">` + s + ` before</div><div class="page"><table><tr><td>` + s + ` body</td></tr></table></div></body></html>`
	}
	got := Rendered{HTML: frame("upper"), Text: "upper text\n"}.Above(frame("lower"), "lower text\n")
	for _, one := range []string{"<body", "</body>", "<title>", "upper before", "upper body", "lower body"} {
		if n := strings.Count(got.HTML, one); n != 1 {
			t.Errorf("got %q %d times, want once:\n%s", one, n, got.HTML)
		}
	}
	if strings.Contains(got.HTML, "lower before") || strings.Contains(got.HTML, "<title>lower") {
		t.Errorf("got the lower mail's head or preheader:\n%s", got.HTML)
	}
	if up, low := strings.Index(got.HTML, "upper body"), strings.Index(got.HTML, "lower body"); up > low {
		t.Error("got the upper mail below the lower one")
	}
	if want := "upper text\n\n\nlower text\n"; got.Text != want {
		t.Errorf("got text %q, want %q", got.Text, want)
	}
	// What has no frame changes only the text.
	odd := Rendered{HTML: frame("upper"), Text: "a"}.Above("<p>no body</p>", "b")
	if odd.HTML != frame("upper") || odd.Text != "a\n\n\nb" {
		t.Errorf("got %q, %q, want the HTML as it was", odd.HTML, odd.Text)
	}
}
