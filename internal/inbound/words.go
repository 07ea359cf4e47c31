package inbound

import (
	"regexp"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/subscribers"
)

// The reasons that a refusal can have.
const (
	reasonUser      = "no such mailbox"
	reasonHost      = "no such domain or host"
	reasonNoMail    = "takes no mail"
	reasonMoved     = "moved"
	reasonFull      = "mailbox full"
	reasonSuspended = "mailbox disabled"
	reasonFiltered  = "refused by the recipient's filter"
	reasonSender    = "sender refused"
	reasonAuth      = "not authenticated"
	reasonBlocked   = "blocked"
	reasonContent   = "content refused"
	reasonSize      = "message too large"
	reasonRate      = "too much mail at once"
	reasonRelay     = "relaying denied"
	reasonPath      = "not reached"
	reasonPolicy    = "refused by policy"
	reasonSystem    = "the server's own fault"
	reasonUnclear   = "not said"
)

// A rule gives words a meaning.
type rule struct {
	reason string
	class  subscribers.BounceClass
	words  []string
}

// rules are asked in this order: what says something of the sender or of the
// message comes before what says something of the mailbox, because the former
// often names the latter ("domain of sender address does not exist").
func rules() []rule {
	return []rule{
		{reasonPath, subscribers.BouncePath, []string{"not found, try again", "malformed or unexpected name server", "host name lookup failure", "temporary lookup failure"}},
		{reasonFiltered, subscribers.BouncePolicy, []string{"recipient preferences", "message filtered", "email preferences of the person", "domain filter", "rejected by the recipient's filter"}},
		{reasonRelay, subscribers.BouncePath, []string{"relay access denied", "relaying denied", "relay denied", "not configured to relay", "insecure mail relay", "no relaying", "relaying not permitted", "unable to relay", "not permitted to relay", "relay not permitted", "relaying prohibited", "relay operation rejected", "relaying is not allowed"}},
		{reasonSender, subscribers.BounceSender, []string{"sender address rejected", "domain of sender address", "sender was rejected", "sender rejected", "envelope sender", "email address is not verified", "sendasdenied", "send mail as", "mail from address", "invalid sender", "sender denied", "sender verify failed", "unrouteable mail domain", "bad sender", "not a member of", "permission to post", "purported responsible address", "sender domain", "from address", "my name was rejected", "after mail from:", "reply to mail from", "[mail_from]", "blacklisted to/from", "to/from an address"}},
		{reasonAuth, subscribers.BounceSender, []string{"dmarc", "dkim", "unauthenticated", "spf check", "spf fail", "spf record", "spf validation", "sender policy framework", "not authenticated", "domain's authentication", "does not pass authentication", "not pass authentication", "reverse dns", "ptr record", "rdns", "reverse lookup", "reverse hostname", "resolve the hostname", "helo command rejected", "no ptr", "fix reverse", "forward-confirmed", "valid reverse", "inverse lookup", "ip-name", "cannot find your reverse"}},
		{reasonFull, subscribers.BounceSoft, []string{"mailbox full", "mailbox is full", "mailfolder is full", "over quota", "overquota", "quota exceed", "exceeded quota", "exceeds quota", "exceeded storage", "storage allocation", "out of storage", "exceeds allowed size", "exceeded the local limit", "over the maximum allowed", "not enough disk space", "disk quota", "quota violation", "mail box full", "inbox is full", "user is over", "mailbox size limit", "over its quota", "quotaexceeded", "full mailbox", "storage quota", "account is full", "満杯", "一杯"}},
		{reasonSuspended, subscribers.BounceSoft, []string{"account is disabled", "account has been disabled", "reach is disabled", "disabled or discontinued", "mailbox disabled", "mailbox is disabled", "disabled recipient", "is inactive", "inactive user", "not active", "account is locked", "mailbox is frozen", "account is blocked", "suspended", "suspend", "deactivated", "account inactive", "account expired", "temporarily disabled", "user disabled", "est bloque", "this mailbox is disabled", "user is inactive", "account locked"}},
		{reasonMoved, subscribers.BounceHard, []string{"no longer on server", "has moved", "not our customer", "not our user", "user has moved", "address has changed", "no longer in use", "no longer works", "left the company", "has been replaced by", "destination mailbox address has moved"}},
		{reasonNoMail, subscribers.BounceHard, []string{"does not accept mail", "no smtp service", "no mx record found", "no mx found", "null mx", "nullmx", "find a mail exchanger", "system not accepting network messages", "domain is not accepting mail", "doesn't accept mail"}},
		{reasonHost, subscribers.BounceHard, []string{"host unknown", "unknown host", "host not found", "domain does not exist", "domain may not exist", "domain is not reachable", "domain doesn't exist", "no such domain", "domain not found", "name or service not known", "unrouteable address", "unroutable address", "couldn't find any host", "domain name not found", "bad destination mail system", "bad destination system", "bad destination host", "host/domain name found", "invalid domain", "domain couldn't be found", "no such host", "nxdomain", "unknown domain", "name service error", "routing loop may be", "email routing error", "dns lookup failure", "recipient's domain is not"}},
		{reasonSize, subscribers.BouncePolicy, []string{"message too large", "message size exceeds", "size exceeds", "message too big", "mail size limit", "exceeds fixed limit", "larger than the current system limit", "exceeded message size", "exceeds the maximum", "message file too big", "size limit"}},
		{reasonBlocked, subscribers.BouncePolicy, []string{"spamhaus", "blacklist", "blocklist", "block list", "black list", "blackhole", "dnsbl", "rbl ", "reputation", "your ip", "your mail server", "banned", "is listed", "listed by", "listed at ", "currently listed", "client host", "has been blocked", "is blocked", "block for", "blocked for", "blocked by", "blocked using", "connection refused by policy", "barracudacentral", "poor sender", "bad reputation", "access from your", "not allowed to connect", "aup#", "access denied: ip", "are blocked"}},
		{reasonContent, subscribers.BouncePolicy, []string{"spam", "junk mail", "unsolicited", "virus", "malware", "infected", "content rejected", "message content", "dangerous", "objectionable", "header error", "not rfc", "rfc 5322", "rfc 2822", "rfc5322", "rfc2822", "5322 compliant", "phishing", "message contains", "bulk email", "suspicious", "message looks", "illegal attachment", "attachment type", "banned attachment", "denied by content", "prohibited", "syntax error"}},
		{reasonUser, subscribers.BounceHard, unknownUser()},
		{reasonRate, subscribers.BouncePolicy, []string{"rate limit", "too many connections", "too many messages", "too many recipients", "too much mail", "rate that", "sending rate", "sending limit", "exceeded the maximum", "unusual rate", "unexpected volume", "throttl", "too many concurrent", "maximum number of", "recipients this hour", "max message per connection", "limit on the", "daily limit"}},
		{reasonPolicy, subscribers.BouncePolicy, []string{"policy", "message filtered", "refused by", "not authorized", "access denied", "administrative prohibition", "rejected by the recipient domain", "security", "not permitted", "local-part filter", "domain-filter", "tls"}},
		{reasonPath, subscribers.BouncePath, []string{"timed out", "timeout", "time out", "connection refused", "retry time", "expired", "too old", "network is unreachable", "unreachable", "unable to connect", "couldn't connect", "could not connect", "cannot connect", "wasn't able to establish", "connection lost", "lost connection", "connection reset", "too many hops", "hop count", "loops back", "loop detected", "mail loop", "no route", "retry timeout", "unable to contact", "connection dropped", "has been in the queue", "delivery time", "broken pipe", "not responding", "queue lifetime"}},
		{reasonSystem, subscribers.BounceSoft, []string{"local error", "system error", "server error", "internal error", "configuration error", "command failed", "program failed", "pipe", "remote protocol error", "temporary failure", "resources temporarily", "insufficient system"}},
	}
}

