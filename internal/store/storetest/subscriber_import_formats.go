package storetest

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"verdicts.example/digest/subscribers"
)

// utf16LE is a text as Excel saves it as "Unicode text".
func utf16LE(s string) string {
	b := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// An importFormat is a file as a program exports it, and what the import makes of it.
type importFormat struct {
	name, csv, report string
	stands            map[string]subscribers.Standing
	names             map[string]string
	ignored           string
}

// hostedExports are those of newsletter services.
func hostedExports() []importFormat {
	return []importFormat{
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
			name: "beehiiv",
			csv: "Email,Status,Created At,Subscription Tier\nbh1@example.com,Active,2025-10-10 10:10:10,premium\nbh2@example.com,Inactive,2025-10-10 10:10:10,free\n" +
				"bh3@example.com,Pending,,free\nbh4@example.com,Invalid,,free\nbh5@example.com,Validating,,free\n",
			report: "added 5 updated 0 unchanged 0",
			stands: map[string]subscribers.Standing{"bh1@example.com": "active", "bh2@example.com": "unsubscribed", "bh3@example.com": "pending",
				"bh4@example.com": "unsubscribed", "bh5@example.com": "pending"},
			ignored: "Subscription Tier",
		},
	}
}

// selfHostedExports are those of programs that people run themselves.
func selfHostedExports() []importFormat {
	return []importFormat{
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
			name: "mailtrain",
			csv: "cid,status,HASH_EMAIL,EMAIL,MERGE_FIRST_NAME,MERGE_LAST_NAME\nBJ1,subscribed,x1,mt1@example.com,Mai,Train\nBJ2,unsubscribed,x2,mt2@example.com,,\n" +
				"BJ3,bounced,x3,mt3@example.com,,\nBJ4,complained,x4,mt4@example.com,,\n",
			report:  "added 4 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"mt1@example.com": "active", "mt2@example.com": "unsubscribed", "mt3@example.com": "suppressed", "mt4@example.com": "suppressed"},
			names:   map[string]string{"mt1@example.com": "Mai Train"},
			ignored: "cid HASH_EMAIL",
		},
	}
}

// otherFiles are the program's own, and what spreadsheets and text editors make.
func otherFiles() []importFormat {
	return []importFormat{
		{
			name:    "own",
			csv:     "email,name,status,categories,created_at\nown1@example.com,\"Lovelace, Ada\",active,\"Design,Developer Tools\",2025-01-02T03:04:05Z\nown2@example.com,,pending,,\nown3@example.com,,unsubscribed,,\nown4@example.com,,,,\n",
			report:  "added 4 updated 0 unchanged 0",
			stands:  map[string]subscribers.Standing{"own1@example.com": "active", "own2@example.com": "pending", "own3@example.com": "unsubscribed", "own4@example.com": "active"},
			names:   map[string]string{"own1@example.com": "Lovelace, Ada"},
			ignored: "",
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
}

// testImportFormats reads files as other programs export them.
func testImportFormats(t *testing.T, l *list) {
	for _, tt := range slices.Concat(otherFiles(), hostedExports(), selfHostedExports()) {
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
