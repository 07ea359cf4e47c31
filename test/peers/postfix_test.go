package peers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/mailer"
)

const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/mail.log
maillog_file_prefixes = %[1]s
myhostname = mx.peer.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_mailbox_domains = peer.test
virtual_mailbox_base = %[1]s
virtual_mailbox_maps = regexp:%[1]s/etc/users
virtual_minimum_uid = 1
virtual_uid_maps = static:%[2]s
virtual_gid_maps = static:%[3]s
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_client_event_limit_exceptions =
smtpd_tls_cert_file = %[1]s/etc/cert.pem
smtpd_tls_key_file = %[1]s/etc/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_path = smtpd
smtpd_peername_lookup = no
cyrus_sasl_config_path = %[1]s/etc/sasl
smtpd_sasl_local_domain = peer.test
`

const masterCF = `127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

// postfix starts a Postfix with further settings, STARTTLS and, with auth, a
// login that mail must use.
func postfix(t *testing.T, auth bool, settings ...string) *server {
	t.Helper()
	need(t, "/usr/sbin/postfix", "/usr/sbin/saslpasswd2")
	needRoot(t)
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.STARTTLS, mail: filepath.Join(dir, "box/new"), log: filepath.Join(dir, "mail.log")}
	pf, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	main := fmt.Sprintf(mainCF, dir, pf.Uid, pf.Gid) + strings.Join(settings, "\n") + "\n"
	if auth {
		main += "smtpd_sasl_auth_enable = yes\nsmtpd_recipient_restrictions = permit_sasl_authenticated, reject\n"
		s.user, s.pass = "digest", "open sesame"
	}
	etc := filepath.Join(dir, "etc")
	write(t, filepath.Join(etc, "main.cf"), main, 0o644)
	write(t, filepath.Join(etc, "master.cf"), fmt.Sprintf(masterCF, s.port), 0o644)
	write(t, filepath.Join(etc, "users"), "/^reader/ box/\n", 0o644)
	s.roots = certificate(t, filepath.Join(etc, "cert.pem"), filepath.Join(etc, "key.pem"))
	sasl(t, filepath.Join(etc, "sasl"), pf) // where Debian's Postfix looks, whatever is set
	for sub, mode := range map[string]os.FileMode{"queue": 0o755, "data": 0o700, "box": 0o700} {
		if err := os.Mkdir(filepath.Join(dir, sub), mode); err != nil {
			t.Fatal(err)
		}
	}
	chown(t, pf, filepath.Join(dir, "data"), filepath.Join(dir, "box"))
	run(t, "/usr/sbin/postfix", "-c", etc, "start")
	t.Cleanup(func() { stopPostfix(t, etc) })
	s.await(t)
	return s
}

// stopPostfix returns when its master is gone; the folder goes after it.
func stopPostfix(t *testing.T, etc string) {
	if out, err := exec.Command("/usr/sbin/postfix", "-c", etc, "stop").CombinedOutput(); err != nil {
		t.Errorf("postfix stop: %v\n%s", err, out)
	}
}

// sasl writes a password file for Cyrus SASL.
func sasl(t *testing.T, dir string, owner *user.User) {
	t.Helper()
	db := filepath.Join(dir, "sasldb2")
	write(t, filepath.Join(dir, "smtpd.conf"),
		"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: "+db+"\nmech_list: PLAIN LOGIN\n", 0o644)
	cmd := exec.Command("/usr/sbin/saslpasswd2", "-p", "-c", "-f", db, "-u", "peer.test", "digest")
	cmd.Stdin = strings.NewReader("open sesame")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("saslpasswd2: %v\n%s", err, out)
	}
	chown(t, owner, db)
}

