package inbound

import (
	"encoding/json"
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// A postmarkNotice is what Postmark's webhooks say of a mail: of its record types
// Bounce, SpamComplaint and SubscriptionChange.
type postmarkNotice struct {
	Record      string    `json:"RecordType"`
	Type        string    `json:"Type"`
	Email       string    `json:"Email"`
	Recipient   string    `json:"Recipient"` // of SubscriptionChange
	BouncedAt   time.Time `json:"BouncedAt"`
	ChangedAt   time.Time `json:"ChangedAt"`
	Details     string    `json:"Details"`
	Description string    `json:"Description"`
	Content     string    `json:"Content"` // the mail that came back, where the webhook is told to bring it
	Suppressed  bool      `json:"SuppressSending"`
	Reason      string    `json:"SuppressionReason"`
	Origin      string    `json:"Origin"`
}

// ReadPostmark reads what a webhook of Postmark brings. What is none, or says
// nothing of a mail that came back, is of KindNone.
func ReadPostmark(body []byte) Report {
	r := Report{Kind: KindNone}
	var n postmarkNotice
	if json.Unmarshal(body, &n) != nil {
		return r
	}
	email := oneAddress(n.Email + " " + n.Recipient)
	if email == "" {
		return r
	}
	if r.At = n.BouncedAt; r.At.IsZero() {
		r.At = n.ChangedAt
	}
	if n.Content != "" { // it names the delivery
		m := parse([]byte(n.Content))
		r.Addresses, r.MessageID = m.addresses(), m.originalID()
	}
	rec := Recipient{Email: email}
	switch {
	case n.Record == "SpamComplaint" || n.Type == "SpamComplaint":
		r.Kind, rec.Class, rec.Reason = KindComplaint, subscribers.BounceComplaint, "abuse"
	case n.Record == "SubscriptionChange" && n.Suppressed && n.Reason == "ManualSuppression" && n.Origin == "Recipient", n.Type == "Unsubscribe":
		r.Kind, rec.Reason = KindUnsubscribe, "asked to leave"
	case n.Record == "Bounce":
		r.Kind, rec = n.bounce(email)
	default:
		return r
	}
	r.Recipients = []Recipient{rec}
	return r
}

// bounce weighs Postmark's type, whose words are in its documentation ("Bounce
// types"), and what the server had said.
func (n postmarkNotice) bounce(email string) (Kind, Recipient) {
	said := strings.TrimSpace(n.Details + "\n" + n.Description)
	rec := judge(email, firstStatus(n.Details), n.Details, said)
	switch n.Type {
	case "AutoResponder", "ChallengeVerification", "Subscribe", "OpenRelayTest":
		return KindAutoreply, Recipient{Email: email, Reason: "automatic reply"}
	case "Transient": // Postmark goes on trying
		rec.Class = subscribers.BounceDelayed
		return KindDelay, rec
	case "HardBounce", "BadEmailAddress":
		if rec.Reason == reasonUnclear {
			rec.Class, rec.Reason = subscribers.BounceHard, reasonUser
		}
	case "Blocked", "SpamNotification", "VirusNotification":
		if rec.Class == subscribers.BounceHard || rec.Reason == reasonUnclear {
			rec.Class, rec.Reason = subscribers.BouncePolicy, reasonBlocked
		}
	case "DMARCPolicy":
		rec.Class, rec.Reason = subscribers.BounceSender, reasonAuth
	case "DnsError":
		rec.Class, rec.Reason = subscribers.BouncePath, reasonPath
	default: // SoftBounce, Unknown, and what concerns the account
		if rec.Class == subscribers.BounceHard {
			rec.Class = subscribers.BounceSoft
		}
	}
	return KindBounce, rec
}
