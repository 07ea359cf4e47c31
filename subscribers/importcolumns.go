package subscribers

import (
	"fmt"
	"strings"
)

// column is what a CSV column means.
type column int

const (
	colIgnored column = iota
	colEmail
	colName
	colFirstName
	colLastName
	colStatus           // a word, see statusWords
	colSubscribed       // Ghost: "true" is active, everything else has no consent
	colMailDisabled     // Substack: "true" is unsubscribed
	colCategories       // comma separated
	colCreated          // a time
	colConfirmed        // a time
	colLeft             // a time; where it is given, the reader has left
	colBounced          // a time; where it is given, the address is dead
	colToken            // the unsubscribe token
	columnKinds     int = iota
)

// headers are the columns' names in lower case, spaces and hyphens as
// underscores. Tags and labels are not among them: elsewhere they sort readers
// into groups, here a category limits what a reader gets. Nor is Substack's
// active_subscription, which says who pays.
var headers = map[string]column{
	"email": colEmail, "email_address": colEmail, "e_mail": colEmail, "e_mail_address": colEmail,
	"name": colName, "full_name": colName,
	"first_name": colFirstName, "fname": colFirstName,
	"last_name": colLastName, "lname": colLastName,
	"status": colStatus, "subscriber_type": colStatus, "type": colStatus, // Buttondown says type
	"subscribed_to_emails": colSubscribed,
	"email_disabled":       colMailDisabled,
	"categories":           colCategories,
	"created_at":           colCreated, "creation_date": colCreated, "optin_time": colCreated,
	"confirmed_at": colConfirmed, "confirm_time": colConfirmed,
	"unsubscribed_at": colLeft, "unsub_time": colLeft, "deleted_at": colLeft,
	"clean_time": colBounced,
	"token":      colToken,
}

// layout says which field of a record holds which column; -1 where none does.
type layout struct {
	at      [columnKinds]int
	fields  int
	ignored []string
}

// newLayout reads a header. Of two columns with one meaning the first counts.
func newLayout(header []string) (layout, error) {
	l := layout{fields: len(header)}
	for i := range l.at {
		l.at[i] = -1
	}
	for i, h := range header {
		c := headers[strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(h)))]
		switch {
		case c != colIgnored && l.at[c] < 0:
			l.at[c] = i
		case c == colEmail || c == colLeft || c == colStatus:
			return layout{}, fmt.Errorf("%w: line 1: the columns %q and %q say the same; keep one", ErrCSV, header[l.at[c]], h)
		default:
			l.ignored = append(l.ignored, strings.TrimSpace(h))
		}
	}
	if l.at[colEmail] >= 0 {
		return l, nil
	}
	if strings.Contains(strings.Join(header, " "), "@") {
		return layout{}, fmt.Errorf("%w: line 1 must name the columns, such as email,name,status; it has an address", ErrCSV)
	}
	return layout{}, fmt.Errorf("%w: line 1 names no email column; it has %s", ErrCSV, strings.Join(header, ", "))
}

// value gives a record's trimmed value of a column; "" where it has none.
func (l *layout) value(record []string, c column) string {
	if i := l.at[c]; i >= 0 {
		return strings.TrimSpace(record[i])
	}
	return ""
}

// standing is a status word's meaning.
type standing struct {
	status     Status
	suppressed Reason
}

// statusWords are the words of the program's own files, listmonk, Mailchimp and
// Buttondown, in lower case. Every other word rejects its row: consent is not
// guessed.
var statusWords = map[string]standing{
	"active": {status: Active}, "pending": {status: Pending}, "unsubscribed": {status: Unsubscribed},
	"enabled": {status: Active}, "disabled": {status: Unsubscribed}, "blocklisted": {Unsubscribed, Manual},
	"subscribed": {status: Active}, "confirmed": {status: Active}, "unconfirmed": {status: Pending}, "cleaned": {Unsubscribed, HardBounce},
	"regular": {status: Active}, "premium": {status: Active}, "gifted": {status: Active}, "trialed": {status: Active},
	"unactivated": {status: Pending}, "removed": {status: Unsubscribed},
	"undeliverable": {Unsubscribed, HardBounce}, "blocked": {Unsubscribed, Manual}, "spammy": {Unsubscribed, Manual},
	"bounced": {Unsubscribed, HardBounce}, "bouncing": {Unsubscribed, SoftBounces}, "complained": {Unsubscribed, Complaint}, "suppressed": {Unsubscribed, Manual},
}

// statusWord is what export writes for a subscriber; statusWords reads it back.
func statusWord(s Subscriber) string {
	switch s.Suppressed {
	case NotSuppressed:
		return string(s.Standing())
	case HardBounce:
		return "bounced"
	case SoftBounces:
		return "bouncing"
	case Complaint:
		return "complained"
	default:
		return "suppressed"
	}
}
