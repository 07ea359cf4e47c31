package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

var now = time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func TestMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	synced := func() (bool, error) { return true, nil }
	seen := func(d time.Duration) func(context.Context) (time.Time, error) {
		return func(context.Context) (time.Time, error) { return now.Add(d), nil }
	}
	room := func(free uint64, size, wal int64) func() (Room, error) {
		return func() (Room, error) { return Room{free, size, wal}, nil }
	}
	journals := func(free uint64) func() (uint64, error) {
		return func() (uint64, error) { return free, nil }
	}
	for name, tc := range map[string]struct {
		m     Machine
		check string
		level Level
		want  string
	}{
		"in order":              {Machine{Synced: synced, Seen: seen(-time.Minute)}, "clock", Pass, "time server"},
		"clock goes by itself":  {Machine{Synced: func() (bool, error) { return false, nil }}, "clock", Warn, "chrony"},
		"clock not told":        {Machine{Synced: func() (bool, error) { return false, ErrNotTold }}, "clock", Skipped, "does not tell"},
		"clock went back":       {Machine{Synced: synced, Seen: seen(2 * time.Hour)}, "clock", Fail, "2h0m0s less than it has shown"},
		"the scheduler's store": {Machine{Synced: synced, Seen: func(context.Context) (time.Time, error) { return now, errors.New("disk I/O error") }}, "clock", Fail, "disk I/O error"},
		"modes":                 {Machine{Synced: synced, Files: []string{file("a", 0o600), file("gone", 0o600) + "x"}}, "file-modes", Pass, "1 files"},
		"readable by the group": {Machine{Synced: synced, Files: []string{file("b", 0o640), file("c", 0o604)}}, "file-modes", Warn, "chmod go-rwx " + dir + "/b " + dir + "/c"},
		"relay's log":           {Machine{Synced: synced, RelayLog: file("mail.log", 0o640)}, "relay-log", Pass, "can be read"},
		"no relay's log":        {Machine{Synced: synced, RelayLog: dir + "/nowhere.log"}, "relay-log", Fail, "are not settled"},
		"room":                  {Machine{Synced: synced, Room: room(10<<30, 1<<30, 4<<20)}, "disk", Pass, "10.0 GiB are free"},
		"little room":           {Machine{Synced: synced, Room: room(1<<30, 1<<30, 0)}, "disk", Warn, "1.0 GiB are free beside the database of 1.0 GiB"},
		"no room":               {Machine{Synced: synced, Room: room(1<<20, 1<<20, 0)}, "disk", Fail, "1.0 MiB are free"},
		"room for journals":     {Machine{Synced: synced, Journals: journals(1 << 30)}, "disk", Pass, "1.0 GiB are free beside the journals"},
		"little for journals":   {Machine{Synced: synced, Journals: journals(255 << 20)}, "disk", Warn, "'data' names"},
		"none for journals":     {Machine{Synced: synced, Journals: journals(1 << 20)}, "disk", Fail, "1.0 MiB are free beside the journals"},
		"log":                   {Machine{Synced: synced, Room: room(1<<40, 1<<30, 1<<20)}, "wal", Pass, "1.0 MiB"},
		"log that grows":        {Machine{Synced: synced, Room: room(1<<40, 1<<30, 2<<30)}, "wal", Warn, "2.0 GiB"},
	} {
		tc.m.Now = clock
		f := look(t, tc.m.Checks())[tc.check]
		if f.Level != tc.level || !strings.Contains(f.Detail+f.Fix, tc.want) {
			t.Errorf("%s: got %s: %s → %s, want %s with %q", name, f.Level, f.Detail, f.Fix, tc.level, tc.want)
		}
	}
}

// records are one edition's.
type records struct {
	edition edition.Edition
	counts  delivery.Counts
	gaps    []delivery.Gap
	proof   delivery.Proof
	err     error
}

func (r records) Editions(context.Context) ([]edition.Edition, error) {
	return []edition.Edition{r.edition}, r.err
}

func (r records) Standing(context.Context, edition.Week) (edition.Edition, delivery.Counts, error) {
	return r.edition, r.counts, r.err
}

func (r records) Verify(context.Context, edition.Week) (delivery.Proof, error) {
	return r.proof, r.err
}

func (r records) Gaps(context.Context) ([]delivery.Gap, error) { return r.gaps, r.err }

