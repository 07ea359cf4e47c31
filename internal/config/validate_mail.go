package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

func (c *Config) validateMail() {
	m := &c.Mail
	c.address("mail.from", &m.From)
	if m.ReplyTo != "" {
		c.address("mail.reply_to", &m.ReplyTo)
	}
	for i := range c.Editors {
		a, err := mailAddress(c.Editors[i])
		if err != nil {
			c.problemf("editors", "number %d: %s", i+1, err)
			continue
		}
		c.Editors[i] = a
	}
	c.domain("mail.bounce_domain", &m.BounceDomain)
	if m.ListID != "" {
		id, err := listID(m.ListID)
		if err != nil {
			c.problemf("mail.list_id", "%s", err)
			return
		}
		c.oneLine("mail.list_id", id)
		m.ListID = id
	}
}

func (c *Config) address(path string, value *string) {
	a, err := mailAddress(*value)
	if err != nil {
		c.problemf(path, "%s", err)
		return
	}
	c.oneLine(path, a)
	*value = a
}

func (c *Config) validateSMTP() {
	s := &c.SMTP
	c.relayHost("smtp.host", "smtp.port", "smtp.tls", &s.Host)
	if s.Port < 0 || s.Port > 65535 {
		c.problemf("smtp.port", "%d is not a port", s.Port)
	}
	if !s.Connections.valid() {
		c.problemf("smtp.connections", "%d is not between 1 and 500, nor auto", s.Connections)
	}
	for _, n := range []struct {
		path string
		n    float64
	}{{"smtp.rate", s.Rate}, {"smtp.domain_rate", s.DomainRate}, {"smtp.per_domain", float64(s.PerDomain)}, {"smtp.messages_per_session", float64(s.PerSession)}} {
		if n.n < 0 {
			c.problemf(n.path, "is below 0; 0 means no limit")
		}
	}
	if s.GiveUp <= 0 {
		c.problemf("smtp.give_up", "%s is not a time; write it as 2m", s.GiveUp)
	}
	for _, n := range s.WarmUp {
		if n < 1 {
			c.problemf("smtp.warm_up", "%d is not a number of messages a day", n)
		}
	}
	if _, err := time.Parse(time.DateOnly, s.WarmUpStart); err != nil && (s.WarmUpStart != "" || len(s.WarmUp) > 0) {
		c.problemf("smtp.warm_up_start", "%q is not the day of the first limit; write it as 2026-11-23", s.WarmUpStart)
	}
	for _, p := range s.SendingAddresses {
		if !p.IsSingleIP() {
			c.problemf("smtp.sending_addresses", "%s is a network; list the addresses", p)
		}
	}
	c.validateLogin()
	c.validateRelays()
	if s.HELO != "" && !strings.HasPrefix(s.HELO, "[") {
		c.domain("smtp.helo", &s.HELO)
	}
}

func (c *Config) validateLogin() {
	s := c.SMTP
	if s.Username != "" && s.Password == "" && !c.IsBroken("smtp.password_file") {
		c.problemf("smtp.username", "needs smtp.password_file")
	}
	if s.Username == "" && s.Password != "" {
		c.problemf("smtp.username", "is empty, but there is a password")
	}
	if s.Username != "" && s.TLS == TLSNone {
		c.problemf("smtp.tls", "none would send the password in the clear; use starttls or implicit")
	}
	if s.Host == MailboxHost && (s.Username != "" || s.Port != 0) {
		c.problemf("smtp.host", "the built-in mailbox takes no port and no password; name your relay")
	}
}

// relayHost wants a host alone: its port and its TLS have settings of their own.
func (c *Config) relayHost(at, portAt, tlsAt string, value *string) {
	h := strings.TrimSpace(*value)
	if bare, ok := strings.CutPrefix(h, "["); ok {
		h = strings.TrimSuffix(bare, "]")
	}
	if strings.EqualFold(h, MailboxHost) {
		h = MailboxHost
	}
	host, port, err := net.SplitHostPort(*value)
	_, notIP := netip.ParseAddr(h)
	scheme, rest, isURL := strings.Cut(h, "://")
	ascii, isHost := asciiHost(h)
	switch {
	case h == "":
		c.problemf(at, "is empty; name the relay, or %s for the built-in mailbox", MailboxHost)
	case isURL:
		host, port, err := net.SplitHostPort(strings.TrimRight(rest, "/"))
		if err != nil {
			host, port = strings.TrimRight(rest, "/"), ""
		}
		advice := "write " + at + ": " + host
		if port != "" {
			advice += " and " + portAt + ": " + port
		}
		if strings.EqualFold(scheme, "smtps") {
			advice += ", with " + tlsAt + ": implicit"
		}
		c.problemf(at, "%q is a URL; %s", h, advice)
	case err == nil && notIP != nil && isPort(port):
		c.problemf(at, "%q has a port; write %s: %s and %s: %s", *value, at, host, portAt, port)
	case !isHost:
		c.problemf(at, "%q is not a host; write it as smtp.example.org", c.SMTP.Host)
	default:
		*value = ascii
	}
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}
