package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

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

// testImportFormats reads files as other programs export them.
func testImportFormats(t *testing.T, l *list) {
	tests := []struct {
		name, csv, report string
		stands            map[string]subscribers.Standing
		names             map[string]string
		ignored           string
	}{
		{
			name:    "own",
			csv:     "email,name,status,categories,created_at\nown1@example.com,\"Lovelace, Ada\",active,\"Design,Developer Tools\",2025-01-02T03:04:05Z\nown2@example.com,,pending,,\nown3@example.com,,unsubscribed,,\nown4@example.com,,,,\n",
			report:  "added 4 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"own1@example.com": "active", "own2@example.com": "pending", "own3@example.com": "unsubscribed", "own4@example.com": "active"},
			names:   map[string]string{"own1@example.com": "Lovelace, Ada"},
			ignored: "",
		},
		{
			name: "listmonk",
			csv: "uuid,email,name,attributes,status,created_at,updated_at\n" +
				"7c1c1b1e-0000-4000-8000-000000000001,lm1@example.com,Lm One,\"{\"\"city\"\": \"\"Oslo\"\"}\",enabled,2024-05-01 10:00:00.123456 +0000 UTC,2024-05-01 10:00:00 +0000 UTC\n" +
				"7c1c1b1e-0000-4000-8000-000000000002,lm2@example.com,,{},blocklisted,2024-05-01T10:00:00.5Z,\n" +
				"7c1c1b1e-0000-4000-8000-000000000003,lm3@example.com,,{},disabled,2024-05-01T10:00:00Z,\n",
			report:  "added 3 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"lm1@example.com": "active", "lm2@example.com": "suppressed", "lm3@example.com": "unsubscribed"},
			names:   map[string]string{"lm1@example.com": "Lm One"},
			ignored: "uuid attributes updated_at",
		},
		{
			name: "mailchimp subscribed",
			csv: "\xef\xbb\xbf\"Email Address\",\"First Name\",\"Last Name\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TAGS\r\n" +
				"mc1@example.com,Grace,Hopper,2,\"2023-02-03 04:05:06\",,\"2023-02-03 04:06:00\",192.0.2.1,\"\"\"VIP\"\"\"\r\n",
			report:  "added 1 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"mc1@example.com": "active"},
			names:   map[string]string{"mc1@example.com": "Grace Hopper"},
			ignored: "MEMBER_RATING OPTIN_IP CONFIRM_IP TAGS",
		},
		{
			name:    "mailchimp unsubscribed",
			csv:     "Email Address,First Name,Last Name,OPTIN_TIME,UNSUB_TIME,UNSUB_REASON\nmc2@example.com,,,,2024-02-03 04:05:06,N/A\n",
			report:  "added 1 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"mc2@example.com": "unsubscribed"},
			ignored: "UNSUB_REASON",
		},
		{
			name:    "mailchimp cleaned",
			csv:     "Email Address,First Name,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\nmc3@example.com,Old,2024-02-03 04:05:06,Week 5\n",
			report:  "added 1 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"mc3@example.com": "suppressed"},
			names:   map[string]string{"mc3@example.com": "Old"},
			ignored: "CLEAN_CAMPAIGN_TITLE",
		},
		{
			name:    "substack",
			csv:     "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\nss1@example.com,false,,other,false,2025-09-01T08:00:00.000Z,\nss2@example.com,true,2027-01-01T00:00:00.000Z,yearly,true,2025-09-01T08:00:00.000Z,2025-10-01T00:00:00.000Z\n",
			report:  "added 2 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"ss1@example.com": "active", "ss2@example.com": "unsubscribed"},
			ignored: "active_subscription expiry plan first_payment_at",
		},
		{
			name:    "ghost",
			csv:     "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\r\n1,gh1@example.com,Gh One,\"VIP,\nearly\",true,false,,2024-01-15T10:00:00.000Z,,substack-free,\r\n2,gh2@example.com,,,false,false,,2024-01-15T10:00:00.000Z,,,\r\n",
			report:  "added 2 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"gh1@example.com": "active", "gh2@example.com": "unsubscribed"},
			names:   map[string]string{"gh1@example.com": "Gh One"},
			ignored: "id note complimentary_plan stripe_customer_id labels tiers",
		},
		{
			name:    "buttondown",
			csv:     "email;notes;metadata;tags;subscriber_type;creation_date\nbd1@example.com;;{};;regular;2024-06-01T00:00:00Z\nbd2@example.com;;{};;unactivated;2024-06-01\nbd3@example.com;;{};;Undeliverable;2024-06-01\nbd4@example.com;;{};;churned;2024-06-01\n",
			report:  `added 3 updated 0 unchanged 0; line 5 "bd4@example.com": status: "churned" is not known; it can be active, pending or unsubscribed`,
			stands:  map[string]subscribers.Standing{"bd1@example.com": "active", "bd2@example.com": "pending", "bd3@example.com": "suppressed", "bd4@example.com": ""},
			ignored: "notes metadata tags",
		},
		{
			name:   "tabs",
			csv:    "E-Mail\tFull Name\ntab@example.com\tTab, Ulator\n",
			report: "added 1 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"tab@example.com": "active"},
			names:  map[string]string{"tab@example.com": "Tab, Ulator"},
		},
	}
	for _, tt := range tests {
		report := l.imported(tt.csv)
		if got := summary(report); got != tt.report {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.report)
		}
		if got := strings.Join(report.Ignored, " "); got != tt.ignored {
			t.Errorf("%s: got the columns %q ignored, want %q", tt.name, got, tt.ignored)
		}
		for email, want := range tt.stands {
			if s := l.stands(email, want); s.Name != tt.names[email] {
				t.Errorf("%s: %s: got the name %q, want %q", tt.name, email, s.Name, tt.names[email])
			}
		}
	}
	mc := l.stands("mc1@example.com", subscribers.StandsActive)
	if got := mc.CreatedAt.Format(time.DateTime) + " " + mc.ConfirmedAt.Format(time.DateTime); got != "2023-02-03 04:05:06 2023-02-03 04:06:00" {
		t.Errorf("got %s, want the times of the opt-in", got)
	}
	if own := l.stands("own1@example.com", subscribers.StandsActive); len(own.Categories) != 2 || own.Source != "import:test.csv" || own.Token == (subscribers.Token{}) {
		t.Errorf("got %+v, want categories, source and a token", own)
	}
	l.nothing("an import mails nobody")
}

