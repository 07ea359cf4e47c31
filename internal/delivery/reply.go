package delivery

import (
	"strconv"
	"strings"
)

// How much of a reply is kept. An accepted one holds the relay's queue id.
const (
	acceptedReply = 64
	refusedReply  = 200
)

// reply is what is recorded of a result.
func reply(r Result) string {
	if r.Code == 0 {
		if r.Phase < PhaseMail || r.Err == nil {
			return ""
		}
		return clip("no reply: "+r.Err.Error(), refusedReply)
	}
	text, limit := r.Text, refusedReply
	if r.Code/100 == 2 {
		text, limit = withoutMessageID(text), acceptedReply
	}
	if r.Enhanced != "" {
		return clip(strings.TrimSpace(strconv.Itoa(r.Code)+" "+r.Enhanced+" "+text), limit)
	}
	return clip(strings.TrimSpace(strconv.Itoa(r.Code)+" "+text), limit)
}

// Refused reports whether a recorded reply is a refusal for good: a delivery that has
// one and is queued again is last in line. Its first character is enough.
func Refused(reply string) bool { return strings.HasPrefix(reply, "5") }

// withoutMessageID drops the Message-ID that Exchange repeats in front of its
// own id; it is known anyway.
func withoutMessageID(text string) string {
	from, to := strings.IndexByte(text, '<'), strings.IndexByte(text, '>')
	if from < 0 || to < from {
		return text
	}
	return text[:from] + strings.TrimLeft(text[to+1:], " ")
}

// clip keeps printable ASCII and at most limit bytes: a reply is outside input.
func clip(s string, limit int) string {
	s = s[:min(len(s), limit)]
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if unprintable(c) {
			return '?'
		}
		return c
	}, s)
}

func unprintable(c rune) bool { return c < ' ' || c > '~' }

// Public is a reply as it is kept for people: short, and without addresses.
func Public(s string) string { return clip(WithoutAddresses(s), refusedReply) }

// WithoutAddresses hides mailboxes in a text that goes to logs and mails.
func WithoutAddresses(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if strings.ContainsRune(w, '@') {
			words[i] = "<address>"
		}
	}
	return strings.Join(words, " ")
}
