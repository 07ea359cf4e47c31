package subscribers

import (
	"encoding/json"
	"time"
)

// The kinds of mail that wait in the outbox for one reader. Editors' notices
// have kinds of their own.
const (
	MailConfirm = "confirm"
	MailWelcome = "welcome"
	MailGoodbye = "goodbye"
)

// When the outbox gives a mail up.
const (
	MailAttempts = 20
	MailFor      = 3 * 24 * time.Hour // since it was queued
)

// A Mail is one transactional mail of the outbox.
type Mail struct {
	ID         int64
	Kind       string
	Subscriber Subscriber // zero for a notice to an editor
	Recipient  string
	// Data is what its template needs. Of a confirmation it is Details, which a
	// visitor typed: keep it out of the mail.
	Data     json.RawMessage
	Attempts int // this one included
}
