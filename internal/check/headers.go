package check

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"net/textproto"
	"strings"
)

// headers checks a sample message: what Gmail, Yahoo and Outlook ask of bulk
// mail (RFC 2369, RFC 2919, RFC 8058) and what a message must be on the wire
// (RFC 5322, RFC 2045).
func (r *report) headers(m Mail) {
	if m.Raw == nil {
		return
	}
	const fix = "report this: the program writes them"
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		r.addFail("headers.parse", fix, "the message cannot be parsed: %s", err)
		return
	}
	h := msg.Header
	var missing []string
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"} {
		switch values := h[textproto.CanonicalMIMEHeaderKey(name)]; {
		case len(values) == 0 || values[0] == "":
			missing = append(missing, name+" is missing")
		case len(values) > 1:
			missing = append(missing, name+" appears twice") // RFC 5322 §3.6: at most once
		}
	}
	if _, err := h.Date(); err != nil && h.Get("Date") != "" {
		missing = append(missing, "Date cannot be parsed")
	}
	r.addAll("headers.present", Fail, says(missing...), fix, "From, To, Date, Message-ID and the List- fields are there, once each")
	long, wide := lines(m.Raw)
	level := Warn
	if len(long) > 0 {
		level = Fail
	}
	r.addAll("headers.lines", level, says(append(long, wide...)...), fix, "ASCII lines with CRLF, in the body of at most 76 characters")
	r.addAll("headers.mime", Fail, says(mimeDefects(h)...), fix, "the mail has a text part and an HTML part (multipart/alternative)")
	r.oneClick(h)
	r.from(m, h)
}

// lines checks the lines' lengths and bytes: what SMTP refuses (RFC 5321
// §4.5.3.1.6, 998 characters) and what only readers of the source see.
func lines(raw []byte) (hard, soft []string) {
	inBody := false
	for i, line := range bytes.Split(raw, []byte("\r\n")) {
		switch n := len(line); {
		case n > 998:
			hard = append(hard, fmt.Sprintf("line %d has %d characters; SMTP takes 998", i+1, n))
		case bytes.ContainsAny(line, "\r\n"):
			hard = append(hard, fmt.Sprintf("line %d has a bare CR or LF", i+1))
		case bytes.ContainsFunc(line, func(c rune) bool { return c > 126 || c < ' ' && c != '\t' }):
			hard = append(hard, fmt.Sprintf("line %d has a byte that is not printable ASCII", i+1))
		case inBody && n > 76:
			soft = append(soft, fmt.Sprintf("line %d of the body has %d characters; quoted-printable has 76", i+1, n))
		case !inBody && n > 78 && bytes.ContainsAny(bytes.TrimLeft(line, " \t"), " \t") && !bytes.HasPrefix(line, []byte("List-")):
			soft = append(soft, fmt.Sprintf("line %d of the header has %d characters and could be folded", i+1, n))
		}
		inBody = inBody || len(line) == 0
	}
	return hard, soft
}

func mimeDefects(h mail.Header) []string {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil:
		return []string{"Content-Type cannot be parsed: " + err.Error()}
	case kind != "multipart/alternative":
		return []string{"the mail is " + kind + ", so it has no text part beside the HTML"}
	case params["boundary"] == "":
		return []string{"Content-Type has no boundary"}
	}
	return nil
}

// oneClick checks RFC 8058 §3.1: an https URI in List-Unsubscribe and the exact
// value in List-Unsubscribe-Post.
func (r *report) oneClick(h mail.Header) {
	post := h.Get("List-Unsubscribe-Post")
	link, _, _ := strings.Cut(strings.TrimPrefix(h.Get("List-Unsubscribe"), "<"), ">")
	switch {
	case post != "List-Unsubscribe=One-Click":
		r.addFail("headers.one-click", "report this: the program writes it", "List-Unsubscribe-Post is %q", post)
	case strings.HasPrefix(link, "http://") && isLocal(link):
		r.addWarn("headers.one-click", "set site.base_url to your https address before you mail anyone", "the unsubscribe address is on this machine")
	case strings.HasPrefix(link, "http://"):
		r.addFail("headers.one-click", "set site.base_url to an https address", "the unsubscribe address is not https; Gmail and Yahoo ignore it")
	case !strings.HasPrefix(link, "https://"):
		r.addFail("headers.one-click", "set site.base_url", "List-Unsubscribe does not start with an https address")
	default:
		r.addPass("headers.one-click", "one-click unsubscription by https")
	}
}
