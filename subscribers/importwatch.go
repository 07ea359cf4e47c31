package subscribers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A watchedColumn is one that is not used. Should it turn out to say who left,
// the import stops.
type watchedColumn struct {
	at      int
	header  string
	name    string // its columnName, without accents
	named   bool   // its name speaks of consent
	leaving bool   // its name speaks of leaving: every value but no does, too
	mailing bool   // its name speaks of mailing: a plain no speaks of consent
	mail    bool   // its name speaks of mail: a spoken no does, and a 0 may count something
	state   bool   // it may hold states of a country as well: Ohio
	late    bool   // a status that the first rows leave empty: any value shows that they should not
	foreign bool   // its name is in a script of which only some words are known here
}

// harmless are columns whose names speak of consent and whose values do not.
var harmless = map[string]bool{
	"active_subscription": true, "did_this_subscriber_manually_confirm": true, "number_of_bounces": true, "bouncecount": true,
	"send_this_subscriber_html_emails": true, "did_this_user_manually_confirm": true, "complimentary_plan": true,
	"permission_to_track": true, "consent_to_track": true, "consenttotrack": true, "subscriber_since": true,
	"churn_date": true, "unsub_reason": true, "unsub_reason_other": true, "accepts_sms_marketing": true,
}

// aboutConsent are parts of names that speak of it, and about are the last words
// of names that speak of something else about it.
var (
	aboutConsent = []string{
		"status", "subscribed", "unsub", "blacklist", "blocklist", "confirm", "optin", "opt_in", "opted", "optout", "opt_out", "consent",
		"bounce", "complain", "suppress", "undeliver", "do_not", "permission", "accepts", "abonn", "statut", "estado", "stato", "situacao", "bestatigt",
		"_subscribe_", "_membership_state", "subscription_state", "subscriber_state", "contact_state", "email_state", "mail_state", "list_state", "user_state", "account_state",
	}
	aboutOther = []string{"_at", "_time", "_date", "_ip", "_id", "_source", "_url", "_reason", "_count", "_campaign", "_title", "_text", "_version", "_method"}
)

// checkerNames are the columns in which services that check addresses say whether
// one can be mailed.
var checkerNames = strings.Fields("result results verification_result validation_result verification validation deliverability")

// isOtherChannel reports whether a column is about messages other than mail.
func isOtherChannel(name string) bool {
	return containsAny(name, []string{"sms", "whatsapp", "phone", "push_", "messenger", "_call_"}) && !strings.Contains(name, "mail")
}

func (l *layout) watch(at int, header, name string) {
	name = unaccented(name)
	if harmless[name] || isOtherChannel(name) {
		return
	}
	c := watchedColumn{at: at, header: header, name: name, named: containsAny(name, aboutConsent), leaving: containsAny(name, aboutLeaving), mailing: containsAny(name, aboutMailing)}
	for _, suffix := range aboutOther {
		if strings.HasSuffix(name, suffix) {
			c.named, c.mailing = suffix == "_id" && strings.HasPrefix(name, "status"), false
			c.leaving = c.leaving && slices.Contains([]string{"_at", "_time", "_date", "_reason"}, suffix)
		}
	}
	c.state = slices.Contains(stateNames, name)
	c.named = c.named || c.state || slices.Contains(checkerNames, name)
	c.mail = !c.leaving && containsAny(name, aboutMail) && !containsAny(name, aboutNoMail)
	c.foreign = isForeign(name) && !slices.Contains(foreignHarmless, name)
	l.watched = append(l.watched, c)
}

// speaks reports whether a column's name says, or may say, something of consent.
func (c watchedColumn) speaks() bool {
	return c.named || c.leaving || c.mailing || c.mail || c.foreign
}

// watcher sees the values of the columns that are not used.
type watcher struct {
	seen []watchedValues
	told map[string]bool
}

type watchedValues struct {
	other bool // it has values that are no status
	line  int  // where it first said that somebody is not an active reader
	value string
}

