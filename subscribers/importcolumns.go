package subscribers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// column is what a CSV column means.
type column int

const (
	colIgnored column = iota
	colEmail
	colName
	colFirstName
	colLastName
	colCategories     // comma separated
	colCreated        // a time
	colConfirmed      // a time
	colLeft           // a time; where it is given, the reader has left
	colToken          // the unsubscribe token
	colSHA256         // the hash of a suppressed address, in hexadecimal
	columnKinds   int = iota
)

// headers are the columns' names as columnName gives them. Tags and labels are
// not among them: elsewhere they sort readers into groups, here a category
// limits what a reader gets. What a column says of a reader's consent is in
// statusHeaders.
var headers = map[string]column{
	"email": colEmail, "email_address": colEmail, "e_mail": colEmail, "e_mail_address": colEmail, "subscriber_email": colEmail,
	"e_mail_adresse": colEmail, "email_adresse": colEmail, "emailadresse": colEmail, "e_mailadresse": colEmail, "adresse_e_mail": colEmail, "adresse_email": colEmail,
	"courriel": colEmail, "correo": colEmail, "correo_electronico": colEmail, "indirizzo_email": colEmail, "indirizzo_e_mail": colEmail, "e_mailadres": colEmail,
	"emailadres": colEmail, "endereco_de_email": colEmail, "epost": colEmail, "e_post": colEmail,
	"name": colName, "full_name": colName, "subscriber_name": colName,
	"first_name": colFirstName, "fname": colFirstName, "firstname": colFirstName, "merge_first_name": colFirstName,
	"vorname": colFirstName, "prenom": colFirstName, "nombre": colFirstName, "nome": colFirstName, "voornaam": colFirstName, "imie": colFirstName,
	"nachname": colLastName, "nom": colLastName, "apellido": colLastName, "apellidos": colLastName, "cognome": colLastName, "sobrenome": colLastName, "achternaam": colLastName,
	"last_name": colLastName, "lname": colLastName, "lastname": colLastName, "surname": colLastName, "merge_last_name": colLastName,
	"categories": colCategories,
	"created_at": colCreated, "creation_date": colCreated, "optin_time": colCreated, "subscription_time": colCreated,
	"entered": colCreated, "subscribed_at": colCreated, "date_subscribed": colCreated, "created": colCreated, "date_added": colCreated,
	"confirmed_at": colConfirmed, "confirm_time": colConfirmed, "confirmation_time": colConfirmed,
	"unsubscribed_at": colLeft, "unsub_time": colLeft, "deleted_at": colLeft, "unsubscribe_date": colLeft, "cancelled_at": colLeft, "canceled_at": colLeft,
	"token": colToken, "email_sha256": colSHA256,
}

// columnName is a header's name in lower case, its words joined by underscores,
// those of HasOptedOutOfEmail too.
func columnName(header string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(splitCamel(header)), func(r rune) bool {
		return r == ' ' || r == '-' || r == '_' || r == '.' || r == ':' || r == '\u00a0' || r == '?'
	}), "_")
}

// splitCamel puts a space before each capital that follows a small letter.
func splitCamel(s string) string {
	small := false
	for i, r := range s {
		if small && unicode.IsUpper(r) {
			return s[:i] + " " + splitCamel(s[i:])
		}
		small = unicode.IsLower(r)
	}
	return s
}

// named looks a name up, its words also written as one: "Black Listed".
func named[T any](table map[string]T, name string) (T, bool) {
	v, ok := table[name]
	if !ok {
		v, ok = table[strings.ReplaceAll(name, "_", "")]
	}
	return v, ok
}

// layout says which field of a record holds which column; -1 where none does.
type layout struct {
	at       [columnKinds]int
	fields   int
	email    string         // the columnName of the column with the addresses
	needed   int            // the fields of a row that may not be missing at its end
	status   []statusColumn // what is known of a reader's consent
	watched  []watchedColumn
	ignored  []string
	listmonk bool // the file has listmonk's columns
}

