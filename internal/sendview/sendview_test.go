package sendview_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/internal/sendview"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/sqlite"
)

var (
	_ sendview.Records  = sqlite.Deliveries{}
	_ sendview.Editions = plainsql.Editions{}
)

// serve shows a fixture's database over HTTP.
func serve(t testing.TB, f *deliverytest.Fixture) string {
	t.Helper()
	return serveBy(t, f, time.Now)
}

// serveBy shows it by a clock.
func serveBy(t testing.TB, f *deliverytest.Fixture, now func() time.Time) string {
	t.Helper()
	h, err := sendview.New(sendview.Deps{
		Editions: f.SQLite().DB.Editions(), Records: f.Store, Templates: rendertest.Templates(), Zone: time.UTC,
		Logger: slog.New(slog.DiscardHandler), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func get(t testing.TB, url, host string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// contains fails for every want that is not on the page.
func contains(t *testing.T, url string, wants ...string) {
	t.Helper()
	resp, body := get(t, url, "")
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: got status %d", url, resp.StatusCode)
	}
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("%s: got no %q on the page", url, want)
		}
	}
}

// midSend is a send with every kind of outcome.
func midSend(t *testing.T) *deliverytest.Fixture {
	t.Helper()
	f := deliverytest.New(t, 20_000)
	f.Freeze()
	f.Settle(delivery.Accepted, 11_800, "250 2.0.0 Ok: queued as 4XyZ1k2Hz9z1Q2")
	f.Settle(delivery.Failed, 143, "550 5.1.1 <reader> no such user <b>here</b>")
	f.Settle(delivery.Unknown, 3, "")
	f.Settle(delivery.Suppressed, 40, "")
	f.Settle(delivery.Deferred, 61, "451 4.7.1 Greylisting in action, please come back later")
	f.Entitle("Quill or Inkwell, and the model that reads video on a phone")
	return f
}

func TestRunningSend(t *testing.T) {
	t.Parallel()
	f := midSend(t)
	var passed atomic.Int64
	url := serveBy(t, f, func() time.Time { return time.Now().Add(time.Duration(passed.Load())) })
	page := url + "/send/" + deliverytest.Week
	contains(t, page,
		`<meta http-equiv="refresh" content="2">`, "Quill or Inkwell", "Measuring the rate",
		`role="progressbar"`, `aria-valuemax="20000" aria-valuenow="11986"`, "59&#8239;%", "11,986 of 20,000",
		"143 failed", "550 5.1.1 &lt;reader&gt; no such user &lt;b&gt;here", "The first 100; all of them: <code>digest status --week 2026-W47 --failed",
		"3 unknown", "no answer", "digest resolve --week 2026-W47 --as sent|retry", "61 deferred", "Greylisting", "The next retry is due",
		"d0.example", "The 20 largest")
	contains(t, url+"/", `<a href="/send/2026-W47">2026-W47</a>`, "<b>sending</b>, 11,986 done", "20,000", `content="2"`)

	passed.Store(int64(40 * time.Second)) // what is counted is kept for a second, or ten times as long as it took
	f.Settle(delivery.Accepted, 2000, "250 2.0.0 Ok")
	contains(t, page, "13,986 of 20,000", "messages a second", "left", "13,800")
	if _, body := get(t, page+"?still", ""); strings.Contains(body, "http-equiv") || !strings.Contains(body, "Follow again") {
		t.Error("held still: got a page that refreshes itself")
	}
}

func TestPausedSend(t *testing.T) {
	t.Parallel()
	f := midSend(t)
	f.Pause("6 of 100 messages were permanently rejected")
	url := serve(t, f)
	contains(t, url+"/send/"+deliverytest.Week, "6 of 100 messages were permanently rejected", "<code>digest resume --week 2026-W47</code>", "Nothing is sent until", `content="10"`)
	contains(t, url+"/", "paused")
}

func TestEndedSend(t *testing.T) {
	t.Parallel()
	f := endedSend(t)
	page := serve(t, f) + "/send/" + deliverytest.Week
	contains(t, page, "100&#8239;%", "200 of 200", "after it began", "Edition 2026-W47, sent")
	if _, body := get(t, page, ""); strings.Contains(body, "http-equiv") || strings.Contains(body, "a second") {
		t.Error("got a page that refreshes itself, or a rate, for a send that has ended")
	}
}

// endedSend is sent by the real sender to a server in memory.
func endedSend(t *testing.T) *deliverytest.Fixture {
	t.Helper()
	f := deliverytest.New(t, 200)
	f.Freeze()
	srv := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if strings.HasPrefix(env.To, "reader77@") {
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "no such user")
		}
		return deliverytest.Accepted()
	}}
	if _, err := delivery.Run(t.Context(), f.Options(srv)); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBeforeTheSend(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 1)
	url := serve(t, f)
	contains(t, url+"/send/"+deliverytest.Week, "Nothing has been sent", "Edition 2026-W47, draft")
	contains(t, url+"/", "draft", "slot ")
	contains(t, serve(t, deliverytest.Open(t, t.TempDir()))+"/", "There is no edition yet")
}

