package storetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

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

// utf16LE is a text as Excel saves it as "Unicode text".
func utf16LE(s string) string {
	b := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
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
			name:   "buttondown's paying readers",
			csv:    "email_address,type\nbt1@example.com,premium\nbt2@example.com,gifted\nbt3@example.com,past_due\nbt4@example.com,trialed\nbt5@example.com,complained\n",
			report: "added 5 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"bt1@example.com": "active", "bt2@example.com": "active", "bt3@example.com": "active", "bt4@example.com": "active", "bt5@example.com": "suppressed"},
		},
		{
			name:    "substack's first form",
			csv:     "email,expiry,email_disabled,type\nso1@example.com,2021-07-06T16:20:44.000Z,false,paid\nso2@example.com,,false,comp\nso3@example.com,,true,gift\n",
			report:  "added 3 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"so1@example.com": "active", "so2@example.com": "active", "so3@example.com": "unsubscribed"},
			ignored: "expiry",
		},
		{
			name: "kit",
			csv: "id,first_name,email_address,state,created_at,tags\n1,Kai,ki1@example.com,active,2023-02-17T11:43:55Z,\n2,,ki2@example.com,cancelled,2023-02-17T11:43:55Z,\n" +
				"3,,ki3@example.com,bounced,,\n4,,ki4@example.com,complained,,\n5,,ki5@example.com,inactive,,\n",
			report: "added 5 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"ki1@example.com": "active", "ki2@example.com": "unsubscribed", "ki3@example.com": "suppressed",
				"ki4@example.com": "suppressed", "ki5@example.com": "unsubscribed"},
			names:   map[string]string{"ki1@example.com": "Kai"},
			ignored: "id tags",
		},
		{
			name: "mailpoet",
			csv: "Email,First name,Last name,Subscription IP,Subscription time,Confirmation time,Confirmation IP,List status,Global status\n" +
				"mp1@example.com,Mo,Poe,192.0.2.1,2022-01-02 03:04:05,2022-01-02 03:05:00,192.0.2.1,Subscribed,Subscribed\n" +
				"mp2@example.com,,,,,,,Subscribed,Unsubscribed\nmp3@example.com,,,,,,,Unsubscribed,Subscribed\nmp4@example.com,,,,,,,Subscribed,Bounced\nmp5@example.com,,,,,,,Unconfirmed,Unconfirmed\n",
			report: "added 5 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"mp1@example.com": "active", "mp2@example.com": "unsubscribed", "mp3@example.com": "unsubscribed",
				"mp4@example.com": "suppressed", "mp5@example.com": "pending"},
			names:   map[string]string{"mp1@example.com": "Mo Poe"},
			ignored: "Subscription IP Confirmation IP",
		},
		{
			name: "phplist",
			csv: "id\tEmail\tIs this subscriber confirmed\tIs this subscriber blacklisted\tDid this subscriber manually confirm\tNumber of bounces\tEntered\tLast Modified\tSend this subscriber HTML emails\tList Membership\n" +
				"1\tpl1@example.com\t1\t0\t0\t2\t2021-03-04 05:06:07\t2021-03-04 05:06:07\t1\tnews \n2\tpl2@example.com\t0\t0\t0\t0\t2021-03-04 05:06:07\t\t1\tnews \n3\tpl3@example.com\t1\t1\t1\t0\t2021-03-04 05:06:07\t\t1\tNo Lists\n",
			report:  "added 3 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"pl1@example.com": "active", "pl2@example.com": "pending", "pl3@example.com": "suppressed"},
			ignored: "id Did this subscriber manually confirm Number of bounces Last Modified Send this subscriber HTML emails List Membership",
		},
		{
			name: "beehiiv",
			csv: "Email,Status,Created At,Subscription Tier\nbh1@example.com,Active,2025-10-10 10:10:10,premium\nbh2@example.com,Inactive,2025-10-10 10:10:10,free\n" +
				"bh3@example.com,Pending,,free\nbh4@example.com,Invalid,,free\nbh5@example.com,Validating,,free\n",
			report: "added 5 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"bh1@example.com": "active", "bh2@example.com": "unsubscribed", "bh3@example.com": "pending",
				"bh4@example.com": "unsubscribed", "bh5@example.com": "pending"},
			ignored: "Subscription Tier",
		},
		{
			name: "mailtrain",
			csv: "cid,status,HASH_EMAIL,EMAIL,MERGE_FIRST_NAME,MERGE_LAST_NAME\nBJ1,subscribed,x1,mt1@example.com,Mai,Train\nBJ2,unsubscribed,x2,mt2@example.com,,\n" +
				"BJ3,bounced,x3,mt3@example.com,,\nBJ4,complained,x4,mt4@example.com,,\n",
			report:  "added 4 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"mt1@example.com": "active", "mt2@example.com": "unsubscribed", "mt3@example.com": "suppressed", "mt4@example.com": "suppressed"},
			names:   map[string]string{"mt1@example.com": "Mai Train"},
			ignored: "cid HASH_EMAIL",
		},
		{
			name:    "a place called state",
			csv:     "email,State\nst1@example.com,Ohio\nst2@example.com,New York\n",
			report:  "added 2 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"st1@example.com": "active", "st2@example.com": "active"},
			ignored: "State",
		},
		{
			name:   "excel",
			csv:    "sep=;\r\nemail;name\r\nxl1@example.com;Ann\r\n",
			report: "added 1 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"xl1@example.com": "active"},
			names:  map[string]string{"xl1@example.com": "Ann"},
		},
		{
			name:   "lines that end in CR",
			csv:    "email,name\rcr1@example.com,Cy\rcr2@example.com,Di",
			report: "added 2 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"cr1@example.com": "active", "cr2@example.com": "active"},
			names:  map[string]string{"cr1@example.com": "Cy", "cr2@example.com": "Di"},
		},
		{
			name:   "UTF-16",
			csv:    utf16LE("email\tname\r\nut1@example.com\tZo\u00eb \U0001F600\r\n"),
			report: "added 1 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"ut1@example.com": "active"},
			names:  map[string]string{"ut1@example.com": "Zo\u00eb \U0001F600"},
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
		`15 categories: A category is longer than 60 characters`
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
		{"email,Votre statut\na@example.com,abonn\u00e9\n", "Votre statut", "line 2"},
		{"email,Zustandswort\na@example.com,active\nb@example.com,unsubscribed\n", "Zustandswort", "line 3"},
		{"email,State\na@example.com,Ohio\nb@example.com,cancelled\n", "State", "line 3"},
		{"email,is bounced now\na@example.com,0\n", "is bounced now", "line 2"},
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
		{"Latin-1", "email,name\na@example.com,Ada\nz@example.com,Zo\xeb\n", "line 3 is not UTF-8"},
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
