package peers

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/mailer"
)

// opensmtpdScript runs OpenSMTPD, whose paths are compiled in: a mount namespace
// of its own has the test's folder ($1) and the unpacked package ($2) in their
// places. With a whole /etc and /run of its own it sees neither the machine's
// users and name servers nor their caches.
const opensmtpdScript = `set -eu
for dir in usr/libexec usr/sbin; do mount --bind "$2/$dir" "/$dir"; done
for dir in etc run var/lib var/spool tmp; do mount --bind "$1/$dir" "/$dir"; done
mount -t proc proc /proc
exec /usr/sbin/smtpd -d
`

// contained runs a program in a mount and a process namespace of its own. When
// the program ends, or this one does, nothing that it started is left, OpenSMTPD's
// deliveries included, which it does not wait for itself.
func contained(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
	}
	return cmd
}

// opensmtpdConf has virtual readers in one domain and the system's users in
// another one. No action relays, so bounces cannot leave the machine.
const opensmtpdConf = `table readers { "reader@peer.test" = reader }
listen on 127.0.0.1 port %d hostname opensmtpd.peer.test
action listed maildir virtual <readers>
action anyone maildir
match from any for domain peer.test action listed
match from any for domain system.test action anyone
`

// The users that Debian's OpenSMTPD looks for, and who gets the mail. The
// numbers are nobody's: Debian reserves those from 65000 to 65533.
const (
	opensmtpdPasswd = `root:x:0:0::/root:/bin/sh
opensmtpd:x:65400:65400::/var/lib/opensmtpd/empty:/usr/sbin/nologin
opensmtpq:x:65401:65401::/var/lib/opensmtpd/empty:/usr/sbin/nologin
reader:x:65402:65402::/var/spool/reader:/bin/sh
`
	opensmtpdGroup = "root:x:0:\nopensmtpd:x:65400:\nopensmtpq:x:65401:\nreader:x:65402:\n"
)

// opensmtpd starts an OpenSMTPD, without TLS: release 6.8, which Debian 12 has,
// finishes no handshake with OpenSSL 3 (OpenSMTPD's issue 1171).
func opensmtpd(t *testing.T) *server {
	t.Helper()
	return opensmtpdWith(t, opensmtpdConf)
}

// opensmtpdWith starts it with a configuration whose verb is the port.
func opensmtpdWith(t *testing.T, conf string) *server {
	t.Helper()
	need(t, unpacked("usr/sbin/smtpd"), unpacked("usr/libexec/opensmtpd/mail.maildir"))
	needRoot(t)
	if out, err := contained("/bin/sh", "-c", "mount -t proc proc /proc").CombinedOutput(); err != nil {
		leaveOut(t, fmt.Sprintf("OpenSMTPD needs namespaces, which are not to be had here: %v\n%s", err, out))
	}
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.NoTLS,
		mail: filepath.Join(dir, "var/spool/reader/Maildir/new"), log: filepath.Join(dir, "log")}
	for _, sub := range []string{"run", "tmp", "var/lib/opensmtpd/empty", "var/spool/reader"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "var/spool/reader"), 65402, 65402); err != nil {
		t.Fatal(err)
	}
	etc := filepath.Join(dir, "etc")
	for name, text := range map[string]string{
		"smtpd.conf": fmt.Sprintf(conf, s.port), "passwd": opensmtpdPasswd, "group": opensmtpdGroup,
		"hosts": "127.0.0.1 localhost\n", "resolv.conf": "nameserver 127.0.0.1\n",
	} {
		write(t, filepath.Join(etc, name), text, 0o644)
	}
	untilEnd(t, s.log, contained("/bin/sh", "-c", opensmtpdScript, "opensmtpd", dir, unpacked("")))
	s.await(t)
	return s
}

// The sender renews its connections just in time: by default it keeps to the
// limit of 100 messages that OpenSMTPD has by default.
func TestOpenSMTPD(t *testing.T) {
	t.Parallel()
	if refused := opensmtpdTakesAll(t, 0); refused != 0 {
		t.Errorf("got %d refused by the limit, want 0", refused)
	}
}

// A sender that is set to more learns the limit when a connection is at its end.
// By then each of the other connections may have reached it too.
func TestOpenSMTPDLimitIsLearnt(t *testing.T) {
	t.Parallel()
	if refused := opensmtpdTakesAll(t, messages); refused < 1 || refused > workers {
		t.Errorf("got %d refused by the limit, want 1 to %d", refused, workers)
	}
}

