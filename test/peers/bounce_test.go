package peers

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// The readers of a campaign: what becomes of their mails behind the relay.
const (
	isFine = iota + 1
	isGone
	isFull
	isUnauthenticated
	isUnauthenticatedToo
	readersBack = isUnauthenticatedToo
)

// A campaign is an edition that goes through a real relay to a far server, which
// refuses most of it after the relay has taken it.
type campaign struct {
	*deliverytest.Fixture
	t     *testing.T
	dir   string
	db    *sqlite.DB
	tags  *message.Tagger
	taker *inbound.Taker
	far   *smtpsink.Sink
	back  int // the port of our listener
}

func newCampaign(t *testing.T, readers int, email func(id int64) string) *campaign {
	t.Helper()
	dir := t.TempDir()
	f := deliverytest.Open(t, dir)
	f.AddReadersAt(readers, email)
	f.Edition = f.AddEdition(deliverytest.Week)
	f.Freeze()
	c := &campaign{Fixture: f, t: t, dir: dir, db: f.SQLite().DB}
	secret, err := c.db.Secret(t.Context())
	if err == nil {
		c.tags, err = message.NewTagger(secret)
	}
	if err != nil {
		t.Fatal(err)
	}
	list := subscribers.New(c.db.Subscribers(), c.db.SignUps(), subscribers.Options{})
	c.taker = inbound.NewTaker(inbound.Parts{
		Store: c.db.Inbox(), Tagger: c.tags, Leave: list.Unsubscribe, LeaveReader: list.UnsubscribeReader, Now: time.Now,
		Editors: func() []string { return []string{"editor@verdicts.example"} },
	})
	c.listen()
	return c
}

func farReader(id int64) string {
	return map[int64]string{
		isFine: "fine@far.test", isGone: "gone@far.test", isFull: "full@far.test",
		isUnauthenticated: "auth@far.test", isUnauthenticatedToo: "auth2@far.test",
	}[id]
}

// farServer refuses in the words of large providers.
func (c *campaign) farServer() {
	c.t.Helper()
	const unauthenticated = "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM."
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: []smtpsink.Fault{
		{At: smtpsink.RCPT, Do: smtpsink.Reply, To: farReader(isGone), Reply: "550 5.1.1 The email account that you tried to reach does not exist."},
		{At: smtpsink.RCPT, Do: smtpsink.Reply, To: farReader(isFull), Reply: "552 5.2.2 The recipient's mailbox is full."},
		{At: smtpsink.Dot, Do: smtpsink.Reply, To: farReader(isUnauthenticated), Reply: unauthenticated},
		{At: smtpsink.Dot, Do: smtpsink.Reply, To: farReader(isUnauthenticatedToo), Reply: unauthenticated},
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { sink.Close() })
	c.far = sink
}

// listen takes what comes back.
func (c *campaign) listen() {
	c.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	in := &intake.Listener{Domain: "bounces.test", Tags: c.tags, Taker: c.taker, Log: slog.New(slog.DiscardHandler)}
	go func() { done <- in.Serve(ctx, ln) }()
	c.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
	})
	c.back = ln.Addr().(*net.TCPAddr).Port
}

// A composer makes mails with envelope senders and Message-IDs of the list.
type composer struct{ tags *message.Tagger }

func (c composer) Writer() delivery.Writer { return c }

func (c composer) Compose(r *delivery.Recipient) (delivery.Message, delivery.Envelope, error) {
	text := fmt.Sprintf("From: Verdicts <verdicts@verdicts.example>\r\nTo: %s\r\nSubject: Verdicts\r\nDate: Mon, 16 Nov 2026 09:00:00 +0000\r\n"+
		"Message-ID: <%s@verdicts.example>\r\n\r\nHello.\r\n", r.Email, c.tags.MessageIDTag(deliverytest.Week, r.ID))
	return delivery.Whole([]byte(text)), delivery.Envelope{From: c.tags.VERP(deliverytest.Week, r.ID, "bounces.test"), To: r.Email}, nil
}

