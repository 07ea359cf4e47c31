package subscribers

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// readStandings gives the standing of each row of a file, or what stops it.
func readStandings(t *testing.T, csv string) (string, error) {
	t.Helper()
	f, err := openCSV(strings.NewReader(csv), nil)
	if err != nil {
		return "", err
	}
	p, err := newImportParser(f, "", time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
	if err != nil {
		return "", err
	}
	rows, err := p.batch()
	if !errors.Is(err, io.EOF) {
		return "", err
	}
	var out []string
	for _, r := range rows {
		out = append(out, string(Subscriber{Status: r.Status, Suppressed: r.Suppressed}.Standing()))
	}
	for _, r := range p.rejected {
		out = append(out, fmt.Sprintf("line %d rejected", r.Line))
	}
	return strings.Join(out, " "), nil
}

// Whatever a column is called in, and whatever its values, who has left is not
// made active: it is read, or the file is refused.
func TestImportActivatesNobodyWhoLeft(t *testing.T) {
	t.Parallel()
	leaving := []string{
		"Abgemeldet", "Abgemeldet am", "Abmeldedatum", "Deaktiviert", "gesperrt", "Gekündigt", "Ausgetreten", "Désinscrit", "Désabonné le", "Baja", "Fecha de baja",
		"Rebotado", "Descadastrado em", "Disiscritto", "Uitgeschreven", "Afgemeld op", "Wypisany", "Отписан", "退订", "Avregistrerad", "Frameldt",
		"DNC", "Deleted", "Churned", "Removed", "Cancelled", "Ended", "Spam", "invalid", "disabled", "Email opted out", "Confirmed Opt-Out Date",
	}
	for _, name := range leaving {
		for _, value := range []string{"2025-03-04", "04.03.2025 09:00", "yes", "Ja"} {
			got, err := readStandings(t, "email;"+name+"\na@example.org;\nb@example.org;"+value+"\n")
			if err == nil && got != "active unsubscribed" && got != "active suppressed" {
				t.Errorf("%s %q: got %q, want the second reader away, or a refusal", name, value, got)
			}
			if err != nil && !errors.Is(err, ErrCSV) {
				t.Errorf("%s %q: got %v, want ErrCSV", name, value, err)
			}
		}
	}
	for _, name := range []string{"Subscription", "Newsletter", "Active", "Aktiv", "enabled", "Valid", "Deliverable", "Einwilligung", "GDPR consent", "Abonné"} {
		for _, value := range []string{"no", "Nein", "false"} {
			got, err := readStandings(t, "email;"+name+"\na@example.org;yes\nb@example.org;"+value+"\n")
			if err == nil && got != "active unsubscribed" {
				t.Errorf("%s %q: got %q, want the second reader away, or a refusal", name, value, got)
			}
		}
	}
}

func TestImportReadsOtherLanguages(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, csv, want string }{
		{"German", "\ufeff\"E-Mail\";\"Status\"\r\n\"a@example.org\";\"aktiv\"\r\n\"b@example.org\";\"abgemeldet\"\r\n\"c@example.org\";\"gesperrt\"\r\n", "active unsubscribed suppressed"},
		{"French, CR only", "courriel\tstatut\ra@example.org\tactif\rb@example.org\tdésabonné\rc@example.org\ten attente\r", "active unsubscribed pending"},
		{"accents as marks", "courriel,statut\na@example.org,actif\nb@example.org,de\u0301sabonne\u0301\n", "active unsubscribed"},
		{"Spanish", "correo electrónico;estado\na@example.org;activo\nb@example.org;baja\nc@example.org;rebotado\n", "active unsubscribed suppressed"},
		{"Italian", "Indirizzo email;Stato\na@example.org;Iscritto\nb@example.org;Disiscritto\nc@example.org;In attesa\n", "active unsubscribed pending"},
		{"Dutch", "E-mailadres,Status\na@example.org,actief\nb@example.org,uitgeschreven\n", "active unsubscribed"},
		{"a state of Mexico", "correo,estado\na@example.org,Jalisco 4\nb@example.org,Oaxaca 5\n", "active active"},
		{"a date is a yes", "email,Subscribed,Unsubscribed\na@example.org,2025-01-01 00:00:00,\nb@example.org,2025-01-01 00:00:00,2025-02-02 00:00:00\n", "active unsubscribed"},
		{"a day as elsewhere", "email,Subscribed\na@example.org,01/31/2025\nb@example.org,\n", "active unsubscribed"},
		{"about SMS", "EMAIL;EMAIL_BLACKLISTED;SMS_BLACKLISTED\na@example.org;no;yes\nb@example.org;yes;no\n", "active suppressed"},
		{"who left already", "email,Status,Stop Status,Opt-out reason\na@example.org,Subscribed,,\nb@example.org,Unsubscribed,unsubscribed,x\n", "active unsubscribed"},
		{"Klaviyo", "Email,Email Marketing Consent,Email Suppressions\na@example.org,SUBSCRIBED,[]\nb@example.org,UNSUBSCRIBED,['UNSUBSCRIBED']\nc@example.org,NEVER_SUBSCRIBED,[]\nd@example.org,SUBSCRIBED,['HARD_BOUNCE']\n", "active unsubscribed pending suppressed"},
		{"bars, two byte order marks", "\ufeff\ufeffemail|status\na@example.org|subscribed\nb@example.org|UNSUBSCRIBED\n", "active unsubscribed"},
		{"what a reader pays", "email,Premium,Free\na@example.org,no,yes\nb@example.org,yes,no\n", "active active"},
	}
	for _, test := range tests {
		if got, err := readStandings(t, test.csv); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

// What suppression lists and other programs call leaving is read, or named; it
// makes nobody active, whatever the language.
func TestImportKnowsLeavingByItsValues(t *testing.T) {
	t.Parallel()
	for _, column := range []string{
		"Status: active, Unsubscribed by user", "Reason: , BOUNCE", "Suppression Reason: , HardBounce", "Origin: , ManualSuppression", "delivery: enabled, disabled (bounce)",
		"reception: mail, nomail", "email_availability: available, unreachable", "Lifecycle: engaged, churned", "Do Not Contact Reason: , User opted out", "On Hold: 0, 1",
		"Hold Date: , 2025-01-01", "Black Listed: false, true", "Marketing Suspended: false, true", "HasOptedOutOfEmail: false, true", "IsEmailBounced: false, true",
		"SubscribeType: 1, 2", "suspended_at: , 2025-01-01", "Can contact: true, false", "Mailable: TRUE, FALSE", "Marketable: Yes, No", "Active?: ✓, ✗", "Subscribed?: ✅, ❌",
		"Abonné: VRAI, FAUX", "Gone: , yes", "Remove: , x", "Quit date: , 2025-01-01", "Exit reason: , too many mails", "No email: 0, 1", "Paused: no, yes", "state: active, quarantined",
		"Subscription State: active, expired", "status_id: 1, 3",
		"Stav: Aktivní, Odhlášen", "Odhlášen: Ne, Ano", "Tila: Aktiivinen, Peruttu", "Durum: Aktif, Abonelikten çıktı", "Állapot: Aktív, Leiratkozott", "Leiratkozott: Nem, Igen",
		"Stare: Activ, Dezabonat", "Κατάσταση: Ενεργός, Διαγραμμένος", "Статус: Активен, Отписался", "Статус: Активний, Відписаний", "状態: 有効, 解除", "ステータス: 購読中, 停止中の人",
		"配信停止: , ○", "状态: 已订阅, 已退订", "상태: 구독중, 수신거부", "수신거부: N, Y", "الحالة: نشط, ملغى", "סטטוס: פעיל, הוסר", "สถานะ: ใช้งาน, ยกเลิก", "Trạng thái: Hoạt động, Đã hủy",
		"ಸ್ಥಿತಿ: ಸಕ್ರಿಯ, ನಿಷ್ಕ್ರಿಯ",
		"mail_ok: 1, 0", "Email OK?: yes, no", "Send emails: yes, no", "Email notifications: on, off", "email_preference: all, none", "Marketing: yes, no", "Marketing emails: Yes, No",
		"Emails stopped: , yes", "Frequency: weekly, never", "Mail?: 👍, 👎", "tags: vip, vip;unsubscribed", "tags: vip, early bird|do-not-email|customer of last year|paid", "List: News, Bounces",
		"Notes: vip, please remove me", "Notes: vip, REMOVED per request 2024-01-01", "Verification result: deliverable, undeliverable", "result: valid, invalid", "Result: deliverable, risky",
		"error: , 605", "detail: ok, 5.1.1 The email account that you tried to reach does not exist", "detail: ok, 550-5.7.1 blocked", "EmailBouncedDate: , 2024-01-01", "Email Bounced Reason: , smtp;550",
	} {
		name, values, _ := strings.Cut(column, ": ")
		stays, left, _ := strings.Cut(values, ", ")
		got, err := readStandings(t, "email;"+name+"\na@example.org;"+stays+"\nb@example.org;"+left+"\n")
		if err == nil && strings.Count(got, "active") != 1 && !strings.HasPrefix(got, "active unsubscribed") {
			t.Errorf("%s: got %q, want the second reader away, or a refusal", column, got)
		}
		if err != nil && (!errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), name)) {
			t.Errorf("%s: got %v, want ErrCSV that names the column", column, err)
		}
	}
}