func chown(t *testing.T, u *user.User, paths ...string) {
	t.Helper()
	uid, uerr := strconv.Atoi(u.Uid)
	gid, gerr := strconv.Atoi(u.Gid)
	if uerr != nil || gerr != nil {
		t.Fatalf("user %s has no numbers", u.Username)
	}
	for _, p := range paths {
		if err := os.Chown(p, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPostfixTakesAll(t *testing.T) {
	t.Parallel()
	s := postfix(t, true)
	s.sendAll(t, anyReader)
	s.arrived(t)
}

// Without CHUNKING Postfix gets the messages by DATA.
func TestPostfixTakesAllByDATA(t *testing.T) {
	t.Parallel()
	s := postfix(t, true, "smtpd_discard_ehlo_keywords = chunking")
	s.sendAll(t, anyReader)
	s.arrived(t)
}

func TestPostfixWrongPassword(t *testing.T) {
	t.Parallel()
	s := postfix(t, true)
	s.pass = "wrong"
	if res := s.one(t, s.dialer(t), "reader1@peer.test", testMessage(1)); res.Phase != delivery.PhaseAuth || res.Code != 535 {
		t.Errorf("got %+v, want 535 at AUTH\n%s", res, s.logs())
	}
}

func TestPostfixUnknownUserAndRelay(t *testing.T) {
	t.Parallel()
	s := postfix(t, false)
	sess, err := s.dialer(t).Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer sess.Close()
	for _, c := range []struct {
		to, enhanced string
		code         int
	}{
		{"stranger@peer.test", "5.1.1", 550}, {"reader1@peer.test", "2.0.0", 250}, {"a@elsewhere.test", "5.7.1", 554},
		{"reader2@peer.test", "2.0.0", 250},
	} {
		env := delivery.Envelope{From: "bounce@verdicts.example", To: c.to}
		res := sess.Send(context.Background(), delivery.Mail{Envelope: env, Message: delivery.Whole(testMessage(1))}, intent)
		if res.Code != c.code || res.Enhanced != c.enhanced || res.Broken {
			t.Errorf("%s: got %+v, want %d %s", c.to, res, c.code, c.enhanced)
		}
	}
}

func TestPostfixSizeLimit(t *testing.T) {
	t.Parallel()
	s := postfix(t, false, "message_size_limit = 15000", "virtual_mailbox_limit = 0")
	d := s.dialer(t)
	if res := s.one(t, d, "reader1@peer.test", testMessage(1)); res.Phase != delivery.PhaseMail || res.Code != 552 || res.Enhanced != "5.3.4" {
		t.Errorf("got %+v, want 552 5.3.4 at MAIL", res)
	}
	if res := s.one(t, d, "reader1@peer.test", []byte("From: Verdicts <verdicts@verdicts.example>\r\n"+"\r\nsmall\r\n")); !res.Accepted() {
		t.Errorf("small: got %+v, want accepted", res)
	}
}

func TestPostfixRateLimit(t *testing.T) {
	t.Parallel()
	s := postfix(t, false, "smtpd_client_message_rate_limit = 1", "anvil_rate_time_unit = 4s")
	sess, err := s.dialer(t).Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer sess.Close()
	env := delivery.Envelope{From: "bounce@verdicts.example", To: "reader1@peer.test"}
	limited, again := 0, false // refused, and accepted after that
	for deadline := time.Now().Add(patience); !again && time.Now().Before(deadline); {
		res := sess.Send(context.Background(), delivery.Mail{Envelope: env, Message: delivery.Whole(testMessage(1))}, intent)
		switch {
		case res.Accepted():
			again = limited > 0
		case res.Phase == delivery.PhaseMail && res.Code == 450 && res.Enhanced == "4.7.1" && !res.Broken:
			limited++
			time.Sleep(200 * time.Millisecond)
		default:
			t.Fatalf("got %+v, want accepted or 450 4.7.1", res)
		}
	}
	if !again {
		t.Errorf("got %d refused, want some, and then one accepted on the same session", limited)
	}
}

func TestPostfixGreylisting(t *testing.T) {
	t.Parallel()
	need(t, "/usr/sbin/postgrey")
	needRoot(t)
	dir, port := openDir(t), freePort(t)
	grey, err := user.Lookup("postgrey")
	if err != nil {
		t.Fatal(err)
	}
	chown(t, grey, dir)
	log := filepath.Join(dir, "log")
	daemon(t, log, "/usr/sbin/postgrey", fmt.Sprintf("--inet=127.0.0.1:%d", port), "--dbdir="+dir,
		"--pidfile="+filepath.Join(dir, "pid"), "--delay=2", "--auto-whitelist-clients=0")
	s := postfix(t, false, fmt.Sprintf("smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:%d", port))
	d := s.dialer(t)
	deferred, deadline := 0, time.Now().Add(patience)
	for {
		res := s.one(t, d, "reader1@peer.test", testMessage(1))
		if res.Accepted() {
			break
		}
		if time.Now().After(deadline) || res.Code != 451 && res.Phase != delivery.PhaseRcpt || res.Code/100 != 4 {
			b, _ := os.ReadFile(log)
			t.Fatalf("got %+v, want accepted after the delay\n%s\n%s", res, b, s.logs())
		}
		if res.Code == 450 && strings.Contains(strings.ToLower(res.Text), "greylisted") {
			deferred++
		}
		time.Sleep(300 * time.Millisecond)
	}
	if deferred == 0 {
		t.Error("got no deferral by greylisting")
	}
}
