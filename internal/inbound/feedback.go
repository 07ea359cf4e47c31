package inbound

import (
	"strings"

	"verdicts.example/digest/subscribers"
)

// readFeedback reads a complaint (RFC 5965). A report that a mail is no spam
// complains of nothing; one of failed authentication (RFC 6591) is about the
// sender's set-up, not from a reader.
func readFeedback(m *mail, r *Report) bool {
	fields := m.feedback()
	if fields == nil {
		return false
	}
	kind := strings.ToLower(firstWord(fields.get("feedback-type")))
	r.MessageID = m.originalID()
	switch kind {
	case "not-spam":
		return true
	case "auth-failure":
		r.Kind = KindDMARC
	default:
		r.Kind = KindComplaint
	}
	class := subscribers.BounceComplaint
	if r.Kind == KindDMARC {
		class = subscribers.BounceSender
	}
	for _, a := range m.complainants(fields) {
		r.add(Recipient{Email: a, Class: class, Status: "", Reply: shorten(fields.get("user-agent")), Reason: kind})
	}
	return true
}

// feedback gives the fields of the report, nil if there are none.
func (m *mail) feedback() header {
	for _, p := range m.parts {
		if p.kind == "message/feedback-report" {
			h, _ := splitHeader(trimBlank(p.body))
			return append(h, field{"feedback-type", "abuse"})
		}
	}
	if strings.HasPrefix(strings.ToLower(m.header.get("x-loop")), "scomp") || strings.Contains(strings.ToLower(m.header.get("from")), "staff@hotmail.com") && strings.HasPrefix(strings.ToLower(m.header.get("subject")), "complaint about message") {
		return header{{"feedback-type", "abuse"}}
	}
	return nil
}

// complainants are those whose mailbox it came from, as far as a provider says.
func (m *mail) complainants(fields header) (out []string) {
	for _, name := range []string{"original-rcpt-to", "removal-recipient"} {
		for _, v := range fields.all(name) {
			if a := oneAddress(v); a != "" && !containsFold(out, a) {
				out = append(out, a)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if a := oneAddress(m.header.get("x-hmxmroriginalrecipient")); a != "" {
		return []string{a}
	}
	return findAddresses(word(m.original().get("to")))
}
