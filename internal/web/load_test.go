package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// years is a large site: 1,000 comparisons, and ten years of editions with five
// of them each.
func years() (func() *library.Snapshot, *countedEditions) {
	var list []comparison.Comparison
	for i := range 1000 {
		c := sampleComparisons()[i%2]
		c.Slug = fmt.Sprintf("%s-%d", c.Slug, i)
		c.Published = rendertest.PublishedAt(monday().Add(-time.Duration(i) * time.Hour))
		list = append(list, c)
	}
	all := fixedEditions{builds: map[edition.Week][]edition.Build{}}
	for i := range 520 {
		at := monday().AddDate(0, 0, -7*(519-i))
		year, week := at.ISOWeek()
		e := edition.Edition{Week: edition.Week{Year: year, Number: week}, State: edition.Sent, Slot: at, Subject: "Ship one, skip another, and 3 more verdicts"}
		for n := range 5 {
			c := list[(5*(519-i)+n)%len(list)]
			e.Items = append(e.Items, edition.Item{Slug: c.Slug, Tools: [2]string{c.Tools[0].Name, c.Tools[1].Name}})
		}
		all.all = append(all.all, e)
		all.builds[e.Week] = []edition.Build{{Week: e.Week, Subject: e.Subject, HTML: sampleMail(e.Week) + strings.Repeat("<p>a verdict</p>", 6000)}}
	}
	return holding(list), &countedEditions{fixedEditions: all}
}

// countedEditions counts how often it is asked.
type countedEditions struct {
	fixedEditions
	asked atomic.Int64
}

func (c *countedEditions) List(ctx context.Context) ([]edition.Edition, error) {
	c.asked.Add(1)
	return c.fixedEditions.List(ctx)
}

func pagesOf(books func() *library.Snapshot) []string {
	return []string{"/", "/archive", "/archive/2026-W48", "/compare/" + books().Comparisons[0].Slug, "/feed.xml", "/feed.json", "/subscribe"}
}

// go test -bench Pages ./internal/web: each page of a large site, with the 99th
// percentile of its time.
func BenchmarkPages(b *testing.B) {
	books, editions := years()
	h, err := New(Deps{
		Site: Site{Name: "Weekly AI Tool Verdicts", BaseURL: "http://127.0.0.1"}, Templates: rendertest.Templates(), Editions: editions, Library: books,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range append(pagesOf(books), "/subscribed", "/leave", "/embed", "/sitemap.xml", "/archive?topic=Productivity") {
		b.Run(path, func(b *testing.B) { benchPage(b, h, path) })
	}
}

// benchPage asks for a page again and again.
func benchPage(b *testing.B, h http.Handler, path string) {
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			b.Fatalf("got status %d", w.Code)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
}

// BenchmarkReadersPages is the pages behind readers' own links, each time another
// reader’s, so that no limit of one link is met.
func BenchmarkReadersPages(b *testing.B) {
	r, s := ballotBox(b, 1)
	for name, page := range map[string]struct {
		purpose subscribers.Purpose
		path    string
	}{
		"preferences": {subscribers.PurposePreferences, "/preferences/%s"},
		"vote":        {subscribers.PurposeVote, "/vote/%s/" + votable(b)},
		"saved":       {subscribers.PurposeSaved, "/saved/%s"},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				path := fmt.Sprintf(page.path, r.own(b, page.purpose, r.active(b, fmt.Sprintf("%s%d-%d@example.org", name, b.N, i)).ID))
				b.StartTimer()
				start := time.Now()
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				took = append(took, time.Since(start))
				if w.Code != http.StatusOK {
					b.Fatalf("%s: got status %d", path, w.Code)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
		})
	}
}

// A thousand visitors who ask for one page at once are all answered, and the
// editions are asked for a few times, not a thousand.
func TestAThousandAtOnce(t *testing.T) {
	t.Parallel()
	books, editions := years()
	s := serve(t, nil, func(d *Deps) { d.Library, d.Editions = books, editions })
	start := make(chan struct{})
	var answered, whole atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				return
			}
			defer c.Close()
			<-start
			if _, err := io.WriteString(c, "GET /archive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
				return
			}
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				return
			}
			defer resp.Body.Close()
			answered.Add(1)
			if n, err := io.Copy(io.Discard, resp.Body); err == nil && n == resp.ContentLength {
				whole.Add(1)
			}
		})
	}
	began := time.Now()
	close(start)
	all.Wait()
	if answered.Load() != 1000 || whole.Load() != 1000 {
		t.Errorf("got %d answers, %d of them whole, want 1000", answered.Load(), whole.Load())
	}
	t.Logf("1,000 requests in %v, editions asked for %d times", time.Since(began), editions.asked.Load())
	if most := int64(time.Since(began)/editionsFor) + 2; editions.asked.Load() > most {
		t.Errorf("got the editions asked for %d times, want at most %d", editions.asked.Load(), most)
	}
}

