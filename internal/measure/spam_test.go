package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"verdicts.example/digest/internal/check"
)

// spamEnvironment are rules about the test's own circumstances, not about the
// mail, each with its reason. Their points, which may be below zero, are taken
// off.
func spamEnvironment() map[string]string {
	return map[string]string{
		"NO_RELAYS":   "the message comes straight from the program: no server has relayed it",
		"NO_RECEIVED": "so no server has written a Received field",
	}
}

// gtube is what every spam filter takes for spam (Generic Test for Unsolicited
// Bulk Email), in two pieces so that this file passes them.
const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

// spam: no mail has more than 0.0 points, and no rule costs any, so that a
// bonus (such as the list fields') hides nothing.
func spam(t *testing.T, all []*letter) {
	socket := startSpamd(t)
	for _, l := range all {
		s, err := check.AskSpamd(t.Context(), socket, l.raw)
		for tries := 1; errors.Is(err, context.DeadlineExceeded) && tries < 10; tries++ { // the machine is busy
			s, err = check.AskSpamd(t.Context(), socket, l.raw)
		}
		if err != nil {
			t.Fatalf("%s: %v", l.name, err)
		}
		score := s.Score
		for _, r := range s.Rules {
			if _, ok := spamEnvironment()[r.Name]; ok {
				score -= r.Points
				continue
			}
			if r.Points > 0 {
				t.Errorf("%s: got %.1f points for %s, want none", l.name, r.Points, r.Name)
			}
		}
		if score > 0.04 { // points come rounded to a tenth
			t.Errorf("%s: got %.1f points, want at most 0.0", l.name, score)
		}
		l.figures["SpamAssassin"] = fmt.Sprintf("%+.1f", score)
		if f, ok := check.Spam(t.Context(), socket, l.raw); !ok || f.Level != check.Pass {
			t.Errorf("%s: got %v %v, want a pass", l.name, f, ok)
		}
	}
	bad := bytes.Replace(all[0].raw, []byte("\r\n\r\n"), []byte("\r\n\r\n"+gtube+"\r\n"), 2)
	bad = bytes.Replace(bad, []byte("quoted-printable\r\n\r\n"), []byte("quoted-printable\r\n\r\n"+gtube+"\r\n"), 1)
	if f, ok := check.Spam(t.Context(), socket, bad); !ok || f.Level != check.Fail {
		t.Errorf("spam: got %v %v, want a fail", f, ok)
	}
}
