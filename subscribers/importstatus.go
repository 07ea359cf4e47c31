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
	"free_trial": isActive, "founding": isActive, "lifetime": isActive, "express": isActive, "explicit": isActive, "implied": isActive, "implicit": isActive,
	"churning": isActive, "marketing_contact": isActive, "opt_in_confirmed": isActive, "single_optin": isActive, "double_optin": isActive, "optin": isActive,

	"pending": isPending, "unconfirmed": isPending, "unactivated": isPending, "validating": isPending, "unverified": isPending,
	"needs_attention": isPending, "not_confirmed": isPending, "transactional": isPending, "nonsubscribed": isPending, "non_subscribed": isPending,
	"never_subscribed": isPending, "awaiting_confirmation": isPending, "pending_confirmation": isPending, "no_permissions_set": isPending, "no_permission": isPending,
	"not_set": isPending, "unset": isPending, "temporary_hold": isPending, "non_marketing_contact": isPending, "non_optin": isPending,

	"unsubscribed": hasLeft, "disabled": hasLeft, "removed": hasLeft, "cancelled": hasLeft, "canceled": hasLeft, "inactive": hasLeft,
	"archived": hasLeft, "deleted": hasLeft, "trash": hasLeft, "opted_out": hasLeft, "opt_out": hasLeft, "invalid": hasLeft, "left": hasLeft,
	"optout": hasLeft, "deactivated": hasLeft, "do_not_mail": hasLeft, "not_subscribed": hasLeft, "unsubscribed_from_list": hasLeft,
	"unsubscribe": hasLeft, "not_sending": hasLeft, "nomail": hasLeft, "no_mail": hasLeft, "no_email": hasLeft, "do_not_email": hasLeft, "do_not_contact": hasLeft,
	"lapsed": hasLeft, "withdrawn": hasLeft, "revoked": hasLeft, "unmarketable": hasLeft, "not_marketable": hasLeft, "suspended": hasLeft,

	"blocklisted": isBlocked, "blacklisted": isBlocked, "blocked": isBlocked, "banned": isBlocked, "manual_suppression": isBlocked, "on_hold": isBlocked, "held": isBlocked, "spammy": isBlocked, "suppressed": isBlocked,
	"cleaned": isBounced, "undeliverable": isBounced, "bounced": isBounced, "hard_bounced": isBounced, "hard_bounce": isBounced, "bounce": isBounced, "unreachable": isBounced, "malformed": isBounced,
	"bouncing": isBouncing, "soft_bounced": isBouncing, "soft_bounce": isBouncing,
	"erased":     {Unsubscribed, Erased},
	"complained": hasComplaint, "spammed": hasComplaint, "complaint": hasComplaint, "spam": hasComplaint, "spam_complaint": hasComplaint, "marked_as_spam": hasComplaint,
	"abuse": hasComplaint, "junk": hasComplaint, "abused": hasComplaint, "spam_reported": hasComplaint, "reported_spam": hasComplaint, "reported_as_spam": hasComplaint, "excluded": isBlocked,
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

// wordStanding reads a status word, or one with which a phrase begins that tells
// of leaving: "Unsubscribed by user", "Opt Out: Manual".
func wordStanding(word string) (standing, bool) {
	if s, ok := statusWords[word]; ok {
		return s, true
	}
	word = columnName(word)
	if s, ok := plainStanding(word); ok {
		return s, true
	}
	if len(word) > maxPhrase {
		return standing{}, false
	}
	for i, r := range word {
		if r == '_' {
			if s, ok := plainStanding(word[:i]); ok && s.weight() >= hasLeft.weight() {
				return s, true
			}
		}
	}
	return standing{}, false
}

// maxPhrase bounds in bytes what is a status and no sentence.
const maxPhrase = 48

