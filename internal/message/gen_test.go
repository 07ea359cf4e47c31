package message

import (
	"fmt"
	"html"
	"net/mail"
	"strings"
	"time"

	"verdicts.example/digest/internal/mergefield"
)

// A generator makes drafts and readers at random, with every trap that a mail
// has. intn gives a number in [0, n): rapid's, which shrinks, or math/rand's.
type generator struct{ intn func(n int) int }

func (g generator) pick(from ...string) string { return from[g.intn(len(from))] }

// chunk is a piece of text; half of them are traps.
func (g generator) chunk() string {
	switch g.intn(16) {
	case 0:
		return g.pick(".", "..", ". ", "=", "===", "=20", "=\n", "=_", "--", "From ", "From: x", ">From ")
	case 1:
		return g.pick(" ", "  ", "\t", " \t ", "      ", "\u00a0", "\u3000")
	case 2:
		return g.pick("é", "ß", "日本語", "עברית", "العربية", "🦊", "👩‍👩‍👧", "e\u0301", "\u200f", "ﷺ", "\U0010FFFD", "\uFFFD")
	case 3:
		return strings.Repeat(g.pick("x", "=", ".", "é", "🦊", "ab ", "\t", "\""), 1+g.intn(200))
	case 4:
		return g.pick("\"", "\\", "'", "<", ">", "&", ",", ";", ":", "@", "(", ")", "[", "]", "%", "?", "=?", "?=",
			"=?utf-8?q?a?=", "=?utf-8?b?YQ==?=")
	case 5:
		return string(rune('!' + g.intn(94)))
	}
	return g.pick("Ship", "skip", "verdict", "of", "the", "week", "a", "I", "tools,", "compared.") + g.pick(" ", " ", "", "-")
}

func (g generator) line() string {
	var b strings.Builder
	for range g.intn(9) {
		b.WriteString(g.chunk())
	}
	return b.String()
}

// part is a text or HTML part with merge fields at random places.
func (g generator) part() string {
	var b strings.Builder
	b.WriteString(g.pick("", "x", "."))
	pieces := 1 + g.intn(12)
	block := g.intn(2 * pieces) // half of the parts have one
	for i := range pieces {
		if i == block {
			b.WriteString(g.block())
		}
		switch g.intn(6) {
		case 0:
			b.WriteString(g.pick("\n", "\r\n", "\r", "\n\n", "\r\r\n", "\x00", "\x0c", "\x7f", "\u2028"))
		case 1:
			all := mergefield.Single()
			b.WriteString(string(all[g.intn(len(all))]))
		default:
			b.WriteString(g.line())
		}
	}
	return b.String() + "z"[:g.intn(2)] + g.pick("\n", " ", ".", "y")
}

// block is a block of what changed, with other fields in it.
func (g generator) block() string {
	var b strings.Builder
	for _, f := range []mergefield.Field{mergefield.IfChanges, mergefield.EachChange, mergefield.Change, mergefield.NextChange, mergefield.EndChanges} {
		b.WriteString(g.pick("", "\n", "- ", "  <li>") + string(f) + g.pick("", "\n", " ", string(mergefield.Saved)))
	}
	return b.String()
}

// oneLine is a text for a header field.
func (g generator) oneLine() string {
	s := strings.ReplaceAll(g.line(), "\n", " ")
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\t", " "), "?")[:min(len(s), maxLine/2)]
}

func (g generator) draft() Draft {
	d := Draft{
		Mail: Mail{
			From:         mail.Address{Name: validText(g.oneLine()), Address: g.pick("verdicts@localhost", "a.b+c@news.example.org")},
			Subject:      "s" + validText(g.oneLine()),
			HTML:         g.part(),
			Text:         g.part(),
			Date:         time.Unix(1_700_000_000+int64(g.intn(1e9)), 0).In(time.FixedZone("", 60*(g.intn(24*60)-12*60))),
			NameFallback: g.pick("", "there", "Leser:in", "読者"),
			BaseURL:      g.pick("https://example.org", "http://localhost:8080", "https://example.org/sub/"),
		},
		Week:   fmt.Sprintf("20%02d-W%02d", g.intn(100), 1+g.intn(52)),
		ListID: g.pick("<list.example.org>", "Weekly AI Tool Verdicts <verdicts.localhost>", "Wöchentliche, \"kurze\" Urteile <l.example>"),
	}
	if g.intn(2) == 0 {
		d.ReplyTo = mail.Address{Name: validText(g.oneLine()), Address: "reply@example.org"}
		d.ListArchive = "https://example.org/archive"
		d.UnsubscribeMailto = g.pick("unsubscribe@example.org", "un+sub&x@example.org")
		d.FeedbackID = "2026-W47:digest:weekly:example"
		d.BounceDomain, d.IDDomain = "bounce.example.org", "id.example.org"
	}
	return d
}

