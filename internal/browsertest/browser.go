// Package browsertest drives a real Chromium in tests of mails and web pages.
//
// The package promises that a test's browser shares neither cookies nor cache with
// another test's, reaches nothing but loopback, and that Chromium is gone with its
// profile when the tests end. Where
// no Chromium is installed a test is skipped naming it, and fails on CI
// (environment CI=true), so that a missing browser never passes for a check.
package browsertest

import (
	"context"
	"errors"
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

// A Browser is a test's own: its cookies and its cache are no other test's. Pages of
// one Browser may be used in parallel; a Page belongs to one goroutine.
type Browser struct {
	ctx    context.Context
	server *httptest.Server

	mu    sync.Mutex
	pages map[string]string // path to the HTML that Page.SetHTML serves
}

// A process is the Chromium that the tests of a binary share: it takes seconds to
// start. It is there while a test has a Browser; with Main, until the binary ends.
type process struct {
	mu    sync.Mutex
	stays bool
	users int
	ctx   context.Context // nil: it is not running
	stop  func() error
}

var running process

// Main runs a package's tests and stops the browser that they have started. It is
// the package's TestMain; without it the browser is started anew whenever no test
// has one.
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }
func Main(m interface{ Run() int }) int {
	running.stays = true
	code := m.Run()
	if err := running.end(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the browser:", err)
		return max(code, 1)
	}
	return code
}

// New gives a browser that lives until t ends, subtests included.
func New(t testing.TB) *Browser {
	t.Helper()
	path, err := find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser on CI: %v", err)
		}
		t.Skipf("skipped: %v (Debian: apt-get install chromium)", err)
	}
	chromium, err := running.use(path)
	if err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	t.Cleanup(func() {
		if err := running.leave(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a browser's context: %v", err)
	}
	b := &Browser{ctx: ctx, pages: make(map[string]string)}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	return b
}

// use gives the browser that is running, or starts one.
func (p *process) use(path string) (context.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil {
		if err := p.start(path); err != nil {
			return nil, err
		}
	}
	p.users++
	return p.ctx, nil
}

func (p *process) start(path string) error {
	profile, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		return fmt.Errorf("make a browser profile: %w", err)
	}
	allocCtx, stopAlloc := chromedp.NewExecAllocator(context.Background(), options(path, profile)...)
	ctx, cancel := chromedp.NewContext(allocCtx)
	p.stop = func() error {
		cancel()
		stopAlloc()
		return removeProfile(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		return errors.Join(err, p.stop())
	}
	p.ctx = ctx
	return nil
}

// leave ends the browser with its last user, unless it stays for those to come.
func (p *process) leave() error {
	p.mu.Lock()
	p.users--
	last := p.users == 0 && !p.stays
	p.mu.Unlock()
	if !last {
		return nil
	}
	return p.end()
}

func (p *process) end() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil || p.users > 0 {
		return nil
	}
	p.ctx = nil
	return p.stop()
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
func removeProfile(dir string) error {
	deadline := time.Now().Add(time.Minute)
	for {
		err := os.RemoveAll(dir)
		if err == nil || time.Now().After(deadline) {
			return err
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
