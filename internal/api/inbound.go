package api

import (
	"encoding/hex"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// Inbound is what a mail that came back says.
type Inbound struct {
	Kind       inbound.Kind       `json:"kind"`
	Recipients []InboundRecipient `json:"recipients"`
	DMARC      *DMARC             `json:"dmarc,omitempty"`
}

// InboundRecipient is what it says of one address. The class of an answer or of
// a request is "".
type InboundRecipient struct {
	Email  string `json:"email"`
	Class  string `json:"class"`
	Status string `json:"status"`
	Reply  string `json:"reply"`
	Reason string `json:"reason"`
}

// InboundTaken is what became of a mail.
type InboundTaken struct {
	Inbound
	Outcome    inbound.Outcome `json:"outcome"`
	Week       string          `json:"week,omitempty"`
	Settled    bool            `json:"settled,omitempty"`
	Suppressed string          `json:"suppressed,omitempty"`
	Why        string          `json:"why,omitempty"`
}

// NewInboundTaken makes the row of a mail that was taken.
func NewInboundTaken(t inbound.Taken) InboundTaken {
	row := InboundTaken{Inbound: NewInbound(t.Report), Outcome: t.Outcome, Week: t.Week, Settled: t.Effect.Settled, Why: t.Why}
	if t.Effect.Suppressed != subscribers.NotSuppressed {
		row.Suppressed = t.Effect.Suppressed.String()
	}
	return row
}

// Returned is what came back lately.
type Returned struct {
	Counts []ReturnedCount `json:"counts"`
	Kept   []KeptMail      `json:"kept"`
	DMARC  []DMARC         `json:"dmarc"`
}

// ReturnedCount is how many mails of a kind came to an outcome.
type ReturnedCount struct {
	Kind    inbound.Kind    `json:"kind"`
	Outcome inbound.Outcome `json:"outcome"`
	Mails   int64           `json:"mails"`
}

// KeptMail is a mail that somebody should look at.
type KeptMail struct {
	ID   string       `json:"id"`
	Kind inbound.Kind `json:"kind"`
	Why  string       `json:"why"`
	At   time.Time    `json:"at"`
	Size int          `json:"size"`
}

// NewReturned makes the rows of what came back.
func NewReturned(tallies []inbound.Tally, kept []inbound.Kept, reports []inbound.DMARC) Returned {
	out := Returned{Counts: []ReturnedCount{}, Kept: []KeptMail{}, DMARC: []DMARC{}}
	for _, t := range tallies {
		out.Counts = append(out.Counts, ReturnedCount(t))
	}
	for _, k := range kept {
		out.Kept = append(out.Kept, KeptMail{ID: MailID(k.Mail), Kind: k.Kind, Why: k.Why, At: k.At, Size: k.Size})
	}
	for _, d := range reports {
		out.DMARC = append(out.DMARC, newDMARC(d))
	}
	return out
}

// MailID is the beginning of a mail's SHA-256.
func MailID(sum [32]byte) string { return hex.EncodeToString(sum[:6]) }

func newDMARC(d inbound.DMARC) DMARC {
	return DMARC{Org: d.Org, Domain: d.Domain, Policy: d.Policy, Messages: d.Messages, Failed: d.Failed}
}

// DMARC is an aggregate report in short.
type DMARC struct {
	Org      string `json:"org"`
	Domain   string `json:"domain"`
	Policy   string `json:"policy"`
	Messages int64  `json:"messages"`
	Failed   int64  `json:"failed"`
}

// NewInbound makes the row of a report.
func NewInbound(r inbound.Report) Inbound {
	row := Inbound{Kind: r.Kind, Recipients: []InboundRecipient{}}
	for _, x := range r.Recipients {
		row.Recipients = append(row.Recipients, InboundRecipient{Email: x.Email, Class: string(x.Class), Status: x.Status, Reply: x.Reply, Reason: x.Reason})
	}
	if d := r.DMARC; d != nil {
		short := newDMARC(*d)
		row.DMARC = &short
	}
	return row
}

// Settled is what a relay's log settled, and how many are still unknown.
type Settled struct {
	Settled int64 `json:"settled"`
	Unknown int64 `json:"unknown"`
}
