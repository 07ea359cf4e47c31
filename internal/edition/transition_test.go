package edition_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

func TestCancel(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)
	w := edition.Week{Year: 2026, Number: 47}
	for _, from := range []edition.State{edition.Draft, edition.Approved, edition.Held, edition.Sending} {
		e, err := edition.Edition{Week: w, State: from, PauseReason: "why"}.Cancel(at)
		if err != nil || e.State != edition.Cancelled || e.PauseReason != "" || !e.FinishedAt.Equal(at) {
			t.Errorf("%s: got %+v, %v, want it cancelled now", from, e, err)
		}
		again, err := e.Cancel(at.Add(time.Hour))
		if err != nil || !again.FinishedAt.Equal(at) {
			t.Errorf("%s, again: got %+v, %v, want no change", from, again, err)
		}
	}
	for from, want := range map[edition.State]string{
		edition.Sent:    "edition 2026-W47 is already sent; it can't be cancelled",
		edition.Skipped: "edition 2026-W47 is skipped; nothing of it will be sent, so there is nothing to cancel",
	} {
		e, err := edition.Edition{Week: w, State: from}.Cancel(at)
		if !errors.Is(err, edition.ErrState) || err.Error() != want || e.State != from {
			t.Errorf("%s: got %v, %q, want ErrState, %q", from, e.State, err, want)
		}
	}
}