func plainStanding(word string) (standing, bool) {
	s, ok := named(statusWords, word)
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

// consent reads a column of status words in which an empty cell says that nobody
// has agreed to anything.
func consent(value string) (standing, error) {
	if value == "" {
		return isPending, nil
	}
	return words(value)
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
	if s, known := wordStanding(value); known {
		return s, nil
	}
	if isYes(value) || isTime(value) {
		return isActive, nil
	}
	return isPending, nil
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

// suppressions reads Klaviyo's list of reasons: "['HARD_BOUNCE']".
func suppressions(value string) (standing, error) {
	s := isActive
	for word := range strings.SplitSeq(strings.Trim(value, "[]"), ",") {
		if word = strings.Trim(word, `'" `); isNo(word) {
			continue
		}
		t, known := wordStanding(word)
		if !known || t == isActive {
			t = isBlocked
		}
		s = s.worse(t)
	}
	return s, nil
}

func isYes(s string) bool {
	switch strings.ToLower(s) {
	case "true", "yes", "1", "y", "x", "on", "t", "ja", "oui", "si", "sí", "sim", "tak", "да", "是", "ano", "áno", "kyllä", "evet", "igen", "так", "ναι", "はい", "예", "네", "نعم", "כן",
		"wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda", "✓", "✔", "✔\ufe0f", "✅", "☑", "○", "👍":
		return true
	}
	return false
}

func isNo(s string) bool {
	switch strings.ToLower(s) {
	case "false", "no", "0", "n", "off", "f", "never", "nein", "non", "não", "nao", "nee", "nie", "nej", "nei", "нет", "否", "ne", "ei", "hayır", "nem", "nu", "ні", "όχι", "いいえ", "아니요", "아니오", "لا", "לא",
		"falsch", "faux", "falso", "onwaar", "fałsz", "✗", "✘", "❌", "✖", "☐", "×", "👎", "🚫", "⛔":
		return true
	}
	return isNothing(s)
}

// isNothing reports whether a value is what programs write for none: a null, or
// the day at which their calendars begin.
func isNothing(s string) bool {
	switch strings.ToLower(s) {
	case "", "null", "(null)", "<null>", `\n`, "nil", "none", "undefined", "nan", "nat", "na", "<na>", "n/a", "#n/a", "n.a.", "-", "–", "—", "[]", "{}",
		"1900-01-00", "1970-01-01", "1970-01-01 00:00:00", "1970-01-01t00:00:00z", "1970-01-01 00:00:00+00":
		return true
	}
	return strings.HasPrefix(s, "0000-00-00") || strings.HasPrefix(s, "0001-01-01")
}

// statusHeaders say how a column of this name is read.
var statusHeaders = map[string]statusRule{
	"status": words, "subscriber_type": words, "subscription_status": words, "subscriber_status": words, "member_status": words,
	"email_status": consent, "email_permission_status": consent, "marketing_contact_status": consent, "email_subscriber_status": consent, "global_status": words, "list_status": words, "email_marketing_status": words, "subscriber_state": words,
	"email_marketing_consent": words,

	"subscribed_to_emails": onlyYes(hasLeft), "subscribed": onlyYes(hasLeft), "is_subscribed": onlyYes(hasLeft), "accepts_email_marketing": onlyYes(hasLeft),
	"opted_in": onlyYes(hasLeft), "opt_in": onlyYes(hasLeft), "optin": onlyYes(hasLeft), "email_opt_in": onlyYes(hasLeft),
	"email_consent": onlyYes(hasLeft), "is_active": onlyYes(hasLeft), "accepts_marketing": onlyYes(hasLeft),

	"confirmed": confirmed, "is_confirmed": confirmed, "is_this_subscriber_confirmed": confirmed, "is_this_user_confirmed": confirmed, "double_opt_in": confirmed, "double_optin": confirmed,
	"verified": confirmed, "email_verified": confirmed, "email_confirmed": confirmed, "activated": confirmed,

	"email_disabled": onlyNo(hasLeft), "unsubscribed": onlyNo(hasLeft), "is_unsubscribed": onlyNo(hasLeft), "opted_out": onlyNo(hasLeft),
	"opt_out": onlyNo(hasLeft), "optout": onlyNo(hasLeft), "email_opt_out": onlyNo(hasLeft), "has_opted_out_of_email": onlyNo(hasLeft),
	"do_not_email": onlyNo(hasLeft), "do_not_mail": onlyNo(hasLeft), "is_this_account_disabled": onlyNo(hasLeft), "is_deleted": onlyNo(hasLeft),
	"deactivated": onlyNo(hasLeft), "unsubscribed_from_all_email": onlyNo(hasLeft), "stop_time": onlyNo(hasLeft),
	"excluded": onlyNo(isBlocked), "is_excluded_from_campaigns": onlyNo(isBlocked), "isexcludedfromcampaigns": onlyNo(isBlocked), "email_suppressions": suppressions,
	"blacklisted": onlyNo(isBlocked), "blocklisted": onlyNo(isBlocked), "is_this_subscriber_blacklisted": onlyNo(isBlocked), "is_this_user_blacklisted": onlyNo(isBlocked),
	"is_blacklisted": onlyNo(isBlocked), "is_blocklisted": onlyNo(isBlocked), "email_blacklisted": onlyNo(isBlocked), "suppressed": onlyNo(isBlocked),
	"bounced": onlyNo(isBounced), "clean_time": onlyNo(isBounced), "bounced_at": onlyNo(isBounced), "email_hard_bounce_reason": onlyNo(isBounced),
	"complained": onlyNo(hasComplaint), "complained_at": onlyNo(hasComplaint), "marked_as_spam": onlyNo(hasComplaint),
}

// A statusColumn is a column that says something of a reader's consent.
type statusColumn struct {
	at   int
	read statusRule
}

// maybeStatus are the names of columns that hold a status, or something else.
var maybeStatus = slices.Concat([]string{"type", "zustand"}, stateNames)

// stateNames are what a column of states is called, of readers or of a country.
var stateNames = strings.Fields("state estado stato statut situacao stav tila durum állapot allapot stare stanje olek statusz κατασταση статус стан состояние " +
	"状態 ステータス 状态 狀態 状況 상태 الحالة حالة وضعیت סטטוס מצב สถานะ trang_thai स्थिति")

// addStatus takes a column for a status if its name says so, or if its values
// do: the state of a reader may be active, or Ohio. A column in which nothing is
// given decides nothing.
func (l *layout) addStatus(at int, header, name string, sample [][]string) bool {
	rule := statusRuleOf(name, sample, at)
	if rule == nil {
		return false
	}
	if s, err := rule(""); (err != nil || s != isActive) && len(sample) > 0 && isEmptyColumn(sample, at) {
		l.ignored = append(l.ignored, header)
		l.watched = append(l.watched, watchedColumn{at: at, header: header, late: true})
		return true
	}
	l.status = append(l.status, statusColumn{at, rule})
	return true
}

// statusRuleOf is how a column is read, nil when it is no status.
func statusRuleOf(name string, sample [][]string, at int) statusRule {
	name = strings.TrimSuffix(name, "_other") // Constant Contact: "Email status - other"
	plain := unaccented(name)
	rule, _ := named(statusHeaders, name)
	switch {
	case rule != nil:
		return rule
	case strings.HasPrefix(name, "opted_out_of_email"), strings.HasPrefix(name, "unsubscribed_from_email"):
		return onlyNo(hasLeft)
	case slices.Contains(maybeStatus, plain) && (statusValues(sample, at) || tellsBoth(sample, at)), slices.Contains(stateNames, plain) && hasActive(sample, at):
		return words // what is not known is then rejected, row by row
	case containsAny(plain, aboutConsent) && !containsAny(plain, aboutLeaving) && !isOtherChannel(plain) && !harmless[plain] && hasActive(sample, at) && statusValues(sample, at):
		return consent
	}
	return namedStanding(name, sample, at)
}

func isEmptyColumn(sample [][]string, at int) bool {
	return !slices.ContainsFunc(sample, func(record []string) bool { return cell(record, at) != "" })
}

// hasActive reports whether one of a column's first values is a reader's.
func hasActive(sample [][]string, at int) bool {
	return slices.ContainsFunc(sample, func(record []string) bool {
		value := cell(record, at)
		s, known := wordStanding(value)
		return value != "" && known && s == isActive
	})
}

// tellsBoth reports whether a column's first values name a reader and one who left.
func tellsBoth(sample [][]string, at int) bool {
	return hasActive(sample, at) && slices.ContainsFunc(sample, func(record []string) bool {
		s, known := wordStanding(cell(record, at))
		return known && s.weight() >= hasLeft.weight()
	})
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

// saysStatus reports whether a record has a value in a column of statuses.
func (l *layout) saysStatus(record []string) bool {
	return slices.ContainsFunc(l.status, func(c statusColumn) bool { return cell(record, c.at) != "" })
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