// validText repairs a text that was cut within a character.
func validText(s string) string { return strings.ToValidUTF8(s, "") }

func (g generator) reader() Reader {
	r := Reader{
		ID:        1 + int64(g.intn(1<<30)),
		Email:     g.pick("a@b.example", "o'hara&co@example.org", "f.{x}|y@xn--bcher-kva.example", strings.Repeat("l", 64)+"@"+strings.Repeat("d.", 94)+"e"),
		Token:     g.pick("Fdn9QkRLuS-_1x2y3z4A5B", "FFFFFFFFFFFFFFFFFFFFFF", "-_-_-_-_-_-_-_-_-_-_-_", strings.Repeat("t", maxToken)),
		Leave:     g.pick("2026-w47.abcdefghijklmnopqrstuvwxyz234", "t"),
		MessageID: fmt.Sprintf("2026-w47.%d@example.org", g.intn(1<<30)),
		Links:     mergefield.Links{Vote: "V" + strings.Repeat("v", g.intn(maxToken)), Save: "S", Saved: "-_", Preferences: "P"},
	}
	for range g.intn(4) {
		r.Changes = append(r.Changes, g.pick("Quill: Ship, 3 of 4 (75%)", "O'Hara & <Co>: price", "Ünï", ". dot", "From here", strings.Repeat("word ", 12)+"end"))
	}
	switch g.intn(6) {
	case 0:
		r.Name = g.line() + g.pick("\r\nBcc: x@evil.example", "\n.\n", "\x00", "\xff\xfe", "\u202e", "\u2028", "\u2066")
	case 1:
		r.Name = g.pick("", " ", "Ada Lovelace", "J. R. R. Tolkien", "O'Hara, \"Bob\" \\ Sons", "From here", ". dot", "Ünï Cødé")
	default:
		r.Name = g.line()
	}
	return r
}

// shown is what Clean promises, said another way.
func shown(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r):
		case r < ' ', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' })
	return strings.Join(words, " ")
}

// wantPart is what a part must decode to, with line ends as "\n".
func wantPart(content, fallback string, r Reader, escape bool) string {
	name := shown(r.Name)
	if name == "" {
		name = shown(fallback)
	}
	email := r.Email
	if escape {
		name, email = html.EscapeString(name), html.EscapeString(email)
	}
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content)
	content = wantBlock(content, r.Changes, escape)
	return strings.NewReplacer(string(mergefield.Token), r.Token, string(mergefield.Email), email, string(mergefield.Name), name,
		string(mergefield.Vote), r.Links.Vote, string(mergefield.Save), r.Links.Save, string(mergefield.Saved), r.Links.Saved, string(mergefield.Preferences), r.Links.Preferences).Replace(content)
}

// wantBlock fills or drops the block of what changed.
func wantBlock(content string, changes []string, escape bool) string {
	before, rest, found := strings.Cut(content, string(mergefield.IfChanges))
	if !found {
		return content
	}
	block, after, _ := strings.Cut(rest, string(mergefield.EndChanges))
	if len(changes) == 0 {
		return before + after
	}
	head, each, _ := strings.Cut(block, string(mergefield.EachChange))
	each, tail, _ := strings.Cut(each, string(mergefield.NextChange))
	for _, line := range changes {
		if escape {
			line = html.EscapeString(line)
		}
		head += strings.ReplaceAll(each, string(mergefield.Change), line)
	}
	return before + head + tail + after
}
