package sqlite

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// What waited in the outbox when payloads had no names of their own is still
// told after the migration.
func TestEventsFromBeforePayloadsHadNames(t *testing.T) {
	t.Parallel()
	const before = 7 // migrations
	path := filepath.Join(t.TempDir(), "digest.db")
	old, err := sql.Open("sqlite3", dsn(path, writerDSN))
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files[:before] {
		if err := apply(t.Context(), old, file, i+1); err != nil {
			t.Fatal(err)
		}
	}
	week := edition.Week{Year: 2026, Number: 48}
	slot := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	rows := []struct {
		kind, data string
		want       outbox.Payload
	}{
		{"draft_ready", `{"Week":"2026-W48","Subject":"A \"vs\" B","Slot":"2026-11-23T09:00:00Z","ApprovalRequired":true,"PreviewURL":"","Featured":[{"Title":"A vs B","Reason":"new"}],"LeftOut":null,"Problems":["a.yaml:3: no slug"],"Notes":null,"Recipients":0}`,
			outbox.DraftReady{Week: week, Subject: `A "vs" B`, Slot: slot, ApprovalRequired: true, Featured: []outbox.Item{{Title: "A vs B", Reason: "new"}}, LeftOut: []outbox.Item{}, Problems: []string{"a.yaml:3: no slug"}, Notes: nil}},
		{"draft_ready", `{"Week":"2026-W48","Subject":"A","Slot":"2026-11-23T09:00:00Z","ApprovalRequired":false,"PreviewURL":"","Featured":null,"LeftOut":[{"Title":"C vs D","Reason":"old"},{"Title":"E vs F","Reason":""}],"Problems":null,"Notes":["n"],"Recipients":7}`,
			outbox.DraftReady{Week: week, Subject: "A", Slot: slot, Readers: 7, Featured: []outbox.Item{}, LeftOut: []outbox.Item{{Title: "C vs D", Reason: "old"}, {Title: "E vs F"}}, Problems: nil, Notes: []string{"n"}}},
		{"held", `{"Week":"2026-W48","Subject":"A","Slot":"2026-11-23T09:00:00Z","Reason":"why","ByHand":false,"Paused":true}`,
			outbox.Held{Week: week, Subject: "A", Slot: slot, Reason: "why", Paused: true}},
		{"missed", `{"Week":"2026-W48","Slot":"2026-11-23T09:00:00Z","CatchUp":129600000000000,"Now":"2026-11-25T09:00:00.123456789Z"}`,
			outbox.Missed{Week: week, Slot: slot, CatchUpSeconds: 129600, Noticed: slot.Add(48*time.Hour + 123456789)}},
		{"report", `{"Week":"2026-W48","Subject":"A","StartedAt":"2026-11-23T09:00:00Z","FinishedAt":"2026-11-23T09:01:00Z","Total":15,"Accepted":1,"Deferred":2,"Failed":3,"Unknown":4,"Suppressed":5,"Failures":null,"ArchiveURL":"https://digest.example.com/archive/2026-W48"}`,
			outbox.Report{Week: week, Subject: "A", StartedAt: slot, FinishedAt: slot.Add(time.Minute), Total: 15, Accepted: 1, Deferred: 2, Failed: 3, Unknown: 4, Suppressed: 5, ArchiveURL: "https://digest.example.com/archive/2026-W48"}},
		{"confirm", `{"name":"Ada","source":"form"}`, outbox.Confirm{Details: subscribers.Details{Name: "Ada", Source: "form"}}},
		{"welcome", `{}`, outbox.Welcome{}},
	}
	for i, r := range rows {
		_, err := old.ExecContext(t.Context(), `INSERT INTO outbox (kind, recipient, data, dedupe, created_at, next_at) VALUES (?, 'editor@example.com', ?, ?, ?, ?)`,
			r.kind, r.data, fmt.Sprint(i), i+1, i+1)
		if err != nil {
			t.Fatal(err)
		}
	}
	// What was told has nothing left to convert.
	if _, err := old.ExecContext(t.Context(), `INSERT INTO outbox (kind, recipient, data, state, created_at, next_at) VALUES ('held', 'a@example.com', '', 1, 0, 0)`); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, r := range rows {
		e, ok, err := db.Outbox().Take(t.Context(), slot)
		if !ok || err != nil {
			t.Fatalf("%s: got %v, %v, want the event", r.kind, ok, err)
		}
		got, err := e.Payload()
		if err != nil || !same(got, r.want) {
			t.Errorf("%s: got %+v, %v, want %+v", r.kind, got, err, r.want)
		}
	}
}

// same compares payloads; an empty list is none.
func same(a, b outbox.Payload) bool {
	empty := strings.NewReplacer("[]string{}", "[]string(nil)", "[]outbox.Item{}", "[]outbox.Item(nil)")
	return reflect.TypeOf(a) == reflect.TypeOf(b) && empty.Replace(fmt.Sprintf("%#v", a)) == empty.Replace(fmt.Sprintf("%#v", b))
}
