package peers

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/mailer"
)

const eximConf = `exim_path = %[3]s
primary_hostname = exim.peer.test
spool_directory = %[1]s/spool
log_file_path = %[1]s/spool/%%slog
pid_file_path = %[1]s/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[2]d
domainlist local_domains = peer.test
deliver_drop_privilege = true
tls_advertise_hosts = *
tls_certificate = %[1]s/cert.pem
tls_privatekey = %[1]s/key.pem
host_lookup =
rfc1413_hosts =
smtp_accept_max_per_connection = 30
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  deny local_parts = stranger
       message = no such user
  accept domains = +local_domains
  deny message = relay not permitted
begin routers
local:
  driver = accept
  domains = +local_domains
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = %[1]s/mail
  user = Debian-exim
  group = Debian-exim
begin retry
begin rewrite
begin authenticators
`

// exim starts an Exim that closes a connection after 30 messages.
func exim(t *testing.T) *server {
	t.Helper()
	binary := unpacked("usr/sbin/exim4")
	need(t, binary)
	needRoot(t)
	who, err := user.Lookup("Debian-exim")
	if err != nil {
		t.Fatalf("%v: run .ci/peers.sh", err)
	}
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.STARTTLS, mail: filepath.Join(dir, "mail/new"), log: filepath.Join(dir, "spool/mainlog")}
	s.roots = certificate(t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	for _, sub := range []string{"spool", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	chown(t, who, filepath.Join(dir, "spool"), filepath.Join(dir, "mail"), filepath.Join(dir, "key.pem"))
	conf := filepath.Join(dir, "exim.conf")
	write(t, conf, fmt.Sprintf(eximConf, dir, s.port, binary), 0o644)
	daemon(t, filepath.Join(dir, "out"), binary, "-C", conf, "-bdf", "-q1m")
	s.await(t)
	return s
}

func TestEximTakesAll(t *testing.T) {
	t.Parallel()
	s := exim(t)
	s.sendAll(t, anyReader)
	s.arrived(t)
	if res := s.one(t, s.dialer(t), "stranger@peer.test", testMessage(1)); res.Phase != delivery.PhaseRcpt || res.Code != 550 {
		t.Errorf("stranger: got %+v, want 550 at RCPT", res)
	}
}

const chasquidConf = `hostname: "chasquid.peer.test"
max_data_size_mb: 10
smtp_address: "127.0.0.1:%[2]d"
submission_address: "127.0.0.1:%[3]d"
mail_delivery_agent_bin: "/bin/sh"
mail_delivery_agent_args: "-c"
mail_delivery_agent_args: "f=$(mktemp %[1]s/mail/tmp/XXXXXXXXXX) && cat >$f && mv $f %[1]s/mail/new/"
data_dir: "%[1]s/data"
suffix_separators: "+"
mail_log_path: "%[1]s/mail.log"
`

// chasquid starts a chasquid; its submission port wants STARTTLS and AUTH.
func chasquid(t *testing.T) *server {
	t.Helper()
	binary, util := unpacked("usr/bin/chasquid"), unpacked("usr/bin/chasquid-util")
	need(t, binary, util)
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.STARTTLS, user: "reader@peer.test", pass: "open-sesame",
		mail: filepath.Join(dir, "mail/new"), log: filepath.Join(dir, "mail.log")}
	etc := filepath.Join(dir, "etc")
	write(t, filepath.Join(etc, "chasquid.conf"), fmt.Sprintf(chasquidConf, dir, freePort(t), s.port), 0o644)
	for _, sub := range []string{"mail/tmp", "mail/new", "data", "etc/domains/peer.test"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	certs := filepath.Join(etc, "certs/chasquid.peer.test")
	s.roots = certificate(t, filepath.Join(certs, "fullchain.pem"), filepath.Join(certs, "privkey.pem"))
	run(t, util, "-C="+etc, "user-add", s.user, "--password="+s.pass)
	daemon(t, filepath.Join(dir, "out"), binary, "-config_dir", etc)
	s.await(t)
	return s
}

func TestChasquidTakesAll(t *testing.T) {
	t.Parallel()
	s := chasquid(t)
	s.sendAll(t, func(i int) string { return fmt.Sprintf("reader+%d@peer.test", i) })
	s.arrived(t)
	d := s.dialer(t)
	if res := s.one(t, d, "stranger@peer.test", testMessage(1)); res.Phase != delivery.PhaseRcpt || res.Code != 550 {
		t.Errorf("stranger: got %+v, want 550 at RCPT", res)
	}
	s.pass = "wrong"
	if res := s.one(t, s.dialer(t), "reader@peer.test", testMessage(1)); res.Phase != delivery.PhaseAuth || res.Code != 535 {
		t.Errorf("wrong password: got %+v, want 535 at AUTH", res)
	}
}

// aiosmtpdScript writes each message as it came into a file of its own.
const aiosmtpdScript = `
import asyncio, os, sys
from aiosmtpd.smtp import SMTP
port, folder, n = int(sys.argv[1]), sys.argv[2], 0
class Keep:
    async def handle_DATA(self, server, session, envelope):
        global n
        n += 1
        with open(os.path.join(folder, str(n)), "wb") as f:
            f.write(envelope.original_content)
        return "250 2.0.0 kept"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Keep(), enable_SMTPUTF8=True), "127.0.0.1", port)
    await server.serve_forever()
asyncio.run(main())
`

// TestAiosmtpdTakesAll is for a server with neither PIPELINING nor CHUNKING.
func TestAiosmtpdTakesAll(t *testing.T) {
	t.Parallel()
	need(t, "/usr/bin/python3", "/usr/lib/python3/dist-packages/aiosmtpd")
	dir := openDir(t)
	s := &server{port: freePort(t), tls: mailer.NoTLS, mail: filepath.Join(dir, "new"), log: filepath.Join(dir, "out")}
	if err := os.Mkdir(s.mail, 0o755); err != nil {
		t.Fatal(err)
	}
	daemon(t, s.log, "/usr/bin/python3", "-c", aiosmtpdScript, strconv.Itoa(s.port), s.mail)
	s.await(t)
	s.sendAll(t, anyReader)
	s.arrived(t)
}