// unknownUser are words for a mailbox that is not there.
func unknownUser() []string {
	return []string{
		"recipient address rejected: access denied", "]: recipient address rejected: access",
		"user unknown", "unknown user", "user not found", "no such user", "no such recipient", "no such mailbox", "no such person", "no such address", "no such account",
		"recipient not found", "recipient unknown", "unknown recipient", "recipnotfound", "recipientnotfound", "mailbox not found", "mailbox unknown", "unknown mailbox",
		"no mailbox here", "mailbox unavailable", "mailbox does not exist", "mailbox doesn't exist", "does not exist", "doesn't exist", "not exist",
		"invalid recipient", "recipient invalid", "invalid mailbox", "invalid address", "invalid user", "unknown address", "address unknown", "address not found", "bad address",
		"bad destination mailbox", "address couldn't be found", "address error", "account not found", "unknown local", "unknown account", "doesn't have a", "not listed in",
		"recipient name is not recognized", "not a valid user", "not a valid mailbox", "not a known user", "isn't a valid", "is not a registered", "no account",
		"no valid recipients", "invalid final delivery userid", "not our customer", "adresse d au moins un destinataire invalide", "user doesn't exist", "user name unknown",
		"not found in the directory", "user is unknown", "unknown to", "undeliverable address", "can't find user", "is unknown", "wasn't found", "not found by smtp",
		"user not exist", "ディレクトリで見つかりません", "宛先不明", "not found at", "does not have an account", "mailbox not here", "check if address is correct",
		"адрес не существует", "no longer available", "couldn't be found", "no local mailbox", "not a local",
	}
}

