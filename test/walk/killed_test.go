package walk

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// held is how many connections the sender has when it is killed, each with a mail
// that Postfix has not answered: half of them it then takes, half it refuses.
const held = 6

// killed goes on with the edition when that is corrected: the first part's rest goes
// out, then the others' turn comes by an operator's word. The sender is killed with
// SIGKILL while it waits for answers. Whom Postfix took, its log settles; whom it did
// not take stays unknown until somebody says so. In the end each reader has it once.
func (k *walk) killed() {
	k.Helper()
	k.m.say("the key is published again: the send goes on, and is killed while the relay's answers are on their way")
	week := thisWeek()
	k.policy.set(func(string, bool) string { return "DUNNO" })
	resume := k.m.command(k.Context(), fmt.Sprintf("export DIGEST_CONFIG=/etc/digest/config.yaml\nexec runuser -u digest -- digest --set smtp.connections=%d resume --week %s --yes", held, week))
	resume.Stdout, resume.Stderr = k.m.log, k.m.log
	if err := resume.Start(); err != nil {
		k.Fatal(err)
	}
	k.m.until("the first part has it, but for those who are asked again later", func() bool {
		c := k.counts(week)
		return !strings.Contains(k.status(week), "paused") && c["sending"] == 0 && c["accepted"]+c["deferred"] == firstPart
	})
	answers := k.hold()
	k.m.digest("send --week " + week + " --now --yes")
	k.m.until("the relay holds its answers back", func() bool { return answers.waiting() == held })
	k.m.run("pkill -KILL -u digest -f '^digest .*resume'")
	_ = resume.Wait() // it was killed
	answers.release()
	k.m.until("serve has taken over, and read in Postfix's log whom that took", func() bool {
		c := k.counts(week)
		return c["queued"]+c["sending"] == 0 && c["unknown"] == held/2
	})
	k.settled(week, answers.to)
}

// settled wants exactly those unknown whose mail Postfix refused; they get it again.
func (k *walk) settled(week string, to []string) {
	k.Helper()
	unknown := k.m.digest("status --week " + week + " --unknown")
	for i, email := range to {
		if took := i%2 == 0; strings.Contains(unknown, email) == took {
			k.Errorf("%s: the relay took the mail: %t; unknown:\n%s", email, took, unknown)
		}
	}
	k.m.say("%d of %d were settled from Postfix's own log as serve follows it; of the others it says nothing", held/2, held)
	k.m.digest("settle /var/log/postfix.log")
	k.m.digest("resolve --week " + week + " --as retry --yes")
	k.m.until("everybody has it", func() bool { c := k.counts(week); return c["accepted"] == c["total"] })
	k.m.digest("verify --week " + week)
	k.m.until("each reader at Gmail has it once", func() bool {
		got := k.m.output("grep -rlF -- 'Message-ID: <" + strings.ToLower(week) + ".' /srv/far/mail/new | xargs grep -h '^Envelope-to: r[0-9]*@gmail.com' | sort | uniq -c | awk '{print $1}' | sort | uniq -c")
		return strings.Join(strings.Fields(got), " ") == fmt.Sprintf("%d 1", atGmail)
	})
}

// A backlog is what a relay has not answered.
type backlog struct {
	mu      sync.Mutex
	to      []string
	release func()
}

// hold has the relay keep its answers to whole mails for readers at Gmail back, until
// they are released: then it refuses every second one.
func (k *walk) hold() *backlog {
	released := make(chan struct{})
	b := &backlog{release: sync.OnceFunc(func() { close(released) })}
	k.Cleanup(b.release)
	k.policy.set(func(to string, atEnd bool) string {
		if !atEnd || !strings.HasSuffix(to, "@gmail.com") {
			return "DUNNO"
		}
		select {
		case <-released:
			return "DUNNO"
		default:
		}
		b.mu.Lock()
		b.to = append(b.to, to)
		n := len(b.to)
		b.mu.Unlock()
		<-released
		if n%2 == 0 {
			return "550 5.7.1 not now"
		}
		return "DUNNO"
	})
	return b
}

func (b *backlog) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.to)
}

// counts are what status counts, and the total.
func (k *walk) counts(week string) map[string]int {
	k.Helper()
	var status struct {
		Counts map[string]int
		Total  int
	}
	out := k.m.output("DIGEST_CONFIG=/etc/digest/config.yaml runuser -u digest -- digest --json status --week " + week)
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		k.Fatalf("status --json: %v\n%s", err, out)
	}
	status.Counts["total"] = status.Total
	return status.Counts
}

// wellAgain wants the doctor to find nothing that fails, and shows its restore drill.
func (k *walk) wellAgain() {
	k.Helper()
	k.m.say("the doctor, and the restore drill")
	k.m.until("there is a backup", func() bool { return k.m.output("ls /var/backups/digest/*.db") != "" })
	var findings []struct{ Check, Level, Detail, Fix string }
	out := k.m.digest("--json doctor")
	if err := json.Unmarshal([]byte(out[strings.Index(out, "["):]), &findings); err != nil {
		k.Fatalf("doctor --json: %v\n%s", err, out)
	}
	drilled := false
	for _, f := range findings {
		if f.Level == "fail" || f.Level == "warn" && !expected[f.Check] {
			k.Errorf("doctor: %s %s: %s", f.Level, f.Check, f.Detail)
		}
		drilled = drilled || f.Check == "restore-drill" && f.Level == "pass"
		k.m.say("      %s", fmt.Sprintf("%-8s %-14s %s", f.Level, f.Check, f.Detail))
	}
	if !drilled {
		k.Error("the restore drill did not pass")
	}
}

// expected warnings: the machine's kernel is this machine's, which may have no time server.
var expected = map[string]bool{"clock": true}
