package delivery

import (
	"errors"
	"strings"

	"verdicts.example/digest/internal/refusal"
)

// A Verdict is what the result of an attempt means.
type Verdict struct {
	// State is Accepted, Deferred, Failed, Unknown, or Queued when the attempt
	// does not count against the delivery.
	State State
	Fault Fault
	// Vague marks a 5xx to RCPT that names no mailbox: it may as well be a refusal
	// to relay.
	Vague bool
}

// Reconnect reports whether the connection, or a server before the end of the
// message, failed and nobody is to blame.
func (v Verdict) Reconnect() bool { return v.State == Queued && v.Fault == PathFault }

// Classify maps what a mail transaction came to:
//
//	a relay's own, while another one serves         session: ask elsewhere
//	no reply before the end of the message         path: reconnect
//	out of step (503)                              path: reconnect
//	4xx to MAIL or DATA, and 4.5.3, on a session
//	that has carried something, 421, "per
//	session" (5xx too, where it has carried
//	something)                                     session: ask once more
//	4xx to MAIL or DATA on a fresh session         path: reconnect
//	5xx to MAIL, DATA or the body, 530, 503 that
//	asks for a login                               operator
//	RCPT or end 4.2.x, 4.1.1, greylisting          soft, deferred
//	RCPT or end 4.7.x, 421                         domain, deferred
//	RCPT or end, any other 4xx                     path, deferred
//	RCPT or end 5.1.1/2/3/6/10                     hard
//	end 5.2.1, 5.2.2; RCPT, any other 5xx          soft
//	RCPT 5.1.7/8, 5.2.252, 5.3.4, 5.4.5, 5.6.x,
//	5.7.x; end, any other 5xx; a text that
//	names the sender; a provider's refusal that
//	package refusal explains                       sender, message, account, policy
//	no reply after the end                         unknown
//
// The reply code's class (RFC 5321 §4.2.1) decides between temporary and
// permanent; an enhanced code (RFC 3463) of another class is not believed.
func Classify(r Result) Verdict {
	if r.Elsewhere || ofSession(r) {
		return Verdict{State: Queued, Fault: SessionFault}
	}
	return ClassifyAgain(r)
}

// ClassifyAgain is Classify of what was asked once more over a fresh session.
func ClassifyAgain(r Result) Verdict {
	ended := r.Phase >= PhaseDot
	switch {
	case r.Accepted():
		return Verdict{State: Accepted}
	case r.Code == 503 && !ended && !says(r, "auth"):
		return Verdict{State: Queued, Fault: PathFault}
	case r.Code/100 == 4:
		return temporary(r)
	case r.Code/100 == 5:
		return permanent(r)
	case ended:
		return Verdict{State: Unknown, Fault: UnknownFault}
	default:
		return Verdict{State: Queued, Fault: PathFault}
	}
}

// ofSession reports whether a refusal may be the session's alone.
func ofSession(r Result) bool {
	limit := says(r, "per session", "this session", "single session", "one session", "smtp session", "session limit",
		"per connection", "this connection", "single connection", "one connection")
	switch {
	case r.Phase < PhaseMail:
		return false
	case r.Code/100 == 5:
		return limit && r.Carried > 0
	case r.Code/100 != 4:
		return false
	case enhanced(r) == "4.5.3" && r.Carried > 0: // a message has one recipient: it is the session that has too many
		return true
	}
	aboutReader := r.Phase == PhaseRcpt || r.Phase >= PhaseDot
	return r.Code == 421 || limit || r.Carried > 0 && !aboutReader
}

func temporary(r Result) Verdict {
	code := enhanced(r)
	switch {
	case r.Phase != PhaseRcpt && r.Phase < PhaseDot:
		return Verdict{State: Queued, Fault: PathFault}
	case greylisted(r), strings.HasPrefix(code, "4.2."), code == "4.1.1":
		return Verdict{State: Deferred, Fault: SoftFault}
	case r.Code == 421, strings.HasPrefix(code, "4.7."):
		return Verdict{State: Deferred, Fault: DomainFault}
	default:
		return Verdict{State: Deferred, Fault: PathFault}
	}
}

// greylisted reports whether a server says that it puts off every first attempt;
// there is no code for it.
func greylisted(r Result) bool {
	return says(r, "greylist", "graylist", "grey-list", "gray-list", "grey list", "gray list")
}

func permanent(r Result) Verdict {
	code := enhanced(r)
	switch {
	case r.Phase != PhaseRcpt && r.Phase < PhaseDot, r.Code == 530, r.Code == 503 && r.Phase < PhaseDot:
		return Verdict{State: Queued, Fault: OperatorFault}
	case namesSender(r):
		return Verdict{State: Failed, Fault: SenderFault}
	}
	switch code {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10":
		return Verdict{State: Failed, Fault: HardFault}
	case "5.2.1", "5.2.2":
		return Verdict{State: Failed, Fault: SoftFault}
	}
	f := aboutUs(code)
	if f == NoFault && r.Phase >= PhaseDot {
		f = PolicyFault
	}
	if f == PolicyFault {
		f = ofPolicy(r)
	}
	if f != NoFault {
		return Verdict{State: Failed, Fault: f}
	}
	return Verdict{State: Failed, Fault: SoftFault, Vague: true}
}

// aboutUs maps the codes that are about the sender, the message, the account or
// a policy, in whatever phase they come.
func aboutUs(code string) Fault {
	switch {
	case code == "5.1.7", code == "5.1.8", code == "5.2.252":
		return SenderFault
	case code == "5.3.4", strings.HasPrefix(code, "5.6."):
		return MessageFault
	case code == "5.4.5":
		return AccountFault
	case strings.HasPrefix(code, "5.7."):
		return PolicyFault
	default:
		return NoFault
	}
}

// ofPolicy is whose a refusal by policy is, where package refusal knows the
// provider's. At RCPT a server that does not relay may be the reader's own.
func ofPolicy(r Result) Fault {
	row, _ := Explain(r)
	switch {
	case row.Fault == refusal.Setup:
		return SenderFault
	case row.Fault == refusal.Account && r.Phase >= PhaseDot:
		return AccountFault
	case row.Fault == refusal.Message:
		return MessageFault
	default:
		return PolicyFault
	}
}

// Explain is what a refusal means, when its provider's refusals are known.
func Explain(r Result) (refusal.Row, bool) { return refusal.Explain(r.Code, enhanced(r), r.Text) }

// namesSender reports whether the text says what the code does not: SES and
// Microsoft 365 refuse a sender in words.
func namesSender(r Result) bool { return says(r, "sendasdenied", "not verified") }

func says(r Result, words ...string) bool {
	text := strings.ToLower(r.Text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// enhanced is the enhanced code, if it is of the reply's class.
func enhanced(r Result) string {
	if len(r.Enhanced) > 1 && r.Enhanced[0] == byte('0'+r.Code/100) && r.Enhanced[1] == '.' {
		return r.Enhanced
	}
	return ""
}

// ClassifyDial maps a failure to make a connection: what the server refuses for
// good (AUTH 535, a 554 greeting) and what our policy refuses (no STARTTLS, a
// wrong certificate) are the operator's, everything else is nobody's fault.
func ClassifyDial(err error) Verdict {
	var e *SMTPError
	if errors.As(err, &e) && (e.Code/100 == 5 || e.Code == 0) {
		return Verdict{State: Queued, Fault: OperatorFault}
	}
	return Verdict{State: Queued, Fault: PathFault}
}
