package delivery

import "verdicts.example/digest/subscribers"

// A Fault is whose fault a refusal is. The numbers are stored.
type Fault uint8

// The faults.
const (
	NoFault       Fault = iota
	PathFault           // a connection, or a server on the way: nobody's
	SessionFault        // the session's: ask once more over a fresh one
	OperatorFault       // the login, the envelope sender: the edition pauses at once
	SenderFault         // the sender's address or domain
	MessageFault        // what the message is: its size, its content
	AccountFault        // the sender's account at the relay: a limit, a block
	PolicyFault         // a server's policy about this mail
	DomainFault         // the recipient's domain, or the relay, wants fewer messages
	SoftFault           // the mailbox, for now: full, disabled, greylisted
	HardFault           // the mailbox does not exist
	UnknownFault        // no reply after the end of the message
	faults              // how many there are
)

var faultNames = [faults]string{"none", "path", "session", "operator", "sender", "message", "account", "policy", "domain", "soft", "hard", "unknown"}

// String is the fault's name.
func (f Fault) String() string {
	if f < faults {
		return faultNames[f]
	}
	return "invalid"
}

// Undecided reports whether a rejection says so little about the reader that it
// is held until it is clear whether others are rejected alike.
func (f Fault) Undecided() bool { return f >= SenderFault && f <= PolicyFault }

// Returnable are the faults of failed deliveries that an operator can send
// again: none of them is the reader's. stopped: the circuit breaker has paused the
// edition, so that what servers said of mailboxes is not believed either.
func Returnable(stopped bool) []Fault {
	list := []Fault{PathFault, OperatorFault, SenderFault, MessageFault, AccountFault, PolicyFault, DomainFault}
	if stopped {
		list = append(list, SoftFault, HardFault)
	}
	return list
}

// BounceClass is what a recorded delivery says about its reader's mailbox: ""
// unless it failed. Deliveries from before faults were recorded are classed by
// their reply.
func BounceClass(state State, f Fault, reply string) subscribers.BounceClass {
	switch {
	case state != Failed:
		return ""
	case f == HardFault:
		return subscribers.BounceHard
	case f == SoftFault:
		return subscribers.BounceSoft
	case f == PathFault || f == DomainFault:
		return subscribers.BouncePath
	case f == SenderFault || f == AccountFault || f == OperatorFault:
		return subscribers.BounceSender
	case f != NoFault || len(reply) > 8 && reply[0] == '5' && reply[4:8] == "5.7.":
		return subscribers.BouncePolicy
	default:
		return subscribers.BounceSoft
	}
}

// An outage that says "no such user" comes from several mailboxes of a domain at
// once: outageLeast of those that took mail before, and more than one in
// outageShare of them.
const (
	outageLeast = 2
	outageShare = 5
)

// Doubtful reports whether the hard bounces of a domain, this many, are judged by
// what its readers took before: one alone is believed.
func Doubtful(stopped bool, hard int) bool { return !stopped && hard >= outageLeast }

// Believed reports whether the hard bounces of a domain are about its mailboxes.
// stopped: the circuit breaker has paused the edition; took: how many of the
// domain's readers had taken mail before; gone: how many of those bounce now.
// What is not believed counts as a soft bounce.
func Believed(stopped bool, took, gone int) bool {
	return !stopped && (gone < outageLeast || gone*outageShare <= took)
}