// opensmtpdTakesAll sends all messages, perConn on a connection if the server
// lets it, and gives how often it did not. The server's own count shows that
// none is in its queue twice.
func opensmtpdTakesAll(t *testing.T, perConn int) (refused int) {
	t.Helper()
	s := opensmtpd(t)
	s.perConn = perConn
	// OpenSMTPD leaves the extension out when it looks the mailbox up.
	s.sendAll(t, func(i int) string { return fmt.Sprintf("reader+%d@peer.test", i) })
	s.arrived(t)
	taken, refused := s.opensmtpdCounts(t)
	sum, most := 0, 0
	for _, n := range taken {
		sum, most = sum+n, max(most, n)
	}
	if sum != messages || most != 100 {
		t.Errorf("got %d messages taken, %d on a connection, want %d, 100", sum, most, messages)
	}
	return refused
}

// opensmtpdCounts counts in the server's log the messages that it took on each
// connection and those that it refused as beyond its limit.
func (s *server) opensmtpdCounts(t *testing.T) (taken map[string]int, refused int) {
	t.Helper()
	b, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	taken = map[string]int{}
	for line := range strings.Lines(string(b)) {
		conn, event, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(event, "smtp message "):
			taken[conn]++
		case strings.Contains(event, `result="452 4.5.3 `):
			refused++
		}
	}
	return taken, refused
}

// An unknown user is the reader's failure and nothing else, in both of the
// forms that OpenSMTPD has for it; the connection goes on.
func TestOpenSMTPDUnknownUser(t *testing.T) {
	t.Parallel()
	s := opensmtpd(t)
	sess, err := s.dialer(t).Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer sess.Close()
	vague := delivery.Verdict{State: delivery.Failed, Fault: delivery.SoftFault, Vague: true}
	for _, c := range []struct {
		to, enhanced string
		code         int
		want         delivery.Verdict
	}{
		// 5.2.4 speaks of a mailing list's expansion, not of the mailbox: said to many
		// it is the server's, so it is not believed of each.
		{"stranger@peer.test", "5.2.4", 524, vague},
		{"reader+1@peer.test", "2.0.0", 250, delivery.Verdict{State: delivery.Accepted}},
		{"stranger@system.test", "", 550, vague},
		{"reader+2@system.test", "2.0.0", 250, delivery.Verdict{State: delivery.Accepted}},
		// It refuses to relay in the words that it has for unknown users.
		{"a@elsewhere.test", "", 550, vague},
		{"reader+3@peer.test", "2.0.0", 250, delivery.Verdict{State: delivery.Accepted}},
	} {
		env := delivery.Envelope{From: "bounce@verdicts.example", To: c.to}
		res := sess.Send(context.Background(), delivery.Mail{Envelope: env, Message: delivery.Whole(testMessage(1))}, intent)
		if res.Code != c.code || res.Enhanced != c.enhanced || res.Broken || !res.Accepted() && res.Phase != delivery.PhaseRcpt {
			t.Errorf("%s: got %+v, want %d %s", c.to, res, c.code, c.enhanced)
		}
		if got := delivery.Classify(res); got != c.want {
			t.Errorf("%s: got verdict %+v, want %+v", c.to, got, c.want)
		}
	}
}

// OpenSMTPD offers no PIPELINING and ends the connection of who does it all the
// same: what TestOpenSMTPD sends got there one command at a time.
func TestOpenSMTPDBearsNoPipelining(t *testing.T) {
	t.Parallel()
	s := opensmtpd(t)
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(conn)
	for _, c := range []struct{ says, last string }{
		{"", "220 "},
		{"EHLO verdicts.example\r\n", "250 "},
		{"MAIL FROM:<bounce@verdicts.example>\r\nRCPT TO:<reader@peer.test>\r\nDATA\r\n", "500 5.5.1 "},
	} {
		if _, err := conn.Write([]byte(c.says)); err != nil {
			t.Fatal(err)
		}
		line := ""
		for more := true; more; more = len(line) > 3 && line[3] == '-' {
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(line, "PIPELINING") {
				t.Errorf("got PIPELINING offered, want a server that TestOpenSMTPD may rely on")
			}
		}
		if !strings.HasPrefix(line, c.last) {
			t.Errorf("%q: got %q, want %s", c.says, line, c.last)
		}
	}
}

// OpenSMTPD returns what a far server refuses, over LMTP.
func TestOpenSMTPDBounces(t *testing.T) {
	t.Parallel()
	c := newCampaign(t, readersBack, farReader)
	c.farServer()
	s := opensmtpdWith(t, fmt.Sprintf(`listen on 127.0.0.1 port %%d hostname opensmtpd.peer.test
action far relay host smtp+notls://127.0.0.1:%d
action back relay host lmtp://127.0.0.1:%d
match from any for domain far.test action far
match from any for domain bounces.test action back
`, c.far.Port(), c.back))
	c.send(s)
	c.await(s, nil)
	c.cameBack(s)
}
