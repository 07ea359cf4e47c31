package subscribers_test

import (
	"errors"
	"net/netip"
	"testing"

	"verdicts.example/digest/subscribers"
)

func TestWhatTheHistoryKeeps(t *testing.T) {
	t.Parallel()
	form := subscribers.Details{Source: "form"}
	for _, c := range []struct{ got, want string }{
		{subscribers.QueuedSignUp{Details: form}.Note(), "form"},
		{subscribers.QueuedSignUp{Details: form, IP: netip.MustParseAddr("192.0.2.7")}.Note(), "form from 192.0.2.7"},
		{subscribers.Suppression{Reason: subscribers.HardBounce}.Note(), subscribers.HardBounce.String()},
		{subscribers.Suppression{Reason: subscribers.HardBounce, Detail: "550"}.Note(), subscribers.HardBounce.String() + ": 550"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLinksAreMailedSoOften(t *testing.T) {
	t.Parallel()
	for lately := range subscribers.FreshMax + 2 {
		err := subscribers.MayMailLink(lately)
		if limited := errors.Is(err, subscribers.ErrLimited); limited != (lately >= subscribers.FreshMax) {
			t.Errorf("after %d: got %v", lately, err)
		}
	}
}
