package walk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// eximConf is a readers' mail server that refuses some at RCPT in the words of large
// providers, and one ("later") only after it has taken the mail.
const eximConf = `exim_path = %[1]s
primary_hostname = mx.far.example
spool_directory = /srv/far/spool
log_file_path = /srv/far/spool/%%slog
pid_file_path = /srv/far/exim.pid
local_interfaces = %[2]s
daemon_smtp_ports = 25
domainlist far = far.example : reader.example : gmail.com
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
begin acl
rcpt:
  deny local_parts = gone
       message = 550 5.1.1 The email account that you tried to reach does not exist.
  deny local_parts = full
       message = 552 5.2.2 The recipient's mailbox is full.
  deny local_parts = auth
       message = 550 5.7.26 Your email has been blocked because the sender is unauthenticated.
  accept domains = +far
  deny message = relay not permitted
begin routers
later:
  driver = redirect
  domains = +far
  local_parts = later
  allow_fail
  data = :fail: 550 5.1.1 No such person at this address
local:
  driver = accept
  domains = +far
  transport = maildir
out:
  driver = dnslookup
  domains = ! +far
  transport = out
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = /srv/far/mail
  envelope_to_add
  return_path_add
  user = Debian-exim
  group = Debian-exim
out:
  driver = smtp
begin retry
`

// startExim starts the readers' first mail server.
func (w *world) startExim() {
	w.m.t.Helper()
	exim := peers("usr/sbin/exim4")
	w.m.write("/srv/far/exim.conf", fmt.Sprintf(eximConf, exim, eximAddr), 0o644)
	w.m.run("mkdir /srv/far/spool /srv/far/mail && chown Debian-exim /srv/far/spool /srv/far/mail\n" +
		"systemd-run --quiet --property=NetworkNamespacePath=/run/netns/far --unit=far " + exim + " -C /srv/far/exim.conf -bdf -q1m")
}

const chasquidConf = `hostname: "mx.other.example"
max_data_size_mb: 10
smtp_address: "%[1]s:25"
mail_delivery_agent_bin: "/bin/sh"
mail_delivery_agent_args: "-c"
mail_delivery_agent_args: "f=$(mktemp /srv/other/mail/XXXXXXXXXX) && cat >$f"
data_dir: "/srv/other/data"
suffix_separators: "+"
mail_log_path: "/srv/other/mail.log"
`

// startChasquid starts the second one, which knows one reader only.
func (w *world) startChasquid() {
	w.m.t.Helper()
	w.m.write("/srv/other/etc/chasquid.conf", fmt.Sprintf(chasquidConf, chasquidAddr), 0o644)
	w.m.run("mkdir -p /srv/other/mail /srv/other/data /srv/other/etc/domains/other.example\n" +
		peers("usr/bin/chasquid-util") + " -C=/srv/other/etc user-add fine@other.example --password=open-sesame\n" +
		"systemd-run --quiet --property=NetworkNamespacePath=/run/netns/far --unit=other " + peers("usr/bin/chasquid") + " -config_dir /srv/other/etc")
}

// mails are the files in which a text stands, among those that arrived.
func (w *world) mails(text string) []string {
	w.m.t.Helper()
	out := w.m.output("grep -rlF -- '" + text + "' /srv/far/mail/new /srv/other/mail 2>/dev/null || true")
	return strings.Fields(out)
}

// arrives waits for a mail to a reader with a text in it, and gives its path.
func (w *world) arrives(to, text string) string {
	w.m.t.Helper()
	var path string
	w.m.until("a mail to "+to+" with "+text, func() bool {
		for _, p := range w.mails(text) {
			if strings.Contains(w.m.read(p), "\nTo: "+to+"\n") {
				path = p
				return true
			}
		}
		return false
	})
	return path
}

// needed leaves the walk out when this machine lacks what it needs, or fails in CI.
func needed(t *testing.T) {
	t.Helper()
	for _, p := range []string{"systemd-nspawn", "unshare", "nsenter", "nginx", "postfix", "opendkim-testmsg", "dkimverify", "curl",
		peers("usr/sbin/exim4"), peers("usr/bin/chasquid")} {
		if _, err := exec.LookPath(p); err != nil {
			if _, err := exec.LookPath(filepath.Join("/usr/sbin", p)); err != nil {
				leaveOut(t, p+" is missing: run make tools")
			}
		}
	}
}

func leaveOut(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
