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
		{"email,Votre statut\na@example.com,parti\n", "Votre statut", "line 2"},
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