// What says nothing of consent stops no import.
func TestImportTakesOtherColumns(t *testing.T) {
	t.Parallel()
	for _, column := range []string{
		"State: Ohio, Texas", "Country: Norway, NO", "VIP: yes, no", "Plan: free, paid", "Lifecycle Stage: Customer, Lead", "Rating: 2, 5", "Language: no, de", "Company: Left Coast Inc, Acme",
		"Имя: Иван, Анна", "名前: 山田, 佐藤", "이름: 김, 이", "תאריך: 2025-01-01, 2025-01-02", "Company: Held & Sons, Quit Ltd",
		"Email language: de, no", "Emails opened: 3, 0", "Email domain: a, no", "Street: 550 Main Street, 5 West Road", "App version: 5.1.1, 5.2.0 beta", "Do Not Call: no, yes", "Subscribe method: API, form",
	} {
		name, values, _ := strings.Cut(column, ": ")
		a, b, _ := strings.Cut(values, ", ")
		if got, err := readStandings(t, "email;"+name+"\na@example.org;"+a+"\nb@example.org;"+b+"\n"); err != nil || got != "active active" {
			t.Errorf("%s: got %q, %v, want both active", column, got, err)
		}
	}
}

// Of a list of people who left, no column has to be understood.
func TestImportAsUnsubscribedAsksNothing(t *testing.T) {
	t.Parallel()
	f, err := openCSV(strings.NewReader("EmailAddress,Reason,LastUpdateTime\na@example.org,BOUNCE,2025-01-01T00:00:00Z\nb@example.org,COMPLAINT,\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newImportParser(f, StandsUnsubscribed, time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.batch()
	if !errors.Is(err, io.EOF) || len(rows) != 2 || rows[0].Status != Unsubscribed || rows[1].Status != Unsubscribed {
		t.Errorf("got %+v, %v, want two who left", rows, err)
	}
}

// What is no CSV, and a column that says who is kept off, are refused with what
// to do.
func TestImportRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct{ csv, want string }{
		{"PK\x03\x04xxxx", "Excel workbook"},
		{`[{"email":"a@example.org"}]`, "it is JSON"},
		{"Subscriber,Name\nx,y\n", "call the one with the addresses email"},
		{"Email,Undeliverable since\na@example.org,long ago\n", "if it does not tell that"},
	}
	for _, test := range tests {
		if _, err := readStandings(t, test.csv); !errors.Is(err, ErrCSV) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want ErrCSV with %q", test.csv, err, test.want)
		}
	}
}

