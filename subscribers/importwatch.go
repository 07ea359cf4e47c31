package subscribers

import (
	"fmt"
	"slices"
	"strings"
)

// A watchedColumn is one that is not used. Should it turn out to say who left,
// the import stops.
type watchedColumn struct {
	at      int
	header  string
	named   bool // its name speaks of consent
	leaving bool // its name speaks of leaving: every value but no does, too
	mailing bool // its name speaks of mailing: a plain no speaks of consent
	late    bool // a status that the first rows leave empty: any value shows that they should not
}

// harmless are columns whose names speak of consent and whose values do not.
var harmless = map[string]bool{
	"active_subscription": true, "did_this_subscriber_manually_confirm": true, "number_of_bounces": true, "bouncecount": true,
	"send_this_subscriber_html_emails": true, "did_this_user_manually_confirm": true, "complimentary_plan": true,
	"permission_to_track": true, "consent_to_track": true, "consenttotrack": true, "subscriber_since": true,
	"unsub_reason": true, "unsub_reason_other": true, "accepts_sms_marketing": true,
}

// aboutConsent are parts of names that speak of it, and about are the last words
// of names that speak of something else about it.
var (
	aboutConsent = []string{
		"status", "subscribed", "unsub", "blacklist", "blocklist", "confirm", "optin", "opt_in", "opted", "optout", "opt_out", "consent",
		"bounce", "complain", "suppress", "undeliver", "do_not", "permission", "accepts", "abonn", "statut", "estado", "stato", "situacao", "bestatigt",
	}
	aboutOther = []string{"_at", "_time", "_date", "_ip", "_id", "_source", "_url", "_reason", "_count", "_campaign", "_title", "_text", "_version"}
)

// isOtherChannel reports whether a column is about messages other than mail.
func isOtherChannel(name string) bool {
	return containsAny(name, []string{"sms", "whatsapp", "phone", "push_", "messenger"}) && !strings.Contains(name, "mail")
}

func (l *layout) watch(at int, header, name string) {
	name = unaccented(name)
	if harmless[name] || isOtherChannel(name) {
		return
	}
	c := watchedColumn{at: at, header: header, named: containsAny(name, aboutConsent), leaving: containsAny(name, aboutLeaving), mailing: containsAny(name, aboutMailing)}
	for _, suffix := range aboutOther {
		if strings.HasSuffix(name, suffix) {
			c.named, c.mailing = false, false
			c.leaving = c.leaving && slices.Contains([]string{"_at", "_time", "_date"}, suffix)
		}
	}
	c.named = c.named || name == "state"
	l.watched = append(l.watched, c)
}

// watcher sees the values of the columns that are not used.
type watcher struct {
	seen []watchedValues
}

type watchedValues struct {
	other bool // it has values that are no status
	line  int  // where it first said that somebody is not an active reader
	value string
}

// see looks at a record's unused columns. It is an ErrCSV when one says who left.
func (w *watcher) see(l *layout, record []string, line int) error {
	if w.seen == nil {
		w.seen = make([]watchedValues, len(l.watched))
	}
	for i, c := range l.watched {
		value := cell(record, c.at)
		if value == "" || w.seen[i].other && !c.named && !c.leaving && !c.mailing {
			continue
		}
		s, known := wordStanding(value)
		switch {
		case c.late:
			return fmt.Errorf("%w: line %d: the column %q says %q, and says nothing in the rows before it; fill it in for every row, or, if it does not tell who may be mailed, leave it out with --ignore-column %q",
				ErrCSV, line, c.header, clean(value, 40), c.header)
		case c.leaving && !isNo(value), c.mailing && saysNo(value), c.named && !c.leaving && (known && s != isActive || l.saysOfConsent(c, value)):
			if !l.isAway(record) { // who is away already is not activated
				return misread(c.header, value, line)
			}
		case c.leaving:
		case !known:
			w.seen[i].other = true
		case s != isActive && w.seen[i].line == 0:
			w.seen[i].line, w.seen[i].value = line, value
		}
	}
	return nil
}

// isAway reports whether the columns that are read say that a record's reader is
// not to be mailed.
func (l *layout) isAway(record []string) bool {
	s, err := l.standing(record)
	return err == nil && s.weight() >= hasLeft.weight()
}

// saysOfConsent reports whether a value in a column whose name speaks of consent
// is a word or a yes or no, rather than a date, a number, a place or a text.
func (l *layout) saysOfConsent(c watchedColumn, value string) bool {
	if columnName(c.header) == "state" {
		return false // Ohio
	}
	if isYes(value) || isNo(value) {
		return true
	}
	_, err := parseTime(value)
	return err != nil && len(value) <= 24 && strings.Trim(strings.ToLower(value), "abcdefghijklmnopqrstuvwxyzäöüéèñç_- ") == ""
}

// end tells, at the file's end, of columns in which all values were statuses,
// and some not those of an active reader.
func (w *watcher) end(l *layout) error {
	for i, v := range w.seen {
		if v.line != 0 && !v.other {
			return misread(l.watched[i].header, v.value, v.line)
		}
	}
	return nil
}

func misread(header, value string, line int) error {
	return fmt.Errorf("%w: line %d: the column %q says %q, which seems to say who must not be mailed, and is not understood; "+
		"rename the column to status and its values to active, pending or unsubscribed, or, if it does not tell that, leave it out with --ignore-column %q",
		ErrCSV, line, header, clean(value, 40), header)
}