// Those who read slowly share the bytes of the page that they read.
func TestSlowReadersShareThePage(t *testing.T) {
	books, editions := years()
	s := serve(t, nil, func(d *Deps) { d.Library, d.Editions = books, editions })
	largest := 0
	var path string
	for _, p := range pagesOf(books) {
		if n := len(s.get(t, p).body); n > largest {
			largest, path = n, p
		}
	}
	before := inUse()
	small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	for range 400 {
		c, err := small.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
	}
	used := inUse() - before
	t.Logf("400 slow readers of %s (%d KiB): %d MiB more in use", path, largest>>10, used>>20)
	if used > 100<<20 {
		t.Errorf("got %d MiB in use, want below 100", used>>20)
	}
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// What changes shows: a comparison at once, an edition within a fraction of a
// second; and what stays the same is made once.
func TestKeptPagesFollow(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(monday().UnixNano())
	var books atomic.Pointer[library.Snapshot]
	shelve := func(version uint64, tagline string, published time.Time) {
		c := sampleComparisons()[0]
		c.Tools[0].Tagline, c.Published = tagline, rendertest.PublishedAt(published)
		books.Store(library.NewSnapshot(version, comparison.Library{Comparisons: []comparison.Comparison{c}}))
	}
	shelve(1, "first", monday().Add(time.Hour))
	editions := &changing{fixedEditions: sentEditions()}
	editions.all = editions.all[1:] // the draft alone
	s := serve(t, nil, func(d *Deps) {
		d.Now = func() time.Time { return time.Unix(0, now.Load()) }
		d.Library, d.Editions = books.Load, editions
	})
	pass := func(d time.Duration) { now.Add(int64(d)) }
	feed := func() string { return s.get(t, "/feed.json").body }

	if strings.Contains(feed(), "first") {
		t.Error("got a comparison in the feed an hour before it is published")
	}
	pass(time.Hour)
	if !strings.Contains(feed(), "first") {
		t.Error("got no comparison in the feed at the instant of its publication")
	}
	shelve(2, "second", monday())
	if !strings.Contains(feed(), "second") {
		t.Error("got the feed of the library before the last change")
	}
	wantStatus(t, s.get(t, "/archive/2026-W49"), http.StatusNotFound)
	editions.send()
	wantStatus(t, s.get(t, "/archive/2026-W49"), http.StatusNotFound) // asked for a moment ago
	pass(editionsFor)
	if a := s.get(t, "/archive"); !strings.Contains(a.body, "2026-W49") {
		t.Error("got an archive without the edition that was sent")
	}
	wantStatus(t, s.get(t, "/archive/2026-W49"), http.StatusOK)
	pass(-48 * time.Hour) // a clock that is set back does not stop it
	editions.withdraw()
	wantStatus(t, s.get(t, "/archive/2026-W49"), http.StatusNotFound)
}

// changing is a store whose draft is sent, or taken back.
type changing struct {
	mu sync.Mutex
	fixedEditions
}

func (c *changing) List(context.Context) ([]edition.Edition, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all), nil
}

func (c *changing) set(s edition.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[0].State = s
}

func (c *changing) send()     { c.set(edition.Sent) }
func (c *changing) withdraw() { c.set(edition.Draft) }

// Kept pages are bounded: when they are too many, all are made anew.
func TestKeptPagesAreBounded(t *testing.T) {
	t.Parallel()
	v := &shown{pages: map[string]*keptPage{}}
	for i := range 40 {
		if _, err := v.page(fmt.Sprint(i), func() (*page.Answer, error) { return page.NewAnswer(page.HTML, keepShort, make([]byte, 1<<20)), nil }); err != nil {
			t.Fatal(err)
		}
		if v.bytes > maxKept {
			t.Fatalf("got %d bytes kept, want at most %d", v.bytes, maxKept)
		}
	}
}
