package outbox

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

const (
	Lease    = 10 * time.Minute    // how long a courier may take before another one tries
	DoneKept = 90 * 24 * time.Hour // how long an event is remembered after it was told
)

// ReaderKey is the dedupe key of an event about a reader, who has one of a kind
// waiting at a time.
func ReaderKey(k Kind, s subscribers.Subscriber) string {
	if k == KindConfirm {
		return ConfirmKey(s.Email)
	}
	return fmt.Sprintf("%s:%d", k, s.ID)
}

// ConfirmKey is the dedupe key of a mailbox's confirmation: one waits at a time,
// over all spellings of the address.
func ConfirmKey(email string) string {
	key := email // never: what is on the list was parsed
	if a, err := subscribers.ParseAddress(email); err == nil {
		mailbox := a.Throttle()
		key = hex.EncodeToString(mailbox[:])
	}
	return string(KindConfirm) + ":" + key
}

// LinkKind is the kind of the mail that answers a wish for links.
func LinkKind(w subscribers.Wish) Kind {
	if w == subscribers.WishLinks {
		return KindLinks
	}
	return KindLeaveLink
}

// FreshLinkKey is the dedupe key of the mail with a fresh link: one to a mailbox
// that a reader mistyped, and that waits for its server, keeps none from the right
// one.
func FreshLinkKey(p subscribers.Purpose, id int64, recipient string) string {
	return fmt.Sprintf("%s:%s:%d:%s", KindFreshLink, p, id, recipient)
}

// NoticeKey is the dedupe key of what an editor is told once for dedupe.
func NoticeKey(k Kind, dedupe, recipient string) string {
	return "notice:" + string(k) + ":" + dedupe + ":" + recipient
}

// ConfirmDetails gives what a sign-up said as a confirmation keeps it.
func ConfirmDetails(version int, data []byte) (string, error) {
	p, err := Decode(KindConfirm, version, data)
	if err != nil {
		return "", err
	}
	details, err := json.Marshal(p.(Confirm).Details)
	return string(details), err
}
