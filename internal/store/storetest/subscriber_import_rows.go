package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func testImportIsAtomic(t *testing.T, l *list) {
	l.active(ada)
	before := l.exported()
	var b strings.Builder
	b.WriteString("email,status\n" + ada + ",unsubscribed\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "reader%d@example.com,active\n", i)
	}
	calls := 0
	_, err := l.Import(l.ctx(), brokenReader{strings.NewReader(b.String())}, subscribers.ImportOptions{Progress: func(int) { calls++ }})
	if !errors.Is(err, errCut) {
		t.Errorf("got %v, want the reader's error", err)
	}
	if calls == 0 {
		t.Error("got no progress, want rows merged before the cut")
	}
	if after := l.exported(); after != before {
		t.Errorf("got a list of %d bytes after the failure, want it as before", len(after))
	}
	if report := l.imported(b.String()); report.Added != 5000 || report.Updated != 1 {
		t.Errorf("got %s, want the import to work afterwards", summary(report))
	}
}

// testImportKeepsLeavers holds that no import revives who left.
func testImportKeepsLeavers(t *testing.T, l *list) {
	for _, email := range []string{"left@example.com", "bounced@example.com", "stays@example.com"} {
		l.active(email)
	}
	l.signUp("pending@example.com")
	_, tokens := l.delivered()
	_, err := l.Remove(l.ctx(), "left@example.com", false)
	l.check(err)
	l.check(l.Suppress(l.ctx(), "bounced@example.com", subscribers.HardBounce, ""))
	report := l.imported("email,name,status\nLeft@example.com,Back?,active\nbounced@example.com,,active\nstays@example.com,Ada,\npending@example.com,,unsubscribed\n")
	want := `added 0 updated 1 unchanged 1; line 2 "Left@example.com": unsubscribed on 2026-11-16; line 3 "bounced@example.com": suppressed: the mailbox does not exist`
	if got := summary(report); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s := l.stands("left@example.com", subscribers.StandsUnsubscribed); s.Name != "Ada" {
		t.Errorf("got the name %q, want the record untouched", s.Name)
	}
	l.stands("pending@example.com", subscribers.StandsUnsubscribed)
	if _, err := l.Confirm(l.ctx(), tokens[0]); !errors.Is(err, subscribers.ErrUsed) {
		t.Errorf("got %v for a link from before, want ErrUsed", err)
	}
	// A file of bounces suppresses, and that holds for sign-ups too.
	if got := summary(l.imported("Email Address,CLEAN_TIME\nstays@example.com,2024-01-01\nnew@example.com,2024-01-01\n")); got != "added 1 updated 1 unchanged 0" {
		t.Errorf("got %s, want one added and one updated", got)
	}
	l.now = l.now.Add(48 * time.Hour)
	l.signUp("new@example.com")
	l.signUp("stays@example.com")
	l.nothing("suppressed by an import")
}

// testImportDuplicates has an address twice in a file, near and far apart.
func testImportDuplicates(t *testing.T, l *list) {
	var b strings.Builder
	b.WriteString("email,name,status\ndup@example.com,First,active\nDUP@example.com,Second,active\nleaves@example.com,,active\n")
	for i := range 1200 {
		fmt.Fprintf(&b, "reader%d@example.com,,\n", i)
	}
	b.WriteString("dup@example.com,Third,active\nleaves@example.com,,unsubscribed\nleaves@example.com,,active\n")
	want := `added 1202 updated 1 unchanged 0; line 3 "DUP@example.com": the same address as line 2; ` +
		`line 1205 "dup@example.com": the same address as line 2; line 1207 "leaves@example.com": the same address as line 4`
	if got := summary(l.imported(b.String())); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s := l.stands("dup@example.com", subscribers.StandsActive); s.Name != "First" {
		t.Errorf("got the name %q, want the first line's", s.Name)
	}
	l.stands("leaves@example.com", subscribers.StandsUnsubscribed)
}

func testImportTokens(t *testing.T, l *list) {
	a, b := subscribers.NewToken().String(), subscribers.NewToken().String()
	report := l.imported("email,token\na@example.com," + a + "\nb@example.com," + a + "\nc@example.com," + b + "\n")
	if got := summary(report); got != "added 3 updated 0 unchanged 0" || len(report.Notes) != 1 || report.Notes[0].Line != 3 {
		t.Errorf("got %s and the notes %v, want three added and line 3 noted", got, report.Notes)
	}
	if s, err := l.Unsubscribe(l.ctx(), a, "page"); err != nil || s.Email != "a@example.com" {
		t.Errorf("got %+v, %v, want the old unsubscribe link to work", s, err)
	}
	report = l.imported("email,token\nd@example.com," + b + "\n")
	if got := summary(report); got != "added 1 updated 0 unchanged 0" || len(report.Notes) != 1 {
		t.Errorf("got %s and the notes %v, want it added with a new token", got, report.Notes)
	}
	if d := l.stands("d@example.com", subscribers.StandsActive); d.Token.String() == b {
		t.Error("got the token of another reader, want a new one")
	}
}

// testImportIntoFullList is large enough to take the other way in, where a store
// has two.
func testImportIntoFullList(t *testing.T, l *list) {
	rows := func(from, to int) string {
		var b strings.Builder
		b.WriteString("email,name,token\n")
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "reader%d@example.com,Reader %d,\n", i, i)
		}
		return b.String()
	}
	report, err := l.Import(l.ctx(), strings.NewReader(rows(0, 21_000)), subscribers.ImportOptions{})
	l.check(err)
	if report.Added != 21_000 {
		t.Fatalf("got %s, want 21000 added", summary(report))
	}
	taken := l.stands("reader5@example.com", subscribers.StandsActive).Token.String()
	more := rows(20_400, 21_600) + "reader7@example.com,Renamed,\nREADER7@example.com,Again,\nnew@example.com,," + taken + "\nreader21599@example.com,,\n"
	want := `added 601 updated 1 unchanged 600; line 1203 "READER7@example.com": the same address as line 1202; ` +
		`line 1205 "reader21599@example.com": the same address as line 1201`
	report, err = l.Import(l.ctx(), strings.NewReader(more), subscribers.ImportOptions{})
	l.check(err)
	if got := summary(report); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.counts(subscribers.Counts{Active: 21_601})

	// A file that is long beside the list.
	report, err = l.Import(l.ctx(), strings.NewReader(rows(16_600, 31_600)+"reader30000@example.com,,\nnewer@example.com,,"+taken+"\n"), subscribers.ImportOptions{})
	l.check(err)
	want = `added 10001 updated 0 unchanged 5000; line 15002 "reader30000@example.com": the same address as line 13402`
	if got := summary(report); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.counts(subscribers.Counts{Active: 31_602})
}
