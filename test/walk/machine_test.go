package walk

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bootScript makes the machine's root in a mount namespace of its own and boots it:
// $1 is an empty folder, $2 the folder that becomes /usr/src/digest. What this
// machine's administrator has enabled does not start in it; what apt enables does.
const bootScript = `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755,size=3g walk "$1"
cd "$1" && mkdir root
for d in usr etc var; do
	mkdir -p "$d.up" "$d.work" "root/$d"
	mount -t overlay overlay -o "lowerdir=/$d,upperdir=$d.up,workdir=$d.work" "root/$d"
done
mkdir -p root/dev root/proc root/sys root/run root/root root/home root/usr/src/digest
mkdir -m 1777 root/tmp
for l in bin sbin lib lib32 lib64 libx32; do [ -L "/$l" ] && cp -a "/$l" root/; done
mount --bind "$2" root/usr/src/digest
rm -rf root/etc/systemd/system/*.wants
printf '%032x\n' 1 >root/etc/machine-id # with none, systemd would enable all that is installed
rm -rf root/etc/cron.d/* root/etc/rc?.d/*
echo mail >root/etc/hostname
printf '127.0.0.1 localhost\n' >root/etc/hosts
rm -f root/etc/resolv.conf; echo "nameserver ` + resolver + `" >root/etc/resolv.conf
mkdir -p root/etc/systemd/system.conf.d # a busy host starts services slowly
printf '[Manager]\nDefaultTimeoutStartSec=10min\n' >root/etc/systemd/system.conf.d/walk.conf
mkdir -p root/etc/systemd/system/multi-user.target.wants
for u in postfix nginx; do ln -s "/lib/systemd/system/$u.service" root/etc/systemd/system/multi-user.target.wants/; done
exec systemd-nspawn --directory=root --boot --private-network --register=no --keep-unit --console=passive \
	--link-journal=no --resolv-conf=off --timezone=off --hostname=mail
`

// A machine runs systemd in namespaces of its own.
type machine struct {
	t    *testing.T
	pid  int // of its init, seen from here
	root string
	log  *os.File // of the walk
}

// boot boots a machine with files in /usr/src/digest; it is gone with the test.
func boot(t *testing.T, files string, log *os.File) *machine {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("unshare", "--mount", "bash", "-c", bootScript, "boot", dir, files)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 10 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // nspawn powers the machine off
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	m := &machine{t: t, log: log}
	m.until("the machine boots", func() bool {
		select {
		case <-ended:
			t.Fatalf("the machine did not boot:\n%s", out.String())
		default:
		}
		m.pid = child(cmd.Process.Pid)
		return m.pid != 0 && m.output("systemctl is-system-running") == "running"
	})
	m.root = fmt.Sprintf("/proc/%d/root", m.pid)
	return m
}

// patience is longer than the first wait of a delivery that was refused for now.
const patience = 10 * time.Minute

// child is the only child of a process, 0 without one.
func child(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	var c int
	_, _ = fmt.Sscan(string(b), &c)
	return c
}

// command is a shell script in the machine, in the source folder, as root.
func (m *machine) command(ctx context.Context, script string) *exec.Cmd {
	return exec.CommandContext(ctx, "nsenter", "--target", fmt.Sprint(m.pid), "--all", "--",
		"env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root", "LANG=C.UTF-8", "bash", "-euc", "cd /usr/src/digest\n"+script)
}

// try runs a script, shows it and what it prints, and returns that.
func (m *machine) try(script string) (string, error) {
	m.t.Helper()
	for line := range strings.Lines(strings.TrimSpace(script)) {
		m.say("    # %s", strings.TrimRight(line, "\n"))
	}
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	out, err := m.command(ctx, script).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		m.say("      %s", strings.TrimRight(line, "\n"))
	}
	return string(out), err
}

// run is try of what must work.
func (m *machine) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s\n%s", script, err, out, m.journal())
	}
	return out
}

// digest runs the program as its user, with the manual's settings.
func (m *machine) digest(args string) string {
	m.t.Helper()
	return m.run("export DIGEST_CONFIG=/etc/digest/config.yaml\nrunuser -u digest -- digest " + args)
}

// output is what a quiet command prints, "" when it fails without a word.
func (m *machine) output(script string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, _ := m.command(ctx, script).Output()
	return strings.TrimSpace(string(out))
}

// journal is what the machine's services said last.
func (m *machine) journal() string {
	if m.pid == 0 {
		return ""
	}
	return m.output("journalctl --no-pager -n 40; tail -n 30 /var/log/postfix.log 2>/dev/null")
}

// until waits for something, at most patience.
func (m *machine) until(what string, ok func() bool) {
	m.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			m.t.Fatalf("waited %s: %s\n%s", patience, what, m.journal())
		}
	}
}

func (m *machine) write(path, text string, mode os.FileMode) {
	m.t.Helper()
	full := filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), mode); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) read(path string) string {
	m.t.Helper()
	b, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}

// say writes a line of the walk's report.
func (m *machine) say(format string, args ...any) {
	fmt.Fprintf(m.log, format+"\n", args...)
}
