package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// imported imports a file after a dry run of it, which must report the same and
// change nothing.
func (l *list) imported(csv string) subscribers.ImportReport {
	l.t.Helper()
	before := l.exported()
	dry, err := l.Import(l.ctx(), strings.NewReader(csv), subscribers.ImportOptions{Source: "import:test.csv", Dry: true})
	l.check(err)
	if after := l.exported(); after != before {
		l.t.Errorf("got the list changed by a dry run:\n%s\nwant:\n%s", after, before)
	}
	report, err := l.Import(l.ctx(), strings.NewReader(csv), subscribers.ImportOptions{Source: "import:test.csv"})
	l.check(err)
	if dry.Batch != 0 || report.Batch == 0 {
		l.t.Errorf("got batch %d of the dry run and %d of the import, want none and one", dry.Batch, report.Batch)
	}
	dry.Batch = report.Batch
	if !reflect.DeepEqual(dry, report) {
		l.t.Errorf("got %+v from the dry run, want what the import reports: %+v", dry, report)
	}
	return report
}

func (l *list) exported() string {
	l.t.Helper()
	var b bytes.Buffer
	l.check(l.Export(l.ctx(), &b, subscribers.Filter{}))
	return b.String()
}

// summary is a report in short.
func summary(r subscribers.ImportReport) string {
	s := fmt.Sprintf("added %d updated %d unchanged %d", r.Added, r.Updated, r.Unchanged)
	for _, j := range r.Rejected {
		s += fmt.Sprintf("; line %d %q: %s", j.Line, j.Email, j.Reason)
	}
	return s
}

func testImportBadRows(t *testing.T, l *list) {
	report := l.imported("email,name,status,created_at,token,categories\n" +
		"good1@example.com,\"two\nlines\",,,,\n" + // lines 2 and 3
		"not an address,Bob,,,,\n" +
		"short@example.com,x\n" +
		",,,,,\n" +
		"\n" +
		"stray@example.com,a \"quote\" in it,,,,\n" +
		"date@example.com,,,31/12/2024,,\n" +
		"token@example.com,,,,abc,\n" +
		"state@example.com,,maybe,,,\n" +
		"good2@example.com,,ACTIVE,,,,,\n" +
		"long@example.com,,,,,,x\n" +
		"ends@example.com,Early,active\n" +
		"topics@example.com,,,,,\"" + strings.Repeat("x", 61) + "\"\n" +
		"quoted@example.com,\"a\"b,,,,\n")
	want := `added 7 updated 0 unchanged 0; ` +
		`line 4 "not an address": email: There is a space or a line break in it; ` +
		`line 5 "short@example.com": it has 2 fields, the header has 6; ` +
		`line 6 "": email: It is empty; ` +
		`line 11 "state@example.com": status: "maybe" is not known; it can be active, pending or unsubscribed; ` +
		`line 13 "long@example.com": it has 7 fields, the header has 6; ` +
		`line 16 "": a quote inside a quoted field must be doubled`
	if got := summary(report); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	var notes []string
	for _, n := range report.Notes {
		notes = append(notes, fmt.Sprintf("%d %s", n.Line, n.Reason))
	}
	want = `9 "31/12/2024" is not a date or a time; write 2006-01-31 or 2006-01-31T15:04:05Z; ` +
		`10 token: it is not 22 characters of URL-safe base64; a new one is made, and old unsubscribe links do not work; ` +
		`15 categories: A topic is at most 60 characters long`
	if got := strings.Join(notes, "; "); got != want {
		t.Errorf("got the notes\n%s, want\n%s", got, want)
	}
	for email, name := range map[string]string{"good1@example.com": "two lines", "stray@example.com": `a "quote" in it`, "ends@example.com": "Early"} {
		if s := l.stands(email, subscribers.StandsActive); s.Name != name {
			t.Errorf("%s: got the name %q, want %q", email, s.Name, name)
		}
	}
}

