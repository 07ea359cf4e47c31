package peers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
)

// settleReaders are enough for several kills of a sender in mid-send.
const settleReaders = 4000

func peerReader(id int64) string { return fmt.Sprintf("reader%d@peer.test", id) }

// TestSenderHelper is a sender that the test below kills: it sends the edition in
// a folder through the relay at a port.
func TestSenderHelper(t *testing.T) {
	dir, port := os.Getenv("PEERS_SEND_DIR"), os.Getenv("PEERS_SEND_PORT")
	if dir == "" {
		t.Skip("it is run by TestUnknownSettledFromPostfixLog")
	}
	f := deliverytest.Open(t, dir)
	f.Edition = 1
	secret, err := f.SQLite().DB.Secret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tags, err := message.NewTagger(secret)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	o := f.Options((&server{port: n, tls: mailer.NoTLS}).dialer(t))
	o.Composer, o.Pacing.Connections = composer{tags}, 8
	if _, err := delivery.Run(t.Context(), o); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// A sender is killed in mid-send. Whose outcome is unknown then, Postfix's own
// log says: who is settled has the mail, and nobody is who has not.
func TestUnknownSettledFromPostfixLog(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, settleReaders, peerReader)
	s := postfix(t, false)
	s.tls = mailer.NoTLS
	follower := &intake.LogFollower{Path: s.log, Settler: c.db.Inbox(), Tags: c.tags, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	unknown := map[inbound.Delivery]bool{}
	for kill := 0; len(unknown) == 0; kill++ {
		if kill == 40 {
			t.Fatal("got nobody unknown in 40 kills")
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestSenderHelper$")
		cmd.Env = append(os.Environ(), "PEERS_SEND_DIR="+c.dir, "PEERS_SEND_PORT="+strconv.Itoa(s.port))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }() // it is killed
		c.awaitAccepted(20, ended)
		_ = cmd.Process.Kill() // or it has ended
		<-ended
		var err error // the next sender says who is unknown, when it begins
		if unknown, err = c.db.Inbox().Unknown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := follower.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := c.db.Inbox().Unknown(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := s.readers(t)
	for d := range unknown {
		if has := got[peerReader(d.Subscriber)]; has > 0 == left[d] || has > 1 {
			t.Errorf("reader %d got %d mails, is unknown still: %t", d.Subscriber, has, left[d])
		}
	}
	t.Logf("%d unknown, %d of them settled from the log", len(unknown), len(unknown)-len(left))
}

// awaitAccepted waits until n more are accepted, or the sender has ended.
func (c *campaign) awaitAccepted(n int64, ended <-chan struct{}) {
	c.t.Helper()
	want := c.Counts()[delivery.Accepted] + n
	for deadline := time.After(patience); c.Counts()[delivery.Accepted] < want; {
		select {
		case <-ended:
			return
		case <-deadline:
			c.t.Fatalf("got %v, want %d accepted", c.Counts(), want)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// readers counts the mails that arrived, by To, once the queue is empty.
func (s *server) readers(t *testing.T) map[string]int {
	t.Helper()
	queue := filepath.Join(filepath.Dir(s.log), "queue")
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		left := 0
		for _, sub := range []string{"incoming", "active", "maildrop"} {
			entries, err := os.ReadDir(filepath.Join(queue, sub))
			if err != nil {
				t.Fatal(err)
			}
			left += len(entries)
		}
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d messages in the queue after %v", left, patience)
		}
	}
	files, err := os.ReadDir(s.mail)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range files {
		mail, err := os.ReadFile(filepath.Join(s.mail, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(mail), "\nTo: ")
		to, _, _ := strings.Cut(rest, "\n")
		out[strings.TrimSpace(to)]++
	}
	return out
}
