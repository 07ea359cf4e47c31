package inbound

import (
	"strings"

	"verdicts.example/digest/subscribers"
)

// readNotice reads a bounce that is in words.
func readNotice(m *mail, r *Report) bool {
	if !m.fromServer() || m.vacation() {
		return false
	}
	notice, _ := m.notice()
	lower := strings.ToLower(oneLine(notice))
	failed := m.header.get("x-failed-recipients") != "" || containsAny(lower, failures()) || containsAny(strings.ToLower(word(m.header.get("subject"))), failureSubjects())
	delayed := containsAny(lower, delays())
	if !failed && !delayed {
		return false
	}
	for _, s := range m.sayings() {
		rec := judge(s.email, "", "", s.words)
		if rec.Reason == reasonUnclear {
			rec = judge(s.email, "", "", s.words+"\n"+transcript(notice)+"\n"+word(m.header.get("subject")))
			rec.Reply = shorten(s.words)
		}
		if delayed {
			rec.Class = subscribers.BounceDelayed
		}
		r.add(rec)
	}
	if len(r.Recipients) == 0 {
		return false
	}
	r.Kind = KindBounce
	if delayed {
		r.Kind = KindDelay
	}
	return true
}

// fromServer reports whether a mail server, not a person, wrote a mail.
func (m *mail) fromServer() bool {
	if m.header.get("x-failed-recipients") != "" || m.kind == "multipart/report" {
		return true
	}
	path := m.header.all("return-path")
	if len(path) > 0 && strings.Trim(path[0], "<> ") == "" {
		return true
	}
	if v := strings.ToLower(m.header.get("auto-submitted")); strings.HasPrefix(v, "auto-generated") {
		return true
	}
	from := strings.ToLower(word(m.header.get("from")) + " " + m.header.get("sender") + " " + m.header.get("return-path"))
	if containsAny(from, []string{"mailer-daemon", "mailer_daemon", "postmaster", "post_master", "mail delivery", "mail deliver system", "maildelivery", "mail administrator", "system administrator", "mdaemon", "majordomo", "no-reply@", "noreply@", "sysadmin@", "bounce@", "bounces@", "-admin@"}) {
		return true
	}
	return containsAny(strings.ToLower(word(m.header.get("subject"))), failureSubjects()) && m.header.get("in-reply-to") == ""
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func failureSubjects() []string {
	return []string{
		"undeliver", "delivery status notification", "delivery failure", "delivery failed", "delivery has failed", "failure notice",
		"returned mail", "returned to sender", "mail delivery", "delivery notification", "could not be delivered", "mail system error",
		"mail failure", "message status - undeliverable", "non-delivery", "nondeliverable", "unzustellbar", "rejected", "email returned",
		"bounce notification", "delivery report", "wasn't delivered", "not delivered", "message delivery", "メールエラー", "配信不能", "delivery error",
		"warning: message", "message bounced", "permanent error", "non remis", "mail error", "not member",
	}
}

// failures are words that say that a mail was not brought.
func failures() []string {
	return []string{
		"could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "not been delivered", "not be delivered",
		"was not delivered", "wasn't delivered", "wasn't able to deliver", "was not able to deliver", "unable to deliver", "undeliverable",
		"undelivered", "failed permanently", "delivery failed", "delivery has failed", "permanent error", "permanent fatal error",
		"permanent failure", "did not reach", "could not be reached", "delivery errors", "delivery problems", "delivery to the following",
		"were rejected", "was rejected", "has been rejected", "transcript of session", "failed to deliver", "returned to sender",
		"user unknown", "unknown user", "mailbox full", "delivery failure", "something went wrong", "may not exist, or you may not have permission",
		"was undeliverable", "did not like our", "failure reasons", "non-delivered", "could not be sent", "the following error", "not a member of",
		"unable to reach", "送信できませんでした", "配信できません", "届けることができ", "送信に失敗", "не может быть доставлено", "error message", "exceeds allowed size",
		"not able to deliver", "no valid recipients", "requested action not taken", "rejected recipient", "had trouble delivering", "message not delivered", "could not deliver", "not listed in",
	}
}

// delays are words that say that a server goes on trying.
func delays() []string {
	return []string{
		"has been delayed", "this is a warning only", "you do not need to resend", "you do not have to resend", "message will be retried",
		"has not yet been delivered", "not been delivered yet", "will continue to try", "delivery attempts will continue", "transient non-fatal errors",
		"will keep trying", "delivery is delayed", "delivery delayed", "delivery incomplete",
	}
}
