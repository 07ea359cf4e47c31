package delivery

import (
	"errors"
	"strconv"
	"strings"
)

// A Verdict is what an attempt's result means.
type Verdict struct {
	// State is Accepted, Deferred, Failed, Unknown, or Queued when the attempt
	// costs the delivery nothing.
	State       State
	Suppression Suppression
	// Operator says that the fault is the operator's: the edition pauses and
	// nobody is suppressed.
	Operator bool
	// Link says that the connection or the server failed before the end of the
	// message: reconnect, with backoff.
	Link bool
	// SlowDomain says that the recipient's domain wants fewer messages.
	SlowDomain bool
}

// Classify maps what a mail transaction came to:
//
//	no reply before the end of the message     nobody's fault: reconnect
//	MAIL or earlier 4xx, a 421 in mid-message,
//	out of step (503)                          the same
//	5.7.x, and 5xx before RCPT or to DATA      the operator's fault
//	RCPT, DATA or end 4xx                      deferred; 421 and 4.7.x slow the domain
//	RCPT or end 5.1.1/2/3/6/10, 5.2.1          hard bounce
//	RCPT or end, any other 5xx                 soft bounce
//	no reply after the end                     unknown
//
// The reply code's class (RFC 5321 §4.2.1) decides between temporary and
// permanent; an enhanced code (RFC 3463) of another class is not believed.
func Classify(r Result) Verdict {
	ended := r.Phase >= PhaseDot
	switch {
	case ended && r.Code/100 == 2:
		return Verdict{State: Accepted}
	case r.Code/100 == 4:
		return temporary(r)
	case r.Code == 503 && !ended:
		return Verdict{State: Queued, Link: true}
	case r.Code/100 == 5:
		return permanent(r)
	case ended:
		return Verdict{State: Unknown}
	default:
		return Verdict{State: Queued, Link: true}
	}
}

func temporary(r Result) Verdict {
	slow := strings.HasPrefix(r.Enhanced, "4.7.")
	closing := r.Code == 421 && !slow && (r.Phase == PhaseData || r.Phase == PhaseBody)
	if r.Phase < PhaseRcpt || closing {
		return Verdict{State: Queued, Link: true}
	}
	return Verdict{
		State:      Deferred,
		SlowDomain: r.Code == 421 || slow,
	}
}

func permanent(r Result) Verdict {
	aboutReader := r.Phase == PhaseRcpt || r.Phase >= PhaseDot
	switch {
	case strings.HasPrefix(r.Enhanced, "5.7."), !aboutReader:
		return Verdict{State: Queued, Operator: true}
	case hardBounce(r.Enhanced):
		return Verdict{State: Failed, Suppression: Suppress}
	default:
		return Verdict{State: Failed, Suppression: CountSoft}
	}
}

// hardBounce tells the codes that say that the mailbox does not exist: bad
// mailbox, system or syntax, mailbox moved, null MX (RFC 7505), disabled.
func hardBounce(enhanced string) bool {
	switch enhanced {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	default:
		return false
	}
}

// ClassifyDial maps a failure to make a connection: what the server refuses for
// good (AUTH 535, a 554 greeting) and what our policy refuses (no STARTTLS, a
// wrong certificate) are the operator's, everything else is nobody's fault.
func ClassifyDial(err error) Verdict {
	var e *SMTPError
	if errors.As(err, &e) && (e.Code/100 == 5 || e.Code == 0) {
		return Verdict{State: Queued, Operator: true}
	}
	return Verdict{State: Queued, Link: true}
}

// How much of a reply is kept. An accepted one holds the relay's queue id.
const (
	acceptedReply = 64
	refusedReply  = 200
)

// reply is what is recorded of a result.
func reply(r Result) string {
	if r.Code == 0 {
		if r.Phase < PhaseDot || r.Err == nil {
			return ""
		}
		return clip("no reply: "+r.Err.Error(), refusedReply)
	}
	text := strings.TrimSpace(r.Enhanced + " " + r.Text)
	if r.Code/100 == 2 {
		return clip(strconv.Itoa(r.Code)+" "+withoutMessageID(text), acceptedReply)
	}
	return clip(strconv.Itoa(r.Code)+" "+text, refusedReply)
}

// withoutMessageID drops the Message-ID that Exchange repeats in front of its
// own id; it is known anyway.
func withoutMessageID(text string) string {
	from, to := strings.IndexByte(text, '<'), strings.IndexByte(text, '>')
	if from < 0 || to < from {
		return text
	}
	return text[:from] + strings.TrimLeft(text[to+1:], " ")
}

// clip keeps printable ASCII and at most limit bytes: a reply is outside input.
func clip(s string, limit int) string {
	plain := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
	return plain[:min(len(plain), limit)]
}

// WithoutAddresses hides mailboxes in a text that goes to logs and mails.
func WithoutAddresses(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if strings.ContainsRune(w, '@') {
			words[i] = "<address>"
		}
	}
	return strings.Join(words, " ")
}
