package library_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/library"
)

// A feed is a JSON Feed on a real server, with an entity tag.
type feed struct {
	*httptest.Server

	mu       sync.Mutex
	body     string
	statuses []int // that were answered
}

func newFeed(t *testing.T, items ...string) *feed {
	t.Helper()
	f := &feed{}
	f.set(items...)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		tag := fmt.Sprintf(`"%d"`, len(f.body))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			f.statuses = append(f.statuses, http.StatusNotModified)
			return
		}
		f.statuses = append(f.statuses, http.StatusOK)
		_, _ = w.Write([]byte(f.body))
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *feed) set(items ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.body = `{"version": "https://jsonfeed.org/version/1.1", "title": "Verdicts", "items": [` + strings.Join(items, ",\n") + `]}`
}

func item(slug, take string) string {
	tool := func(name string) string {
		return fmt.Sprintf(`{"name": %q, "reviews": [{"reviewer": "Builder", "score": 80, "verdict": "ship", "take": %q}]}`, name, take)
	}
	return fmt.Sprintf(`{"id": %q, "url": "https://site.example/%s", "date_published": "2026-11-18T09:00:00Z", "_comparison": {"slug": %q, "tools": [%s, %s]}}`,
		slug, slug, slug, tool("Quill"), tool("Inkwell"))
}

func puller(t *testing.T, f *feed) *library.Puller {
	t.Helper()
	return &library.Puller{
		Shelf: library.NewShelf(filepath.Join(t.TempDir(), "comparisons"), slog.New(slog.DiscardHandler)), URL: f.URL,
		Fetcher: fetch.New(fetch.Options{AllowPrivate: true}),
	}
}