func TestList(t *testing.T) {
	t.Parallel()
	week := edition.Week{Year: 2026, Number: 47}
	in := func(s edition.State, age time.Duration, change ...func(*edition.Edition)) records {
		e := edition.Edition{Week: week, State: s, Slot: now.Add(-age)}
		if s == edition.Sending || s == edition.Sent {
			e.FrozenAt = e.Slot
		}
		for _, c := range change {
			c(&e)
		}
		return records{edition: e}
	}
	var unknown delivery.Counts
	unknown[delivery.Unknown] = 3
	sent := in(edition.Sent, time.Hour)
	for name, tc := range map[string]struct {
		r      records
		change func(*List)
		check  string
		level  Level
		want   string
	}{
		"sent":                {r: sent, check: "editions", level: Pass, want: "no edition is stuck"},
		"paused":              {r: in(edition.Sending, time.Hour, func(e *edition.Edition) { e.PauseReason = "535 no" }), check: "editions", level: Fail, want: "digest resume 2026-W47"},
		"sending for long":    {r: in(edition.Sending, 30*time.Hour), check: "editions", level: Warn, want: "30 hours"},
		"sending":             {r: in(edition.Sending, time.Hour), check: "editions", level: Pass, want: "no edition"},
		"held, due":           {r: in(edition.Held, time.Hour), check: "editions", level: Warn, want: "is held"},
		"held, long ahead":    {r: in(edition.Held, -72*time.Hour), check: "editions", level: Pass, want: "no edition"},
		"not approved, due":   {r: in(edition.Draft, time.Hour, func(e *edition.Edition) { e.NeedsApproval = true }), check: "editions", level: Warn, want: "approve 2026-W47"},
		"missed":              {r: in(edition.Missed, 48*time.Hour), check: "editions", level: Warn, want: "was missed"},
		"missed long ago":     {r: in(edition.Missed, 48*24*time.Hour), check: "editions", level: Pass, want: "no edition"},
		"unknown":             {r: records{edition: sent.edition, counts: unknown}, check: "unknown", level: Warn, want: "3 of 2026-W47"},
		"all known":           {r: sent, check: "unknown", level: Pass, want: "known"},
		"journal in order":    {r: sent, check: "journal", level: Pass, want: "the proof of 2026-W47 holds"},
		"journal ahead":       {r: records{edition: sent.edition, gaps: []delivery.Gap{{Week: "2026-W47", Readers: 2}}}, check: "journal", level: Fail, want: "2026-W47 went to 2 readers whose delivery"},
		"journal alone":       {r: records{edition: sent.edition, gaps: []delivery.Gap{{Week: "2026-W46", Readers: 9, Unknown: true}}}, check: "journal", level: Fail, want: "--week 2026-W46 --reconcile"},
		"proof does not hold": {r: records{edition: sent.edition, proof: delivery.Proof{NoJournal: true}}, check: "journal", level: Fail, want: "the journal is gone"},
		"store":               {r: records{err: errors.New("disk I/O error")}, check: "editions", level: Fail, want: "disk I/O error"},
		"damage": {r: sent, change: func(l *List) {
			l.Damage = func(context.Context) ([]string, error) { return []string{"row 3 missing"}, nil }
		}, check: "integrity", level: Fail, want: "digest restore FILE"},
		"damage on a server": {r: sent, change: func(l *List) {
			l.Server, l.Damage = true, func(context.Context) ([]string, error) { return []string{"the index x is not valid"}, nil }
		}, check: "integrity", level: Fail, want: "promote a standby"},
		"a server that is away": {r: sent, change: func(l *List) {
			l.Server, l.Damage = true, func(context.Context) ([]string, error) { return nil, errors.New("connection refused") }
		}, check: "integrity", level: Fail, want: "whether the server answers"},
		"no damage on a server": {r: sent, change: func(l *List) { l.Server = true }, check: "integrity", level: Pass, want: "the server knows of no index"},
		"journals on a node":    {r: records{err: errors.New("input/output error")}, change: func(l *List) { l.Server = true }, check: "journal", level: Fail, want: "docs/scaling.md"},
		"no damage":             {r: sent, check: "integrity", level: Pass, want: "in order"},
		"no slot":               {r: sent, change: func(l *List) { l.Next = func() time.Time { return time.Time{} } }, check: "next-slot", level: Fail, want: "schedule.send"},
		"odd schedule":          {r: sent, change: func(l *List) { l.Notes = []string{"no draft"} }, check: "next-slot", level: Warn, want: "no draft"},
		"slot":                  {r: sent, check: "next-slot", level: Pass, want: "Monday 23 November 2026 09:00 UTC"},
		"no postal address":     {r: sent, change: func(l *List) { l.Postal = " " }, check: "postal-address", level: Warn, want: "law"},
		"example settings":      {r: sent, change: func(l *List) { l.Unready = errors.New("site.base_url: is this machine") }, check: "settings", level: Fail, want: "is this machine"},
	} {
		l := List{
			Records: tc.r, Damage: func(context.Context) ([]string, error) { return nil, nil }, Postal: "1 Road", CatchUp: 36 * time.Hour, Now: clock,
			Next: func() time.Time { return time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) },
		}
		if tc.change != nil {
			tc.change(&l)
		}
		f := look(t, l.Checks())[tc.check]
		if f.Level != tc.level || !strings.Contains(f.Detail+f.Fix, tc.want) {
			t.Errorf("%s: got %s: %s → %s, want %s with %q", name, f.Level, f.Detail, f.Fix, tc.level, tc.want)
		}
	}
}
