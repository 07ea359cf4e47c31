package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// validate checks what each value must satisfy by itself and together with the
// others. Cron expressions are checked by package schedule, addresses of the
// list by package subscribers.
func (c *Config) validate() []error {
	v := &validator{c: c}
	v.site()
	v.listeners()
	v.edition()
	v.mail()
	v.smtp()
	v.dkim()
	v.signup()
	return v.errs
}

type validator struct {
	c    *Config
	errs []error
}

func (v *validator) fail(path, format string, args ...any) {
	v.errs = append(v.errs, v.c.problem(path, format, args...))
}

func (v *validator) site() {
	s := &v.c.Site
	if strings.TrimSpace(s.Name) == "" {
		v.fail("site.name", "is empty; readers see it as the sender's name")
	}
	v.noControls("site.name", s.Name)
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	if err := checkURL(s.BaseURL); err != nil {
		v.fail("site.base_url", "%s; write it as https://digest.example.org", err)
	}
	if v.c.Comparisons.Feed != "" {
		if err := checkAddress(v.c.Comparisons.Feed); err != nil {
			v.fail("comparisons.feed", "%s", err)
		}
	}
	if v.c.Database == "" {
		v.fail("database", "is empty; name a file such as data/digest.db")
	} else if strings.Contains(v.c.Database, "://") {
		v.fail("database", "%s: only an SQLite file can be named in this version", v.c.Database)
	}
	if v.c.Comparisons.Dir == "" {
		v.fail("comparisons.dir", "is empty; name the folder of the comparisons")
	}
}

func (v *validator) listeners() {
	for path, addr := range map[string]string{"listen": v.c.Listen, "metrics": v.c.Metrics} {
		if addr == "" && path == "metrics" {
			continue
		}
		_, port, err := net.SplitHostPort(addr)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			v.fail(path, "%q is not HOST:PORT; write it as 127.0.0.1:8080", addr)
		}
	}
	if v.c.Metrics != "" && v.c.Metrics == v.c.Listen && !strings.HasSuffix(v.c.Listen, ":0") {
		v.fail("metrics", "is the same address as listen; metrics have a listener of their own")
	}
}

func (v *validator) edition() {
	e := v.c.Edition
	if e.Max < 1 || e.Max > 50 {
		v.fail("edition.max", "%d is not between 1 and 50", e.Max)
	}
	if e.Min < 1 || e.Min > e.Max {
		v.fail("edition.min", "%d is not between 1 and edition.max (%d)", e.Min, e.Max)
	}
	if _, err := time.LoadLocation(v.c.Schedule.Timezone); err != nil || v.c.Schedule.Timezone == "" || v.c.Schedule.Timezone == "Local" {
		v.fail("schedule.timezone", "%q is not a time zone; write it as Europe/Berlin", v.c.Schedule.Timezone)
	}
	if d := v.c.Schedule.CatchUp; d < 0 || d > 6*24*time.Hour {
		v.fail("schedule.catch_up", "%s is not between 0s and 144h: a later catch-up would meet the next week's slot", d)
	}
}

func (v *validator) mail() {
	m := v.c.Mail
	v.address("mail.from", m.From)
	if m.ReplyTo != "" {
		v.address("mail.reply_to", m.ReplyTo)
	}
	for i, e := range v.c.Editors {
		if _, err := mail.ParseAddress(e); err != nil {
			v.fail("editors", "number %d, %q, is not an address", i+1, e)
		}
	}
	if m.BounceDomain != "" && strings.ContainsAny(m.BounceDomain, "@ <>") {
		v.fail("mail.bounce_domain", "%q is not a domain", m.BounceDomain)
	}
	v.noControls("mail.list_id", m.ListID)
}

func (v *validator) address(path, s string) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		v.fail(path, "%q is not an address; write it as Name <name@example.org>", s)
		return
	}
	v.noControls(path, a.Name)
}

