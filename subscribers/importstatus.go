package subscribers

import (
	"fmt"
	"slices"
	"strings"
)

// standing is what a file says of a reader's consent.
type standing struct {
	status     Status
	suppressed Reason
}

var (
	isActive     = standing{status: Active}
	isPending    = standing{status: Pending}
	hasLeft      = standing{status: Unsubscribed}
	isBlocked    = standing{Unsubscribed, Manual}
	isBounced    = standing{Unsubscribed, HardBounce}
	isBouncing   = standing{Unsubscribed, SoftBounces}
	hasComplaint = standing{Unsubscribed, Complaint}
)

// worse gives which of two keeps the reader further away from the list.
func (s standing) worse(t standing) standing {
	if t.weight() > s.weight() {
		return t
	}
	return s
}

func (s standing) weight() int {
	switch {
	case s.suppressed == Complaint:
		return 4
	case s.suppressed != NotSuppressed:
		return 3
	case s.status == Unsubscribed:
		return 2
	case s.status == Pending:
		return 1
	}
	return 0
}

// statusWords are the words for a reader's standing in the exports of this
// program, listmonk, Mailchimp, Substack, Ghost, Buttondown, Kit, MailPoet,
// beehiiv and Mailtrain, as columnName gives them. Every other word rejects its
// row: consent is not guessed. Who pays, or does not, is a reader.
var statusWords = map[string]standing{
	"active": isActive, "enabled": isActive, "subscribed": isActive, "confirmed": isActive, "regular": isActive, "subscriber": isActive,
	"opted_in": isActive, "opt_in": isActive, "single_opt_in": isActive, "double_opt_in": isActive,
	"paid": isActive, "free": isActive, "comp": isActive, "comped": isActive, "complimentary": isActive, "gift": isActive, "gifted": isActive,
	"premium": isActive, "past_due": isActive, "unpaid": isActive, "trial": isActive, "trialing": isActive, "trialed": isActive,
	"free_trial": isActive, "founding": isActive, "lifetime": isActive,

	"pending": isPending, "unconfirmed": isPending, "unactivated": isPending, "validating": isPending, "unverified": isPending,
	"needs_attention": isPending, "not_confirmed": isPending, "transactional": isPending, "nonsubscribed": isPending, "non_subscribed": isPending,
	"never_subscribed": isPending,

	"unsubscribed": hasLeft, "disabled": hasLeft, "removed": hasLeft, "cancelled": hasLeft, "canceled": hasLeft, "inactive": hasLeft,
	"archived": hasLeft, "deleted": hasLeft, "trash": hasLeft, "opted_out": hasLeft, "opt_out": hasLeft, "invalid": hasLeft, "left": hasLeft,

	"blocklisted": isBlocked, "blacklisted": isBlocked, "blocked": isBlocked, "banned": isBlocked, "spammy": isBlocked, "suppressed": isBlocked,
	"cleaned": isBounced, "undeliverable": isBounced, "bounced": isBounced, "hard_bounced": isBounced, "hard_bounce": isBounced, "malformed": isBounced,
	"bouncing": isBouncing, "soft_bounced": isBouncing, "soft_bounce": isBouncing,
	"erased":     {Unsubscribed, Erased},
	"complained": hasComplaint, "complaint": hasComplaint, "spam": hasComplaint, "spam_complaint": hasComplaint, "marked_as_spam": hasComplaint,
}

// statusWord is what export writes for a subscriber; statusWords reads it back.
func statusWord(s Subscriber) string {
	if s.Suppressed == NotSuppressed {
		return string(s.Standing())
	}
	return s.Suppressed.word()
}

// word is the reason's word in exports.
func (r Reason) word() string {
	switch r {
	case HardBounce:
		return "bounced"
	case SoftBounces:
		return "bouncing"
	case Complaint:
		return "complained"
	case Erased:
		return "erased"
	default:
		return "suppressed"
	}
}

// wordStanding reads a status word.
func wordStanding(word string) (standing, bool) {
	s, ok := statusWords[word]
	if !ok {
		word = columnName(word)
		s, ok = statusWords[word]
	}
	if !ok {
		s, ok = foreignWords[unaccented(word)]
	}
	return s, ok
}

// A statusRule reads one kind of status column. An empty cell is read too.
type statusRule func(value string) (standing, error)

// words reads a column of status words. A file that says nothing lists active
// readers.
func words(value string) (standing, error) {
	if value == "" {
		return isActive, nil
	}
	s, ok := wordStanding(value)
	if !ok {
		return s, fmt.Errorf("status: %q is not known; it can be active, pending or unsubscribed", clean(value, 40))
	}
	return s, nil
}

// onlyYes reads a column in which everything but yes, or since when, means no.
func onlyYes(no standing) statusRule {
	return func(value string) (standing, error) {
		if isYes(value) || isTime(value) {
			return isActive, nil
		}
		return no, nil
	}
}

// confirmed reads a column that says yes, or when, for who has confirmed.
func confirmed(value string) (standing, error) {
	if isNo(value) {
		return isPending, nil
	}
	return isActive, nil
}

// onlyNo reads a column in which everything but no means yes, such as a date.
func onlyNo(yes standing) statusRule {
	return func(value string) (standing, error) {
		if isNo(value) {
			return isActive, nil
		}
		return yes, nil
	}
}