func pull(t *testing.T, p *library.Puller) library.Report {
	t.Helper()
	r, err := p.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func slugs(list []comparison.Comparison) string {
	var all []string
	for _, c := range list {
		all = append(all, c.Slug)
	}
	return strings.Join(all, " ")
}

func TestPullTakesWhatIsNew(t *testing.T) {
	t.Parallel()
	f := newFeed(t, item("a", "Fine."), item("b", "Fine."))
	p := puller(t, f)
	if r := pull(t, p); slugs(r.Taken) != "a b" || r.Known != 0 || len(r.Problems) > 0 {
		t.Errorf("first pull: got %+v, want a and b taken", r)
	}
	lib, _, err := comparison.NewLoader(p.Shelf.Folder().Dir).Load()
	if err != nil || len(lib.Problems) > 0 || slugs(lib.Comparisons) != "a b" {
		t.Fatalf("folder: got %s, %v, %v, want a and b", slugs(lib.Comparisons), lib.Problems, err)
	}
	if got, want := lib.Comparisons[0].URL, "https://site.example/a"; got != want {
		t.Errorf("url: got %s, want %s", got, want)
	}
	if r := pull(t, p); !r.NotModified {
		t.Errorf("second pull: got %+v, want not modified", r)
	}
	f.set(item("a", "Fine."), item("b", "Fine."), item("c", "Fine."))
	if r := pull(t, p); slugs(r.Taken) != "c" || r.Known != 2 {
		t.Errorf("third pull: got %+v, want c taken, 2 known", r)
	}
	if got, want := fmt.Sprint(f.statuses), "[200 304 200]"; got != want {
		t.Errorf("answers: got %s, want %s", got, want)
	}
}

// A comparison is told by its slug, not by its file's name.
func TestPullOverwritesNothing(t *testing.T) {
	t.Parallel()
	p := puller(t, newFeed(t, item("a", "New."), item("b", "New."), item("c", "New.")))
	files := map[string]string{
		"renamed.yaml": "slug: a\npublished: 2026-11-18\ntools: [{name: Quill}, {name: Inkwell}]\n",
		"b.yaml":       "tools: [this is no comparison\n",
	}
	if err := os.MkdirAll(p.Shelf.Folder().Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.Shelf.Folder().Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := pull(t, p)
	if slugs(r.Taken) != "c" || len(r.Changed) != 2 || r.Changed[0].Slug != "a" || filepath.Base(r.Changed[0].File) != "renamed.yaml" || r.Changed[1].Slug != "b" {
		t.Errorf("got %+v, want c taken and a, b changed", r)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(p.Shelf.Folder().Dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want it as it was", name, got, err)
		}
	}
	if _, err := os.Stat(p.Shelf.Folder().Path("a")); err == nil {
		t.Error("got a second file for slug a")
	}
}

func TestPullNamesProblems(t *testing.T) {
	t.Parallel()
	f := newFeed(t, item("a", "Fine."), item("../../etc/x", "Bad."), strings.Replace(item("c", "Fine."), `"score": 80`, `"score": 180`, 1))
	p := puller(t, f)
	r := pull(t, p)
	if slugs(r.Taken) != "a" || len(r.Problems) < 2 {
		t.Fatalf("got %+v, want a taken and two problems", r)
	}
	for _, problem := range r.Problems {
		if !strings.HasPrefix(problem.String(), f.URL+":") {
			t.Errorf("got %q, want the feed's URL and the line", problem)
		}
	}
	noted, err := p.Shelf.Refresh()
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(noted.Problems) != fmt.Sprint(r.Problems) || slugs(noted.Comparisons) != "a" {
		t.Errorf("got %v in the snapshot, want what the feed has and the folder has not", noted.Problems)
	}
	f.set("no feed")
	if r := pull(t, p); len(r.Problems) == 0 || len(r.Taken) > 0 {
		t.Errorf("no JSON: got %+v, want a problem", r)
	}
	f.set(item("a", "Fine."), item("c", "Fine."))
	pull(t, p)
	if s, err := p.Shelf.Refresh(); err != nil || len(s.Problems) != 0 || slugs(s.Comparisons) != "a c" {
		t.Errorf("got %s, %v, %v, want both and no problem: the feed was corrected", slugs(s.Comparisons), s.Problems, err)
	}
}

// One pull takes a bounded number, and the next ones go on where it stopped.
func TestPullIsBounded(t *testing.T) {
	t.Parallel()
	var items []string
	for i := range 250 {
		items = append(items, item(fmt.Sprintf("c%03d", i), "Fine."))
	}
	p := puller(t, newFeed(t, items...))
	for i, want := range []struct{ taken, left, known int }{{100, 150, 0}, {100, 50, 100}, {50, 0, 200}} {
		if r := pull(t, p); len(r.Taken) != want.taken || r.Left != want.left || r.Known != want.known {
			t.Errorf("pull %d: got %d taken, %d left, %d known, want %+v", i, len(r.Taken), r.Left, r.Known, want)
		}
	}
	if r := pull(t, p); !r.NotModified {
		t.Error("got the whole feed again, want it not modified")
	}
}

// A feed's query may be a key: no message has it.
func TestPullKeepsTheQueryToItself(t *testing.T) {
	t.Parallel()
	f := newFeed(t, item("../x", "Bad."))
	p := puller(t, f)
	p.URL += "/feed.json?key=s3cret"
	said := fmt.Sprint(pull(t, p).Problems)
	f.Close()
	_, err := p.Pull(t.Context())
	said += fmt.Sprint(err)
	if strings.Contains(said, "s3cret") || !strings.Contains(said, "/feed.json?…") {
		t.Errorf("got %s, want the feed's address without its query", said)
	}
}

// What could not be written is not forgotten over the server's 304.
func TestPullAsksAgainAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	f := newFeed(t, item("a", "Fine."))
	p := puller(t, f)
	if err := os.WriteFile(p.Shelf.Folder().Dir, []byte("in the way"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := p.Pull(t.Context()); err == nil {
		t.Fatalf("folder that is a file: got %+v, want an error", r)
	}
	if err := os.Remove(p.Shelf.Folder().Dir); err != nil {
		t.Fatal(err)
	}
	if r := pull(t, p); slugs(r.Taken) != "a" {
		t.Errorf("got %+v, want a taken", r)
	}
}

func TestPullRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	f := newFeed(t, item("a", "Fine."))
	p := puller(t, f)
	p.Fetcher = fetch.New(fetch.Options{Timeout: time.Minute})
	if r, err := p.Pull(t.Context()); !errors.Is(err, fetch.ErrPrivate) || len(f.statuses) > 0 {
		t.Errorf("got %+v, %v, %d requests, want ErrPrivate and none", r, err, len(f.statuses))
	}
}