// testImportUnknownStatus holds that a column which may say who left is not
// passed over.
func testImportUnknownStatus(t *testing.T, l *list) {
	for _, tt := range []struct{ csv, column, line string }{
		{"email,Member standing status\na@example.com,Lapsed\n", "Member standing status", "line 2"},
		{"email,Newsletter opt-in choice\na@example.com,yes\nb@example.com,no\n", "Newsletter opt-in choice", "line 2"},
		{"email,Votre statut\na@example.com,parti\n", "Votre statut", "line 2"},
		{"email,Zustandswort\na@example.com,active\nb@example.com,unsubscribed\n", "Zustandswort", "line 3"},
		{"email,State\na@example.com,Ohio\nb@example.com,cancelled\n", "State", "line 3"},
		{"email,is bounced now\na@example.com,1\n", "is bounced now", "line 2"},
		{"email,suppression list\na@example.com,x\n", "suppression list", "line 2"},
	} {
		_, err := l.Import(l.ctx(), strings.NewReader(tt.csv), subscribers.ImportOptions{})
		if !errors.Is(err, subscribers.ErrCSV) || !strings.Contains(err.Error(), tt.line) || !strings.Contains(err.Error(), "--ignore-column \""+tt.column+"\"") {
			t.Errorf("%q: got %v, want ErrCSV with %s and the column", tt.csv, err, tt.line)
		}
	}
	l.counts(subscribers.Counts{})
	for _, csv := range []string{
		"email,Lifecycle\na@example.com,Lead\nb@example.com,unsubscribed? ask\n", // not all are statuses
		"email,consent_text\nc@example.com,I agree\n",
		"email,confirmation notes\nd@example.com,2024-01-02 10:00\n",
		"email,Number of bounces\ne@example.com,3\n",
		"email,tags\nf@example.com,free\n",
	} {
		if report := l.imported(csv); len(report.Rejected) > 0 || report.Added == 0 {
			t.Errorf("%q: got %s, want it taken", csv, summary(report))
		}
	}
	report, err := l.Import(l.ctx(), strings.NewReader("email,Member-Status x\ng@example.com,Lapsed\n"), subscribers.ImportOptions{Ignore: []string{"member status X"}})
	l.check(err)
	if report.Added != 1 || len(report.Ignored) != 1 {
		t.Errorf("got %+v, want the column ignored as told", report)
	}
	if _, err := l.Import(l.ctx(), strings.NewReader("email\nh@example.com\n"), subscribers.ImportOptions{Ignore: []string{"Status"}}); !errors.Is(err, subscribers.ErrCSV) {
		t.Errorf("got %v, want a column that is not there named", err)
	}
}

// testImportListmonk holds that listmonk's export is asked about, and that a
// file can be taken as those who left.
func testImportListmonk(t *testing.T, l *list) {
	const csv = "uuid,email,name,attributes,status,created_at,updated_at\n1,lk1@example.com,Gil,{},enabled,2024-01-02T03:04:05.1Z,\n2,lk2@example.com,,{},blocklisted,2024-01-02T03:04:05+02:00,\n"
	report, err := l.Import(l.ctx(), strings.NewReader(csv), subscribers.ImportOptions{As: subscribers.StandsUnsubscribed})
	l.check(err)
	if report.Added != 2 || len(report.Warnings) != 0 {
		t.Errorf("got %+v, want two added and nothing to warn of", report)
	}
	l.stands("lk1@example.com", subscribers.StandsUnsubscribed)
	l.stands("lk2@example.com", subscribers.StandsSuppressed)
	report = l.imported(csv)
	if len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "enabled who have left") || len(report.Rejected) != 1 {
		t.Errorf("got %+v, want the warning, and who left kept off", report)
	}
}

func testImportBadFiles(t *testing.T, l *list) {
	tests := []struct{ name, csv, want string }{
		{"empty", "", "it is empty"},
		{"no header", "ada@example.com,Ada\n", "line 1 must name the columns"},
		{"no email", "name,phone\nAda,1\n", "names no email column; it has name, phone"},
		{"UTF-8, then Latin-1", "email,name\na@example.com,Zo\u00eb\nz@example.com,Zo\xeb\n", "line 3 is in another encoding"},
		{"UTF-16 without its mark", "e\x00m\x00a\x00i\x00l\x00\n\x00", "not text"},
		{"binary", "PK\x03\x04\x00\x00\x00", "not text"},
		{"NUL", "email,name\na@example.com,Ada\nb@example.com,\x00\n", "not text"},
		{"a quote without end", "email,name\na@example.com,Bo\nb@example.com,\"Cy\nc@example.com,Di\n", "line 3: a quote opens here and is never closed"},
		{"a quote that another row closes", "email,name\na@example.com,\"Cy\nc@example.com,Di\nd@example.com,\"Ed\"\n", "line 2: a quote opens here and is not closed before line 4"},
		{"two columns of addresses", "email,Email Address\na@example.com,b@example.com\n", `"email" and "Email Address" mean the same`},
	}
	for _, tt := range tests {
		_, err := l.Import(l.ctx(), strings.NewReader(tt.csv), subscribers.ImportOptions{})
		if !errors.Is(err, subscribers.ErrCSV) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want ErrCSV with %q", tt.name, err, tt.want)
		}
	}
	l.counts(subscribers.Counts{})
	_, err := l.Import(l.ctx(), strings.NewReader("email\n"+strings.Repeat("nobody\n", subscribers.MaxRejected+5)), subscribers.ImportOptions{})
	if !errors.Is(err, subscribers.ErrCSV) || !strings.Contains(err.Error(), "more than 100000 rows") {
		t.Errorf("got %v for a file of nothing but mistakes, want it given up", err)
	}
}

// brokenReader fails after its text, like a connection that is cut.
type brokenReader struct{ *strings.Reader }

var errCut = errors.New("the connection was cut")

func (r brokenReader) Read(p []byte) (int, error) {
	if r.Len() == 0 {
		return 0, errCut
	}
	return r.Reader.Read(p)
}
