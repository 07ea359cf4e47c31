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