// A file may have no more than addresses; its name tells whose.
func TestImportKnowsFilesOfWhoLeft(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"suppression_unsubscribes.csv": true, "suppression_bounces (1).csv": true, "nonsubscribed_members_export_1a2b.csv": true, "cleaned_members_export_1a2b.csv": true,
		"Unsubscribers 2026-11-30.csv": true, "complaints.csv": true, "spam_reports.csv": true, "Abgemeldete.csv": true, "désabonnés.csv": true, "blocklist.txt": true, "opt-outs.csv": true,
		"subscribed_members_export_1a2b.csv": false, "subscribers.csv": false, "export.csv": false, "active.csv": false, "": false,
	} {
		if got := tellsOfLeft(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
	tests := []struct {
		csv   string
		as    Standing
		taken bool
	}{
		{"email,created\na@example.org,2025-01-01\n", "", false},
		{"email,created\na@example.org,2025-01-01\n", StandsUnsubscribed, true},
		{"email,created\na@example.org,2025-01-01\n", StandsActive, true},
		{"email,status\na@example.org,active\n", "", true},
		{"email,status\na@example.org,unsubscribed\nb@example.org,\n", "", false},
		{"email,unsubscribed_at\na@example.org,2025-01-01\n", "", true},
	}
	for _, test := range tests {
		f, err := openCSV(strings.NewReader(test.csv), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newImportParser(f, test.as, time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		p.ofLeft = isOfLeft(ImportOptions{File: "bounces.csv", As: test.as})
		_, err = p.batch()
		if taken := errors.Is(err, io.EOF); taken != test.taken || !taken && !strings.Contains(err.Error(), "--as unsubscribed") {
			t.Errorf("%q as %q: got %v, want taken %t", test.csv, test.as, err, test.taken)
		}
	}
}
