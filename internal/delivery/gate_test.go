package delivery

import (
	"slices"
	"testing"

	"verdicts.example/digest/internal/edition"
)

// A sender's pause is made once: of an edition that is being sent and has no earlier
// reason.
func TestPauseBegins(t *testing.T) {
	t.Parallel()
	ours := Pause{Reason: "535 5.7.8 wrong password"}
	for _, c := range []struct {
		pause   Pause
		state   edition.State
		earlier string
		want    bool
	}{
		{ours, edition.Sending, "", true},
		{Pause{Reason: "half of them are refused", Breaker: true}, edition.Sending, "", true},
		{Pause{}, edition.Sending, "", false},
		{ours, edition.Sending, "paused by ada", false},
		{ours, edition.Cancelled, "", false},
		{ours, edition.Sent, "", false},
		{ours, edition.Draft, "", false},
	} {
		if got := c.pause.Begins(c.state, c.earlier); got != c.want {
			t.Errorf("%q, %s, earlier %q: got %t, want %t", c.pause.Reason, c.state, c.earlier, got, c.want)
		}
	}
}

func TestGroupWithdrawn(t *testing.T) {
	t.Parallel()
	g := Group{Intents: []Intent{{ID: 5}, {ID: 3}, {ID: 9}}}
	for _, c := range []struct{ held, want []int64 }{
		{[]int64{3, 5, 9}, nil},
		{[]int64{9}, []int64{5, 3}},
		{nil, []int64{5, 3, 9}},
	} {
		if got := g.Withdrawn(c.held); !slices.Equal(got, c.want) {
			t.Errorf("held %v: got %v, want %v", c.held, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]bool{
		"550 5.1.1 no such user": true, "5": true, "": false, "4": false, "421 4.7.0 try later": false, "250 2.0.0 OK": false, "relay's log: 5": false,
	} {
		if got := Refused(reply); got != want {
			t.Errorf("%q: got %t, want %t", reply, got, want)
		}
	}
}
