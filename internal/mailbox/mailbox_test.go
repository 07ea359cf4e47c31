package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/growthtest"
	"verdicts.example/digest/internal/mailer"
)

func start(t testing.TB, dir string) *Mailbox {
	t.Helper()
	m, err := Start(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func dialer(t testing.TB, m *Mailbox) *mailer.Dialer {
	t.Helper()
	d, err := mailer.New(mailer.Config{Host: m.Host(), Port: m.Port(), TLS: mailer.NoTLS, HELO: "verdicts.example"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// eml is a mail of both parts for one reader.
func eml(to string) []byte {
	return []byte(strings.ReplaceAll(`From: =?utf-8?q?B=C3=BCcher?= <verdicts@verdicts.example>
To: `+to+`
Subject: =?utf-8?q?Ship_or_skip=3F_=E2=9C=93?=
List-Unsubscribe: <https://verdicts.example/unsubscribe/abc>, <mailto:u@verdicts.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

caf=C3=A9 =
au lait
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<!doctype html><html><head><title>t</title></head><body>caf=E9 <script>alert(1)</script></body></html>
--b
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
`, "\n", "\r\n"))
}

func send(t testing.TB, d *mailer.Dialer, to string, msg []byte) {
	t.Helper()
	env := delivery.Envelope{From: "bounce@verdicts.example", To: to}
	if res := d.SendOne(context.Background(), env, msg); !res.Accepted() {
		t.Fatalf("got %+v, want accepted", res)
	}
}

func TestKeepsAndShowsWhatItGets(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mailbox")
	m := start(t, dir)
	msg := eml("ann@example.org")
	send(t, dialer(t, m), "ann@example.org", msg)
	list, total, err := List(dir, 0, 10, "")
	if err != nil || total != 1 {
		t.Fatalf("got %d messages, %v, want 1", total, err)
	}
	s := list[0]
	if s.Subject != "Ship or skip? ✓" || s.From != "Bücher <verdicts@verdicts.example>" || s.Return != "bounce@verdicts.example" ||
		len(s.To) != 1 || s.To[0] != "ann@example.org" || s.Size != int64(len(msg)) || time.Since(s.Arrived) > time.Minute {
		t.Errorf("got %+v", s)
	}
	got, err := Open(dir, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Source, msg) {
		t.Errorf("source: got %q, want %q", got.Source, msg)
	}
	if got.Text != "café au lait" || !strings.Contains(got.HTML, "<body>café ") || len(got.Problems) != 0 {
		t.Errorf("got text %q, HTML %q, problems %q", got.Text, got.HTML, got.Problems)
	}
	if len(got.Attachments) != 1 || got.Attachments[0] != (Attachment{"a.pdf", "application/pdf", 5}) {
		t.Errorf("attachments: got %+v", got.Attachments)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "new", s.ID+suffix): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want mode %o", path, info.Mode(), err, want)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) != 0 {
		t.Errorf("tmp: got %d files, want none", len(left))
	}
}

func TestManyWritersPagesAndSearch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	boxes := []*Mailbox{start(t, dir), start(t, dir)} // as two processes would
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			d := dialer(t, boxes[w%2])
			s, err := d.Dial(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for i := range 25 {
				to := fmt.Sprintf("reader%d.%d@example.org", w, i)
				if res := s.Send(context.Background(), mailTo(to), func() (*delivery.Mail, error) { return nil, nil }); !res.Accepted() {
					t.Errorf("got %+v, want accepted", res)
				}
			}
		})
	}
	wg.Wait()
	page, total, err := List(dir, 90, 50, "")
	if err != nil || total != 100 || len(page) != 10 {
		t.Errorf("got %d of %d, %v, want 10 of 100", len(page), total, err)
	}
	for i := range page[1:] {
		if page[i].Arrived.Before(page[i+1].Arrived) {
			t.Errorf("%d: got an older message before a newer one", i)
		}
	}
	found, total, err := List(dir, 0, 50, " READER2.2")
	if err != nil || total != 6 || len(found) != 6 { // 2.2 and 2.20 to 2.24
		t.Errorf("search: got %d of %d, %v, want 6", len(found), total, err)
	}
	if page, total, err := List(dir, 1000, 50, ""); err != nil || len(page) != 0 || total != 100 {
		t.Errorf("beyond the end: got %d of %d, %v", len(page), total, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := start(t, dir)
	m.max = 1
	d := dialer(t, m)
	env := delivery.Envelope{From: "b@verdicts.example", To: "a@example.org"}
	if res := d.SendOne(context.Background(), env, bytes.Repeat([]byte("0123456789abcd\r\n"), MaxMessageBytes/16+1)); res.Code != 552 {
		t.Errorf("too big: got %+v, want 552", res)
	}
	send(t, d, "a@example.org", eml("a@example.org"))
	if res := d.SendOne(context.Background(), env, eml("a@example.org")); res.Code != 452 || !strings.Contains(res.Text, "delete") {
		t.Errorf("full: got %+v, want 452 with what to do", res)
	}
	ids, err := ids(dir)
	if err != nil || len(ids) != 1 {
		t.Fatalf("got %d messages, %v, want 1", len(ids), err)
	}
	if err := os.Remove(filepath.Join(dir, "new", ids[0]+suffix)); err != nil {
		t.Fatal(err)
	}
	send(t, d, "a@example.org", eml("a@example.org"))
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) != 0 {
		t.Errorf("tmp: got %d files, want none", len(left))
	}
	c, err := smtp.Dial(m.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Mail("b@verdicts.example")
	for i := range MaxRecipients + 1 {
		if err := c.Rcpt(fmt.Sprintf("a%d@example.org", i)); (err != nil) != (i == MaxRecipients) {
			t.Errorf("recipient %d: got %v", i, err)
		}
	}
}

func TestCutMessageIsNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := start(t, dir)
	s, err := dialer(t, m).Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	res := s.Send(context.Background(), mailTo("a@example.org"), func() (*delivery.Mail, error) { return nil, errors.New("no") })
	if res.Phase != delivery.PhaseIntent {
		t.Errorf("got %+v, want PhaseIntent", res)
	}
	m.Close()
	for _, sub := range []string{"new", "tmp"} {
		if left, _ := os.ReadDir(filepath.Join(dir, sub)); len(left) != 0 {
			t.Errorf("%s: got %d files, want none", sub, len(left))
		}
	}
}

func mailTo(to string) delivery.Mail {
	return delivery.Mail{
		Envelope: delivery.Envelope{From: "b@verdicts.example", To: to},
		Message:  delivery.Whole(eml(to)),
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	m, err := Start(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dialer(t, m).Dial(context.Background()) // an idle client must not hold it up
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	begin := time.Now()
	m.Close()
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("took %v, want about %v", took, grace)
	}
	if res := s.Send(ctx, mailTo("a@example.org"), nil); res.Err == nil {
		t.Errorf("got %+v, want an error", res)
	}
	if _, err := dialer(t, m).Dial(context.Background()); err == nil {
		t.Error("got a connection after the end")
	}
}

func TestOpenRefusesOtherNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, id := range []string{"", "../../etc/passwd", "1234567890123456789.abcdef01", "a.b", "1234567890123456789.abcdef01/../x"} {
		if _, err := Open(dir, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: got %v, want ErrNotFound", id, err)
		}
	}
	if list, total, err := List(filepath.Join(dir, "none"), 0, 10, ""); err != nil || total != 0 || list != nil {
		t.Errorf("no folder: got %v, %d, %v", list, total, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Return-Path: <a@b>\r\nDelivered-To: c@d\r\n" + string(eml("c@d"))))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"))
	f.Add([]byte("Subject: =?utf-7?b?//?=\n\n"))
	f.Add([]byte("Content-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n!!!!"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := parse("1234567890123456789.abcdef01", file)
		if len(m.Source) > len(file) || len(m.Problems) > 20 {
			t.Errorf("got a source of %d bytes of %d, %d problems", len(m.Source), len(file), len(m.Problems))
		}
		_ = withBlankTarget(m.HTML)
	})
}

func TestHostileMail(t *testing.T) {
	t.Parallel()
	deep := func(levels int) string {
		var b strings.Builder
		b.WriteString("Content-Type: multipart/mixed; boundary=b0\r\n\r\n")
		for i := range levels {
			fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		most int // the size that is read once
		mail func(n int) string
	}{
		"nested": {1000, deep},
		"many parts": {100_000, func(n int) string {
			return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", n) + "--b--\r\n"
		}},
		"header only":  {1 << 19, func(n int) string { return strings.Repeat("X: y\r\n", n) }},
		"one line":     {4 << 20, func(n int) string { return strings.Repeat("a", n) }},
		"bad encoding": {4 << 20, func(n int) string { return "Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("\xff", n) }},
		"folded":       {50_000, func(n int) string { return "Subject: a\r\n" + strings.Repeat(" b\r\n", n) + "\r\n" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := len(parse("1234567890123456789.abcdef01", []byte(c.mail(c.most))).Attachments); got > maxParts {
				t.Errorf("got %d attachments, want at most %d", got, maxParts)
			}
			growthtest.Linear(t, c.most/10, func(n int) func() {
				msg := []byte(c.mail(n))
				return func() { parse("1234567890123456789.abcdef01", msg) }
			})
		})
	}
}
