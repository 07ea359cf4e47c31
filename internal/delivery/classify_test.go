package delivery

import (
	"errors"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	const (
		accepted  = "accepted"
		deferred  = "deferred"
		slow      = "deferred, slow domain"
		hard      = "failed, suppressed"
		soft      = "failed, counted"
		unknown   = "unknown"
		operator  = "operator"
		reconnect = "reconnect"
	)
	name := func(v Verdict) string {
		switch {
		case v.Operator:
			return operator
		case v.Link:
			return reconnect
		case v.SlowDomain && v.State == Deferred:
			return slow
		case v.State == Failed && v.Suppression == Suppress:
			return hard
		case v.State == Failed && v.Suppression == CountSoft:
			return soft
		default:
			return v.State.String()
		}
	}
	for _, c := range []struct {
		phase    Phase
		code     int
		enhanced string
		text     string
		want     string
	}{
		{PhaseDot, 250, "2.0.0", "Ok: queued as 4XyZ1k2Hz9z1Q2", accepted},
		{PhaseDot, 250, "", "OK id=1tEXaM-000000005Fh-2K3b", accepted},
		{PhaseDot, 250, "2.6.0", "<1@x> [InternalId=4711] Queued mail for delivery", accepted},
		{PhaseDot, 0, "", "", unknown},
		{PhaseDot, 354, "", "go ahead", unknown},

		{PhaseConnect, 0, "", "", reconnect},
		{PhaseTLS, 0, "", "", reconnect},
		{PhaseMail, 0, "", "", reconnect},
		{PhaseBody, 0, "", "", reconnect},
		{PhaseConnect, 421, "4.7.0", "too many connections", reconnect},
		{PhaseMail, 421, "4.7.0", "too many messages on this connection", reconnect},
		{PhaseMail, 452, "4.3.1", "Insufficient system storage", reconnect},
		{PhaseAuth, 454, "4.7.0", "Temporary authentication failure", reconnect},
		{PhaseRcpt, 503, "5.5.1", "Error: need MAIL command", reconnect},
		{PhaseBody, 421, "4.4.2", "Error: timeout exceeded", reconnect},

		{PhaseAuth, 535, "5.7.8", "Error: authentication failed", operator},
		{PhaseConnect, 554, "", "your IP is on a block list", operator},
		{PhaseMail, 550, "", "sender rejected", operator},
		{PhaseMail, 530, "5.7.0", "Must issue a STARTTLS command first", operator},
		{PhaseMail, 552, "5.3.4", "Message size exceeds fixed limit", operator},
		{PhaseData, 554, "5.5.1", "Error: no valid recipients", operator},
		{PhaseBody, 552, "5.3.4", "too big", operator},
		{PhaseRcpt, 554, "5.7.1", "<a@b.example>: Relay access denied", operator},
		{PhaseRcpt, 550, "5.7.606", "Access denied, banned sending IP [192.0.2.1] (Outlook)", operator},
		{PhaseDot, 550, "5.7.26", "This mail has been blocked because the sender is unauthenticated (Gmail)", operator},
		{PhaseDot, 550, "5.7.1", "[192.0.2.1] Our system has detected that this message is likely spam", operator},

		{PhaseRcpt, 450, "4.2.0", "Greylisted", deferred},
		{PhaseRcpt, 451, "", "Please try again later", deferred},
		{PhaseData, 451, "4.3.0", "milter: try again", deferred},
		{PhaseDot, 452, "4.2.2", "The email account that you tried to reach is over quota (Gmail)", deferred},
		{PhaseRcpt, 421, "4.7.28", "unusual rate of mail (Gmail)", slow},
		{PhaseDot, 421, "4.7.0", "try again later, closing connection (Gmail)", slow},
		{PhaseData, 421, "4.7.28", "unusual rate of mail (Gmail)", slow},
		{PhaseRcpt, 451, "4.7.650", "The mail server [192.0.2.1] has been temporarily rate limited (Outlook)", slow},
		{PhaseRcpt, 421, "", "service not available", slow},
		{PhaseRcpt, 450, "5.1.1", "an enhanced code of the wrong class", deferred},

		{PhaseRcpt, 550, "5.1.1", "The email account that you tried to reach does not exist (Gmail)", hard},
		{PhaseRcpt, 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found (Outlook)", hard},
		{PhaseDot, 550, "5.1.1", "User unknown (after the message)", hard},
		{PhaseRcpt, 550, "5.1.2", "bad destination system", hard},
		{PhaseRcpt, 501, "5.1.3", "Bad recipient address syntax", hard},
		{PhaseRcpt, 551, "5.1.6", "mailbox has moved", hard},
		{PhaseRcpt, 550, "5.2.1", "The email account that you tried to reach is disabled (Gmail)", hard},

		{PhaseRcpt, 550, "5.0.0", "Unknown user (Exim)", soft},
		{PhaseRcpt, 524, "5.2.4", "Mailing list expansion problem (OpenSMTPD)", soft},
		{PhaseRcpt, 552, "5.2.2", "mailbox full", soft},
		{PhaseRcpt, 550, "", "no such user here", soft},
		{PhaseDot, 554, "", "rejected", soft},
		{PhaseDot, 550, "5.6.0", "content", soft},
		{PhaseRcpt, 550, "5.1.15", "no hard code", soft},
		{PhaseRcpt, 550, "4.1.1", "an enhanced code of the wrong class", soft},
	} {
		r := Result{Phase: c.phase, Code: c.code, Enhanced: c.enhanced, Text: c.text}
		if got := name(Classify(r)); got != c.want {
			t.Errorf("phase %d, %d %s %s: got %s, want %s", c.phase, c.code, c.enhanced, c.text, got, c.want)
		}
	}
}

func TestClassifyDial(t *testing.T) {
	t.Parallel()
	server := func(p Phase, code int) error { return &SMTPError{Result{Phase: p, Code: code, Err: errors.New("x")}} }
	for _, c := range []struct {
		err      error
		operator bool
	}{
		{errors.New("connection refused"), false},
		{server(PhaseConnect, 421), false},
		{server(PhaseAuth, 454), false},
		{server(PhaseAuth, 535), true},
		{server(PhaseConnect, 554), true},
		{server(PhaseTLS, 0), true},  // a certificate that does not verify
		{server(PhaseAuth, 0), true}, // a password that would go in plaintext
	} {
		if got := ClassifyDial(c.err); got.Operator != c.operator || got.Link == c.operator {
			t.Errorf("%v: got %+v, want operator %v", c.err, got, c.operator)
		}
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	long := make([]byte, 500)
	for i := range long {
		long[i] = 'x'
	}
	for _, c := range []struct {
		r    Result
		want string
	}{
		{Result{Phase: PhaseDot, Code: 250, Enhanced: "2.6.0", Text: "<1@x> [InternalId=4711]"}, "250 2.6.0 [InternalId=4711]"},
		{Result{Phase: PhaseRcpt, Code: 550, Enhanced: "5.1.1", Text: "no\r\nsuch\x00user é"}, "550 5.1.1 no??such?user ?"},
		{Result{Phase: PhaseDot, Code: 250, Text: "> odd <"}, "250 > odd <"},
		{Result{Phase: PhaseMail, Err: errors.New("cut")}, ""},
		{Result{Phase: PhaseDot, Err: errors.New("cut")}, "no reply: cut"},
	} {
		if got := reply(c.r); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := len(reply(Result{Phase: PhaseRcpt, Code: 550, Text: string(long)})); got != refusedReply {
		t.Errorf("got %d bytes kept, want %d", got, refusedReply)
	}
	if got := WithoutAddresses("550 5.7.1 <a@b.example>: denied"); got != "550 5.7.1 <address> denied" {
		t.Errorf("got %q, want the address hidden", got)
	}
}
