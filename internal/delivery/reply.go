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
		if r.Phase < PhaseDot || r.Err == nil {
			return ""
		}
		return clip("no reply: "+r.Err.Error(), refusedReply)
	}
	text := strings.TrimSpace(r.Enhanced + " " + r.Text)
	if r.Code/100 == 2 {
		return clip(strconv.Itoa(r.Code)+" "+withoutMessageID(text), acceptedReply)
	}
	return clip(strconv.Itoa(r.Code)+" "+text, refusedReply)
}

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
	plain := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
	return plain[:min(len(plain), limit)]
}

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
