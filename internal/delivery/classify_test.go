package delivery

import (
	"errors"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	const (
		accepted  = "accepted"
		greylist  = "deferred: soft"
		domain    = "deferred: domain"
		onTheWay  = "deferred: path"
		hard      = "failed: hard"
		soft      = "failed: soft"
		vague     = "failed: soft, or policy"
		unknown   = "unknown: unknown"
		operator  = "queued: operator"
		sender    = "failed: sender"
		content   = "failed: message"
		account   = "failed: account"
		policy    = "failed: policy"
		session   = "queued: session"
		reconnect = "queued: path"
	)
	name := func(v Verdict) string {
		switch {
		case v == (Verdict{State: Accepted}):
			return accepted
		case v.Vague:
			return v.State.String() + ": " + v.Fault.String() + ", or policy"
		default:
			return v.State.String() + ": " + v.Fault.String()
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
		{PhaseMail, 421, "4.7.0", "too many messages on this connection", session},
		{PhaseMail, 452, "4.3.1", "Insufficient system storage", reconnect},
		{PhaseAuth, 454, "4.7.0", "Temporary authentication failure", reconnect},
		{PhaseRcpt, 503, "5.5.1", "Error: need MAIL command", reconnect},
		{PhaseBody, 421, "4.4.2", "Error: timeout exceeded", session},

		{PhaseAuth, 535, "5.7.8", "Error: authentication failed", operator},
		{PhaseConnect, 554, "", "your IP is on a block list", operator},
		{PhaseMail, 550, "", "sender rejected", operator},
		{PhaseMail, 530, "5.7.0", "Must issue a STARTTLS command first", operator},
		{PhaseMail, 552, "5.3.4", "Message size exceeds fixed limit", operator},
		{PhaseData, 554, "5.5.1", "Error: no valid recipients", operator},
		{PhaseBody, 552, "5.3.4", "too big", operator},
		{PhaseRcpt, 554, "5.7.1", "<a@b.example>: Relay access denied", policy},
		{PhaseRcpt, 550, "5.7.606", "Access denied, banned sending IP [192.0.2.1] (Outlook)", policy},
		{PhaseDot, 550, "5.7.26", "This mail has been blocked because the sender is unauthenticated (Gmail)", sender},
		{PhaseDot, 550, "5.7.1", "[192.0.2.1] Our system has detected that this message is likely spam", policy},

		{PhaseRcpt, 450, "4.2.0", "busy", greylist},
		{PhaseRcpt, 451, "4.7.1", "Greylisted, come back in five minutes", greylist},
		{PhaseRcpt, 450, "", "You are being graylisted", greylist},
		{PhaseRcpt, 451, "", "Please try again later", onTheWay},
		{PhaseData, 451, "4.3.0", "milter: try again", reconnect},
		{PhaseDot, 452, "4.2.2", "The email account that you tried to reach is over quota (Gmail)", greylist},
		{PhaseRcpt, 450, "4.7.28", "unusual rate of mail (Gmail)", domain},
		{PhaseDot, 421, "4.7.0", "try again later, closing connection (Gmail)", session},
		{PhaseData, 421, "4.7.28", "unusual rate of mail (Gmail)", session},
		{PhaseRcpt, 451, "4.7.650", "The mail server [192.0.2.1] has been temporarily rate limited (Outlook)", domain},
		{PhaseRcpt, 421, "", "service not available", session},
		{PhaseRcpt, 452, "4.5.3", "Too many recipients per session", session},
		{PhaseRcpt, 451, "4.4.1", "no answer from host", onTheWay},
		{PhaseRcpt, 450, "4.1.1", "User unknown for now (Postfix, unverified)", greylist},
		{PhaseRcpt, 450, "4.1.2", "Recipient address rejected: Domain not found (Postfix)", onTheWay},
		{PhaseRcpt, 450, "4.1.8", "Sender address rejected: Domain not found (Postfix)", onTheWay},
		{PhaseRcpt, 451, "", "Temporarily grey listed, try again in 300 seconds", greylist},
		{PhaseMail, 503, "5.5.1", "AUTH first (Courier)", operator},
		{PhaseMail, 503, "", "This mail server requires authentication when attempting to send to a non-local address", operator},
		{PhaseRcpt, 503, "", "must authenticate", operator},
		{PhaseMail, 503, "5.5.1", "nested MAIL command", reconnect},
		{PhaseRcpt, 450, "5.1.1", "an enhanced code of the wrong class", onTheWay},

		{PhaseRcpt, 550, "5.1.1", "The email account that you tried to reach does not exist (Gmail)", hard},
		{PhaseRcpt, 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found (Outlook)", hard},
		{PhaseDot, 550, "5.1.1", "User unknown (after the message)", hard},
		{PhaseRcpt, 550, "5.1.2", "bad destination system", hard},
		{PhaseRcpt, 501, "5.1.3", "Bad recipient address syntax", hard},
		{PhaseRcpt, 551, "5.1.6", "mailbox has moved", hard},
		{PhaseRcpt, 550, "5.2.1", "The email account that you tried to reach is disabled (Gmail)", soft},

		{PhaseRcpt, 550, "5.0.0", "Unknown user (Exim)", vague},
		{PhaseRcpt, 550, "5.4.1", "Recipient address rejected: Access denied (Microsoft 365)", vague},
		{PhaseRcpt, 553, "", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1) (qmail)", vague},
		{PhaseRcpt, 550, "", "relay not permitted (Exim)", vague},
		{PhaseDot, 554, "", "mail server permanently rejected message (#5.3.0) (qmail)", policy},
		{PhaseDot, 454, "", "Throttling failure: Maximum sending rate exceeded. (SES)", onTheWay},
		{PhaseDot, 550, "5.7.60", "Client does not have permissions to send as this sender (Microsoft 365)", account},
		{PhaseRcpt, 524, "5.2.4", "Mailing list expansion problem (OpenSMTPD)", vague},
		{PhaseRcpt, 552, "5.2.2", "mailbox full", soft},
		{PhaseRcpt, 550, "", "no such user here", vague},
		{PhaseDot, 554, "", "rejected", policy},
		{PhaseDot, 552, "5.2.2", "full", soft},
		{PhaseDot, 550, "5.6.0", "content", content},
		{PhaseDot, 554, "5.2.0", "STOREDRV.Submission.Exception:SendAsDeniedException (Microsoft 365)", sender},
		{PhaseDot, 554, "5.2.252", "SendAsDenied (Microsoft 365)", sender},
		{PhaseDot, 554, "", "Message rejected: Email address is not verified. (SES)", sender},
		{PhaseRcpt, 550, "5.1.8", "Access denied, bad outbound sender (Microsoft 365)", sender},
		{PhaseRcpt, 550, "5.1.7", "bad sender's mailbox address syntax", sender},
		{PhaseDot, 550, "5.4.5", "Daily user sending limit exceeded (Gmail)", account},
		{PhaseDot, 552, "5.3.4", "message size exceeds", content},
		{PhaseRcpt, 530, "5.7.0", "Authentication required", operator},
		{PhaseRcpt, 550, "5.1.15", "no hard code", vague},
		{PhaseRcpt, 550, "4.1.1", "an enhanced code of the wrong class", vague},
	} {
		r := Result{Phase: c.phase, Code: c.code, Enhanced: c.enhanced, Text: c.text}
		if got := name(Classify(r)); got != c.want {
			t.Errorf("phase %d, %d %s %s: got %s, want %s", c.phase, c.code, c.enhanced, c.text, got, c.want)
		}
	}
}

// What may be the session's is asked once more; the second answer is what it is.
func TestClassifySession(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r     Result
		first Fault
		again Fault
	}{
		{Result{Phase: PhaseData, Code: 452, Enhanced: "4.4.5", Carried: 5}, SessionFault, PathFault},
		{Result{Phase: PhaseMail, Code: 451, Enhanced: "4.3.0", Carried: 1}, SessionFault, PathFault},
		{Result{Phase: PhaseMail, Code: 451, Enhanced: "4.3.0"}, PathFault, PathFault},
		{Result{Phase: PhaseRcpt, Code: 450, Enhanced: "4.7.1", Carried: 5}, DomainFault, DomainFault},
		{Result{Phase: PhaseRcpt, Code: 452, Enhanced: "4.5.3", Text: "Too many recipients", Carried: 5}, SessionFault, PathFault},
		{Result{Phase: PhaseRcpt, Code: 452, Enhanced: "4.5.3", Text: "Too many recipients"}, PathFault, PathFault},
		{Result{Phase: PhaseRcpt, Code: 421, Enhanced: "4.7.0", Carried: 2}, SessionFault, DomainFault},
		{Result{Phase: PhaseDot, Code: 421}, SessionFault, DomainFault},
		{Result{Phase: PhaseMail, Code: 554, Text: "Too many messages in this session", Carried: 9}, SessionFault, OperatorFault},
		{Result{Phase: PhaseMail, Code: 554, Text: "Too many messages in this session"}, OperatorFault, OperatorFault},
		{Result{Phase: PhaseRcpt, Code: 550, Text: "Too many recipients in one SMTP session", Carried: 1}, SessionFault, SoftFault},
		{Result{Phase: PhaseDot, Code: 552, Enhanced: "5.7.0", Text: "Number of mails per connection exceeded", Carried: 1}, SessionFault, PolicyFault},
		{Result{Phase: PhaseDot, Code: 450, Enhanced: "4.7.1", Text: "session limit reached", Carried: 1}, SessionFault, DomainFault},
		{Result{Phase: PhaseConnect, Code: 421}, PathFault, PathFault},
	} {
		if got := Classify(c.r).Fault; got != c.first {
			t.Errorf("%+v: got %s, want %s", c.r, got, c.first)
		}
		if got := ClassifyAgain(c.r).Fault; got != c.again {
			t.Errorf("%+v, again: got %s, want %s", c.r, got, c.again)
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
		if got := ClassifyDial(c.err); (got.Fault == OperatorFault) != c.operator || got.Reconnect() == c.operator {
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
		{Result{Phase: PhaseConnect, Err: errors.New("cut")}, ""},
		{Result{Phase: PhaseMail, Err: errors.New("cut")}, "no reply: cut"},
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
