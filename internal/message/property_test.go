package message

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAppendReadsBack: whatever the draft and the reader, the message parses
// back to what was meant, and keeps the package's promises.
func TestAppendReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") }}
		d, r := g.draft(), g.reader()
		f, err := Freeze(d)
		if err != nil {
			rt.Fatalf("freeze: got %v, want no error", err)
		}
		msg := f.Append(nil, &r)
		checkWire(rtTB{t, rt}, msg)
		if len(msg) > f.Size(&r) {
			rt.Errorf("got %d bytes, want at most Size's %d", len(msg), f.Size(&r))
		}
		checkMeant(rt, msg, d, r)
		checkThawed(rt, f, &r, msg)
	})
}

// TestShortcutsOfValues: what is written as it is is what encoding would give.
func TestShortcutsOfValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") }}
		plain := rapid.StringOfN(rapid.RuneFrom([]rune("ab-  F.")), 0, 8, -1).Draw(rt, "plain")
		s := g.pick(plain, g.line(), g.chunk(), g.reader().Name, g.reader().Email, g.reader().Token)
		col, html := g.intn(qpLine+1), g.intn(2) == 0
		short, long := qpWriter{col: col}, qpWriter{col: col}
		short.value(s, html)
		long.encodedValue(s, html)
		if string(short.dst) != string(long.dst) || short.col != long.col {
			rt.Errorf("value %q at column %d: got %q, want %q", s, col, short.dst, long.dst)
		}
		short, long = qpWriter{col: col}, qpWriter{col: col}
		short.urlValue(s)
		long.escapedURL(s)
		if string(short.dst) != string(long.dst) || short.col != long.col {
			rt.Errorf("in a URL %q at column %d: got %q, want %q", s, col, short.dst, long.dst)
		}
	})
}

// rtTB reports through rapid, so that failures shrink.
type rtTB struct {
	testing.TB
	rt *rapid.T
}

func (t rtTB) Errorf(format string, args ...any) { t.rt.Errorf(format, args...) }
func (t rtTB) Fatalf(format string, args ...any) { t.rt.Fatalf(format, args...) }

// checkMeant reads msg with the standard library.
func checkMeant(t *rapid.T, msg []byte, d Draft, r Reader) {
	m, err := mail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		t.Fatalf("parse: got %v, want a message", err)
	}
	checkMailboxIs(t, m, "To", mail.Address{Name: shown(r.Name), Address: r.Email})
	checkMailboxIs(t, m, "From", mail.Address{Name: shown(d.From.Name), Address: d.From.Address})
	if d.ReplyTo.Address != "" {
		checkMailboxIs(t, m, "Reply-To", mail.Address{Name: shown(d.ReplyTo.Name), Address: d.ReplyTo.Address})
	}
	decoded, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if want := shown(d.Subject); err != nil || decoded != want {
		t.Errorf("subject: got %q, %v, want %q", decoded, err, want)
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(d.Date.Truncate(time.Second)) {
		t.Errorf("date: got %v, %v, want %v", date, err, d.Date)
	}
	link := "<" + strings.TrimRight(d.BaseURL, "/") + "/unsubscribe/" + r.Token + ">"
	if got := m.Header.Get("List-Unsubscribe"); !strings.HasPrefix(got, link) {
		t.Errorf("List-Unsubscribe: got %q, want it to start with %q", got, link)
	}
	if got := m.Header.Get("Message-Id"); got != "<"+r.MessageID+">" {
		t.Errorf("Message-ID: got %q, want %q", got, r.MessageID)
	}
	for name, values := range m.Header {
		if len(values) != 1 || name == "Bcc" {
			t.Errorf("got the field %s %d times (%q), want each once and none that was not asked for", name, len(values), values)
		}
	}
	checkParts(t, m, d, r)
}

func checkMailboxIs(t *rapid.T, m *mail.Message, field string, want mail.Address) {
	got, err := m.Header.AddressList(field)
	if err != nil || len(got) != 1 || *got[0] != want {
		t.Errorf("%s: got %v, %v from %q, want %v", field, got, err, m.Header.Get(field), want)
	}
}

func checkParts(t *rapid.T, m *mail.Message, d Draft, r Reader) {
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type: got %q, %v, want multipart/alternative", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ kind, content string }{
		{"text/plain; charset=utf-8", wantPart(d.Text, d.NameFallback, r, false)},
		{"text/html; charset=utf-8", wantPart(d.HTML, d.NameFallback, r, true)},
	} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("part: got %v, want %s", err, want.kind)
		}
		got, err := io.ReadAll(quotedprintable.NewReader(p))
		if text := strings.ReplaceAll(string(got), "\r\n", "\n"); err != nil || text != want.content {
			t.Errorf("%s: got %q, %v, want %q", want.kind, text, err, want.content)
		}
		if got := p.Header.Get("Content-Type"); got != want.kind {
			t.Errorf("part: got %q, want %q", got, want.kind)
		}
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after the parts: got %v, want the end", err)
	}
}

// checkThawed: a mail that was stored gives the same messages.
func checkThawed(t *rapid.T, f *Frozen, r *Reader, want []byte) {
	stored, err := f.MarshalBinary()
	if err != nil {
		t.Fatalf("marshal: got %v, want bytes", err)
	}
	again, err := Unfreeze(stored)
	if err != nil {
		t.Fatalf("unfreeze: got %v, want the mail", err)
	}
	if got := again.Append(nil, r); !bytes.Equal(got, want) {
		t.Errorf("after unfreezing: got %q, want %q", got, want)
	}
}
