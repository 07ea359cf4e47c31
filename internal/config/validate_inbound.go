package config

import (
	"os"
	"regexp"
)

// topicARN is an SNS topic's name: arn:aws:sns:eu-west-1:123456789012:bounces.
var topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}$`)

func (c *Config) validateInbound() {
	in := &c.Inbound
	if in.ReadsMail() && c.Mail.BounceDomain == "" && !c.IsBroken("mail.bounce_domain") {
		key := "inbound.listen"
		switch {
		case in.Listen != "":
		case in.Maildir != "":
			key = "inbound.maildir"
		default:
			key = "inbound.pipe"
		}
		c.problemf(key, "needs mail.bounce_domain, a domain whose mail comes here: without it no mail tells which reader it is about")
	}
	c.folder("inbound.maildir", in.Maildir)
	if info, err := os.Stat(in.RelayLog); in.RelayLog != "" && err == nil && info.IsDir() {
		c.problemf("inbound.relay_log", "%s is a folder; name the relay's log, such as /var/log/mail.log", in.RelayLog)
	}
	if t := in.SES.Topic; t != "" && !topicARN.MatchString(t) {
		c.problemf("inbound.ses.topic", "%q is not the ARN of an SNS topic; write it as arn:aws:sns:eu-west-1:123456789012:bounces", t)
	}
	p := in.Postmark
	if p.Username != "" && p.Password == "" && !c.IsBroken("inbound.postmark.password_file") {
		c.problemf("inbound.postmark.username", "needs inbound.postmark.password_file")
	}
	if p.Username == "" && p.Password != "" {
		c.problemf("inbound.postmark.username", "is empty, but there is a password")
	}
	const shortest = 16 // anybody on the Internet may guess
	if p.Password != "" && len(p.Password) < shortest {
		c.problemf("inbound.postmark.password", "has %d characters; anybody may try to guess it, so take at least %d", len(p.Password), shortest)
	}
}
