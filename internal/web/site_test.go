package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// site is the handler behind a real server on loopback.
type site struct {
	url     string
	log     *lockedBuffer // everything that was logged, at every level
	list    List
	handler http.Handler
}

// monday is when the tests' digest was sent.
func monday() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// nextMonday is the weekly schedule of the site under test.
func nextMonday(after time.Time) time.Time {
	next := monday()
	for !next.After(after) {
		next = next.AddDate(0, 0, 7)
	}
	return next
}

// serve starts the site; with may change its dependencies.
func serve(t testing.TB, list List, with ...func(*Deps)) *site {
	t.Helper()
	return serveBy(t, list, defaultTiming(), newConnCap(maxConns, maxClient, func(ip netip.Addr) bool { return ip.IsLoopback() }), with...)
}

func serveBy(t testing.TB, list List, timing timing, conns *connCap, with ...func(*Deps)) *site {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{url: "http://" + ln.Addr().String(), log: &lockedBuffer{}, list: list}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := Deps{
		Site:      Site{Name: "Weekly AI Tool Verdicts", BaseURL: s.url, PostalAddress: "Verdicts, 1 Example Street, 12345 Example"},
		Templates: rendertest.Templates(),
		List:      list,
		Editions:  sentEditions(),
		Library:   holding(sampleComparisons()),
		NextSend:  nextMonday,
		Logger:    log,
		Now:       time.Now,
	}
	for _, w := range with {
		w(&d)
	}
	h, err := New(d)
	if err != nil {
		t.Fatalf("make the handler: %v", err)
	}
	s.handler = h
	srv := newServer("", h, log, timing, conns)
	var done sync.WaitGroup
	done.Go(func() { _ = srv.Serve(ln) })
	t.Cleanup(func() {
		_ = srv.Close()
		done.Wait()
	})
	return s
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

// send sends a request as a plain client does: no cookies, no redirects.
func (s *site) send(t *testing.T, method, path string, header http.Header, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
		if k == "Host" {
			req.Host = v[0]
		}
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read the answer to %s %s: %v", method, path, err)
	}
	return answer{resp, string(b)}
}

func (s *site) get(t *testing.T, path string) answer {
	t.Helper()
	return s.send(t, http.MethodGet, path, nil, "")
}

// form posts an urlencoded form.
func (s *site) form(t *testing.T, path, body string) answer {
	t.Helper()
	return s.send(t, http.MethodPost, path, head("Content-Type", "application/x-www-form-urlencoded"), body)
}

