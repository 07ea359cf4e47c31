package message

import (
	"fmt"
)

// A TxDraft is a mail to one reader or editor that answers something they or
// the program did: a confirmation, a welcome, a report.
type TxDraft struct {
	Mail

	// To is the recipient. Without a MessageID the mail gets a random one in
	// IDDomain. With a Token it has the unsubscribe fields, else not: who has
	// not confirmed yet has nothing to unsubscribe from.
	To Reader
}

// Transactional gives the whole message, made with the digest's own machinery.
// Its errors wrap ErrDraft or ErrReader. It is marked Auto-Submitted, so that
// no responder answers it (RFC 3834 §5).
func Transactional(d TxDraft) ([]byte, error) {
	if err := d.check(d.To.Token != ""); err != nil {
		return nil, fmt.Errorf("transactional mail: %w", err)
	}
	body, boundary, err := freezeBody(d.Text, d.HTML)
	if err != nil {
		return nil, err
	}
	var h headBuilder
	h.author(&d.Mail)
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
