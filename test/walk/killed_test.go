package walk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// held are the answers that Postfix waits for when the sender is killed: half of
// the mails it then takes, half it refuses.
const held = 6

// killed goes on with the edition when that is corrected, without waiting for the
// others' turn, and kills the sender with SIGKILL while it waits for answers. Whom
// Postfix took, its log settles; whom it did not take stays unknown.
func (k *walk) killed() {
	k.Helper()
	k.m.say("the key is published again: the send goes on, and is killed while the relay's answers are on their way")
	week := secondWeek()
	p := k.policy
	var mu sync.Mutex
	var waiting []string
	release := make(chan struct{})
	p.set(func(to string, atEnd bool) string {
		mu.Lock()
		if !atEnd || len(waiting) == held {
			mu.Unlock()
			return "DUNNO"
		}
		waiting = append(waiting, to)
		n := len(waiting)
		mu.Unlock()
		<-release
		if n%2 == 0 {
			return "550 5.7.1 not now"
		}
		return "DUNNO"
	})
	ctx, cancel := context.WithCancel(k.Context())
	defer cancel()
	resume := k.m.command(ctx, "export DIGEST_CONFIG=/etc/digest/config.yaml\nexec runuser -u digest -- digest resume --week "+week+" --yes")
	resume.Stdout, resume.Stderr = k.m.log, k.m.log
	if err := resume.Start(); err != nil {
		k.Fatal(err)
	}
	k.m.until("the send goes on", func() bool { return !strings.Contains(k.status(week), "paused") })
	k.m.digest("send --week " + week + " --now --yes")
	k.m.until("the relay holds its answers back", func() bool { mu.Lock(); defer mu.Unlock(); return len(waiting) == held })
	k.m.run("pkill -KILL -f 'digest resume'")
	_ = resume.Wait() // it was killed
	close(release)
	k.m.until("serve has sent to the others", func() bool {
		c := k.counts(week)
		return c["queued"]+c["sending"] == 0 && c["unknown"] == held/2
	})
	k.m.digest("status --week " + week + " --unknown")
	unknown := k.m.output("DIGEST_CONFIG=/etc/digest/config.yaml runuser -u digest -- digest status --unknown --week " + week)
	for i, to := range waiting {
		took := i%2 == 0
		if strings.Contains(unknown, to) == took {
			k.Errorf("%s: the relay took the mail: %t; unknown:\n%s", to, took, unknown)
		}
	}
	k.m.say("%d of %d were settled from Postfix's own log; the others by word", held/2, held)
	k.m.digest("settle --week " + week + " /var/log/postfix.log")
	k.m.digest("resolve --week " + week + " --as sent --yes")
	k.m.digest("verify --week " + week)
}

// counts are what status counts.
func (k *walk) counts(week string) map[string]int {
	k.Helper()
	var status struct{ Counts map[string]int }
	out := k.m.output("DIGEST_CONFIG=/etc/digest/config.yaml runuser -u digest -- digest --json status --week " + week)
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		k.Fatalf("status --json: %v\n%s", err, out)
	}
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
