package config

import (
	"fmt"
	"slices"
	"strings"
)

// A Relay is one of several mail servers.
type Relay struct {
	Name         string   `yaml:"name"` // "": its host
	Host         string   `yaml:"host"`
	Port         int      `yaml:"port"`
	TLS          TLSMode  `yaml:"tls"` // "": smtp.tls
	Username     string   `yaml:"username"`
	PasswordFile string   `yaml:"password_file"`
	CAFile       string   `yaml:"ca_file"`
	Weight       int      `yaml:"weight"`      // its share of the connections beside the others'; 0: 1
	Connections  Sessions `yaml:"connections"` // 0: smtp.connections
	Rate         float64  `yaml:"rate"`        // messages a second, of each node; 0: no limit

	password string // from PasswordFile
}

// Password is what its file holds.
func (r Relay) Password() string { return r.password }

// UsesMailbox reports whether the built-in mailbox is the mail server.
func (c *Config) UsesMailbox() bool { return c.SMTP.Host == MailboxHost && len(c.SMTP.Relays) == 0 }

// MailboxUsed is the built-in mailbox's folder; "": another mail server is used.
func (c *Config) MailboxUsed() string {
	if c.UsesMailbox() {
		return c.MailboxDir()
	}
	return ""
}

// Relay names the mail server for people, or the servers.
func (c *Config) Relay() string {
	switch {
	case len(c.SMTP.Relays) > 0:
		var names []string
		for _, r := range c.SMTP.Relays {
			names = append(names, hostPort(r.Host, r.Port))
		}
		return fmt.Sprintf("%d relays: %s", len(names), strings.Join(names, ", "))
	case c.UsesMailbox():
		return "the built-in mailbox: nothing leaves this machine"
	}
	return fmt.Sprintf("%s (TLS: %s)", hostPort(c.SMTP.Host, c.SMTP.Port), c.SMTP.TLS)
}

func hostPort(host string, port int) string {
	if port != 0 {
		return fmt.Sprintf("%s:%d", host, port)
	}
	return host
}

// Connections is how many sessions are open at once, at most, over all relays.
func (c *Config) Connections() (n int) {
	for _, r := range c.SMTP.Relays {
		n += r.Connections.Most()
	}
	if n == 0 {
		return c.SMTP.Connections.Most()
	}
	return n
}

func (c *Config) validateRelays() {
	list, s := c.SMTP.Relays, &c.SMTP
	for _, one := range []struct { // what goes with one host
		key string
		set bool
	}{
		{"host", s.Host != MailboxHost}, {"port", s.Port != 0}, {"username", s.Username != ""},
		{"password", s.Password != ""}, {"ca_file", s.CAFile != ""},
	} {
		if one.set && len(list) > 0 {
			c.problemf("smtp."+one.key, "smtp.relays is set too; keep one of the two")
		}
	}
	var names []string
	for i := range list {
		r, at := &list[i], fmt.Sprintf("smtp.relays[%d]", i)
		c.validateRelay(r, at)
		if slices.Contains(names, r.Name) {
			c.problemf(at+".name", "%q is another relay's name too; give each its own", r.Name)
		}
		names = append(names, r.Name)
	}
}

// validateRelay checks one relay and fills in what it does not say.
func (c *Config) validateRelay(r *Relay, at string) {
	c.relayHost(at+".host", at+".port", at+".tls", &r.Host)
	if r.Host == MailboxHost {
		c.problemf(at+".host", "the built-in mailbox cannot be one relay among others")
	}
	if r.Port < 0 || r.Port > 65535 {
		c.problemf(at+".port", "%d is not a port", r.Port)
	}
	if r.Name == "" {
		r.Name = r.Host
	}
	if strings.ContainsFunc(r.Name, func(c rune) bool { return c <= ' ' || c > '~' }) || len(r.Name) > 60 {
		c.problemf(at+".name", "%q is not a name of at most 60 letters, digits and signs without spaces", r.Name)
	}
	if r.TLS == "" {
		r.TLS = c.SMTP.TLS
	}
	if r.Connections == 0 {
		r.Connections = c.SMTP.Connections
	}
	if !r.Connections.valid() {
		c.problemf(at+".connections", "%d is not between 1 and 500, nor auto", r.Connections)
	}
	if r.Weight == 0 {
		r.Weight = 1
	}
	if r.Weight < 0 || r.Weight > 1000 {
		c.problemf(at+".weight", "%d is not between 1 and 1000", r.Weight)
	}
	if r.Rate < 0 {
		c.problemf(at+".rate", "is below 0; 0 means no limit")
	}
	c.relayLogin(r, at)
}

func (c *Config) relayLogin(r *Relay, at string) {
	if (r.Username == "") != (r.PasswordFile == "") {
		c.problemf(at+".username", "goes with %s.password_file, and that with it", at)
	}
	if r.Username != "" && r.TLS == TLSNone {
		c.problemf(at+".tls", "none would send the password in the clear; use starttls or implicit")
	}
}

// relaySecrets reads the relays' passwords.
func (c *Config) relaySecrets() {
	for i := range c.SMTP.Relays {
		r := &c.SMTP.Relays[i]
		c.secret(fmt.Sprintf("smtp.relays[%d].password_file", i), "", r.PasswordFile, &r.password)
	}
}

// relayFiles are the files that the relays' settings name.
func (c *Config) relayFiles() (files []*string) {
	for i := range c.SMTP.Relays {
		r := &c.SMTP.Relays[i]
		files = append(files, &r.PasswordFile, &r.CAFile)
	}
	return files
}
