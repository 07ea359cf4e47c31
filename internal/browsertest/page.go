package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A Page is a tab. Its methods fail the test that opened it when the browser
// refuses.
type Page struct {
	t       testing.TB
	browser *Browser
	ctx     context.Context
}

// Page opens a tab of 1000 by 800 CSS pixels in light mode, closed when t ends.
func (b *Browser) Page(t testing.TB) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	p := &Page{t: t, browser: b, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.EmulateViewport(1000, 800)
	p.EmulateDark(false)
	return p
}

// do runs one step. The tab exists already, so its life does not hang on the
// step's timeout.
func (p *Page) do(what string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, actionTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// Navigate opens url and waits until it is loaded.
func (p *Page) Navigate(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Follow clicks what the CSS selector finds, a link or a form's button, and
// waits until the page that it leads to is loaded.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, actionTimeout)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(selector)); err != nil {
		p.t.Fatalf("follow %s: %v", selector, err)
	}
}

// Click clicks what the CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(selector))
}

// Press presses a key, or types, wherever the focus is: "\t", "\r", "words".
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// PressAndFollow presses a key that leads to another page, and waits for it.
func (p *Page) PressAndFollow(keys string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, actionTimeout)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(keys)); err != nil {
		p.t.Fatalf("press keys: %v", err)
	}
}

// SetHTML shows a document, served from loopback as text/html in UTF-8.
func (p *Page) SetHTML(html string) {
	p.t.Helper()
	p.Navigate(p.browser.put(html))
}

// EmulateViewport sets the viewport in CSS pixels, at one device pixel each.
func (p *Page) EmulateViewport(width, height int64) {
	p.t.Helper()
	p.do("set the viewport", chromedp.EmulateViewport(width, height))
}

// EmulateScale sets the viewport with scale device pixels to a CSS pixel, for
// sharper screenshots.
func (p *Page) EmulateScale(width, height int64, scale float64) {
	p.t.Helper()
	p.do("set the viewport", chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale)))
}

// EmulateDark sets what prefers-color-scheme answers.
func (p *Page) EmulateDark(dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.do("set the colour scheme", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// Screenshot writes the whole page, as wide as the viewport, to a PNG file and
// makes the folder that it is in.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, actionTimeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("take a screenshot: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatalf("make the screenshot's folder: %v", err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatalf("write the screenshot: %v", err)
	}
}

// Eval evaluates a JavaScript expression, waits when it is a promise, and
// decodes its JSON value.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, actionTimeout)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %.120q: %v", expression, err)
	}
	return v
}

// SetCookie gives the browser a cookie of a site.
func (p *Page) SetCookie(site, name, value string) {
	p.t.Helper()
	p.do("set a cookie", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: site, Path: "/"})
		return err
	}))
}

// ClearCookies takes all cookies from the browser.
func (p *Page) ClearCookies() {
	p.t.Helper()
	p.do("clear the cookies", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// DisableScript keeps the pages' own scripts from running; Eval still works.
func (p *Page) DisableScript() {
	p.t.Helper()
	p.do("disable scripts", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}
