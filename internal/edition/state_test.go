package edition_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

func TestWhatAnEditionLeaves(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		e                        edition.Edition
		advances, auto, required bool
	}{
		{e: edition.Edition{State: edition.Draft}, auto: true},
		{e: edition.Edition{State: edition.Draft, NeedsApproval: true}},
		{e: edition.Edition{State: edition.Approved}, auto: true, required: true},
		{e: edition.Edition{State: edition.Held}},
		{e: edition.Edition{State: edition.Missed}},
		{e: edition.Edition{State: edition.Cancelled}},
		{e: edition.Edition{State: edition.Cancelled, FrozenAt: at}, advances: true},
		{e: edition.Edition{State: edition.Skipped}, advances: true},
		{e: edition.Edition{State: edition.Skipped, SkippedBy: "ada"}},
		{e: edition.Edition{State: edition.Sending, FrozenAt: at}, advances: true},
		{e: edition.Edition{State: edition.Sent, FrozenAt: at}, advances: true},
	} {
		if tc.e.Advances() != tc.advances || tc.e.Released(false) != tc.auto || tc.e.Released(true) != tc.required {
			t.Errorf("%+v: got advances %v, released %v without approval, %v with, want %v, %v, %v", tc.e,
				tc.e.Advances(), tc.e.Released(false), tc.e.Released(true), tc.advances, tc.auto, tc.required)
		}
	}
}
