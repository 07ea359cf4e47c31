package check

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/fetch"
)

// site is a real server that counts what is asked of it.
func site(t *testing.T) (base string, asked func() map[string]int) {
	t.Helper()
	var mu sync.Mutex
	counts := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		counts[r.URL.Path]++
		mu.Unlock()
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/missing":
			http.NotFound(w, r)
		case "/refuses":
			w.WriteHeader(http.StatusForbidden)
		case "/large":
			fmt.Fprint(w, strings.Repeat("x", 2000))
		case "/slow":
			<-r.Context().Done()
		default:
			fmt.Fprint(w, "fine")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return counts
	}
}

func anchors(hrefs ...string) string {
	var b strings.Builder
	for _, h := range hrefs {
		fmt.Fprintf(&b, `<a href="%s">x</a>`, h)
	}
	return b.String()
}

func TestLinksAlive(t *testing.T) {
	t.Parallel()
	base, asked := site(t)
	client := fetch.New(fetch.Options{AllowPrivate: true, Timeout: time.Minute, MaxBytes: 1000})
	doc := anchors(base+"/ok", base+"/ok#part", base+"/large", "mailto:a@example.org", "#top", base+"/own/archive", base+"/u/zqSLOTtokenqz")
	found := LinksAlive(t.Context(), client, base+"/own", doc)
	if len(found) != 2 || Failed(found) || found[0].Level != Pass || found[1].Level != Pass {
		t.Errorf("living links: got %v, want two passes", found)
	}
	if got := asked(); len(got) != 2 || got["/ok"] != 1 || got["/large"] != 1 {
		t.Errorf("got requests %v, want one for /ok and one for /large", got)
	}

	found = LinksAlive(t.Context(), client, "", anchors(base+"/ok", base+"/gone", base+"/missing", base+"/refuses"))
	dead, doubtful := found[0], found[1]
	if dead.Level != Fail || !strings.Contains(dead.Detail, "/gone is gone (the server answered 410") || !strings.Contains(dead.Detail, "/missing") || strings.Contains(dead.Detail, "/refuses") {
		t.Errorf("dead links: got %s, want a fail about /gone and /missing", dead.line())
	}
	if doubtful.Level != Warn || !strings.Contains(doubtful.Detail, "/refuses") {
		t.Errorf("doubtful links: got %s, want a warning about /refuses", doubtful.line())
	}
	impatient := fetch.New(fetch.Options{AllowPrivate: true, Timeout: 100 * time.Millisecond})
	found = LinksAlive(t.Context(), impatient, "", anchors(base+"/slow"))
	if slow := found[1]; slow.Level != Warn || !strings.Contains(slow.Detail, "/slow could not be reached (it took too long)") {
		t.Errorf("a slow link: got %s, want a warning", slow.line())
	}
}

// The private-address guard holds, and what the end of ctx cut off is said.
func TestLinksAliveGuard(t *testing.T) {
	t.Parallel()
	base, asked := site(t)
	found := LinksAlive(t.Context(), fetch.New(fetch.Options{}), "", anchors(base+"/ok"))
	if found[1].Level != Warn || !strings.Contains(found[1].Detail, "not on the public Internet") || len(asked()) != 0 {
		t.Errorf("got %s and requests %v, want a warning and none", found[1].line(), asked())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found = LinksAlive(ctx, fetch.New(fetch.Options{AllowPrivate: true}), "", anchors(base+"/ok"))
	if found[1].Level != Warn || !strings.Contains(found[1].Detail, "not tried") {
		t.Errorf("got %s, want a warning that it was not tried", found[1].line())
	}
}

func TestLinksAliveBounded(t *testing.T) {
	t.Parallel()
	base, asked := site(t)
	var hrefs []string
	for i := range fetchesMost + 20 {
		hrefs = append(hrefs, fmt.Sprintf("%s/page-%d", base, i))
	}
	found := LinksAlive(t.Context(), fetch.New(fetch.Options{AllowPrivate: true}), "", anchors(hrefs...))
	if found[1].Level != Warn || !strings.Contains(found[1].Detail, "20 more addresses") || len(asked()) != fetchesMost {
		t.Errorf("got %s and %d requests, want a warning about 20 more and %d requests", found[1].line(), len(asked()), fetchesMost)
	}
}
