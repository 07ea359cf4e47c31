package refusal

import (
	"slices"
	"strings"
	"testing"
)

// Replies as the providers give them.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reply    string
		provider string // "": not explained
		fault    Fault
		check    string // one that proves it
	}{
		{"421 4.7.23 [192.0.2.1] The IP address sending this message does not have a PTR record, or the PTR record's forward DNS entry does not match - gsmtp", "Gmail", Setup, "ptr"},
		{"550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record - gsmtp", "Gmail", Setup, "ptr"},
		{"451 4.7.23 SPF validation failed", "any", Setup, "spf"},
		{"421 4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM - gsmtp", "Gmail", Setup, "dkim"},
		{"550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy - gsmtp", "Gmail", Setup, "dmarc"},
		{"421 4.7.27 This mail has been rate limited because SPF does not pass - gsmtp", "Gmail", Setup, "spf"},
		{"421 4.7.28 Gmail has detected an unusual rate of mail originating from your SPF domain - gsmtp", "Gmail", Reputation, ""},
		{"421 4.7.29 This mail was not sent over a TLS connection - gsmtp", "Gmail", Setup, "smtp"},
		{"421 4.7.30 This mail has been rate limited because DKIM does not pass - gsmtp", "Gmail", Setup, "dkim"},
		{"550 5.7.30 This mail has been blocked because DKIM does not pass - gsmtp", "Gmail", Setup, "dkim"},
		{"421 4.7.32 There's no DMARC alignment: From header doesn't match the authenticated domain - gsmtp", "Gmail", Setup, "alignment"},
		{"550 5.7.40 There is no DMARC record, or no policy - gsmtp", "Gmail", Setup, "dmarc"},
		{"550 5.4.5 Daily sending limit exceeded - gsmtp", "Gmail", Account, ""},
		{"550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level", "Microsoft", Setup, "dmarc"},
		{"550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification", "Microsoft", Setup, "alignment"},
		{"554 5.2.252 SendAsDenied; x not allowed to send as y", "Microsoft", Account, ""},
		{"550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "Microsoft", Reputation, ""},
		{"550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3140)", "Microsoft", Reputation, ""},
		{"451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation (RP-001)", "Microsoft", Reputation, ""},
		{"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1", "Yahoo", Reputation, ""},
		{"554 5.7.9 Message not accepted for policy reasons", "Yahoo", Reputation, ""},
		{"554 [PH01] Message not accepted for policy reasons", "Yahoo", Message, ""},
		{"550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137", "Apple", Message, ""},
		{"421 4.7.1 Messages to x@icloud.com deferred due to excessive volume. Try again later", "Apple", Rate, ""},
		{"554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1", "Amazon SES", Account, "smtp"},
		{"454 Throttling failure: Maximum sending rate exceeded.", "Amazon SES", Rate, ""},
		{"454 Throttling failure: Daily message quota exceeded.", "Amazon SES", Account, ""},
		{"550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved", "SendGrid", Account, ""},
		{"451 Authentication failed: Maximum credits exceeded", "SendGrid", Account, ""},
		{"421 Domain example.org is not allowed to send: the domain is unverified", "Mailgun", Account, ""},
		{"550 5.7.1 Sender signature not found. The From address is not confirmed", "Postmark", Account, ""},
		{"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "Spamhaus", Reputation, ""},
		{"554 5.7.1 <reader@example.net>: Relay access denied", "Postfix", Account, "smtp"},
		{"450 4.7.1 Session encryption is required", "Postfix", Setup, "smtp"},
		{"550 5.7.1 Account may not send", "Postmark", Account, ""},
		{"553 5.7.1 <a@b.example>: Sender address rejected: not owned by user c", "Postfix", Account, "smtp"},
		{"450 4.1.8 <a@b.example>: Sender address rejected: Domain not found", "Postfix", Setup, "bounce-mx"},
		{"550 relay not permitted", "Exim", Account, "smtp"},
		{"550 5.1.1 no such user", "", "", ""},
		{"451 4.3.0 try later", "", "", ""},
		{"250 2.0.0 OK [TSS04]", "", "", ""},
		{"", "", "", ""},
	} {
		r, ok := ExplainLine(tt.reply)
		if !ok {
			r = Row{}
		}
		if r.Provider != tt.provider || r.Fault != tt.fault || tt.check != "" && !slices.Contains(r.Checks, tt.check) {
			t.Errorf("%q: got %s, %s, %v, want %s, %s, %s", tt.reply, r.Provider, r.Fault, r.Checks, tt.provider, tt.fault, tt.check)
		}
	}
}

// The table is whole: each row says everything, and none is hidden by one before it.
func TestTable(t *testing.T) {
	t.Parallel()
	list, err := parse(table)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 60 {
		t.Errorf("got %d rows, want some 60", len(list))
	}
	faults := []Fault{Setup, Account, Reputation, Rate, Message, Reader, Server}
	checks := []string{"spf", "dkim", "dmarc", "alignment", "bounce-mx", "ptr", "helo", "smtp"}
	keys := map[string]bool{}
	for i, r := range list {
		if r.Meaning == "" || r.Action == "" || !strings.HasPrefix(r.Source, "https://") || len(r.Date) != 7 || strings.HasSuffix(r.Meaning, ".") {
			t.Errorf("%s: got %+v, want all of it", r.Key(), r)
		}
		if !slices.Contains(faults, r.Fault) || !slices.Contains([]Then{Nothing, Tell, Pause}, r.Then) || !strings.ContainsRune("45*", rune(r.class)) {
			t.Errorf("%s: got fault %q, then %q, class %c", r.Key(), r.Fault, r.Then, r.class)
		}
		for _, c := range r.Checks {
			if !slices.Contains(checks, c) {
				t.Errorf("%s: got a check %q that doctor has not", r.Key(), c)
			}
		}
		if r.Fault == Setup && len(r.Checks) == 0 {
			t.Errorf("%s: got no check for what is set up wrong", r.Key())
		}
		if keys[r.Key()] {
			t.Errorf("%s: got the key twice", r.Key())
		}
		keys[r.Key()] = true
		codes := r.codes
		if len(codes) == 0 {
			codes = []string{""}
		}
		for _, code := range codes {
			class := r.class
			if class == '*' {
				class = '5'
			}
			for k := range list {
				if list[k].fits(class, code, strings.Join(r.words, " ")) {
					if k != i && list[k].Provider != "any" {
						t.Errorf("%s: hidden by %s", r.Key(), list[k].Key())
					}
					break
				}
			}
		}
	}
}