// newLayout reads a header, with the first records to tell what a column means.
// Of two columns with one meaning the first counts; of statuses, all do.
func newLayout(header []string, sample [][]string, ignore []string) (layout, error) {
	l := layout{fields: len(header)}
	for i := range l.at {
		l.at[i] = -1
	}
	skip := map[string]bool{}
	for _, name := range ignore {
		skip[columnName(name)] = true
	}
	for i, h := range header {
		name := columnName(h)
		c, _ := named(headers, unaccented(name))
		delete(skip, name)
		switch {
		case slices.ContainsFunc(ignore, func(s string) bool { return columnName(s) == name }):
			l.ignored = append(l.ignored, strings.TrimSpace(h))
		case l.addStatus(i, strings.TrimSpace(h), name, sample):
		case c != colIgnored && l.at[c] < 0:
			l.at[c] = i
		case c == colEmail || c == colLeft:
			return layout{}, fmt.Errorf("%w: line 1: the columns %q and %q mean the same; keep one", ErrCSV, header[l.at[c]], h)
		default:
			l.ignored = append(l.ignored, strings.TrimSpace(h))
			l.watch(i, strings.TrimSpace(h), name)
		}
	}
	for name := range skip {
		return layout{}, fmt.Errorf("%w: there is no column %q to ignore; the columns are %s", ErrCSV, name, strings.Join(header, ", "))
	}
	if l.at[colEmail] < 0 && l.at[colSHA256] < 0 {
		l.findEmail(header, sample)
	}
	l.needed = max(l.at[colEmail], l.at[colSHA256], l.at[colLeft]) + 1
	for _, s := range l.status {
		l.needed = max(l.needed, s.at+1)
	}
	l.listmonk = isListmonk(header)
	if at := l.at[colEmail]; at >= 0 {
		l.email = columnName(header[at])
	}
	if l.at[colEmail] >= 0 || l.at[colSHA256] >= 0 {
		return l, nil
	}
	if strings.Contains(strings.Join(header, " "), "@") {
		return layout{}, fmt.Errorf("%w: line 1 must name the columns, such as email,name,status; it has an address", ErrCSV)
	}
	return layout{}, fmt.Errorf("%w: line 1 names no email column; it has %s; call the one with the addresses email", ErrCSV, strings.Join(header, ", "))
}

// findEmail takes the one column in which all values are addresses for theirs,
// whatever it is called.
func (l *layout) findEmail(header []string, sample [][]string) {
	found := -1
	for i := range header {
		if !areAddresses(sample, i) {
			continue
		}
		if found >= 0 {
			return
		}
		found = i
	}
	if found < 0 || strings.Contains(strings.Join(header, " "), "@") {
		return
	}
	l.at[colEmail] = found
	l.ignored = slices.DeleteFunc(l.ignored, func(h string) bool { return h == strings.TrimSpace(header[found]) })
	l.watched = slices.DeleteFunc(l.watched, func(c watchedColumn) bool { return c.at == found })
}

func areAddresses(sample [][]string, at int) bool {
	given := false
	for _, record := range sample {
		if value := unguard(cell(record, at)); value != "" {
			if _, err := ParseAddress(value); err != nil {
				return false
			}
			given = true
		}
	}
	return given
}

// isListmonk tells listmonk's export of all subscribers.
func isListmonk(header []string) bool {
	for _, name := range []string{"uuid", "attributes", "status"} {
		if !slices.ContainsFunc(header, func(h string) bool { return columnName(h) == name }) {
			return false
		}
	}
	return true
}

// value gives a record's trimmed value of a column; "" where it has none.
func (l *layout) value(record []string, c column) string { return cell(record, l.at[c]) }

func cell(record []string, i int) string {
	if i < 0 || i >= len(record) {
		return ""
	}
	return strings.TrimSpace(record[i])
}
