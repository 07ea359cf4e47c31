// Package inbound reads what comes back after a send: bounces (RFC 3464, RFC
// 6533, and the many older forms in words), delays, complaints (RFC 5965),
// unsubscribe mails, automatic replies (RFC 3834) and DMARC reports (RFC 7489).
//
// The package promises that Read is a pure function that takes any bytes: it
// never fails, looks at a bounded part of them and keeps a bounded part of that.
// What it cannot make sense of is of KindNone; it says nothing about anybody
// then. Nothing that Read reports is proof of anything: whoever acts on it asks
// for a tag that only this list can have made (message.Tagger).
//
// A refusal is hard only when mailbox, domain or host does not exist or takes no
// mail at all. An enhanced status code (RFC 3463) is believed where it is
// specific; where it is generic, the server's words decide.
package inbound

import (
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// A Kind is what a mail is.
type Kind string

// The kinds. The words are those that scripts read.
const (
	KindBounce      Kind = "bounce"
	KindDelay       Kind = "delay" // the server goes on trying
	KindComplaint   Kind = "complaint"
	KindUnsubscribe Kind = "unsubscribe"
	KindDMARC       Kind = "dmarc"
	KindAutoreply   Kind = "autoreply" // vacation, challenge, receipt
	KindNone        Kind = "none"
)

// A Recipient is what a mail says of one address.
type Recipient struct {
	Email  string
	Class  subscribers.BounceClass // "" where the mail refuses nothing
	Status string                  // enhanced status code, "" if there is none
	Reply  string                  // the server's words, shortened
	Reason string                  // see reasons
}

// A Report is what a mail says.
type Report struct {
	Kind       Kind
	Recipients []Recipient
	// Addresses are those that the mail was sent to, and the envelope senders that
	// the returned message names: one of them is the delivery's own.
	Addresses []string
	// MessageID is the returned message's, without brackets; "" if it is not there.
	MessageID string
	From      string    // who sent it
	At        time.Time // when it happened, where a provider says so
	Token     string    // of KindUnsubscribe: the reader's, that it was asked with
	DMARC     *DMARC    // of KindDMARC, where it could be read
}

// Read reads a mail as it came. Line ends may be LF, CRLF or CR.
func Read(raw []byte) Report {
	m := parse(raw)
	r := Report{Kind: KindNone, From: m.from(), Addresses: m.addresses(), MessageID: m.originalID()}
	for _, read := range []func(*mail, *Report) bool{readFeedback, readAggregate, readSESMail, readStatus, readUnsubscribe, readNotice, readAutoreply} {
		if read(m, &r) {
			break
		}
	}
	return r
}

// What is kept of a mail's words.
const (
	maxRecipients = 100
	maxReply      = 500
)

// shorten makes one line of at most maxReply bytes.
func shorten(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > maxReply {
		s = strings.ToValidUTF8(s[:maxReply], "")
	}
	return s
}
