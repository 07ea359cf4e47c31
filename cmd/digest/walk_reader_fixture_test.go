package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/subscribers"
)

func newReaderWalk(t *testing.T) *readerWalk {
	t.Helper()
	ln, port := listenLocally(t)
	ahead := time.Until(scriptStart)
	w := &readerWalk{
		t: t, dir: t.TempDir(), base: "http://localhost:" + port,
		now: func() time.Time { return time.Now().Add(ahead) }, read: map[string]bool{},
		http: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	w.write("config.yaml", "site: {base_url: \""+w.base+"\", name: Weekly AI Tool Verdicts, postal_address: \"12 Example Street\"}\n"+
		"schedule: {draft: \"0 8 * * THU\", send: \"0 9 * * THU\"}\n"+ // the walk sends by itself
		"editors: [editor@example.org]\nsignup: {allowed_origins: [\""+foreignSite+"\"], trusted_proxies: [127.0.0.1]}\nvotes: {least: 1}\n")
	w.write("comparisons/"+walkSlug+".yaml", comparisonOf("Alpha", "Beta", "Audio"))
	w.write("comparisons/gamma-vs-delta.yaml", comparisonOf("Gamma", "Delta", "Video"))
	var log bytes.Buffer
	a := newApp(strings.NewReader(""), io.Discard, &log, w.now)
	a.configFile, a.serving = filepath.Join(w.dir, "config.yaml"), true
	t.Cleanup(func() { _ = a.close() })
	var err error
	if w.s, err = a.service(t.Context()); err != nil {
		t.Fatal(err)
	}
	runService(t, w.s, ln, &log)
	return w
}

func (w *readerWalk) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func comparisonOf(a, b, topic string) string {
	tool := func(name, verdict string, ship, skip int) string {
		return fmt.Sprintf("  - {name: %s, category: %s, entry: Free, panel: {ship: %d, skip: %d, percent: %d}, reviews: [{reviewer: Builder, score: 71, verdict: %s, take: \"It does what it says.\"}]}\n",
			name, topic, ship, skip, 100*ship, verdict)
	}
	return "published: " + scriptStart.Format(time.DateOnly) + "\ntools:\n" + tool(a, "ship", 1, 0) + tool(b, "skip", 0, 1)
}

// tell says what a step showed.
func (w *readerWalk) tell(step, format string, args ...any) {
	w.t.Logf("%-14s %s", step+":", fmt.Sprintf(format, args...))
}

// cli runs a command of an operator.
func (w *readerWalk) cli(args ...string) string {
	w.t.Helper()
	var out, errs bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &errs, w.now)
	if code := run(w.t.Context(), a, append([]string{"--config", filepath.Join(w.dir, "config.yaml")}, args...)); code != 0 {
		w.t.Fatalf("digest %s: got exit code %d:\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return strings.TrimSpace(out.String())
}

// held is what the database has of the reader.
func (w *readerWalk) held() subscribers.Subscriber {
	w.t.Helper()
	sub, err := w.s.List.Get(w.t.Context(), walker)
	if err != nil {
		w.t.Fatalf("the database: got %v, want the reader", err)
	}
	return sub
}

// send makes a request and gives status, headers and body.
func (w *readerWalk) send(method, address string, form url.Values, header ...string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, html.UnescapeString(string(body))
}

// want makes a request that has to end with a status, and in a text where one is
// given.
func (w *readerWalk) want(method, address string, form url.Values, status int, in string) string {
	w.t.Helper()
	resp, body := w.send(method, address, form)
	if resp.StatusCode != status || !strings.Contains(body, in) {
		w.t.Fatalf("%s %s: got %d, want %d and %q:\n%.1500s", method, address, resp.StatusCode, status, in, body)
	}
	return body
}

// mail waits for the reader's next mail.
func (w *readerWalk) mail(subject string) *mailbox.Message {
	w.t.Helper()
	dir := filepath.Join(w.dir, "data", "mailbox")
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		list, _, _ := mailbox.List(dir, 0, 100, walker) // there is none yet
		for _, m := range slices.Backward(list) {
			if w.read[m.ID] || !strings.Contains(m.Subject, subject) {
				continue
			}
			w.read[m.ID] = true
			got, err := mailbox.Open(dir, m.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			return got
		}
	}
	w.t.Fatalf("no mail %q came to %s", subject, walker)
	return nil
}

// link gives the first link of a mail whose path begins so.
func (w *readerWalk) link(m *mailbox.Message, path string) string {
	w.t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(w.base+path) + `[^\s"<>]*`).FindString(m.Text)
	if found == "" {
		w.t.Fatalf("got no link to %s in:\n%s", path, m.Text)
	}
	return found
}
