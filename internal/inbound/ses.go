package inbound

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// An sesNotice is a notification of Amazon SES, as SNS brings it by HTTP or by
// mail. The sending API calls its kind notificationType, an event publisher
// eventType.
type sesNotice struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Bounce           struct {
		At         time.Time `json:"timestamp"`
		Type       string    `json:"bounceType"`
		SubType    string    `json:"bounceSubType"`
		Recipients []struct {
			Email      string `json:"emailAddress"`
			Action     string `json:"action"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		At         time.Time `json:"timestamp"`
		Type       string    `json:"complaintFeedbackType"`
		Recipients []struct {
			Email string `json:"emailAddress"`
		} `json:"complainedRecipients"`
	} `json:"complaint"`
	Delay struct {
		Recipients []struct {
			Email      string `json:"emailAddress"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
	Mail struct {
		Source  string `json:"source"`
		Headers []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"headers"`
	} `json:"mail"`
}

// ReadSES reads a notification of Amazon SES, as SNS brings it by HTTP: the
// message in SNS's envelope. What is none says nothing: of KindNone.
func ReadSES(text []byte) Report {
	r := Report{Kind: KindNone}
	if n, err := decodeSES(text); err == nil {
		n.report(&r)
	}
	return r
}

// readSESMail reads a notification that SNS sent by mail.
func readSESMail(m *mail, r *Report) bool {
	if m.header.get("x-amz-sns-message-id") == "" && !strings.HasSuffix(strings.ToLower(m.from()), "@sns.amazonaws.com") {
		return false
	}
	notice, _ := m.notice()
	_, after, ok := strings.Cut(notice, "{")
	if !ok {
		return false
	}
	text := []byte("{" + after)
	n, err := decodeSES(text)
	if err != nil { // long lines were folded on the way
		text = bytes.ReplaceAll(text, []byte("!\n "), nil)
		n, err = decodeSES(bytes.ReplaceAll(text, []byte("\n "), nil))
	}
	if err != nil {
		return false
	}
	n.report(r)
	return true
}

func decodeSES(text []byte) (n sesNotice, err error) {
	var whole struct {
		sesNotice
		Message string `json:"Message"` // of SNS's envelope
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&whole); err != nil {
		return n, err
	}
	if whole.Message != "" {
		err = json.Unmarshal([]byte(whole.Message), &n)
		return n, err
	}
	return whole.sesNotice, nil
}

// report fills in what a notification says.
func (n sesNotice) report(r *Report) {
	r.Addresses = append(r.Addresses, findAddresses(n.Mail.Source)...)
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(h.Name, "Message-ID") {
			r.MessageID = strings.Trim(h.Value, "<> ")
		}
	}
	switch n.NotificationType + n.EventType {
	case "Bounce":
		r.Kind, r.At = KindBounce, n.Bounce.At
		for _, b := range n.Bounce.Recipients {
			rec := judge(oneAddress(b.Email), firstStatus(b.Status), b.Diagnostic, b.Diagnostic)
			switch n.Bounce.Type {
			case "Permanent":
				if rec.Reason == reasonUnclear && (n.Bounce.SubType == "General" || n.Bounce.SubType == "NoEmail" || n.Bounce.SubType == "Suppressed" || n.Bounce.SubType == "OnAccountSuppressionList") {
					rec.Class, rec.Reason = subscribers.BounceHard, reasonUser
				}
			case "Transient", "Undetermined":
				if rec.Class == subscribers.BounceHard {
					rec.Class = subscribers.BounceSoft
				}
			}
			r.add(rec)
		}
	case "Complaint":
		r.Kind, r.At = KindComplaint, n.Complaint.At
		for _, c := range n.Complaint.Recipients {
			r.add(Recipient{Email: oneAddress(c.Email), Class: subscribers.BounceComplaint, Reason: shorten(n.Complaint.Type)})
		}
	case "DeliveryDelay":
		r.Kind = KindDelay
		for _, d := range n.Delay.Recipients {
			rec := judge(oneAddress(d.Email), firstStatus(d.Status), d.Diagnostic, d.Diagnostic)
			rec.Class = subscribers.BounceDelayed
			r.add(rec)
		}
	}
	if len(r.Recipients) == 0 && r.Kind != KindComplaint { // whom a complaint is about, the message's own id says
		r.Kind = KindNone
	}
}
