package inbound

import "strings"

// readUnsubscribe reads a mail by which a reader leaves: to the address in
// List-Unsubscribe, or with nothing but that word.
func readUnsubscribe(m *mail, r *Report) bool {
	apple := strings.EqualFold(m.header.get("x-apple-unsubscribe"), "true") // and auto-replied, though a person pressed the button
	if m.automatic() && !apple || m.kind == "multipart/report" || m.header.get("x-failed-recipients") != "" {
		return false
	}
	r.Token = leaveToken(word(m.header.get("subject")))
	if r.Token == "" && !apple && !m.toUnsubscribe() && !m.asksToLeave() {
		return false
	}
	r.Kind = KindUnsubscribe
	if r.From != "" {
		r.Recipients = []Recipient{{Email: r.From, Reason: "asked to leave"}}
	}
	return true
}

func (m *mail) toUnsubscribe() bool {
	for _, name := range []string{"delivered-to", "x-original-to", "to"} {
		for _, a := range findAddresses(m.header.get(name)) {
			local, _, _ := strings.Cut(strings.ToLower(a), "@")
			if local == "unsubscribe" || strings.HasPrefix(local, "unsubscribe+") {
				return true
			}
		}
	}
	return false
}

func (m *mail) asksToLeave() bool {
	asks := func(s string) bool {
		switch strings.Trim(strings.ToLower(s), " \t.!*_\"'") {
		case "unsubscribe", "re: unsubscribe", "unsubscribe me", "please unsubscribe", "please unsubscribe me", "abmelden", "désabonnement", "remove me":
			return true
		}
		return false
	}
	if m.fromDaemon() {
		return false
	}
	if asks(word(m.header.get("subject"))) {
		return true
	}
	notice, _ := m.notice()
	first, _, _ := strings.Cut(strings.TrimSpace(notice), "\n")
	return asks(first)
}

// fromDaemon reports whether the sender is a mail server by its name.
func (m *mail) fromDaemon() bool {
	from := strings.ToLower(m.header.get("from"))
	return strings.Contains(from, "mailer-daemon") || strings.Contains(from, "postmaster@")
}
