package inbound

import (
	"strings"

	"verdicts.example/digest/subscribers"
)

// readStatus reads a delivery status notification (RFC 3464, RFC 6533).
func readStatus(m *mail, r *Report) bool {
	groups := m.statusGroups()
	if len(groups) == 0 {
		return false
	}
	notice, _ := m.notice()
	var all []string
	for _, g := range groups {
		all = append(all, g.recipient())
	}
	anyFailed, anyDelayed := false, false
	for _, g := range groups {
		email := g.recipient()
		if email == "" || len(r.Recipients) >= maxRecipients {
			continue
		}
		action := strings.ToLower(firstWord(g.header.get("action")))
		status := firstStatus(g.header.get("status"))
		if strings.HasPrefix(action, "deliver") || action == "relayed" || action == "expanded" || action == "" && strings.HasPrefix(status, "2") {
			continue
		}
		delayed := strings.HasPrefix(action, "delay") || action == "" && strings.HasPrefix(status, "4")
		words := g.words()
		said := words
		if len(groups) == 1 {
			said = strings.TrimSpace(words + "\n" + transcript(notice))
		} else {
			said = strings.TrimSpace(words + "\n" + linesAbout(notice, email, all))
		}
		rec := judge(email, status, words, said)
		if delayed {
			rec.Class = subscribers.BounceDelayed
			anyDelayed = true
		} else {
			anyFailed = true
		}
		r.add(rec)
	}
	switch {
	case anyFailed:
		r.Kind = KindBounce
	case anyDelayed:
		r.Kind = KindDelay
	case m.says2xx(groups):
		r.Kind = KindNone
		return true
	default:
		return false
	}
	return true
}

// add adds a recipient with an address; of two that speak of the same address the harder stays.
func (r *Report) add(rec Recipient) {
	if rec.Email == "" {
		return
	}
	for i, old := range r.Recipients {
		if strings.EqualFold(old.Email, rec.Email) {
			if rec.Class == subscribers.BounceHard || old.Reason == reasonUnclear {
				r.Recipients[i] = rec
			}
			return
		}
	}
	r.Recipients = append(r.Recipients, rec)
}

// A group is the fields of one recipient.
type group struct{ header header }

func (m *mail) says2xx(groups []group) bool {
	for _, g := range groups {
		if g.recipient() != "" {
			return true
		}
	}
	return false
}

// statusGroups finds the recipients' groups, wherever a server put them.
func (m *mail) statusGroups() (groups []group) {
	for _, p := range m.parts {
		switch p.kind {
		case "message/delivery-status", "message/global-delivery-status", "message/delivery-report":
			groups = append(groups, readGroups(string(p.body))...)
		}
	}
	if len(groups) > 0 {
		return groups
	}
	if !m.fromServer() {
		return nil
	}
	notice, rest := m.notice()
	if groups = readGroups(notice); len(groups) == 0 {
		groups = readGroups(rest)
	}
	if len(groups) == 0 && !m.nested {
		groups = m.passedOn()
	}
	return groups
}

// passedOn finds the groups of a notification that a gateway wrapped in one of
// its own.
func (m *mail) passedOn() []group {
	for _, p := range m.parts {
		if p.kind != "message/rfc822" {
			continue
		}
		if inner := parseNested(trimBlank(p.body)); inner.kind == "multipart/report" && inner.fromServer() {
			return inner.statusGroups()
		}
	}
	return nil
}

// readGroups reads the groups of fields of a text that name a recipient.
func readGroups(text string) (groups []group) {
	var h header
	flush := func() {
		if h.get("final-recipient") != "" || h.get("original-recipient") != "" {
			groups = append(groups, group{h})
		}
		h = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, ">") { // forwarded by a person
			line = strings.TrimPrefix(strings.TrimLeft(line, ">"), " ")
		}
		trimmed := strings.TrimSpace(line)
		name, value, ok := strings.Cut(trimmed, ":")
		name = strings.ToLower(name)
		switch {
		case trimmed == "":
			flush()
		case (line[0] == ' ' || line[0] == '\t') && len(h) > 0 && !(ok && strings.HasPrefix(name, "final-recipient")):
			h[len(h)-1].value += " " + trimmed
		case ok && isName([]byte(name)):
			if name == "final-recipient" && h.get(name) != "" { // some leave the blank line out
				flush()
			}
			h = append(h, field{name, strings.TrimSpace(value)})
		case len(h) > 0: // a line that should have been folded
			h[len(h)-1].value += " " + trimmed
		}
		if len(groups) >= maxRecipients {
			return groups
		}
	}
	flush()
	return groups
}

// recipient is the address whose mailbox it is about: the final one, unless that
// is no address.
func (g group) recipient() string {
	for _, name := range []string{"final-recipient", "original-recipient", "x-actual-recipient"} {
		_, a, ok := strings.Cut(g.header.get(name), ";")
		if !ok {
			a = g.header.get(name)
		}
		if strings.HasPrefix(strings.TrimSpace(a), "@") { // a route (RFC 5321, appendix C)
			_, a, _ = strings.Cut(a, ":")
		}
		if a = oneAddress(decodeUTF8(a)); a != "" {
			return a
		}
	}
	return ""
}

// words are the server's.
func (g group) words() string {
	var out []string
	for _, name := range []string{"diagnostic-code", "x-supplementary-info", "x-display-name", "x-postfix-sender", "x-notes"} {
		for _, v := range g.header.all(name) {
			if kind, rest, ok := strings.Cut(v, ";"); ok && len(kind) < 20 && !strings.ContainsAny(kind, " <") {
				v = rest
			}
			if name == "diagnostic-code" || name == "x-supplementary-info" {
				out = append(out, strings.TrimSpace(v))
			}
		}
	}
	if _, comment, ok := strings.Cut(g.header.get("status"), "("); ok {
		out = append(out, strings.TrimSuffix(comment, ")"))
	}
	return strings.Join(out, "\n")
}

func firstWord(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t(;"); i >= 0 {
		return s[:i]
	}
	return s
}

// decodeUTF8 undoes the utf-8-addr-xtext form (RFC 6533 §3): \x{3042}.
func decodeUTF8(s string) string {
	if !strings.Contains(s, `\x{`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `\x{`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		hex, rest, ok := strings.Cut(after, "}")
		var r rune
		for _, c := range hex {
			d := strings.IndexRune("0123456789abcdef", c|0x20)
			if d < 0 || r > 0x10ffff {
				ok = false
				break
			}
			r = r<<4 | rune(d)
		}
		if !ok {
			return b.String()
		}
		b.WriteRune(r)
		s = rest
	}
}
