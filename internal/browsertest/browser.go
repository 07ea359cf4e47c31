// Package browsertest drives a real Chromium in tests of mails and web pages.
//
// The package promises that a browser starts on a profile of its own, reaches
// nothing but loopback, and is gone with its profile when the test ends. Where
// no Chromium is installed a test is skipped naming it, and fails on CI
// (environment CI=true), so that a missing browser never passes for a check.
package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What a busy machine may take: one step in the page, and the browser's start.
const (
	actionTimeout = 2 * time.Minute
	startTimeout  = 2 * time.Minute
)

// A Browser is a running Chromium. Pages of one Browser may be used in
// parallel; a Page belongs to one goroutine.
type Browser struct {
	ctx    context.Context
	server *httptest.Server

	mu    sync.Mutex
	pages map[string]string // path to the HTML that Page.SetHTML serves
}

// New starts a browser that lives until t ends, subtests included.
func New(t testing.TB) *Browser {
	t.Helper()
	path, err := find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser on CI: %v", err)
		}
		t.Skipf("skipped: %v (Debian: apt-get install chromium)", err)
	}
	profile, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		t.Fatalf("make a browser profile: %v", err)
	}
	t.Cleanup(func() { removeProfile(t, profile) })

	allocCtx, stopAlloc := chromedp.NewExecAllocator(context.Background(), options(path, profile)...)
	t.Cleanup(stopAlloc)
	ctx, cancel := chromedp.NewContext(allocCtx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	b := &Browser{ctx: ctx, pages: make(map[string]string)}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	return b
}

// find looks for Chromium where Debian and others put it.
func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("chromium is not installed")
}

func options(path, profile string) []chromedp.ExecAllocatorOption {
	opts := append([]chromedp.ExecAllocatorOption(nil), chromedp.DefaultExecAllocatorOptions[:]...)
	return append(opts,
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.WSURLReadTimeout(startTimeout),
		chromedp.NoSandbox, // containers run as root, where Chromium refuses its sandbox
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// A page under test must not depend on, nor reach, the network.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
}

// removeProfile tries again for a while: Chromium's children may write for a
// moment after it has gone.
func removeProfile(t testing.TB, dir string) {
	deadline := time.Now().Add(time.Minute)
	for {
		err := os.RemoveAll(dir)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("remove the browser's profile: %v", err)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (b *Browser) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	body, ok := b.pages[r.URL.Path]
	b.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(body))
}

// put publishes html on loopback and gives its address.
func (b *Browser) put(html string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := "/" + strconv.Itoa(len(b.pages)+1)
	b.pages[path] = html
	return b.server.URL + path
}