func testImportBadRows(t *testing.T, l *list) {
	report := l.imported("email,name,status,created_at,token\n" +
		"good1@example.com,\"two\nlines\",,,\n" + // lines 2 and 3
		"not an address,Bob,,,\n" +
		"short@example.com,x\n" +
		",,,,\n" +
		"\n" +
		"stray@example.com,a \"quote\" in it,,,\n" +
		"date@example.com,,,31/12/2024,\n" +
		"token@example.com,,,,abc\n" +
		"state@example.com,,maybe,,\n" +
		"good2@example.com,,ACTIVE,,\n")
	want := `added 2 updated 0 unchanged 0; ` +
		`line 4 "not an address": email: There is a space or a line break in it; ` +
		`line 5 "short@example.com": it has 2 fields, the header has 5; ` +
		`line 6 "": email: It is empty; ` +
		`line 8 "": bare " in non-quoted-field; ` +
		`line 9 "date@example.com": "31/12/2024" is no time that can be read; write 2006-01-31 or 2006-01-31T15:04:05Z; ` +
		`line 10 "token@example.com": token: it is not 22 characters of URL-safe base64; ` +
		`line 11 "state@example.com": status: "maybe" is not known; it can be active, pending or unsubscribed`
	if got := summary(report); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if s := l.stands("good1@example.com", subscribers.StandsActive); s.Name != "two lines" {
		t.Errorf("got the name %q, want it on one line", s.Name)
	}
}

func testImportBadFiles(t *testing.T, l *list) {
	tests := []struct{ name, csv, want string }{
		{"empty", "", "it is empty"},
		{"no header", "ada@example.com,Ada\n", "line 1 must name the columns"},
		{"no email", "name,phone\nAda,1\n", "names no email column; it has name, phone"},
		{"Latin-1", "email,name\na@example.com,Ada\nz@example.com,Zo\xeb\n", "line 3 is not UTF-8"},
		{"UTF-16", "\xff\xfee\x00m\x00a\x00i\x00l\x00\n\x00", "UTF-16"},
		{"binary", "PK\x03\x04\x00\x00\x00", "not text at all"},
		{"two columns of addresses", "email,Email Address\na@example.com,b@example.com\n", `"email" and "Email Address" say the same`},
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
	want := `added 2 updated 0 unchanged 0; line 3 "b@example.com": token: it belongs to another subscriber`
	if got := summary(l.imported("email,token\na@example.com," + a + "\nb@example.com," + a + "\nc@example.com," + b + "\n")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s, err := l.Unsubscribe(l.ctx(), a, "page"); err != nil || s.Email != "a@example.com" {
		t.Errorf("got %+v, %v, want the old unsubscribe link to work", s, err)
	}
	want = `added 0 updated 0 unchanged 0; line 2 "d@example.com": token: it belongs to another subscriber`
	if got := summary(l.imported("email,token\nd@example.com," + b + "\n")); got != want {
		t.Errorf("got %s, want %s", got, want)
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
	want := `added 600 updated 1 unchanged 600; line 1203 "READER7@example.com": the same address as line 1202; ` +
		`line 1204 "new@example.com": token: it belongs to another subscriber; line 1205 "reader21599@example.com": the same address as line 1201`
	report, err = l.Import(l.ctx(), strings.NewReader(more), subscribers.ImportOptions{})
	l.check(err)
	if got := summary(report); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.counts(subscribers.Counts{Active: 21_600})

	// A file that is long beside the list.
	report, err = l.Import(l.ctx(), strings.NewReader(rows(16_600, 31_600)+"reader30000@example.com,,\nnew@example.com,,"+taken+"\n"), subscribers.ImportOptions{})
	l.check(err)
	want = `added 10000 updated 0 unchanged 5000; line 15002 "reader30000@example.com": the same address as line 13402; ` +
		`line 15003 "new@example.com": token: it belongs to another subscriber`
	if got := summary(report); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.counts(subscribers.Counts{Active: 31_600})
}

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
