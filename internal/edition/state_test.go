package edition_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

// The table as the contract draws it: draft → approved → sending → sent, or
// skipped, held, cancelled, missed.
func TestTransitions(t *testing.T) {
	t.Parallel()
	want := map[edition.State]string{
		edition.Draft:     "approved held sending skipped missed cancelled",
		edition.Approved:  "draft held sending skipped missed cancelled",
		edition.Held:      "approved cancelled",
		edition.Sending:   "sent cancelled",
		edition.Sent:      "",
		edition.Skipped:   "draft",
		edition.Missed:    "draft",
		edition.Cancelled: "",
	}
	for _, from := range edition.States() {
		for _, to := range edition.States() {
			allowed := strings.Contains(" "+want[from]+" ", " "+string(to)+" ")
			err := edition.Check(edition.Week{Year: 2026, Number: 47}, from, to)
			if (err == nil) != allowed || from.CanBecome(to) != allowed {
				t.Errorf("%s to %s: got %v, want allowed=%v", from, to, err, allowed)
			}
			if err != nil && (!errors.Is(err, edition.ErrState) || !strings.Contains(err.Error(), "2026-W47")) {
				t.Errorf("%s to %s: got %v, want ErrState that names the week", from, to, err)
			}
		}
		if from.Final() != (want[from] == "") {
			t.Errorf("%s: got final %v", from, from.Final())
		}
		fixed := from == edition.Sending || from == edition.Sent || from == edition.Cancelled
		if err := edition.CheckBuild(edition.Week{Year: 2026, Number: 47}, from); errors.Is(err, edition.ErrState) != fixed || from.Buildable() == fixed {
			t.Errorf("%s: got %v, want buildable=%v", from, err, !fixed)
		}
	}
}

func TestWhatAnEditionLeaves(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		state                       edition.State
		frozen                      bool
		advances, auto, needsEditor bool
	}{
		{state: edition.Draft, auto: true},
		{state: edition.Approved, auto: true, needsEditor: true},
		{state: edition.Held},
		{state: edition.Missed},
		{state: edition.Cancelled},
		{state: edition.Cancelled, frozen: true, advances: true},
		{state: edition.Skipped, advances: true},
		{state: edition.Sending, frozen: true, advances: true},
		{state: edition.Sent, frozen: true, advances: true},
	} {
		e := edition.Edition{State: tc.state}
		if tc.frozen {
			e.FrozenAt = at
		}
		if e.Frozen() != tc.frozen || e.Advances() != tc.advances {
			t.Errorf("%s: got frozen %v, advances %v, want %v, %v", tc.state, e.Frozen(), e.Advances(), tc.frozen, tc.advances)
		}
		if e.Released(false) != tc.auto || e.Released(true) != tc.needsEditor {
			t.Errorf("%s: got released %v without approval, %v with, want %v, %v",
				tc.state, e.Released(false), e.Released(true), tc.auto, tc.needsEditor)
		}
	}
}
