package message

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// UnsubscribeSubject is the subject of an unsubscribe mail (RFC 2369 §3.2). Who
// is meant, the address says: some mail programs leave the subject out.
const UnsubscribeSubject = "unsubscribe"

// Freeze builds the digest's message once for all readers: headers folded,
// both parts in quoted-printable, cut at the merge fields. The same draft gives the
// same bytes. Errors wrap ErrDraft and name the field.
func Freeze(d Draft) (*Frozen, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	f := &Frozen{
		identity: identity{d.Week, d.idDomain(), d.BounceDomain, d.From.Address},
		fallback: Clean(d.NameFallback),
	}
	body, boundary, err := freezeBody(d.Text, d.HTML)
	if err != nil {
		return nil, err
	}
	var h headBuilder
	h.author(&d.Mail)
	h.list(&d)
	h.end(boundary)
	f.head, f.body = h.pieces.done(), body
	f.measure()
	return f, nil
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// author writes the fields that every mail has.
func (h *headBuilder) author(m *Mail) {
	h.field("From", func(w *headerWriter) { w.mailbox(m.From.Name, m.From.Address) })
	h.pieces.text("To: ").field(opTo).text("\r\n")
	if m.ReplyTo.Address != "" {
		h.field("Reply-To", func(w *headerWriter) { w.mailbox(m.ReplyTo.Name, m.ReplyTo.Address) })
	}
	h.field("Subject", func(w *headerWriter) { w.unstructured(Clean(m.Subject)) })
	h.line("Date", m.Date.Format(time.RFC1123Z))
	h.pieces.text("Message-ID: <").field(opMessageID).text(">\r\n")
	h.line("MIME-Version", "1.0")
}

// list writes the fields of a mailing list (RFC 2919, RFC 2369, RFC 8058).
func (h *headBuilder) list(d *Draft) {
	name, id := splitListID(d.ListID)
	h.field("List-Id", func(w *headerWriter) { w.listID(name, id) })
	h.unsubscribe(d.BaseURL, d.UnsubscribeMailto)
	if d.ListArchive != "" {
		h.line("List-Archive", "<"+d.ListArchive+">")
	}
	if d.FeedbackID != "" {
		h.line("Feedback-ID", d.FeedbackID)
	}
	h.line("Precedence", "bulk")
}

func (w *headerWriter) listID(name, id string) {
	if name == "" {
		w.ascii("<" + id + ">")
		return
	}
	w.mailbox(name, id)
}

// unsubscribe writes the link first: clients take the first that they can use.
func (h *headBuilder) unsubscribe(base, mailto string) {
	link := strings.TrimRight(base, "/") + "/unsubscribe/"
	h.pieces.text("List-Unsubscribe: <" + link).field(opTokenURL).text(">")
	if mailto != "" {
		local, domain := mailtoAddress(mailto)
		h.pieces.text(",\r\n <mailto:" + local + "+").field(opLeave)
		h.pieces.text("@" + domain + "?subject=" + UnsubscribeSubject + ">")
	}
	h.pieces.text("\r\n")
	h.line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
}

// mailtoAddress escapes an address for a mailto URL (RFC 6068 §2).
func mailtoAddress(address string) (local, domain string) {
	local, domain, _ = strings.Cut(address, "@")
	return strings.ReplaceAll(string(appendURL(nil, local)), "%2B", "+"), domain
}

// end writes the content type and the blank line.
func (h *headBuilder) end(boundary string) {
	h.pieces.text("Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n")
}

// freezeBody gives the two parts, text first (RFC 2046 §5.1.4: the best last).
func freezeBody(text, html string) (body []piece, boundary string, err error) {
	plain, err := freezePart("text part", text, 0)
	if err != nil {
		return nil, "", err
	}
	rich, err := freezePart("HTML part", html, opHTML)
	if err != nil {
		return nil, "", err
	}
	boundary = boundaryOf(plain, rich)
	var b builder
	b.text("--" + boundary).text(partHead("plain")).appendAll(plain)
	b.text("\r\n--" + boundary).text(partHead("html")).appendAll(rich)
	b.text("\r\n--" + boundary + "--\r\n")
	if body = b.done(); len(body) > maxPieces {
		return nil, "", wrong("HTML and text part", "%d merge fields are too many; the limit is %d", len(body)-1, maxPieces-1)
	}
	return body, boundary, nil
}

func partHead(subtype string) string {
	return "\r\nContent-Type: text/" + subtype + "; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
}

// boundaryOf depends on the content only. It cannot occur in it, whatever a
// reader's values are: quoted-printable never has "_" after "=".
func boundaryOf(parts ...[]piece) string {
	h := sha256.New()
	for _, p := range slices.Concat(parts...) {
		h.Write(p.lit)
		h.Write([]byte{byte(p.op)})
	}
	return "=_" + hex.EncodeToString(h.Sum(nil)[:15])
}

// freezePart encodes a part and cuts it at its merge fields. Every value will start a
// line of the encoded form, and what follows it too, so that no value makes a
// line too long.
func freezePart(field, content string, html op) ([]piece, error) {
	content = strings.ReplaceAll(content, "\r\n", "\n")
	content = strings.ReplaceAll(content, "\r", "\n")
	if err := checkFields(field, content); err != nil {
		return nil, err
	}
	var b builder
	w := qpWriter{}
	for {
		at, s := nextField(content)
		w.text(content[:at], s == "")
		if s == "" {
			break
		}
		if w.col > 0 {
			w.soft()
		}
		content = content[at+len(s):]
		o := fieldOp(s) | html
		if content != "" && content[0] != '\n' {
			o |= opSoft
		}
		b.lit = append(b.lit, w.dst...)
		b.field(o)
		w = qpWriter{dst: w.dst[:0]}
	}
	b.lit = append(b.lit, w.dst...)
	pieces := b.done()
	if !wholeBlocks(pieces) {
		return nil, wrong(field, "the fields of the block of what changed are not all there in their order: IfChanges, EachChange, Change, NextChange, EndChanges")
	}
	return pieces, nil
}

// wholeBlocks reports whether each block's fields stand in their order, each once.
func wholeBlocks(pieces []piece) bool {
	next := opIfChanges
	for _, p := range pieces {
		k := p.op.kind()
		if k < opIfChanges || k > opEndChanges {
			continue
		}
		if k != next {
			return false
		}
		if next++; k == opEndChanges {
			next = opIfChanges
		}
	}
	return next == opIfChanges
}