var (
	statusCode = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)`)
	replyCode  = regexp.MustCompile(`(?:^|[\s:;'"(<\[=,-])([45][0-5]\d)(?:[ \-:;'"#)]|$)`)
)

// firstStatus gives the first enhanced status code of a text, or "".
func firstStatus(s string) string {
	if g := statusCode.FindStringSubmatch(s); g != nil {
		return g[1]
	}
	return ""
}

// statusOf gives the most specific permanent code that a server said.
func statusOf(given, words string) string {
	best := given
	for _, g := range statusCode.FindAllStringSubmatch(words, 20) {
		if best == "" || generic(best) && !generic(g[1]) && g[1][0] != '2' {
			best = g[1]
		}
	}
	return best
}

// generic reports whether a code leaves open what is wrong. Servers say 5.2.1 of
// a disabled mailbox, and of one that is not there.
func generic(status string) bool {
	if status == "" {
		return true
	}
	switch detail := status[2:]; detail {
	case "1.0", "2.0", "2.1", "3.0":
		return true
	default:
		return strings.HasPrefix(detail, "0.") || strings.HasPrefix(detail, "5.")
	}
}

// hostGone matches a domain of which a server says that it is not there.
var hostGone = regexp.MustCompile(`(?:^|\s)(?:[a-z0-9-]+\.)+[a-z]{2,} (?:does not|doesn't) exist`)

// filterWords match what KDDI (an empty address) and NTT DoCoMo (a bare one)
// say of a mailbox that is there and whose owner takes no mail from elsewhere.
var filterWords = regexp.MustCompile(`550[-:' ]*(?:: user unknown|unknown user [^\s<>@]+@[a-z0-9.-]+)`)

// afterData reports whether a server took the address and refused the message.
// Some clients send DATA with RCPT; the server then says that it misses one.
func afterData(words string) bool {
	if containsAny(words, []string{"end of data", "reply to data", "after data", "in reply to end", ">>> .", "[data]", "transmission failure has occurred"}) {
		return true
	}
	return containsAny(words, []string{">>> data", "smtp command data", "(data)"}) && !containsAny(words, []string{"503", "need rcpt", "no valid recipients", ">>> rcpt"})
}

// maxSaid is how much of a server's words is weighed.
const maxSaid = 8 << 10

// judge says what a refusal means. words are the server's, said all that the
// mail says about the address.
func judge(email, status, words, said string) Recipient {
	if words == "" {
		words = said
	}
	words, said = words[:min(len(words), maxSaid)], said[:min(len(said), maxSaid)]
	rec := Recipient{Email: email, Status: statusOf(status, words), Reply: shorten(words)}
	data := afterData(strings.ToLower(oneLine(words + " " + said)))
	rec.Class, rec.Reason = meaning(rec.Status, strings.ToLower(oneLine(words)), data)
	if rec.Reason == reasonUnclear && said != words {
		rec.Status = statusOf(rec.Status, said)
		rec.Class, rec.Reason = meaning(rec.Status, strings.ToLower(oneLine(said)), data)
	}
	rec.known()
	return rec
}

// known heeds a refusal that package refusal explains: what is about the sender, the
// message or its rate says nothing of the reader. A server that does not relay may be
// a wrong MX of the reader's domain.
func (r *Recipient) known() {
	row, ok := explain(r.Status, r.Reply)
	ofReader := r.Class == subscribers.BounceHard || r.Class == subscribers.BounceSoft
	switch {
	case !ok, r.Reason == reasonRelay:
	case row.Fault == refusal.Setup:
		r.Class, r.Reason = subscribers.BounceSender, reasonAuth
	case row.Fault == refusal.Account:
		r.Class, r.Reason = subscribers.BounceSender, reasonSender
	case ofReader && row.Fault == refusal.Rate:
		r.Class, r.Reason = subscribers.BouncePolicy, reasonRate
	case ofReader && row.Fault == refusal.Reputation:
		r.Class, r.Reason = subscribers.BouncePolicy, reasonBlocked
	case ofReader && row.Fault == refusal.Message:
		r.Class, r.Reason = subscribers.BouncePolicy, reasonContent
	}
}

var smtpCode = regexp.MustCompile(`(?:^|[^0-9.])([45][0-9][0-9])(?:[^0-9.]|$)`)

// explain is what package refusal knows of a refusal, whose reply code may stand
// anywhere in what was said.
func explain(status, reply string) (refusal.Row, bool) {
	code := 0
	if g := smtpCode.FindStringSubmatch(reply); g != nil {
		code, _ = strconv.Atoi(g[1])
	} else if status != "" {
		code = int(status[0]-'0') * 100
	}
	return refusal.Explain(code, status, reply)
}

// meaning weighs a code and words. data: the address was taken, the message was
// refused.
func meaning(status, lower string, data bool) (subscribers.BounceClass, string) {
	class, reason := byWords(lower)
	byCode, codeReason := byStatus(status)
	switch {
	case reason == reasonUnclear, codeReason == reasonSender:
		return byCode, codeReason
	case class != subscribers.BounceHard:
		return class, reason
	case strings.Contains(lower, "recipient address rejected: access denied"): // Exchange Online's words for it
		return class, reason
	case strings.HasPrefix(status, "4"): // what was tried for days; a name server's answer may be the path's
		return late(status), reason
	case reason == reasonUser && !generic(status) && byCode != subscribers.BounceHard && !guessed(lower):
		return byCode, codeReason
	case reason == reasonUser && generic(status) && hostGone.MatchString(lower):
		return class, reasonHost
	case strings.Contains(lower, "delivery error: dd "): // Yahoo says after the message what is so of the mailbox
		return class, reason
	case reason == reasonUser && generic(status) && (data || filterWords.MatchString(lower) && !strings.Contains(lower, "rcpt to")): // it knew the user when it was asked
		return subscribers.BouncePolicy, reasonFiltered
	default:
		return class, reason
	}
}

// guessed reports whether a server gave no enhanced code: that of the status
// field is the relay's.
func guessed(lower string) bool {
	return replyCode.MatchString(lower) && firstStatus(lower) == ""
}

func byWords(lower string) (subscribers.BounceClass, string) {
	for _, r := range rules() {
		if containsAny(lower, r.words) {
			return r.class, r.reason
		}
	}
	if containsAny(lower, []string{"recipient address rejected.", "rejected recipient"}) || onlyRejected.MatchString(lower) {
		return subscribers.BounceHard, reasonUser
	}
	return subscribers.BounceSoft, reasonUnclear
}

// onlyRejected matches a refusal of an address that gives no reason.
var onlyRejected = regexp.MustCompile(`^5\d\d[ -]<?[^\s<>@]+@[^\s<>]+>?:? rejected\.?$`)

// byStatus is what a code alone says.
func byStatus(status string) (subscribers.BounceClass, string) {
	if len(status) < 5 {
		return subscribers.BounceSoft, reasonUnclear
	}
	hard, soft := subscribers.BounceHard, subscribers.BounceSoft
	if status[0] == '4' {
		hard, soft = late(status), late(status)
	}
	switch detail := status[2:]; {
	case detail == "1.1", detail == "1.3", detail == "1.10":
		return hard, reasonUser
	case detail == "1.2", detail == "4.4":
		return hard, reasonHost
	case detail == "1.6":
		return hard, reasonMoved
	case detail == "1.7", detail == "1.8":
		return subscribers.BounceSender, reasonSender
	case detail == "2.1":
		return soft, reasonSuspended
	case detail == "2.2":
		return soft, reasonFull
	case detail == "2.3", detail == "3.4":
		return subscribers.BouncePolicy, reasonSize
	case detail == "3.2":
		return hard, reasonNoMail
	case strings.HasPrefix(detail, "3."):
		return soft, reasonSystem
	case strings.HasPrefix(detail, "4."):
		return subscribers.BouncePath, reasonPath
	case strings.HasPrefix(detail, "6."):
		return subscribers.BouncePolicy, reasonContent
	case strings.HasPrefix(detail, "7."):
		return subscribers.BouncePolicy, reasonPolicy
	default:
		return soft, reasonUnclear
	}
}

// late weighs a temporary refusal that lasted until the relay gave up: only the mailbox
// itself (RFC 3463: 4.1.1 and 4.2.x) is the reader's, all else is the path's.
func late(status string) subscribers.BounceClass {
	if status == "4.1.1" || strings.HasPrefix(status, "4.2.") {
		return subscribers.BounceSoft
	}
	return subscribers.BouncePath
}
