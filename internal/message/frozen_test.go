package message

import (
	"bytes"
	"errors"
	"flag"
	"net/mail"
	"os"
	"strings"
	"testing"

	"verdicts.example/digest/internal/mergefield"
)

var update = flag.Bool("update", false, "write the golden files")

func freeze(t testing.TB, d Draft) *Frozen {
	t.Helper()
	f, err := Freeze(d)
	if err != nil {
		t.Fatalf("freeze: got %v, want no error", err)
	}
	return f
}

// TestGolden shows a whole message, for people to read.
func TestGolden(t *testing.T) {
	t.Parallel()
	r := digestReader()
	r.Name = "Ada Lovelacé"
	got := freeze(t, digestDraft(1000)).Append(nil, r)
	const file = "testdata/digest.eml"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read the golden mail: got %v; write it with -update", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAppendKeepsPrefix: Append appends, and what was there stays.
func TestAppendKeepsPrefix(t *testing.T) {
	t.Parallel()
	f, r := freeze(t, digestDraft(2000)), digestReader()
	whole := f.Append(nil, r)
	if got := f.Append([]byte("before"), r); string(got) != "before"+string(whole) {
		t.Errorf("got %q, want the message after \"before\"", got)
	}
}

// TestFreezeRepeats: the same draft gives the same stored bytes.
func TestFreezeRepeats(t *testing.T) {
	t.Parallel()
	var stored [2][]byte
	for i := range stored {
		var err error
		if stored[i], err = freeze(t, digestDraft(2000)).MarshalBinary(); err != nil {
			t.Fatalf("marshal: got %v, want bytes", err)
		}
	}
	if !bytes.Equal(stored[0], stored[1]) {
		t.Errorf("got two different results of %d and %d bytes, want the same", len(stored[0]), len(stored[1]))
	}
}

// TestHostileReader: whatever stands in a reader's fields, the message has the
// fields and parts that the draft gave it, and no more.
func TestHostileReader(t *testing.T) {
	t.Parallel()
	f := freeze(t, digestDraft(2000))
	fields := headNames(t, f.Append(nil, digestReader()))
	for _, evil := range []string{
		"a@b.example\r\nBcc: x@evil.example", "\r\n\r\n<script>", "x>, <y@evil.example", "\x00", "ü@example.org",
		"a@b.example,c@evil.example", "\"a b\"@example.org", "a@[127.0.0.1]", strings.Repeat("=?utf-8?q?=0d=0a?=", 200),
	} {
		r := &Reader{ID: 1, Email: evil, Name: evil, Token: evil, MessageID: evil}
		if err := r.Check(); !errors.Is(err, ErrReader) {
			t.Errorf("check %q: got %v, want ErrReader", evil, err)
		}
		msg := f.Append(nil, r)
		checkWire(t, msg)
		if got := headNames(t, msg); got != fields {
			t.Errorf("%q: got the fields %s, want %s", evil, got, fields)
		}
		m, err := mail.ReadMessage(bytes.NewReader(msg))
		if err != nil {
			t.Fatalf("%q: got %v, want a message", evil, err)
		}
		if got := m.Header.Get("To"); got != noMailbox {
			t.Errorf("%q: got To %q, want %q", evil, got, noMailbox)
		}
	}
}

// headNames are the names of msg's fields, in order.
func headNames(t testing.TB, msg []byte) string {
	t.Helper()
	head, _, _ := bytes.Cut(msg, []byte("\r\n\r\n"))
	var names []string
	for _, line := range strings.Split(string(head), "\r\n") {
		if name, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func TestFreezeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Draft)
		want   string
	}{
		{"no from", func(d *Draft) { d.From.Address = "" }, "from"},
		{"from with a name inside", func(d *Draft) { d.From.Address = "V <v@example.org>" }, "from"},
		{"from name with CRLF", func(d *Draft) { d.From.Name = "a\r\nBcc: x@evil.example" }, "from name"},
		{"bad reply-to", func(d *Draft) { d.ReplyTo.Address = "nobody" }, "reply-to"},
		{"empty subject", func(d *Draft) { d.Subject = " " }, "subject"},
		{"subject with LF", func(d *Draft) { d.Subject = "a\nb" }, "subject"},
		{"subject with a line separator", func(d *Draft) { d.Subject = "a\u2028b" }, "subject"},
		{"subject with a merge field", func(d *Draft) { d.Subject = "Hello " + string(mergefield.Name) }, "subject"},
		{"subject not UTF-8", func(d *Draft) { d.Subject = "a\xff" }, "subject"},
		{"long subject", func(d *Draft) { d.Subject = strings.Repeat("long ", 200) }, "subject"},
		{"no text", func(d *Draft) { d.Text = "" }, "text part"},
		{"no HTML", func(d *Draft) { d.HTML = "" }, "HTML part"},
		{"text not UTF-8", func(d *Draft) { d.Text = "one\ntwo \xc3\n" }, "text part: line 2"},
		{"huge HTML", func(d *Draft) { d.HTML = strings.Repeat("x", maxPart+1) }, "HTML part"},
		{"merge field in the wrong case", func(d *Draft) { d.HTML = "one\ntwo\n" + strings.ToLower(string(mergefield.Token)) }, "HTML part: line 3"},
		{"merge field cut in two", func(d *Draft) { d.Text = "zqSLOTtok enqz" }, "text part: line 1"},
		{"70,000 merge fields", func(d *Draft) { d.Text = strings.Repeat(string(mergefield.Name), 70_000) }, "HTML and text part"},
		{"no date", func(d *Draft) { d.Date = d.Date.AddDate(-3000, 0, 0) }, "date"},
		{"bad week", func(d *Draft) { d.Week = "2026-47" }, "week"},
		{"no list id", func(d *Draft) { d.ListID = "" }, "list id"},
		{"list id without brackets", func(d *Draft) { d.ListID = "list.example.org" }, "list id"},
		{"relative base URL", func(d *Draft) { d.BaseURL = "/digest" }, "base URL"},
		{"base URL that ends the field", func(d *Draft) { d.BaseURL = "https://example.org/>,<https://evil.example" }, "base URL"},
		{"base URL with a query", func(d *Draft) { d.BaseURL = "https://example.org/?x=" }, "base URL"},
		{"archive by another scheme", func(d *Draft) { d.ListArchive = "javascript:alert(1)" }, "list archive"},
		{"bad mailto", func(d *Draft) { d.UnsubscribeMailto = "a@b.example?bcc=c@d.example" }, "unsubscribe address"},
		{"feedback id with CRLF", func(d *Draft) { d.FeedbackID = "a:b\r\nX: y" }, "feedback id"},
		{"bounce domain with a space", func(d *Draft) { d.BounceDomain = "bounce example.org" }, "bounce domain"},
		{"id domain with @", func(d *Draft) { d.IDDomain = "a@b" }, "Message-ID domain"},
	} {
		d := digestDraft(1000)
		c.change(&d)
		_, err := Freeze(d)
		if !errors.Is(err, ErrDraft) || !strings.Contains(err.Error(), ": "+c.want) {
			t.Errorf("%s: got %v, want ErrDraft about %q", c.name, err, c.want)
		}
	}
}

// TestFieldsBeginAlike: nextField looks for this.
func TestFieldsBeginAlike(t *testing.T) {
	t.Parallel()
	for _, s := range mergefield.All() {
		if !strings.HasPrefix(string(s), mergefield.Prefix) || fieldOp(s) == opNone {
			t.Errorf("got the merge field %q, want one that starts with %q and has a value", s, mergefield.Prefix)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                      "",
		" Ada \t Lovelace\r\n":  "Ada Lovelace",
		"a\x00b\u2028c\u0085d":  "a b c d",
		"\u202eevil\u202c name": "evil name",
		"山田\u3000太郎":            "山田\u3000太郎",
		"bad\xff":               "bad\uFFFD",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q): got %q, want %q", in, got, want)
		}
	}
}
