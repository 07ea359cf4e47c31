//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/smtpsink"
)

// A correction whose process is killed at any moment, before its freeze, at it and
// while it is sent, reaches those who are to have it once: what the relay took, by its
// synced ledger, is compared with what the database says.
func TestCorrectionKilled(t *testing.T) {
	t.Parallel()
	const readers, first = 60, 40
	k := newKillable(t, readers)
	k.must(0, "subscribers", "import", "readers.csv", "--yes")
	k.must(3, "send", "--limit", fmt.Sprint(first), "--yes")
	k.must(0, "pause")
	k.must(0, "edition", "edit", "--note", "Quill starts at nine dollars a seat.")
	k.must(0, "edition", "amend", "--yes")
	k.must(0, "resume", "--yes")
	if got := k.sink.Count(); got != readers {
		t.Fatalf("got %d messages of the edition, want %d", got, readers)
	}
	kills := 0
	for _, part := range []time.Duration{0, 1, 2, 3, 4, 5, 6, 7} { // of a command that goes on to its first message
		moment := time.Now().Add(part*30*time.Millisecond + rand.N(30*time.Millisecond))
		if k.killed(func() bool { return time.Now().After(moment) }, "edition", "correct", "--words", "words.md", "--yes") {
			kills++
		}
	}
	args := []string{"edition", "correct", "--words", "words.md", "--yes"}
	for {
		frozen := k.proof("2026-C47") != nil
		if frozen {
			args = []string{"send", "--week", "2026-C47", "--yes"}
		}
		more := k.sink.Count() + 8
		if !k.killed(func() bool { return k.sink.Count() >= more }, args...) {
			break
		}
		kills++
	}
	if kills < 3 {
		t.Errorf("got %d kills, want several", kills)
	}
	k.compare(t, first, kills)
}

// proof is what verify says of a week; nil while it is not frozen.
func (k *killable) proof(week string) *api.Proof {
	k.t.Helper()
	code, out := k.run("verify", "--week", week, "--json")
	var p api.Proof
	if json.Unmarshal([]byte(out[:strings.LastIndex(out, "}")+1]), &p) != nil || p.Recipients == 0 {
		k.t.Logf("verify %s: %d %s", week, code, out)
		return nil
	}
	return &p
}

func (k *killable) compare(t *testing.T, recipients int64, kills int) {
	t.Helper()
	took, err := smtpsink.ReadLedger(filepath.Join(k.dir, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, r := range took {
		if r.Complete && strings.HasPrefix(r.MessageID, "<2026-c47.") {
			if got[r.To]++; got[r.To] > 1 {
				t.Errorf("%s: got %d corrections, want 1", r.To, got[r.To])
			}
		}
	}
	p := k.proof("2026-C47")
	if p == nil {
		t.Fatal("got no proof of the correction")
	}
	if p.Recipients != recipients || !p.Holds || p.Counts.Accepted+p.Counts.Unknown != recipients {
		t.Errorf("got %+v, want %d recipients, accepted or unknown", p, recipients)
	}
	if limit := int64(kills * 4); p.Counts.Unknown > limit || int64(len(p.Unknown)) != p.Counts.Unknown {
		t.Errorf("got %d unknown (%v), want at most one a connection and kill: %d", p.Counts.Unknown, p.Unknown, limit)
	}
	unknown := map[string]bool{}
	for _, a := range p.Unknown {
		unknown[a] = true
	}
	accepted := int64(0)
	for to := range got {
		if !unknown[to] {
			accepted++
		}
	}
	if accepted != p.Counts.Accepted {
		t.Errorf("the relay took %d corrections whose outcome is known, the database says %d accepted", accepted, p.Counts.Accepted)
	}
	t.Logf("%d kills: %d accepted, %d unknown", kills, p.Counts.Accepted, p.Counts.Unknown)
}
