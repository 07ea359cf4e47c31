package workbench_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/workbench"
)

// An approval is of what was seen: when it is another by now, the difference is
// shown and nothing is approved.
func TestApproveWhatWasSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, page := b.get(weekPath)
	seen := form(page, weekPath+"/do")
	seen.Set("do", "approve")
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	src := string(must(os.ReadFile(file)))
	if err := os.WriteFile(file, []byte(strings.Replace(src, "entry: Free", "entry: $7/month", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	resp, body := b.post(weekPath+"/do", seen)
	if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "$7/month") {
		t.Fatalf("got status %d, want 409 with the difference:\n%s", resp.StatusCode, body)
	}
	if _, err := b.desk.Edition(t.Context(), week); err == nil {
		t.Error("got a recorded edition, want none")
	}
	_, page = b.get(weekPath)
	seen = form(page, weekPath+"/do")
	seen.Set("do", "approve")
	if _, body = b.post(weekPath+"/do", seen); !strings.Contains(body, "Approved by ada@example.com") {
		t.Errorf("got no approval:\n%.3000s", body)
	}
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Approved || e.ApprovedHash != seen.Get("hash") {
		t.Errorf("got %s %s, want approved %s", e.State, e.ApprovedHash, seen.Get("hash"))
	}
	if p := must(b.desk.Page(t.Context(), week, "")); len(p.Acts) != 1 || p.Acts[0].What != "approved" || p.Acts[0].By != "ada@example.com" {
		t.Errorf("got the acts %v, want one approval", p.Acts)
	}
}

// Where two have to approve, one is not enough, and the same one twice is not two.
func TestTwoApprovals(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	_, page := b.get(weekPath)
	f := form(page, weekPath+"/do")
	f.Set("do", "approve")
	for range 2 {
		if _, body := b.post(weekPath+"/do", f); !strings.Contains(body, "another editor has to approve") {
			t.Fatalf("got\n%.3000s\nwant that another has to approve", body)
		}
	}
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Draft {
		t.Fatalf("got %s, want a draft", e.State)
	}
	b.as(workbench.Editor{Name: "bob@example.com"})
	b.post(weekPath+"/do", f)
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Approved || e.ApprovedBy != "ada@example.com, bob@example.com" {
		t.Errorf("got %s by %s, want approved by both", e.State, e.ApprovedBy)
	}
}

// The button says when it goes.
func TestApproveButton(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	for at, want := range map[time.Time]string{
		friday: "It is sent on Monday 23 November, 09:00 UTC only if it is approved before.",
		time.Date(2026, 11, 23, 8, 37, 0, 0, time.UTC): "Approve; it is sent in 23 minutes",
		time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC): "Approve and send now",
	} {
		b.mu.Lock()
		b.now = at
		b.mu.Unlock()
		if _, body := b.get(weekPath); !strings.Contains(body, want) {
			t.Errorf("at %s: got no %q", at, want)
		}
	}
}

// An open note asks before the approval; tests, holding and leaving out work and
// are kept.
func TestDeciding(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.post(weekPath+"/do", url.Values{"do": {"note"}, "text": {"Is the price right?"}, "slug": {"cursor-vs-windsurf"}})
	_, page := b.get(weekPath)
	f := form(page, weekPath+"/do")
	f.Set("do", "approve")
	if resp, body := b.post(weekPath+"/do", f); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "here are open notes") {
		t.Errorf("got status %d, want to be asked about the note", resp.StatusCode)
	}
	b.post(weekPath+"/do", url.Values{"do": {"resolve:1"}})
	if p := must(b.desk.Page(t.Context(), week, "")); len(p.OpenNotes()) != 0 || p.Notes[0].ResolvedBy != "ada@example.com" {
		t.Errorf("got the notes %v, want one resolved", p.Notes)
	}
	if _, body := b.post(weekPath+"/do", url.Values{"do": {"test"}, "to": {"me@example.com"}}); !strings.Contains(body, "on its way") || len(b.outbox.sent) != 1 {
		t.Errorf("got %v sent", b.outbox.sent)
	}
	b.post(weekPath+"/do", url.Values{"do": {"hold"}})
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Held {
		t.Errorf("got %s, want held", e.State)
	}
	if resp, _ := b.post(weekPath+"/do", url.Values{"do": {"skip"}}); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("skip without the tick: got %d, want 422", resp.StatusCode)
	}
	b.post(weekPath+"/do", url.Values{"do": {"skip"}, "sure": {"yes"}})
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Skipped || e.SkippedBy != "ada@example.com" {
		t.Errorf("got %s by %q, want skipped by ada", e.State, e.SkippedBy)
	}
	var done []string
	for _, a := range must(b.desk.Page(t.Context(), week, "")).Acts {
		done = append(done, a.What)
	}
	if got, want := strings.Join(done, ","), "skipped,held,sent a test"; got != want {
		t.Errorf("got the acts %s, want %s", got, want)
	}
}

