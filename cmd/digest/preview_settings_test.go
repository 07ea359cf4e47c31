package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/workbench"
)

// A room is a folder with settings and comparisons that a preview is open on.
type room struct {
	t       *testing.T
	config  string
	handler http.Handler
	week    string
}

func newRoom(t *testing.T, config string) *room {
	t.Helper()
	dir := t.TempDir()
	r := &room{t: t, config: filepath.Join(dir, "config.yaml")}
	if err := os.CopyFS(filepath.Join(dir, "comparisons"), os.DirFS("../../comparisons")); err != nil {
		t.Fatal(err)
	}
	r.write(config)
	now := time.Date(2026, time.November, 20, 10, 0, 0, 0, time.UTC)
	a := newApp(strings.NewReader(""), io.Discard, &bytes.Buffer{}, func() time.Time { return now })
	a.configFile = r.config
	t.Cleanup(func() { _ = a.close() })
	d, w, err := a.at(t.Context(), "2026-W48", assembly.MayLackOne, assembly.Previews, (*desk.Desk).DraftWeek)
	if err != nil {
		t.Fatal(err)
	}
	wired, err := a.wire()
	if err != nil {
		t.Fatal(err)
	}
	who := workbench.Editor{Name: "ada"}
	bench, err := wired.Workbench(t.Context(), d, workbench.Deps{Week: w, Who: func(*http.Request) workbench.Editor { return who }})
	if err != nil {
		t.Fatal(err)
	}
	r.handler, r.week = loopback.Only(bench), "/week/"+w.String()
	return r
}

func (r *room) write(config string) {
	r.t.Helper()
	if err := os.WriteFile(r.config, []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) get(path string) string {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
	req.RemoteAddr = "127.0.0.1:1234"
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	return rec.Body.String()
}

func (r *room) want(what, page string, in ...string) {
	r.t.Helper()
	body := r.get(page)
	for _, s := range in {
		if !strings.Contains(body, s) {
			r.t.Errorf("%s: got %s without %q:\n%.1500s", what, page, s, body)
		}
	}
}

func (r *room) lacks(what, page string, out ...string) {
	r.t.Helper()
	body := r.get(page)
	for _, s := range out {
		if strings.Contains(body, s) {
			r.t.Errorf("%s: got %s with %q", what, page, s)
		}
	}
}

// A preview shows the mail by the settings as their file has them now; a file that
// breaks a rule is named by its line, above the last good mail; and what needs a
// restart says so.
func TestPreviewFollowsTheSettings(t *testing.T) {
	t.Parallel()
	config := "site: {name: %s, postal_address: 1 Example Street}\nedition: {max: %d}\n"
	r := newRoom(t, fmt.Sprintf(config, "First Name", 5))
	frame := r.week + "/frame"
	r.want("at first", frame, "First Name", "Ollama")
	r.write(fmt.Sprintf(config, "Second Name", 1))
	r.want("another name", frame, "Second Name")
	r.lacks("one comparison at most", frame, "First Name", "Also compared", "At a glance")
	r.write("site: {name: Second Name}\nedition: {max: many}\n")
	r.want("a broken setting", r.week, "The settings cannot be used", "config.yaml:2", "<iframe")
	r.want("the last good mail", frame, "Second Name")
	r.write(fmt.Sprintf(config, "Third Name", 1) + "schedule: {send: \"0 9 * * XYZ\"}\n")
	r.want("a schedule that is none", r.week, "config.yaml:3", "schedule.send")
	r.write(fmt.Sprintf(config, "Third Name", 1) + "comparisons: {dir: elsewhere}\nlisten: 127.0.0.1:1\n")
	r.want("mended", frame, "Third Name")
	r.want("mended, with one that waits", r.week, "comparisons.dir", "Restart <code>digest preview</code>")
	r.lacks("mended", r.week, "The settings cannot be used", "<code>listen</code>")
	if err := os.Remove(r.config); err != nil {
		t.Fatal(err)
	}
	r.want("no file", r.week, "The settings cannot be used", "config.yaml")
	r.want("no file", frame, "Third Name")
}

// In serve the editors are those of the file as it is now; of everything else, and
// of templates, the desk says that a restart takes it.
func TestServeFollowsTheEditors(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.Navigate(w.base + "/desk/")
	w.Click("#email")
	w.Press("ada@example.com")
	w.Follow("button.main")
	w.Navigate(waitForLink(t, w.mailbox))
	w.Follow("button.main")
	w.shows("the stream", `document.querySelector(".bench").dataset.live === "yes"`)
	settings, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(settings) + "votes: {least: 7}\n")
	w.shows("what waits for a restart", `document.getElementById("alerts").innerText.includes("votes.least") && document.getElementById("alerts").innerText.includes("Restart digest serve")`)
	write(string(settings) + "votes: {least: few}\n")
	w.shows("what is broken", `document.getElementById("alerts").innerText.includes("config.yaml:6")`)
	w.Navigate("about:blank")
	write(strings.Replace(string(settings), "[ada@example.com]", "[bob@example.com]", 1))
	w.Navigate(w.base + "/desk/")
	w.heading("Log in at the desk") // whoever is taken out is out
}