func (v *validator) noControls(path, s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }) {
		v.fail(path, "has a line break or control character in it")
	}
}

func (v *validator) smtp() {
	s := v.c.SMTP
	if s.Host == "" {
		v.fail("smtp.host", "is empty; name the relay, or %s for the built-in mailbox", MailboxHost)
	}
	if s.Port < 0 || s.Port > 65535 {
		v.fail("smtp.port", "%d is not a port", s.Port)
	}
	if s.Connections < 1 || s.Connections > 500 {
		v.fail("smtp.connections", "%d is not between 1 and 500", s.Connections)
	}
	for path, n := range map[string]float64{"smtp.rate": s.Rate, "smtp.domain_rate": s.DomainRate, "smtp.per_domain": float64(s.PerDomain), "smtp.messages_per_session": float64(s.PerSession)} {
		if n < 0 {
			v.fail(path, "is below 0; 0 means no limit")
		}
	}
	if s.GiveUp <= 0 {
		v.fail("smtp.give_up", "%s is not a time; write it as 2m", s.GiveUp)
	}
	for _, n := range s.WarmUp {
		if n < 1 {
			v.fail("smtp.warm_up", "%d is not a number of messages a day", n)
		}
	}
	if _, err := time.Parse(time.DateOnly, s.WarmUpStart); err != nil && (s.WarmUpStart != "" || len(s.WarmUp) > 0) {
		v.fail("smtp.warm_up_start", "%q is not the day of the first limit; write it as 2026-11-23", s.WarmUpStart)
	}
	if s.Username != "" && s.Password == "" {
		v.fail("smtp.username", "needs smtp.password_file")
	}
	if s.Username == "" && s.Password != "" {
		v.fail("smtp.username", "is empty, but there is a password")
	}
	if s.Username != "" && s.TLS == TLSNone {
		v.fail("smtp.tls", "none would send the password in the clear; use starttls or implicit")
	}
	if s.Host == MailboxHost && (s.Username != "" || s.Port != 0) {
		v.fail("smtp.host", "the built-in mailbox takes no port and no password; name your relay")
	}
}

func (v *validator) dkim() {
	d := v.c.DKIM
	v.together("dkim", []string{"domain", "selector", "key_file"}, d.Domain, d.Selector, d.KeyFile)
	v.together("dkim", []string{"selector2", "key_file2"}, d.Selector2, d.KeyFile2)
	if d.Selector2 != "" && d.Selector == "" {
		v.fail("dkim.selector2", "is for a second key; set dkim.selector first")
	}
	if d.Selector2 != "" && d.Selector2 == d.Selector {
		v.fail("dkim.selector2", "is the same as dkim.selector")
	}
}

// together fails when some of the keys are set and others are not.
func (v *validator) together(section string, keys []string, values ...string) {
	var missing, set []string
	for i, value := range values {
		if value == "" {
			missing = append(missing, section+"."+keys[i])
		} else {
			set = append(set, section+"."+keys[i])
		}
	}
	if len(missing) > 0 && len(set) > 0 {
		v.fail(set[0], "needs %s too", strings.Join(missing, " and "))
	}
}

func (v *validator) signup() {
	for _, o := range v.c.Signup.AllowedOrigins {
		u, err := url.Parse(o)
		if err != nil || checkURL(o) != nil || u.Scheme+"://"+u.Host != o {
			v.fail("signup.allowed_origins", "%q is not an origin; write it as https://www.example.org", o)
		}
	}
}

// checkURL checks a base address, to which paths are added.
func checkURL(s string) error {
	if u, err := url.Parse(s); err == nil && (u.RawQuery != "" || u.Fragment != "") {
		return fmt.Errorf("%q has a query or fragment, which a base address cannot have", s)
	}
	return checkAddress(s)
}

func checkAddress(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a URL", s)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q does not start with https:// or http://", s)
	case u.Host == "" || u.User != nil:
		return fmt.Errorf("%q is not the address of a site", s)
	}
	return nil
}