// A finding leads to its place: the element in the mail, whatever the look takes
// out, and the field of the comparison.
func TestPlacesOfFindings(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	file := filepath.Join(b.dir, "cursor-vs-windsurf.yaml")
	src := string(must(os.ReadFile(file)))
	for _, line := range []string{"entry: Free\n", "pricing: Free Hobby plan; Pro $20/month\n"} {
		src = strings.Replace(src, "    "+line, "", 1)
	}
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	_, body := b.get(weekPath)
	body = html.UnescapeString(body)
	for _, want := range []string{"/comparisons/cursor-vs-windsurf?week=2026-W48&from=findings#f-tools%5b0%5d.entry", "Edit Price to start of Cursor", "mark=nth%3A"} {
		if !strings.Contains(body, want) {
			t.Errorf("got no %q on the page", want)
		}
	}
	_, plain := b.get(weekPath + "/frame")
	root := must(html.Parse(strings.NewReader(plain)))
	n, at := 0, 0
	for x := range root.Descendants() {
		if x.Type != html.ElementNode {
			continue
		}
		if n++; x.Data == "h2" {
			at = n
			break
		}
	}
	for _, look := range []string{"light", "no-style", "gmail/ios"} {
		_, marked := b.get(weekPath + "/frame?mark=nth%3A" + strconv.Itoa(at) + "&look=" + url.QueryEscape(look))
		if strings.Count(marked, `id="marked"`) != 1 || !strings.Contains(marked[:strings.Index(marked, `id="marked"`)], "<h2") {
			t.Errorf("%s: got no heading marked", look)
		}
	}
}

// The mail can be seen as a reader of some topics gets it. What is approved and
// ordered stays the whole edition.
func TestTopics(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, whole := b.get(weekPath)
	for _, want := range []string{`name="topic" value="Code Editors"`, "As a reader of some topics"} {
		if !strings.Contains(whole, want) {
			t.Fatalf("got no %q on the page", want)
		}
	}
	_, part := b.get(weekPath + "?topic=Code+Editors")
	if !strings.Contains(part, "It has 1 of ") {
		t.Errorf("got no count of the part:\n%.3000s", part)
	}
	all, some := form(whole, weekPath+"/do"), form(part, weekPath+"/do")
	if all.Get("hash") == "" || all.Get("hash") != some.Get("hash") {
		t.Errorf("got the hash %s to approve, want the whole edition's %s", some.Get("hash"), all.Get("hash"))
	}
	if got, want := form(part, weekPath+"/edits")["order"], form(whole, weekPath+"/edits")["order"]; len(got) != len(want) || len(got) < 3 {
		t.Errorf("got the order %q to change, want %q", got, want)
	}
	_, frame, _ := strings.Cut(part, "<iframe")
	_, frame, _ = strings.Cut(frame, `src="`)
	frame, _, _ = strings.Cut(frame, `"`)
	_, mail := b.get(html.UnescapeString(frame))
	if !strings.Contains(mail, "Windsurf") || strings.Contains(mail, "SmolVLM2") {
		t.Error("got a mail that is not the part of those topics")
	}
	resp, none := b.get(weekPath + "?topic=Gardening")
	if resp.StatusCode != http.StatusOK || !strings.Contains(none, "There is no mail") || !strings.Contains(none, "Claude Code") {
		t.Errorf("topics that the edition has nothing of: got %d:\n%.2000s", resp.StatusCode, none)
	}
}

// A change after an approval is said where the approval was: in the head, and
// beside the button.
func TestApprovalLapses(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	_, body := b.get(weekPath)
	f := form(body, weekPath+"/do")
	f.Set("do", "approve")
	b.post(weekPath+"/do", f)
	if _, body := b.get(weekPath); !strings.Contains(body, `<b class="state">approved</b>`) || strings.Contains(body, "no longer holds") {
		t.Fatalf("after the approval: got\n%.3000s", body)
	}
	_, body = b.get(weekPath)
	f = form(body, weekPath+"/edits")
	f.Set("note", "One word more.")
	f.Set("do", "save")
	_, body = b.post(weekPath+"/edits", f)
	for _, want := range []string{`<b class="state">changed since its approval</b>`, "ada@example.com approved it, and it has changed since: that approval no longer holds."} {
		if !strings.Contains(body, want) {
			t.Errorf("got no %q in\n%.6000s", want, body)
		}
	}
}