// see looks at a record's unused columns. It is an ErrCSV when one says who left.
func (w *watcher) see(l *layout, record []string, line int) error {
	if w.seen == nil {
		w.seen, w.told = make([]watchedValues, len(l.watched)), map[string]bool{}
	}
	for i, c := range l.watched {
		value := cell(record, c.at)
		if value == "" || w.seen[i].other && !c.speaks() && !w.tellsOfLeaving(value) {
			continue
		}
		s, known := wordStanding(value)
		switch {
		case c.late:
			return fmt.Errorf("%w: line %d: the column %q says %q, and says nothing in the rows before it; fill it in for every row, or, if it does not tell who may be mailed, leave it out with --ignore-column %q",
				ErrCSV, line, c.header, clean(value, 40), c.header)
		case c.leaving && !isNo(value), c.mailing && saysNo(value), c.mail && refusesMail(c.name, value), c.named && !c.leaving && (known && s != isActive || l.isStatus(c) && saysOfConsent(value)),
			c.foreign && saysOfConsent(value), !c.leaving && w.tellsOfLeaving(value):
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

// isStatus reports whether the name of a column alone is enough to take its words
// for a status; "Estado" is not where another column has it.
func (l *layout) isStatus(c watchedColumn) bool {
	return !c.state || columnName(c.header) != "state" && len(l.status) == 0
}

// saysOfConsent reports whether a value in a column whose name speaks of consent
// is a word or a yes or no, rather than a date, a number or a text.
func saysOfConsent(value string) bool {
	if isYes(value) || isNo(value) {
		return true
	}
	_, err := parseTime(value)
	return err != nil && utf8.RuneCountInString(value) <= 24 && !strings.ContainsFunc(value, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && r != '_' && r != '-' && r != ' '
	})
}

// tellsOfLeaving reports whether a value speaks of it in whatever column:
// "User opted out", or a list of tags with "unsubscribed", or what a server said
// of an address. A text that mentions it is longer, and a question is no answer.
func (w *watcher) tellsOfLeaving(value string) bool {
	if strings.Contains(value, "?") || strings.Trim(value, "0123456789.:-TZ") == "" {
		return false
	}
	if len(value) > maxPhrase && !isListOfWords(value) {
		return isRefusal(value)
	}
	tells, known := w.told[value]
	if !known {
		words := strings.FieldsFunc(unaccented(columnName(value)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		tells = containsAny(strings.Join(words, "_"), leavingPhrases) || isRefusal(value)
		if len(w.told) >= maxTold {
			clear(w.told)
		}
		w.told[value] = tells
	}
	return tells
}

// isListOfWords reports whether a value is a list of short words, such as tags.
func isListOfWords(value string) bool {
	const word = 24 // bytes
	for len(value) > word {
		i := strings.LastIndexAny(value[:word], ",;|/")
		if i < 0 {
			return false
		}
		value = value[i+1:]
	}
	return true
}

// isRefusal reports whether a value is a mail server's refusal: "5.1.1 no such
// user", "550 5.7.1 blocked".
func isRefusal(value string) bool {
	if !strings.HasPrefix(value, "5") {
		return false
	}
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == '-' || r == ',' })
	least := 4 // words; "5.2.0 beta" is a version
	if len(words[0]) == len("550") {
		words, least = words[1:], 2
	}
	return len(words) >= least && strings.HasPrefix(words[0], "5.") && strings.Count(words[0], ".") == 2 && strings.Trim(words[0], "0123456789.:;") == ""
}

// maxTold bounds the values of which it is remembered whether they tell of
// leaving: most columns have few.
const maxTold = 1 << 10

// leavingPhrases are what a short value says of nothing but leaving.
var leavingPhrases = strings.Fields("_unsubscrib _opted_out _opt_out _optout blacklisted blocklisted _hard_bounce _spam_complaint _marked_as_spam _do_not_contact _do_not_mail _do_not_email _nomail _unreachable _churned " +
	"_undeliverable _bounces_ _bounced_ _please_remove _remove_me _to_be_removed _removed_per _requested_removal _do_not_send _dont_send _dont_email _spam_report " +
	"_abgemeldet _desabonne _desinscrit _dado_de_baja _descadastrad _disiscritt _uitgeschreven")

// isForeign reports whether a name has letters of no script of western Europe.
func isForeign(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// foreignHarmless are columns that say nothing of consent.
var foreignHarmless = strings.Fields("名前 氏名 お名前 姓 名 姓名 名字 会社 会社名 公司 电话 電話 電話番号 住所 地址 备注 備考 国 国家 城市 都道府県 性别 性別 语言 言語 이름 성명 전화 전화번호 회사 주소 " +
	"имя фамилия отчество телефон город страна компания адрес пол язык имʼя ім'я прізвище місто країна ονομα επωνυμο τηλεφωνο πολη χωρα الاسم اسم اللقب الهاتف المدينة البلد שם שם_משפחה שם_פרטי טלפון עיר מדינה")

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
		"rename the column to status and its values to active, pending or unsubscribed; if it does not tell that, leave it out with --ignore-column %q; if everybody in the file has left, import it with --as unsubscribed",
		ErrCSV, line, header, clean(value, 40), header)
}