func TestManyEditions(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 0)
	for _, w := range []string{"2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05", "2026-W06", "2026-W07", "2026-W08", "2026-W09", "2026-W10", "2026-W11", "2026-W12", "2026-W13", "2026-W14", "2026-W15", "2026-W16", "2026-W17", "2026-W18", "2026-W19", "2026-W20", "2026-W21"} {
		f.AddEdition(w)
	}
	_, body := get(t, serve(t, f)+"/", "")
	if strings.Contains(body, "2026-W02") || !strings.Contains(body, "2026-W03") || !strings.Contains(body, "2 older") {
		t.Error("got not the newest 20 of 22 editions")
	}
	if strings.Index(body, "2026-W47") > strings.Index(body, "2026-W21") {
		t.Error("got an older edition first")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	f := midSend(t)
	url := serve(t, f)
	for path, want := range map[string]int{
		"/": 200, "/send/2026-W47": 200, "/send/2026-W46": 404, "/send/2026-W99": 404, "/send/x": 404, "/send/": 404, "/metrics2": 404, "/send/2026-W47/x": 404,
	} {
		resp, _ := get(t, url+path, "")
		h := resp.Header
		if resp.StatusCode != want || h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; frame-ancestors 'none'") {
			t.Errorf("%s: got status %d, %v, want %d, a strict policy and no-store", path, resp.StatusCode, h, want)
		}
	}
	for _, host := range []string{"evil.example", "evil.example:9090", "10.0.0.1"} {
		if resp, body := get(t, url+"/send/2026-W47", host); resp.StatusCode != http.StatusMisdirectedRequest || strings.Contains(body, "@") {
			t.Errorf("Host %s: got status %d, want 421 and no address", host, resp.StatusCode)
		}
	}
	resp, err := http.Post(url+"/send/2026-W47", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got status %d, want 405", resp.StatusCode)
	}
}

// With -artifacts the screenshots are kept.
func TestLooks(t *testing.T) {
	t.Parallel()
	f := midSend(t)
	url := serve(t, f)
	paused := midSend(t)
	paused.Pause("The relay refused the login: 535 5.7.8 authentication failed")
	relays := serve(t, relayed(t))
	p := browsertest.New(t).Page(t)
	for _, shot := range []struct {
		name, url string
		width     int64
		dark      bool
	}{
		{"list", url + "/", 1200, false},
		{"list-phone", url + "/", 375, true},
		{"running", url + "/send/2026-W47?still", 1200, false},
		{"running-dark", url + "/send/2026-W47?still", 1200, true},
		{"running-phone", url + "/send/2026-W47?still", 375, false},
		{"paused", serve(t, paused) + "/send/2026-W47?still", 1200, false},
		{"ended", serve(t, endedSend(t)) + "/send/2026-W47", 1000, true},
		{"relays", relays + "/send/2026-W47?still", 1200, false},
		{"relays-phone", relays + "/send/2026-W47?still", 375, true},
	} {
		if shot.name == "running" { // the rate needs two looks
			get(t, shot.url, "")
			time.Sleep(1100 * time.Millisecond)
			f.Settle(delivery.Accepted, 1500, "250 2.0.0 Ok")
		}
		p.EmulateViewport(shot.width, 800)
		p.EmulateDark(shot.dark)
		p.Navigate(shot.url)
		if got := browsertest.Eval[int64](p, "document.documentElement.scrollWidth"); got > shot.width {
			t.Errorf("%s: got a page %d wide, want at most %d", shot.name, got, shot.width)
		}
		if got := browsertest.Eval[string](p, `getComputedStyle(document.body).fontFamily`); !strings.Contains(got, "Helvetica") {
			t.Errorf("%s: got the font %s: the style sheet was not taken", shot.name, got)
		}
		p.Screenshot(filepath.Join(t.ArtifactDir(), shot.name+".png"))
	}
}

// fleet is a database's nodes.
type fleet []node.Node

func (f fleet) Nodes(context.Context) ([]node.Node, error) { return f, nil }

// The nodes of a database are shown, what each does, and in what they are not alike.
func TestNodesAreShown(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 1)
	told := func(base string) map[string]string { return map[string]string{"site.base_url": base} }
	nodes := fleet{
		{Name: "mail1", Host: "one", PID: 41, Alive: true, Settings: told("https://a.example"), Works: []node.Work{{Week: "2026-W47", Shards: 3, Rate: 120}}},
		{Name: "mail2", Host: "two", PID: 42, Alive: true, Roles: []string{"web", "schedule"}, Settings: told("https://b.example")},
		{Name: "mail3", Host: "three", PID: 43, Quiet: time.Minute, Settings: told("https://c.example")},
	}
	h, err := sendview.New(sendview.Deps{
		Editions: f.SQLite().DB.Editions(), Records: f.Store, Nodes: nodes, Templates: rendertest.Templates(), Zone: time.UTC,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	contains(t, srv.URL+"/", "sends 2026-W47 (3 shards, 120 a second)", "one, process 41", "web,schedule", "waits", "nothing: not heard of for 1m0s",
		"Not alike on node mail1: site.base_url is &#34;https://a.example&#34; here and &#34;https://b.example&#34; on node mail2")
	if _, body := get(t, srv.URL+"/", ""); strings.Contains(body, "c.example") {
		t.Error("got a dead node compared")
	}
}
