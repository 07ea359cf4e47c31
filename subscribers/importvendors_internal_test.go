package subscribers

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The forms in which other programs export a list, with a reader of each kind.
func TestImportReadsVendors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, csv, want string }{
		{"Constant Contact", "Email address,First name,Last name,Email Status,Email permission status,Source Name,Email Lists,Confirmed Opt-Out Date,Confirmed Opt-Out Reason\n" +
			"a@example.org,Ada,L,Active,Express,Form,News,,\nb@example.org,,,Unsubscribed,Unsubscribed,,,2024-01-02,too many\nc@example.org,,,Awaiting Confirmation,Pending Confirmation,,,,\n" +
			"d@example.org,,,No Permissions Set,Not set,,,,\ne@example.org,,,,,Event,,,\n", "active unsubscribed pending pending pending"},
		{"Constant Contact, v3", "Email address - other,Email status - other,Email permission status - other\na@example.org,Active,Implicit\nb@example.org,Unsubscribed,Unsubscribed\n", "active unsubscribed"},
		{"RD Station", "Email;Nome;Estágio no funil;Status para comunicação;Estado;Lead Scoring - Perfil\n" +
			"a@example.org;Ada;Lead;Ativo;São Paulo;a\nb@example.org;;Cliente;Descadastrado;Bahia;b\nc@example.org;;Lead;Hard bounce;Acre;d\n", "active unsubscribed suppressed"},
		{"Brevo", "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS;WHATSAPP;DOUBLE_OPT-IN;OPT_IN;ADDED_TIME;MODIFIED_TIME\n" +
			"1;a@example.org;Ada;L;;;;;2024-01-01 10:00:00;\n2;b@example.org;;;;;;;;\n", "active active"},
		{"Brevo, with double opt-in", "EMAIL;DOUBLE_OPT-IN;Email subscription status\na@example.org;Yes;Subscribed\nb@example.org;No;Unsubscribed\nc@example.org;2;Subscribed\n", "active unsubscribed pending"},
		{"MailerLite", "Subscriber,Name,Sent,Opens,Clicks,Subscribed,Status,Location\na@example.org,Ada,5,4,1,2024-03-04 10:00:00,Active,\n" +
			"b@example.org,,5,4,1,2024-03-04 10:00:00,Unsubscribed,\nc@example.org,,1,0,0,2024-03-04 10:00:00,Bounced,\nd@example.org,,1,0,0,2024-03-04 10:00:00,Unconfirmed,\n" +
			"e@example.org,,1,0,0,2024-03-04 10:00:00,Spam,\n", "active unsubscribed suppressed pending suppressed"},
		{"AWeber", "Email,Name,Message Number,Status,Date Added,Stop Status,Stop Time\na@example.org,Ada,1,Subscribed,01/31/24,,\nb@example.org,,1,Unsubscribed,01/31/24,unsubscribed,02/28/24\n", "active unsubscribed"},
		{"ActiveCampaign", "Email,First Name,Last Name,Phone,Status,Date Created,IP\na@example.org,Ada,L,,Active,2024-01-01,\nb@example.org,,,,Unsubscribed,,\nc@example.org,,,,Bounced,,\nd@example.org,,,,Unconfirmed,,\n",
			"active unsubscribed suppressed pending"},
		{"GetResponse", "email,name,created_on,status,origin\na@example.org,Ada,2024-01-01 10:00:00,active,www\nb@example.org,,2024-01-01 10:00:00,removed,www\n", "active unsubscribed"},
		{"Campaign Monitor", "Email Address,Name,Date Subscribed,State,Permission to Track\na@example.org,Ada,2024-01-01,Active,Yes\nb@example.org,,2024-01-01,Unsubscribed,No\nc@example.org,,2024-01-01,Deleted,Unchanged\n",
			"active unsubscribed unsubscribed"},
		{"HubSpot", "Record ID,First Name,Last Name,Email,Marketing contact status,Unsubscribed from all email,Email hard bounce reason,Opted out of email: Marketing Information\n" +
			"1,Ada,L,a@example.org,Marketing contact,,,\n2,,,b@example.org,Marketing contact,Yes,,\n3,,,c@example.org,Marketing contact,,UNKNOWN_USER,\n4,,,d@example.org,Non-marketing contact,,,\n5,,,e@example.org,Marketing contact,,,true\n",
			"active unsubscribed suppressed pending unsubscribed"},
		{"Kit", "email,first_name,status,created_at\na@example.org,Ada,active,2024-01-01T10:00:00Z\nb@example.org,,cancelled,2024-01-01T10:00:00Z\nc@example.org,,complained,\nd@example.org,,inactive,\n", "active unsubscribed suppressed unsubscribed"},
		{"beehiiv", "email,status,created,subscription_tier\na@example.org,active,2024-01-01 10:00,free\nb@example.org,inactive,,free\nc@example.org,validating,,premium\n", "active unsubscribed pending"},
		{"MailPoet", "email,first_name,list_name,list_status,global_status\na@example.org,Ada,News,subscribed,subscribed\nb@example.org,,News,unsubscribed,subscribed\nc@example.org,,News,subscribed,bounced\nd@example.org,,News,unconfirmed,unconfirmed\n",
			"active unsubscribed suppressed pending"},
		{"phpList", "id,email,Is this subscriber confirmed,Is this subscriber blacklisted,number of bounces,entered\n1,a@example.org,1,0,0,2024-01-01 10:00:00\n2,b@example.org,1,1,2,2024-01-01 10:00:00\n3,c@example.org,0,0,0,\n", "active suppressed pending"},
		{"Mailtrain", "EMAIL,STATUS,CREATED\na@example.org,subscribed,2024-01-01\nb@example.org,unsubscribed,\nc@example.org,blacklisted,\n", "active unsubscribed suppressed"},
		{"Drip", "id,email,status,time_zone,lifetime_value\nx,a@example.org,active,UTC,0\ny,b@example.org,unsubscribed,UTC,0\nz,c@example.org,undeliverable,UTC,0\n", "active unsubscribed suppressed"},
		{"Mailjet", "email,name,IsExcludedFromCampaigns,Subscription status\na@example.org,Ada,false,Subscribed\nb@example.org,,false,Unsubscribed\nc@example.org,,true,Subscribed\n", "active unsubscribed suppressed"},
		{"Sender", "Email,Firstname,Lastname,Status,SMS status\na@example.org,Ada,L,active,unsubscribed\nb@example.org,,,unsubscribed,active\nc@example.org,,,spam reported,active\nd@example.org,,,bounced,\n", "active unsubscribed suppressed suppressed"},
		{"EmailOctopus", "Email address,First name,Last name,Status,Date added\na@example.org,Ada,L,SUBSCRIBED,2024-01-01\nb@example.org,,,UNSUBSCRIBED,\nc@example.org,,,PENDING,\n", "active unsubscribed pending"},
		{"CleverReach", "email;registered;activated;deactivated\na@example.org;1612345678;1612345679;0\nb@example.org;1612345678;1612345679;1652345678\nc@example.org;1612345678;0;0\n", "active unsubscribed pending"},
		{"rapidmail", "email;status\na@example.org;active\nb@example.org;deleted\nc@example.org;abused\n", "active unsubscribed suppressed"},
		{"Sendy", "Name,Email,Status\nAda,a@example.org,Subscribed\n,b@example.org,Unsubscribed\n,c@example.org,Marked as spam\n,d@example.org,Soft bounced\n,e@example.org,Unconfirmed\n", "active unsubscribed suppressed suppressed pending"},
		{"Wix", "Email,Email subscriber status,SMS subscriber status\na@example.org,Subscribed,Never subscribed\nb@example.org,Unsubscribed,\nc@example.org,Never subscribed,\n", "active unsubscribed pending"},
		{"Buttondown", "id,email,type,creation_date,unsubscription_date,churn_date,undeliverability_date\n1,a@example.org,regular,2024-01-01,,,\n2,b@example.org,unsubscribed,,2024-02-01,,\n" +
			"3,c@example.org,undeliverable,,,,2024-02-01\n4,d@example.org,churning,,,2024-02-01,\n5,e@example.org,upcoming,,,,\n", "active unsubscribed suppressed active line 6 rejected"},
		{"MailerLite, new", "Subscriber,Groups,Status,Subscribed,Unsubscribed\na@example.org,,active,2024-01-01,\nb@example.org,,junk,2024-01-01,\n", "active suppressed"},
		{"Moosend", "Email,Status,Unsubscribed On,Subscribe Method\na@example.org,Subscribed,,API\nb@example.org,Removed,,API\n", "active unsubscribed"},
		{"Salesforce", "Id,Email,HasOptedOutOfEmail,EmailBouncedDate,EmailBouncedReason,DoNotCall\n1,a@example.org,FALSE,,,TRUE\n2,b@example.org,TRUE,,,FALSE\n", "active unsubscribed"},
		{"nulls of programs", "email,unsubscribed_at\na@example.org,\\N\nb@example.org,NaT\nc@example.org,nan\nd@example.org,0001-01-01T00:00:00Z\ne@example.org,1970-01-01 00:00:00\nf@example.org,2024-01-01\n",
			"active active active active active unsubscribed"},
		{"Shopify", "Email,Accepts Email Marketing,Accepts SMS Marketing\na@example.org,yes,no\nb@example.org,no,yes\n", "active unsubscribed"},
	}
	for _, test := range tests {
		if got, err := readStandings(t, test.csv); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

// A column in which nothing is given decides nothing; when it says something only
// far below, the rows before it are in doubt.
func TestImportEmptyColumns(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Opt-in", "Opt in", "Subscribed", "Confirmed", "Email Status", "DOUBLE_OPT-IN", "Accepts Email Marketing", "Unsubscribed", "status"} {
		if got, err := readStandings(t, "email,"+name+"\na@example.org,\nb@example.org,\n"); err != nil || got != "active active" {
			t.Errorf("%s: got %q, %v, want both active", name, got, err)
		}
	}
	var far strings.Builder
	far.WriteString("email,Opt-in\n")
	for far.Len() < 2*headerPeek {
		far.WriteString("ada.lovelace@example.org,\n")
	}
	far.WriteString("grace@example.org,yes\n")
	f, err := openCSV(strings.NewReader(far.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newImportParser(f, "", time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = p.batch()
	}
	if !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), `the column "Opt-in" says "yes", and says nothing in the rows before it`) {
		t.Errorf("got %v, want ErrCSV that names the column", err)
	}
}

