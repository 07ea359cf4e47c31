package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/server"
	"verdicts.example/digest/subscribers"
)

// newService makes serve's parts in a folder of their own.
func newService(t *testing.T, config string) (*assembly.Service, *bytes.Buffer) {
	t.Helper()
	s, log, _ := newServiceAt(t, config)
	return s, log
}

// newServiceAt gives the settings' file too.
func newServiceAt(t *testing.T, config string) (*assembly.Service, *bytes.Buffer, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "comparisons"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a := newApp(strings.NewReader(""), io.Discard, &log, midweek())
	a.configFile, a.serving = file, true
	t.Cleanup(func() { _ = a.close() })
	s, err := a.service(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, &log, file
}

// listenLocally listens on a free port of loopback.
func listenLocally(t *testing.T) (ln net.Listener, port string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return ln, port
}

// runService runs a service until the test ends; what it logged is shown when the
// test failed.
func runService(t *testing.T, s *assembly.Service, ln net.Listener, log *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, s.Pages, server.Listeners{Site: ln}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
		if t.Failed() {
			t.Log(log)
		}
	})
}

// midweek is a clock that stands at 10:00 of the next Wednesday, between a send and
// the next draft, whichever day it is. It is never behind a browser's, which would
// drop cookies that have expired.
func midweek() func() time.Time {
	now := time.Now().UTC()
	days := (int(time.Wednesday)-int(now.Weekday())+6)%7 + 1
	ahead := time.Date(now.Year(), now.Month(), now.Day()+days, 10, 0, 0, 0, time.UTC).Sub(now)
	return func() time.Time { return time.Now().Add(ahead) }
}

func ask(h http.Handler, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// With a real relay and an example's settings the site is up, takes no sign-up,
// and the log says why.
func TestServeWithExampleSettings(t *testing.T) {
	t.Parallel()
	s, log := newService(t, "smtp: {host: mx.example.org}\n")
	if code, _ := ask(s.Pages.Site, "GET", "/", ""); code != http.StatusOK {
		t.Errorf("GET /: got %d, want 200", code)
	}
	code, body := ask(s.Pages.Site, "POST", "/subscribe", `{"email":"ada@example.com"}`)
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `{"error":"This list is still being set up`) {
		t.Errorf("a sign-up: got %d %s, want 503 that says that sign-ups are not open", code, body)
	}
	r := httptest.NewRequest("POST", "/subscribe", strings.NewReader("email=ada%40example.com"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := httptest.NewRecorder()
	s.Pages.Site.ServeHTTP(form, r)
	if form.Code != http.StatusServiceUnavailable || !strings.Contains(form.Body.String(), "Sign-ups are not open yet") || form.Header().Get("Retry-After") != "" {
		t.Errorf("a form: got %d %v %s, want 503 with a page that says it", form.Code, form.Header(), form.Body)
	}
	for _, want := range []string{"no sign-ups are taken", "site.base_url", "mail.from", "site.postal_address"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got the log %q, want %s in it", log, want)
		}
	}
}

// Monitoring sees a pause, the outbox, the last tick and the relay, and counts
// each reader who leaves once.
func TestServeIsSeenByMonitoring(t *testing.T) {
	t.Parallel()
	s, log := newService(t, "listen: 127.0.0.1:0\n")
	ctx := t.Context()
	reader, err := s.List.Add(ctx, subscribers.NewReader{Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.List.Unsubscribe(ctx, reader.Token.String(), "page"); err != nil {
			t.Fatal(err)
		}
	}
	pausedEdition(t, s)
	code, got := ask(s.Pages.Metrics, "GET", "/metrics", "")
	for _, want := range []string{`digest_unsubscribes_total{via="page"} 1`, "digest_editions_paused 1", "digest_outbox_waiting ", "digest_scheduler_last_tick_timestamp_seconds ", "digest_relay_up 1"} {
		if code != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("got %d without %q", code, want)
		}
	}
	if err := s.Warn(ctx); err != nil || !strings.Contains(log.String(), "level=WARN msg=\"an edition's send is paused") {
		t.Errorf("got the log %q and %v, want a warning of the pause", log, err)
	}
}

// pausedEdition records an edition whose send is paused.
func pausedEdition(t *testing.T, s *assembly.Service) {
	t.Helper()
	w := edition.Week{Year: 2026, Number: 47}
	ctx := context.Background()
	_, _, err := s.DB.Editions.Insert(ctx, edition.Edition{Week: w, State: edition.Draft, Slot: time.Now(), Since: time.Now(), Cutoff: time.Now(), CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DB.Editions.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) {
		e.State, e.FrozenAt, e.PauseReason = edition.Sending, time.Now(), "the server refused us"
		return e, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