// send sends the edition through the relay, which takes all of it.
func (c *campaign) send(s *server) {
	c.t.Helper()
	o := c.Options(s.dialer(c.t))
	o.Composer = composer{c.tags}
	sum, err := delivery.Run(c.t.Context(), o)
	if err != nil || !sum.Finished {
		c.t.Fatalf("send: got %+v, %v, want it finished\n%s", sum, err, s.logs())
	}
	if n := c.Counts()[delivery.Accepted]; n != readersBack {
		c.t.Fatalf("got %d accepted, want %d\n%s", n, readersBack, s.logs())
	}
}

// mails counts what came back, by outcome.
func (c *campaign) mails(o inbound.Outcome) (n int64) {
	c.t.Helper()
	tallies, err := c.db.Inbox().Tallies(context.Background(), time.Time{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, tally := range tallies {
		if tally.Outcome == o {
			n += tally.Mails
		}
	}
	return n
}

// await waits for as many mails as the far server has refused.
func (c *campaign) await(s *server, look func()) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if look != nil {
			look()
		}
		n := c.mails(inbound.OutcomeSuppressed) + c.mails(inbound.OutcomeRecorded)
		if n >= readersBack-isFine {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("got %d mails back, want %d\n%s", n, readersBack-isFine, s.logs())
		}
	}
}

// cameBack wants the reader who is gone to get no more mail, and nobody else; the
// send's sum as it was; and one mail to the editors, about two refusals that are
// theirs to correct.
func (c *campaign) cameBack(s *server) {
	c.t.Helper()
	for id := range int64(readersBack) {
		want := subscribers.NotSuppressed
		if id+1 == isGone {
			want = subscribers.HardBounce
		}
		if got := c.Suppression(id + 1); got != want {
			c.t.Errorf("%s: got suppression %d, want %d\n%s", farReader(id+1), got, want, s.logs())
		}
	}
	if kept := c.mails(inbound.OutcomeKept) + c.mails(inbound.OutcomeForeign); kept != 0 {
		c.t.Errorf("got %d mails that nobody could act on, want 0", kept)
	}
	if n, _, err := c.db.Outbox().Waiting(c.t.Context()); err != nil || n != 1 {
		c.t.Errorf("got %d mails to the editors, %v, want 1", n, err)
	}
	c.Verify()
}

// Postfix returns what a far server refuses, over LMTP.
func TestPostfixBounces(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, readersBack, farReader)
	c.farServer()
	s := postfix(t, false, postfixRoutes(c)...)
	c.send(s)
	c.await(s, nil)
	c.cameBack(s)
}

func postfixRoutes(c *campaign) []string {
	return []string{
		"relay_domains = far.test bounces.test",
		fmt.Sprintf("transport_maps = inline:{ far.test=smtp:[127.0.0.1]:%d, bounces.test=lmtp:inet:127.0.0.1:%d }", c.far.Port(), c.back),
		"smtp_dns_support_level = disabled", "lmtp_dns_support_level = disabled",
	}
}

const eximBack = `exim_path = %[3]s
primary_hostname = exim.peer.test
spool_directory = %[1]s/spool
log_file_path = %[1]s/spool/%%slog
pid_file_path = %[1]s/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[2]d
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = accept
acl_smtp_data = accept
begin routers
far:
  driver = manualroute
  domains = far.test
  transport = far
  route_list = * 127.0.0.1::%[4]d
  self = send
back:
  driver = manualroute
  domains = bounces.test
  transport = back
  route_list = * 127.0.0.1::%[5]d
  self = send
begin transports
far:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
back:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
begin retry
`

