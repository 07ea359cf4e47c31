package edition_test

import (
	"encoding/json"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

func TestParseWeek(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"2026-W01", "2026-W53", "2020-W53", "2025-W52"} {
		if w, err := edition.ParseWeek(good); err != nil || w.String() != good {
			t.Errorf("%s: got %v, %v, want it back", good, w, err)
		}
	}
	for _, bad := range []string{"", "2026", "2026-47", "2026-W", "2026-W00", "2025-W53", "2026-W54", "2026-W7", "2026-w47", " 2026-W47", "2026-W47 ", "26-W47", "2026-W-1"} {
		if w, err := edition.ParseWeek(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, w)
		}
	}
}

func TestWeekArithmetic(t *testing.T) {
	t.Parallel()
	w := week(t, "2020-W53")
	if got := w.Add(1).String(); got != "2021-W01" {
		t.Errorf("the week after 2020-W53: got %s, want 2021-W01", got)
	}
	if got := w.Add(1).Add(-1); got != w {
		t.Errorf("there and back: got %s, want %s", got, w)
	}
	if !w.Before(w.Add(1)) || w.Add(1).Before(w) || w.Before(w) {
		t.Error("got a wrong order of neighbouring weeks")
	}
	if got := w.Monday(time.UTC).Format(time.DateOnly); got != "2020-12-28" {
		t.Errorf("Monday: got %s, want 2020-12-28", got)
	}
}

func TestWeekJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(week(t, "2026-W47"))
	if err != nil || string(b) != `"2026-W47"` {
		t.Fatalf("got %s, %v, want \"2026-W47\"", b, err)
	}
	var w edition.Week
	if err := json.Unmarshal(b, &w); err != nil || w.Number != 47 {
		t.Errorf("got %v, %v, want it back", w, err)
	}
	if err := json.Unmarshal([]byte(`"soon"`), &w); err == nil {
		t.Error("got no error for a week that is none")
	}
}

func FuzzParseWeek(f *testing.F) {
	f.Add("2026-W47")
	f.Add("2026-W99")
	f.Add("9999-W53")
	f.Add("2026-W4\u0667")
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := edition.ParseWeek(s); err == nil && (w.String() != s || edition.WeekOf(w.Monday(time.UTC)) != w) {
			t.Errorf("got %+v for %q, want an error or the same week", w, s)
		}
	})
}
