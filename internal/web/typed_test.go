package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// taken keeps the messages that a server would have taken.
type taken struct{ messages [][]byte }

func (t *taken) Dial(context.Context) (delivery.Session, error) { return t, nil }

func (t *taken) Send(_ context.Context, m delivery.Mail, _ func() (*delivery.Mail, error)) delivery.Result {
	t.messages = append(t.messages, bytes.Join(m.Pieces, nil))
	return delivery.Result{Phase: delivery.PhaseDot, Code: 250}
}

func (t *taken) Close() error { return nil }

func (t *taken) Relay() string { return "taken" }

// The form must not carry a stranger's words to a mailbox: of what was typed,
// the confirmation has the address only. Its link works.
func TestNothingTypedIsMailed(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	h := head("Content-Type", "application/x-www-form-urlencoded", "User-Agent", "SPAM-agent", "Referer", "https://spam.example/SPAM-referer", "Accept-Language", "SPAM-language")
	a := s.send(t, http.MethodPost, "/subscribe?q=SPAM-query", h,
		"email=reader%40example.org&name=SPAM-name+https%3A%2F%2Fspam.example&categories=SPAM-category&source=SPAM-source&subject=SPAM-subject&body=SPAM-body")
	wantStatus(t, a, http.StatusSeeOther)
	r.process(t)

	renderer, err := render.New(rendertest.Templates(), render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: s.url, PostalAddress: "1 Example Street"})
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := message.NewSigner(r.clock)
	if err != nil {
		t.Fatal(err)
	}
	sent := &taken{}
	c := courier.New(courier.Parts{
		Outbox: r.db.Outbox(), Renderer: renderer, Dialer: sent, Signer: unsigned, Now: r.clock, Log: slog.New(slog.DiscardHandler),
		Sheet: courier.Sheet{
			From: mail.Address{Name: "Verdicts", Address: "verdicts@news.example"}, BaseURL: s.url, Zone: time.UTC,
			Next: func(context.Context, time.Time) time.Time { return time.Time{} },
		},
	})
	if n, err := c.Deliver(t.Context()); err != nil || n != 1 {
		t.Fatalf("got %d mails, %v; want 1", n, err)
	}
	raw, text := string(sent.messages[0]), decoded(t, sent.messages[0])
	if strings.Contains(strings.ToUpper(raw+text), "SPAM") {
		t.Errorf("got what the visitor typed in the confirmation:\n%s", text)
	}
	link := regexp.MustCompile(regexp.QuoteMeta(s.url) + `(/confirm/[A-Za-z0-9_-]{22})`).FindStringSubmatch(text)
	if link == nil {
		t.Fatalf("got no confirmation link in\n%s", text)
	}
	page := s.get(t, link[1])
	if strings.Contains(page.body, "SPAM") {
		t.Error("got what the visitor typed on the confirmation page")
	}
	wantStatus(t, s.form(t, link[1], ""), http.StatusOK)
	r.wantStatus(t, "reader@example.org", subscribers.Active)
}

// decoded gives a message's subject and the text of its parts.
func decoded(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	all := subject + "\n"
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		all += string(b) + "\n"
	}
}