// Exim returns it over SMTP.
func TestEximBounces(t *testing.T) {
	t.Parallel()
	binary := unpacked("usr/sbin/exim4")
	need(t, binary)
	needRoot(t)
	who, err := user.Lookup("Debian-exim")
	if err != nil {
		t.Fatalf("%v: run .ci/peers.sh", err)
	}
	c := newCampaign(t, readersBack, farReader)
	c.farServer()
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.NoTLS, log: filepath.Join(dir, "spool/mainlog")}
	if err := os.Mkdir(filepath.Join(dir, "spool"), 0o750); err != nil {
		t.Fatal(err)
	}
	chown(t, who, filepath.Join(dir, "spool"))
	conf := filepath.Join(dir, "exim.conf")
	write(t, conf, fmt.Sprintf(eximBack, dir, s.port, binary, c.far.Port(), c.back), 0o644)
	daemon(t, filepath.Join(dir, "out"), binary, "-C", conf, "-bdf", "-q1m")
	(&server{port: s.port, log: filepath.Join(dir, "out")}).await(t)
	c.send(s)
	c.await(s, nil)
	c.cameBack(s)
}

// chasquidBack's delivery agent refuses for good whom the far server would, and
// keeps what comes back in a Maildir.
const chasquidBack = `hostname: "chasquid.peer.test"
max_data_size_mb: 10
smtp_address: "127.0.0.1:%[2]d"
submission_address: "127.0.0.1:%[3]d"
mail_delivery_agent_bin: "%[1]s/deliver"
mail_delivery_agent_args: "%%to%%"
data_dir: "%[1]s/data"
suffix_separators: "+"
mail_log_path: "%[1]s/mail.log"
`

const chasquidDeliver = `#!/bin/sh
case "$1" in
gone@*) echo "550 5.1.1 The email account that you tried to reach does not exist."; exit 67;;
full@*) echo "552 5.2.2 The recipient's mailbox is full."; exit 67;;
auth*@*) echo "550 5.7.26 This mail has been blocked because the sender is unauthenticated."; exit 67;;
*@bounces.test) f=$(mktemp %[1]s/box/tmp/XXXXXXXXXX) && { echo "Delivered-To: $1"; cat; } >$f && mv $f %[1]s/box/new/;;
*) cat >/dev/null;;
esac
`

// Chasquid returns it into a Maildir.
func TestChasquidBounces(t *testing.T) {
	t.Parallel()
	binary, util := unpacked("usr/bin/chasquid"), unpacked("usr/bin/chasquid-util")
	need(t, binary, util)
	c := newCampaign(t, readersBack, farReader)
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.STARTTLS, user: "fine@far.test", pass: "open-sesame", log: filepath.Join(dir, "out")}
	box := &intake.Maildir{Dir: filepath.Join(dir, "box"), Taker: c.taker, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if err := box.Open(); err != nil {
		t.Fatal(err)
	}
	etc := filepath.Join(dir, "etc")
	write(t, filepath.Join(etc, "chasquid.conf"), fmt.Sprintf(chasquidBack, dir, freePort(t), s.port), 0o644)
	write(t, filepath.Join(dir, "deliver"), fmt.Sprintf(chasquidDeliver, dir), 0o755)
	for _, sub := range []string{"data", "etc/domains/far.test", "etc/domains/bounces.test"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	certs := filepath.Join(etc, "certs/chasquid.peer.test")
	s.roots = certificate(t, filepath.Join(certs, "fullchain.pem"), filepath.Join(certs, "privkey.pem"))
	for id := range int64(readersBack) {
		run(t, util, "-C="+etc, "user-add", farReader(id+1), "--password="+s.pass)
	}
	run(t, util, "-C="+etc, "user-add", "bounce@bounces.test", "--password="+s.pass)
	daemon(t, s.log, binary, "-config_dir", etc)
	s.await(t)
	c.send(s)
	c.await(s, func() {
		if _, err := box.Look(t.Context()); err != nil {
			t.Error(err)
		}
	})
	c.cameBack(s)
}