// head makes a header of pairs.
func head(pairs ...string) http.Header {
	h := make(http.Header)
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func wantStatus(t *testing.T, a answer, want int) {
	t.Helper()
	if a.StatusCode != want {
		t.Errorf("%s %s: got status %d, want %d", a.Request.Method, a.Request.URL.Path, a.StatusCode, want)
	}
}

// lockedBuffer is a log that goroutines share.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fixedEditions stands for the store where a test is about pages alone.
type fixedEditions struct {
	all    []edition.Edition
	builds map[edition.Week][]edition.Build
}

func (f fixedEditions) List(context.Context) ([]edition.Edition, error) { return f.all, nil }

func (f fixedEditions) Builds(_ context.Context, w edition.Week) ([]edition.Build, error) {
	return f.builds[w], nil
}

// sentEditions: a sent edition of 2026-W48 and a draft of 2026-W49.
func sentEditions() fixedEditions {
	sent, draft := edition.Week{Year: 2026, Number: 48}, edition.Week{Year: 2026, Number: 49}
	item := func(c comparison.Comparison) edition.Item {
		return edition.Item{Slug: c.Slug, Tools: [2]string{c.Tools[0].Name, c.Tools[1].Name}}
	}
	cs := sampleComparisons()
	gone := edition.Item{Slug: "gone", Tools: [2]string{"Older Tool", "Withdrawn Tool"}}
	mail := func(w edition.Week) []edition.Build {
		return []edition.Build{{Week: w, Subject: "Ship SmolVLM2, think about Karpathy Coding Skills", Preheader: "Two verdicts.", HTML: sampleMail(w)}}
	}
	return fixedEditions{
		all: []edition.Edition{
			{Week: sent, State: edition.Sent, Slot: monday(), Subject: "Ship SmolVLM2, skip Prompt Binder, and 1 more verdict", Items: []edition.Item{item(cs[0]), item(cs[1]), gone}},
			{Week: draft, State: edition.Draft, Slot: monday().AddDate(0, 0, 7), Subject: "A draft's subject"},
		},
		builds: map[edition.Week][]edition.Build{sent: mail(sent), draft: mail(draft)},
	}
}

func sampleMail(w edition.Week) string {
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Digest ` + w.String() + `</title><style>a{color:#0a6847}</style></head>` +
		`<body style="margin:0;background:#f7f3ea"><!--[if mso]><table><tr><td><![endif]--><p style="padding:24px">Dear ` + string(mergefield.Name) + `</p>` +
		`<p class="fine">You get this because ` + string(mergefield.Email) + ` is on the list.</p><p><a href="/unsubscribe/` + string(mergefield.Token) + `">Leave the list</a></p>` +
		`<div><a href="https://digest.example/unsubscribe/` + string(mergefield.Token) + `">Unsubscribe</a> ` + string(mergefield.Email) + ` <a href='mailto:u+` + string(mergefield.Token) + `@x.example'>by mail</a></div></body></html>`
}

func ptr(n int) *int { return &n }

// holding is a library with these comparisons.
func holding(list []comparison.Comparison) func() *library.Snapshot {
	snapshot := library.NewSnapshot(1, comparison.Library{Comparisons: list})
	return func() *library.Snapshot { return snapshot }
}

// sampleComparisons: one of each layout that the site has.
func sampleComparisons() []comparison.Comparison {
	return []comparison.Comparison{
		{
			Slug: "karpathy-coding-skills-vs-smolvlm2", Published: comparison.PublishedOn(2026, 11, 18),
			Tools: [2]comparison.Tool{
				{
					Name: "Karpathy Coding Skills", Tagline: "Four rules for coding with a model, packed into one plugin", Category: "Developer Tools",
					URL: "https://tools.example/skills", Entry: "Free", Pricing: "Free", BestFor: "Small teams whose sessions sprawl",
					Description: "A single file with four principles: plan first, keep it small, touch little, check at the end.\n\nIt works as a standing instruction to the model.",
					Panel:       &comparison.Panel{Ship: ptr(3), Skip: ptr(1), Percent: ptr(75)},
					Reviews: []comparison.Review{
						{Reviewer: comparison.Builder, Score: ptr(80), Verdict: comparison.Ship, Take: "The diffs got smaller within two days. It may be placebo; it costs nothing to find out.\n\nI keep it in every project root now."},
						{Reviewer: comparison.Skeptic, Score: ptr(45), Verdict: comparison.Skip, Take: "Four sentences in a text file. <b>Nothing</b> here needs a plugin."},
					},
				},
				{
					Name: "SmolVLM2", Tagline: "An open vision-language model of two billion parameters", Category: "Developer Tools",
					Entry: "Free", Pricing: "Free / Open Source (Apache 2.0)", BestFor: "On-device document reading",
					Description: "It reads images and video on a laptop's own graphics processor.",
					Panel:       &comparison.Panel{Ship: ptr(4), Skip: ptr(0), Percent: ptr(100)}, Community: &comparison.Votes{Ship: 12, Skip: 3},
					Reviews: []comparison.Review{
						{Reviewer: comparison.Builder, Score: ptr(88), Verdict: comparison.Ship, Take: "Loads in seconds, and the licence lets me ship it."},
						{Reviewer: comparison.Founder, Score: ptr(82), Verdict: comparison.Ship, Take: "The first model of its kind that I would put into a product without a lawyer."},
					},
				},
			},
		},
		{
			Slug: "prompt-binder-vs-inkwell", Published: comparison.PublishedOn(2026, 11, 17), URL: "https://site.example/compare/prompt-binder-vs-inkwell",
			Tools: [2]comparison.Tool{
				{Name: "Prompt Binder", Tagline: "A shared drawer for a team's prompts", Category: "Productivity", Panel: &comparison.Panel{Percent: ptr(25)}, Reviews: []comparison.Review{{Take: "A folder does this."}}},
				{Name: "Inkwell", Tagline: "Drafts that remember your style guide", Category: "Writing", URL: "javascript:alert(1)", Reviews: []comparison.Review{{Take: "It kept to the style guide for a week."}, {Take: "Then it did not."}}},
			},
		},
		{
			Slug: "not-yet", Published: comparison.PublishedOn(2999, 1, 1),
			Tools: [2]comparison.Tool{{Name: "Tomorrow"}, {Name: "The Day After"}},
		},
	}
}

// oneReader is a list with a single reader, whom every token names.
type oneReader struct {
	List
	sub subscribers.Subscriber
}

func (o *oneReader) ByToken(context.Context, string) (subscribers.Subscriber, error) {
	return o.sub, nil
}

func (o *oneReader) ConfirmInfo(context.Context, string) (subscribers.Subscriber, error) {
	return o.sub, nil
}

func (o *oneReader) Unsubscribe(context.Context, string, string) (subscribers.Subscriber, error) {
	return o.sub, nil
}

// A week that was sent before the database was restored from a backup is known by
// its journal alone: its page says so, and the archive names it by its week.
func TestLostIssue(t *testing.T) {
	t.Parallel()
	editions := sentEditions()
	lost := edition.Week{Year: 2026, Number: 47}
	editions.all = append([]edition.Edition{{Week: lost, State: edition.Sent, Slot: monday().AddDate(0, 0, -7)}}, editions.all...)
	s := serve(t, nil, func(d *Deps) { d.Editions, d.Library = editions, holding(sampleComparisons()) })
	a := s.get(t, "/archive/2026-W47")
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, "The digest of week 47 of 2026") || !strings.Contains(a.body, "restored from a backup that is older") {
		t.Errorf("got %d %s, want a page that says why the content is missing", a.StatusCode, a.body)
	}
	if a := s.get(t, "/archive"); !strings.Contains(a.body, ">The digest of week 47 of 2026</a>") {
		t.Errorf("got %s, want the week named in the archive", a.body)
	}
}

func (*oneReader) UseWording(string) {}
