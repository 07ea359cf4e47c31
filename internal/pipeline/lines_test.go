package pipeline_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// saves puts a comparison, as it is now, on a reader's list.
func (d *desk) saves(s subscribers.Subscriber, slug string) {
	d.t.Helper()
	for _, c := range d.lib.Comparisons {
		if c.Slug == slug {
			fatal(d.t, d.db.Saved().Save(d.t.Context(), saved.Item{Reader: s.ID, Slug: slug, At: d.now, Told: saved.StateOf(c, [2]votes.Count{})}))
		}
	}
}

// What changed in a saved comparison is told once, to who saved it, in both parts;
// who paused is told when they come back.
func TestChangesInWhatIsSaved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.in.Saved, d.in.Ballot = d.db.Saved(), d.db.Votes()
	d.set(func(*pipeline.Settings) {})
	ctx := t.Context()
	ada, bob, eve := d.wanting("ada@example.com"), d.wanting("bob@example.com"), d.wanting("eve@example.com")
	_ = bob
	d.saves(ada, "quill-vs-inkwell")
	d.saves(eve, "quill-vs-inkwell")
	must(d.db.Subscribers().Change(ctx, eve.ID, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
		return s.Pause(monday.AddDate(0, 0, 3), friday)
	}))
	d.lib.Comparisons[0].Tools[0].Entry = "$9 a month"
	d.add("third-vs-fourth", "Third", "Fourth", "2026-11-19")
	d.now = monday
	send := func() map[string]string {
		t.Helper()
		before := len(d.sink.Messages())
		w := d.CurrentWeek()
		_, _, err := d.release(ctx, w)
		fatal(t, err)
		_, err = d.Deliver(ctx, w, pipeline.DeliverOptions{})
		fatal(t, err)
		out := map[string]string{}
		for _, m := range d.sink.Messages()[before:] {
			out[m.To] = strings.Join(strings.Fields(strings.ReplaceAll(string(m.Data), "=\r\n", "")), " ")
		}
		return out
	}
	const line, head = "Quill vs Inkwell: Quill: price to start $9 a month, before Free", "Changed in what you saved"
	first := send()
	if got := first["ada@example.com"]; strings.Count(got, line) != 2 || !strings.Contains(got, head) || !strings.Contains(got, strings.ToUpper(head)) {
		t.Errorf("got the line %d times, want it in both parts under its heading: %s", strings.Count(got, line), got)
	}
	if got := first["bob@example.com"]; strings.Contains(got, line) || strings.Contains(got, head) || strings.Contains(got, "zqSLOT") {
		t.Error("got a line or a heading in the mail of who saved nothing")
	}
	d.add("fifth-vs-sixth", "Fifth", "Sixth", "2026-11-26")
	d.now = monday.AddDate(0, 0, 7)
	second := send()
	if strings.Contains(second["ada@example.com"], head) {
		t.Error("got the same change told again")
	}
	if got := second["eve@example.com"]; !strings.Contains(got, line) {
		t.Error("got nothing for who had paused, want what changed meanwhile")
	}
}

// A preview as a reader shows their lines.
func TestChangesBeforeTheFreeze(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.in.Saved = d.db.Saved()
	d.set(func(*pipeline.Settings) {})
	ada := d.wanting("ada@example.com")
	d.saves(ada, "quill-vs-inkwell")
	if got, err := d.Changes(t.Context(), week48, ada.ID); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v before a change, want none", got, err)
	}
	d.lib.Comparisons[0].Tools[1].Entry = ""
	if got, err := d.Changes(t.Context(), week48, ada.ID); err != nil || len(got) != 1 || !strings.Contains(got[0], "Inkwell: price to start none, before Free") {
		t.Errorf("got %v, %v, want the change", got, err)
	}
}
