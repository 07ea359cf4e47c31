package storetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// testExportImport takes a list with everything in it out and in again.
func testExportImport(t *testing.T, l *list) {
	csv := "email,name,status,categories,created_at\n" +
		"=cmd@example.com,=1+1,active,\"Design,Developer Tools\",2025-01-02\n+x@example.com,'=quoted,active,,\nbounced@example.com,,bounced,,\n" +
		"complained@example.com,,complained,,\nbouncing@example.com,,bouncing,,\nmanual@example.com,,blocklisted,,\nleft@example.com,,unsubscribed,,\npending@example.com,,pending,,\n" +
		"quote@example.com,\"a \"\"b\"\", c\",active,,\n"
	if report := l.imported(csv); report.Added != 9 {
		t.Fatalf("got %s, want 9 added", summary(report))
	}
	l.signUp("confirmed@example.com")
	_, err := l.Confirm(l.ctx(), l.confirmation())
	l.check(err)
	out := l.exported()
	for line := range strings.Lines(out) {
		if strings.ContainsRune("=+-@", rune(line[0])) {
			t.Errorf("got the line %q, want no formula", line)
		}
	}
	l.now = l.now.Add(time.Hour)
	if got := summary(l.imported(out)); got != "added 0 updated 0 unchanged 10" {
		t.Errorf("got %s from the list's own export, want it unchanged", got)
	}
	if again := l.exported(); again != out {
		t.Errorf("got\n%s, want\n%s", again, out)
	}
}

// testSuppressionsTravel takes who is kept off into another list.
func testSuppressionsTravel(t *testing.T, l *list) {
	l.imported("email,name,status\nbounced@example.com,Bo,bounced\n")
	l.check(l.Suppress(l.ctx(), "stranger@example.com", subscribers.Complaint, "reported"))
	l.active("erased@example.com")
	_, err := l.Erase(l.ctx(), "erased@example.com")
	l.check(err)
	l.active(ada)
	all := l.exported()
	if strings.Contains(all, "stranger") || strings.Contains(all, "erased@") {
		t.Errorf("got an address in\n%s, want the hashes of who is not on the list", all)
	}
	if got := summary(l.imported(all)); got != "added 0 updated 0 unchanged 4" {
		t.Errorf("got %s from the list's own export, want it unchanged", got)
	}
	var hashed bytes.Buffer
	l.check(l.ExportSuppressed(l.ctx(), &hashed))
	if strings.Contains(hashed.String(), "@") || strings.Count(hashed.String(), "\n") != 4 {
		t.Errorf("got\n%s, want three hashes and no address", hashed.String())
	}
	for name, file := range map[string]string{"the whole list": all, "the hashes": hashed.String()} {
		other := l.another()
		other.active("stranger@example.com")
		other.active("erased@example.com")
		report, err := other.Import(l.ctx(), strings.NewReader(file), subscribers.ImportOptions{Source: "import:old"})
		l.check(err)
		if len(report.Rejected) != 1 || !strings.Contains(report.Rejected[0].Reason, "an import erases nobody") || report.Rejected[0].Email != "erased@example.com" {
			t.Errorf("%s: got %+v, want the erasure of a reader on the list named", name, report)
		}
		if s := other.stands("stranger@example.com", subscribers.StandsSuppressed); s.Suppressed != subscribers.Complaint {
			t.Errorf("%s: got %s, want the complaint to reach who is on the list", name, s.Suppressed)
		}
		again, err := other.Import(l.ctx(), strings.NewReader("email\nbounced@example.com\nstranger@example.com\n"), subscribers.ImportOptions{})
		l.check(err)
		if again.Added != 0 || len(again.Rejected) != 2 {
			t.Errorf("%s: got %+v, want both kept off", name, again)
		}
	}
	empty := l.another()
	_, err = empty.Import(l.ctx(), strings.NewReader(all), subscribers.ImportOptions{})
	l.check(err)
	if again := empty.imported("email\nerased@example.com\n"); len(again.Rejected) != 1 {
		t.Errorf("got %+v, want who was erased kept off the new list", again)
	}
	if got := empty.exported(); got != all {
		t.Errorf("got\n%s from the new list, want\n%s", got, all)
	}
	if got := summary(empty.imported("email_sha256\nnonsense\n")); !strings.Contains(got, "64 hexadecimal digits") {
		t.Errorf("got %s, want a hash that is none refused", got)
	}
}