func isYes(s string) bool {
	switch strings.ToLower(s) {
	case "true", "yes", "1", "y", "x", "on", "t", "ja", "oui", "si", "sí", "sim", "tak", "да", "是":
		return true
	}
	return false
}

func isNo(s string) bool {
	switch strings.ToLower(s) {
	case "", "false", "no", "0", "n", "off", "f", "null", "n/a", "none", "-", "0000-00-00", "0000-00-00 00:00:00",
		"[]", "nein", "non", "não", "nao", "nee", "nie", "nej", "nei", "нет", "否":
		return true
	}
	return false
}

// statusHeaders say how a column of this name is read.
var statusHeaders = map[string]statusRule{
	"status": words, "subscriber_type": words, "subscription_status": words, "subscriber_status": words, "member_status": words,
	"email_status": words, "global_status": words, "list_status": words, "email_marketing_status": words, "subscriber_state": words,
	"email_marketing_consent": words,

	"subscribed_to_emails": onlyYes(hasLeft), "subscribed": onlyYes(hasLeft), "is_subscribed": onlyYes(hasLeft), "accepts_email_marketing": onlyYes(hasLeft),
	"opted_in": onlyYes(hasLeft), "opt_in": onlyYes(hasLeft), "optin": onlyYes(hasLeft), "email_opt_in": onlyYes(hasLeft),
	"email_consent": onlyYes(hasLeft), "is_active": onlyYes(hasLeft),

	"confirmed": confirmed, "is_confirmed": confirmed, "is_this_subscriber_confirmed": confirmed, "is_this_user_confirmed": confirmed, "double_opt_in": confirmed, "double_optin": confirmed,
	"verified": confirmed, "email_verified": confirmed, "email_confirmed": confirmed,

	"email_disabled": onlyNo(hasLeft), "unsubscribed": onlyNo(hasLeft), "is_unsubscribed": onlyNo(hasLeft), "opted_out": onlyNo(hasLeft),
	"opt_out": onlyNo(hasLeft), "optout": onlyNo(hasLeft), "email_opt_out": onlyNo(hasLeft), "has_opted_out_of_email": onlyNo(hasLeft),
	"do_not_email": onlyNo(hasLeft), "do_not_mail": onlyNo(hasLeft), "is_this_account_disabled": onlyNo(hasLeft), "is_deleted": onlyNo(hasLeft),
	"blacklisted": onlyNo(isBlocked), "blocklisted": onlyNo(isBlocked), "is_this_subscriber_blacklisted": onlyNo(isBlocked), "is_this_user_blacklisted": onlyNo(isBlocked),
	"is_blacklisted": onlyNo(isBlocked), "is_blocklisted": onlyNo(isBlocked), "email_blacklisted": onlyNo(isBlocked), "suppressed": onlyNo(isBlocked),
	"bounced": onlyNo(isBounced), "clean_time": onlyNo(isBounced), "bounced_at": onlyNo(isBounced),
	"complained": onlyNo(hasComplaint), "complained_at": onlyNo(hasComplaint), "marked_as_spam": onlyNo(hasComplaint),
}

// A statusColumn is a column that says something of a reader's consent.
type statusColumn struct {
	at   int
	read statusRule
}

// maybeStatus are the names of columns that hold a status, or something else.
var maybeStatus = []string{"state", "type", "estado", "stato", "statut", "zustand", "situacao", "stav"}

// addStatus takes a column for a status if its name says so, or if its values
// do: the state of a reader may be active, or Ohio.
func (l *layout) addStatus(at int, header, name string, sample [][]string) bool {
	rule := statusHeaders[name]
	if rule == nil && slices.Contains(maybeStatus, unaccented(name)) && statusValues(sample, at) {
		rule = words
	}
	if rule == nil {
		rule = namedStanding(name, sample, at)
	}
	if rule == nil {
		return false
	}
	l.status = append(l.status, statusColumn{at, rule})
	return true
}

// statusValues reports whether a column's first values are status words.
func statusValues(sample [][]string, at int) bool {
	known := false
	for _, record := range sample {
		value := cell(record, at)
		if value == "" {
			continue
		}
		if _, known = wordStanding(value); !known {
			return false
		}
	}
	return known
}

// standing reads a record's status from whichever columns say it; the one that
// keeps the reader furthest away wins.
func (l *layout) standing(record []string) (standing, error) {
	s := isActive
	for _, c := range l.status {
		t, err := c.read(cell(record, c.at))
		if err != nil {
			return s, err
		}
		s = s.worse(t)
	}
	if !isNo(cell(record, l.at[colLeft])) {
		s = s.worse(hasLeft)
	}
	return s, nil
}

// A watchedColumn is one that is not used. Should it turn out to say who left,
// the import stops.
type watchedColumn struct {
	at      int
	header  string
	named   bool // its name speaks of consent
	leaving bool // its name speaks of leaving: every value but no does, too
	mailing bool // its name speaks of mailing: a plain no speaks of consent
}

// harmless are columns whose names speak of consent and whose values do not.
var harmless = map[string]bool{
	"active_subscription": true, "did_this_subscriber_manually_confirm": true, "number_of_bounces": true, "bouncecount": true,
	"send_this_subscriber_html_emails": true, "did_this_user_manually_confirm": true, "complimentary_plan": true,
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

func (l *layout) watch(at int, header, name string) {
	name = unaccented(name)
	if harmless[name] || strings.Contains(name, "sms") && !strings.Contains(name, "mail") {
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