// A spreadsheet in western Europe writes Windows-1252.
func TestImportReadsWindows1252(t *testing.T) {
	t.Parallel()
	parser := func(csv string) (*importParser, []ImportRow, error) {
		f, err := openCSV(strings.NewReader(csv), nil)
		if err != nil {
			return nil, nil, err
		}
		p, err := newImportParser(f, "", time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
		if err != nil {
			return nil, nil, err
		}
		rows, err := p.batch()
		return p, rows, err
	}
	p, rows, _ := parser("E-Mail;Pr\xe9nom;Statut\r\nren\xe9e@example.org;Ren\xe9e;actif\r\nzoe@example.org;Zo\xeb \x80;d\xe9sabonn\xe9\r\n")
	if len(rows) != 1 || rows[0].Name != "Zoë €" || rows[0].Status != Unsubscribed {
		t.Errorf("got %+v, want Zoë, who has left, and a local part beyond ASCII rejected", rows)
	}
	var report ImportReport
	p.complete(&report)
	if len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "Windows-1252") {
		t.Errorf("got warnings %q, want the encoding named", report.Warnings)
	}
	for name, csv := range map[string]string{"Windows-1251": "email,name\na@example.org,\xc8\xe2\xe0\xed\n", "Shift JIS": "email,name\na@example.org,\x83\x81\n"} {
		if _, _, err := parser(csv); !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), "line 2 is neither UTF-8 nor Windows-1252") {
			t.Errorf("%s: got %v, want it refused with the line", name, err)
		}
	}
	for name, csv := range map[string]string{
		"UTF-8, then Latin-1": "email,name\na@example.org,Zo\u00eb\nb@example.org,Zo\xeb\n",
		"Latin-1, then UTF-8": "email,name\na@example.org,Zo\xeb\nb@example.org,Zo\u00eb\n",
	} {
		if _, _, err := parser(csv); !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), "line 3 is in another encoding") {
			t.Errorf("%s: got %v, want it refused with the line", name, err)
		}
	}
}
