package workbench_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// A comparison whose file is JSON is corrected in its form too; reviews are added
// and taken out, with the panel's counts that follow from it; and a review that
// breaks a rule is refused beside its input.
func TestEditJSON(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/quill-vs-inkwell"
	file := filepath.Join(b.dir, "quill-vs-inkwell.json")
	src := `{
  "published": "2026-11-18",
  "tools": [
    {"name": "Quill", "entry": "$9/month", "panel": {"ship": 1, "skip": 0, "percent": 100}, "reviews": [{"reviewer": "Builder", "score": 70, "verdict": "ship", "take": "It found the change."}]},
    {"name": "Inkwell", "entry": "Free"}
  ]
}
`
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	save := func(typed url.Values) (int, string) {
		_, body := b.get(path)
		typed.Set("sum", form(body, path).Get("sum"))
		resp, body := b.post(path, typed)
		return resp.StatusCode, body
	}
	if status, body := save(url.Values{"f-tools[0].entry": {"$12/month"}}); status != http.StatusOK || !strings.Contains(body, "The comparison is saved.") {
		t.Fatalf("got %d:\n%.2500s", status, body)
	}
	if got, want := string(must(os.ReadFile(file))), strings.Replace(src, "$9/month", "$12/month", 1); got != want {
		t.Errorf("got\n%s\nwant only the price changed", got)
	}
	added := url.Values{
		"f-tools[0].new.reviewer": {"Skeptic"}, "f-tools[0].new.score": {"30"}, "f-tools[0].new.verdict": {"skip"}, "f-tools[0].new.take": {"It lost one."},
		"f-tools[0].panel.skip": {"1"}, "f-tools[0].panel.percent": {"50"},
	}
	if status, body := save(added); status != http.StatusOK {
		t.Fatalf("one more review: got %d:\n%.2500s", status, body)
	}
	c, problems := comparison.Parse(file, must(os.ReadFile(file)))
	if r := c.Tools[0].Reviews; len(problems) > 0 || len(r) != 2 || r[1].Reviewer != "Skeptic" || *r[1].Score != 30 || r[1].Take != "It lost one." {
		t.Errorf("got the reviews %+v, %v", r, problems)
	}
	for field, value := range map[string]string{"score": "140", "reviewer": "Builder"} {
		typed := url.Values{"f-tools[0].new.take": {"Once more."}, "f-tools[0].new." + field: {value}}
		if status, body := save(typed); status != http.StatusUnprocessableEntity || !strings.Contains(body, `id="w-tools[0].new.`+field+`"`) || !strings.Contains(body, "Once more.") {
			t.Errorf("%s %s: got %d, want 422 beside the input, and what was typed", field, value, status)
		}
	}
	out := url.Values{"out": {"0.0"}, "f-tools[0].panel.ship": {"0"}, "f-tools[0].panel.percent": {"0"}}
	if status, body := save(out); status != http.StatusOK {
		t.Fatalf("a review taken out: got %d:\n%.2500s", status, body)
	}
	if c, _ := comparison.Parse(file, must(os.ReadFile(file))); len(c.Tools[0].Reviews) != 1 || c.Tools[0].Reviews[0].Reviewer != "Skeptic" {
		t.Errorf("got the reviews %+v, want the skeptic's alone", c.Tools[0].Reviews)
	}
	if _, body := b.get(path + "?whole=yes"); !strings.Contains(body, `name="source"`) {
		t.Error("got no way to change the whole file")
	}
}

// Of two who correct one comparison, the second keeps what the first wrote where
// they did not touch it, and sees both words where they did.
func TestTwoCorrections(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/cursor-vs-windsurf"
	_, body := b.get(path)
	first, second := form(body, path), form(body, path)
	first.Set("f-tools[0].tagline", "From the other tab")
	first.Set("f-tools[0].entry", "$8 a month")
	if _, body := b.post(path, first); !strings.Contains(body, "The comparison is saved.") {
		t.Fatalf("got\n%.2500s", body)
	}
	second.Set("f-tools[0].entry", "$9 a month")
	second.Set("f-tools[1].entry", "$7 a month")
	resp, body := b.post(path, second)
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "somebody else wrote meanwhile: $8 a month") {
		t.Fatalf("got %d, want 409 and the other's price beside one's own:\n%.4000s", resp.StatusCode, body)
	}
	if _, body = b.post(path, form(body, path)); !strings.Contains(body, "The comparison is saved.") {
		t.Fatalf("got\n%.2500s", body)
	}
	c, _ := comparison.Parse("", must(os.ReadFile(filepath.Join(b.dir, "cursor-vs-windsurf.yaml"))))
	if a := c.Tools[0]; a.Tagline != "From the other tab" || a.Entry != "$9 a month" || c.Tools[1].Entry != "$7 a month" {
		t.Errorf("got %q and %q, %q, want the first's tagline and the second's prices", a.Tagline, a.Entry, c.Tools[1].Entry)
	}
}

// A whole file that somebody else changed meanwhile is not written: what was typed
// stays, beside the file as it is now, and saving again writes it.
func TestWholeFileChangedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const path = "/comparisons/cursor-vs-windsurf"
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	src := string(must(os.ReadFile(file)))
	_, body := b.get(path + "?whole=yes")
	typed := form(body, path)
	typed.Set("source", strings.Replace(src, "entry: Free", "entry: $7 a month", 1))
	theirs := "# Checked by Bob.\n" + src
	if err := os.WriteFile(file, []byte(theirs), 0o644); err != nil {
		t.Fatal(err)
	}
	resp, body := b.post(path, typed)
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "entry: $7 a month") || !strings.Contains(body, "# Checked by Bob.") {
		t.Fatalf("got %d, want 409 with what was typed and the file as it is now:\n%.2500s", resp.StatusCode, body)
	}
	if got := string(must(os.ReadFile(file))); got != theirs {
		t.Fatal("the other's file was written over")
	}
	again := form(body, path)
	again.Set("source", typed.Get("source"))
	if _, body := b.post(path, again); !strings.Contains(body, "The comparison is saved.") {
		t.Fatalf("saved again: got\n%.2500s", body)
	}
	if got := string(must(os.ReadFile(file))); got != typed.Get("source") {
		t.Errorf("got the file\n%s", got)
	}
}
