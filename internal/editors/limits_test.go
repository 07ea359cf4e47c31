package editors_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/editors"
)

func TestMayAsk(t *testing.T) {
	t.Parallel()
	for lately, want := range map[int]error{0: nil, editors.AskMost - 1: nil, editors.AskMost: editors.ErrLimited, 99: editors.ErrLimited} {
		if got := editors.MayAsk(lately); !errors.Is(got, want) {
			t.Errorf("%d lately: got %v, want %v", lately, got, want)
		}
	}
	asked := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{0: false, editors.AskStale: false, editors.AskStale + 1: true} {
		if got := editors.Stale(asked, asked.Add(after)); got != want {
			t.Errorf("after %s: got stale %t, want %t", after, got, want)
		}
	}
}
