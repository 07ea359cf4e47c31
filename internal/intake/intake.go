// Package intake has the ways in for what comes back after a send: a listener
// that speaks LMTP and SMTP, a Maildir, the relay's log, and the webhooks of two
// providers. What a mail means and what follows is package inbound's affair.
//
// The package promises: a mail that was answered for (250, moved out of new/, 200)
// is committed; one that was not comes again, and twice is as once; nothing is
// relayed, and no mail is answered; addresses that this list has not made are
// refused at RCPT; and a client is bounded in connections, bytes and time, all
// together in memory.
package intake

import (
	"context"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// A Taker acts on what comes back; see inbound.Taker.
type Taker interface {
	Take(ctx context.Context, raw []byte, to ...string) (inbound.Taken, error)
	TakeReport(ctx context.Context, r inbound.Report, raw []byte) (inbound.Taken, error)
}

// Addresses tells those that the list has made from those that somebody else has.
type Addresses interface {
	ParseVERP(address string) (week string, id int64, ok bool)
	ParseNotice(address string) (week string, id int64, ok bool)
	ParseLeave(address string) (week string, id int64, ok bool)
}

// takeTime is how long a database may need to take one mail: a server that asks
// waits longer (RFC 5321 §4.5.3.2.6), and one that is refused comes again.
const takeTime = 30 * time.Second
