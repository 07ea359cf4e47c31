package message

import (
	"bytes"
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/mergefield"
)

func welcome() TxDraft {
	return TxDraft{
		Mail: Mail{
			From:         mail.Address{Name: "Verdicts", Address: "verdicts@example.org"},
			Subject:      "Welcome",
			HTML:         "<p>Hello " + string(mergefield.Name) + "</p><a href=\"https://example.org/unsubscribe/" + string(mergefield.Token) + "\">Leave</a>",
			Text:         "Hello " + string(mergefield.Name) + "\n",
			Date:         time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
			NameFallback: "there",
			BaseURL:      "https://example.org",
		},
		To: Reader{Email: "ada@example.net", Token: "tok-en_1"},
	}
}

func TestTransactional(t *testing.T) {
	t.Parallel()
	msg, err := Transactional(welcome())
	if err != nil {
		t.Fatalf("transactional: got %v, want a message", err)
	}
	checkWire(t, msg)
	const want = "From To Subject Date Message-ID MIME-Version Auto-Submitted List-Unsubscribe List-Unsubscribe-Post Content-Type"
	if got := headNames(t, msg); got != want {
		t.Errorf("fields: got %s, want %s", got, want)
	}
	for _, want := range []string{"Auto-Submitted: auto-generated", "<https://example.org/unsubscribe/tok-en_1>", "\r\nthere"} {
		if !bytes.Contains(msg, []byte(want)) {
			t.Errorf("got\n%s\nwant it to contain %q", msg, want)
		}
	}
}

// TestTransactionalID: a confirmation has nothing to unsubscribe from, and a
// Message-ID of its own unless it is given one.
func TestTransactionalID(t *testing.T) {
	t.Parallel()
	d := welcome()
	d.HTML, d.To.Token, d.IDDomain = "<p>Confirm</p>", "", "id.example.org"
	random := regexp.MustCompile(`\r\nMessage-ID: <([a-z2-7]{26}@id\.example\.org)>\r\n`)
	seen := make(map[string]bool)
	for range 2 {
		msg, err := Transactional(d)
		if err != nil || bytes.Contains(msg, []byte("List-Unsubscribe")) {
			t.Fatalf("got %v and\n%s\nwant no List-Unsubscribe field", err, msg)
		}
		id := random.FindSubmatch(msg)
		if id == nil || seen[string(id[1])] {
			t.Fatalf("got\n%s\nwant a fresh Message-ID", msg)
		}
		seen[string(id[1])] = true
	}
	d.To.MessageID = "given@example.org"
	if msg, err := Transactional(d); err != nil || !bytes.Contains(msg, []byte("\r\nMessage-ID: <given@example.org>\r\n")) {
		t.Errorf("got %v and\n%s\nwant the Message-ID that was given", err, msg)
	}
}

func TestTransactionalRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*TxDraft)
		err    error
		want   string
	}{
		{"CRLF in the subject", func(d *TxDraft) { d.Subject = "a\r\nBcc: b@c.example" }, ErrDraft, "subject"},
		{"no base URL for the link", func(d *TxDraft) { d.BaseURL = "" }, ErrDraft, "base URL"},
		{"two recipients", func(d *TxDraft) { d.To.Email = "a@b.example,c@d.example" }, ErrReader, "address"},
		{"a link but no token", func(d *TxDraft) { d.To.Token = "" }, ErrReader, "token"},
		{"a token with a slash", func(d *TxDraft) { d.To.Token = "a/b" }, ErrReader, "token"},
	} {
		d := welcome()
		c.change(&d)
		if _, err := Transactional(d); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %v about %q", c.name, err, c.err, c.want)
		}
	}
}
