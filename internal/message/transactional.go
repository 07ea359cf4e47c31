package message

import (
	"fmt"
	"net/mail"
	"time"
)

// A TxDraft is a mail to one reader or editor that answers something they or
// the program did: a confirmation, a welcome, a report.
type TxDraft struct {
	From    mail.Address
	ReplyTo mail.Address // zero: replies go to From
	Subject string
	HTML    string // may hold merge fields, as Text
	Text    string
	Date    time.Time

	// To is the recipient. Without a MessageID the mail gets a random one in
	// IDDomain. With a Token it has the unsubscribe fields, else not: who has
	// not confirmed yet has nothing to unsubscribe from.
	To           Reader
	NameFallback string // stands in name fields when To has no name

	BaseURL           string // as in Draft; needed with a Token
	UnsubscribeMailto string
	IDDomain          string // of the Message-ID; "" = From's domain
}

// Transactional gives the whole message, made with the digest's own machinery.
// Its errors wrap ErrDraft or ErrReader. It is marked Auto-Submitted, so that
// no responder answers it (RFC 3834 §5).
func Transactional(d TxDraft) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	body, boundary, err := freezeBody(d.Text, d.HTML)
	if err != nil {
		return nil, err
	}
	var h headBuilder
	h.author(d.From, d.ReplyTo, d.Subject, d.Date)
	h.line("Auto-Submitted", "auto-generated")
	if d.To.Token != "" {
		h.unsubscribe(d.BaseURL, d.UnsubscribeMailto)
	}
	h.end(boundary)
	f := &Frozen{fallback: Clean(d.NameFallback), head: h.pieces.done(), body: body}
	f.measure()
	to := d.To
	if to.MessageID == "" {
		to.MessageID = NewMessageID(d.idDomain())
	}
	if err := f.check(&to); err != nil {
		return nil, err
	}
	return f.Append(nil, &to), nil
}

func (d *TxDraft) idDomain() string {
	if d.IDDomain != "" {
		return d.IDDomain
	}
	return domainOf(d.From.Address)
}

func (d *TxDraft) check() error {
	if err := firstError([]error{
		checkMailbox("from", d.From),
		checkReplyTo(d.ReplyTo),
		checkLine("subject", d.Subject, true),
		checkLine("name fallback", d.NameFallback, false),
		checkPart("text part", d.Text),
		checkPart("HTML part", d.HTML),
		checkDate(d.Date),
		checkURL("base URL", d.BaseURL, d.To.Token != ""),
		checkAddress("unsubscribe address", d.UnsubscribeMailto, false),
		checkDomain("Message-ID domain", d.IDDomain),
	}); err != nil {
		return fmt.Errorf("transactional mail: %w", err)
	}
	return nil
}
