package intake_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

const (
	week   = "2026-W47"
	domain = "bounces.example.org"
)

// A list is one with an edition sent to its readers, and what acts on what comes
// back.
type list struct {
	*deliverytest.Fixture
	db    *sqlite.DB
	tags  *message.Tagger
	taker *inbound.Taker
}

func newList(t *testing.T, readers int) *list {
	t.Helper()
	f := deliverytest.Open(t, t.TempDir())
	f.AddReaders(readers)
	f.AddEdition(week)
	f.Freeze()
	l := &list{Fixture: f, db: f.SQLite().DB}
	secret, err := l.db.Secret(t.Context())
	if err == nil {
		l.tags, err = message.NewTagger(secret)
	}
	if err != nil {
		t.Fatal(err)
	}
	service := subscribers.New(l.db.Subscribers(), l.db.SignUps(), subscribers.Options{Now: l.now})
	l.taker = inbound.NewTaker(inbound.Parts{
		Store: l.db.Inbox(), Tagger: l.tags, Leave: service.Unsubscribe, LeaveReader: service.UnsubscribeReader, Now: l.now,
	})
	return l
}

// now is after the edition was frozen, whatever the fixture's clock says.
func (l *list) now() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }

// verp is the envelope sender of a reader's mail.
func (l *list) verp(id int64) string {
	return l.tags.VERP(week, id, domain)
}

// status is what a reader is now.
func (l *list) status(id int64) subscribers.Subscriber {
	l.T.Helper()
	s, err := l.db.Subscribers().ByID(context.Background(), id)
	if err != nil {
		l.T.Fatal(err)
	}
	return s
}

// tally gives how many mails came to an outcome.
func (l *list) tally(o inbound.Outcome) (n int64) {
	l.T.Helper()
	tallies, err := l.db.Inbox().Tallies(context.Background(), time.Time{})
	if err != nil {
		l.T.Fatal(err)
	}
	for _, t := range tallies {
		if t.Outcome == o {
			n += t.Mails
		}
	}
	return n
}

// listen serves the list's listener until the test ends.
func (l *list) listen(taker intake.Taker) string {
	l.T.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.T.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	in := &intake.Listener{Domain: domain, Tags: l.tags, Taker: taker, Log: slog.New(slog.DiscardHandler)}
	go func() { done <- in.Serve(ctx, ln) }()
	l.T.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				l.T.Errorf("serve: %v", err)
			}
		case <-time.After(time.Minute):
			l.T.Error("the listener does not end")
		}
	})
	return ln.Addr().String()
}

// A client speaks line by line.
type client struct {
	t    testing.TB
	conn net.Conn
	text *textproto.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	return &client{t, conn, textproto.NewReader(bufio.NewReader(conn))}
}

// say writes, and wants a reply that begins with the code.
func (c *client) say(line, want string) string {
	c.t.Helper()
	if line != "" {
		if _, err := fmt.Fprintf(c.conn, "%s\r\n", line); err != nil {
			c.t.Fatalf("%.60q: %v", line, err)
		}
	}
	var all []string
	for {
		got, err := c.text.ReadLine()
		if err != nil {
			c.t.Fatalf("%.60q: got %v, want %s", line, err, want)
		}
		all = append(all, got)
		if len(got) < 4 || got[3] != '-' {
			break
		}
	}
	reply := strings.Join(all, "\n")
	if !strings.HasPrefix(all[len(all)-1], want) {
		c.t.Errorf("%.60q: got %q, want %s", line, reply, want)
	}
	return reply
}

// bounce is the notification of a mailbox that does not exist.
func bounce(to string) string {
	return "From: MAILER-DAEMON@relay.example\r\nSubject: Undelivered Mail Returned to Sender\r\nTo: " + to +
		"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n" +
		"Final-Recipient: rfc822; somebody@reader.example\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
}
