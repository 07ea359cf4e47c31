package api

import "verdicts.example/digest/internal/inbound"

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
		row.DMARC = &DMARC{Org: d.Org, Domain: d.Domain, Policy: d.Policy, Messages: d.Messages, Failed: d.Failed}
	}
	return row
}
