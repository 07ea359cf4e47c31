package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// validate checks what each value must satisfy by itself and together with the
// others, and gives names their one form: hosts and domains in ASCII (RFC 5891),
// no slash behind the base address. It refuses what a later step would refuse,
// so that a check of the settings is worth something. Cron expressions are
// checked by package schedule.
func (c *Config) validate() {
	c.validateSite()
	c.validateContent()
	c.validateListeners()
	c.validateNode()
	c.validateEdition()
	c.validateMail()
	c.validateSMTP()
	c.validateDKIM()
	c.validateInbound()
	c.validateSignup()
}

func (c *Config) validateSite() {
	s := &c.Site
	const longest = 200 // it goes into header fields
	switch {
	case strings.TrimSpace(s.Name) == "":
		c.problemf("site.name", "is empty; readers see it as the sender's name")
	case len([]rune(s.Name)) > longest:
		c.problemf("site.name", "has %d characters; at most %d", len([]rune(s.Name)), longest)
	}
	c.oneLine("site.name", s.Name)
	base, err := baseURL(s.BaseURL)
	if err != nil {
		c.problemf("site.base_url", "%s; write it as https://digest.example.org", err)
		return
	}
	s.BaseURL = base
}

func (c *Config) validateContent() {
	if c.Comparisons.Feed != "" {
		u, err := webAddress(c.Comparisons.Feed)
		if err != nil {
			c.problemf("comparisons.feed", "%s", err)
		} else {
			c.Comparisons.Feed = u.String()
		}
	}
	c.validateDatabase()
	if !c.UsesServer() {
		c.folder("database", filepath.Dir(c.Database))
	}
	c.folder("data", c.Data)
	c.validateBackup()
	c.folder("comparisons.dir", c.Comparisons.Dir)
	if c.Comparisons.Dir == "" {
		c.problemf("comparisons.dir", "is empty; name the folder of the comparisons")
	}
	c.folder("templates", c.Templates)
}

// folder refuses a file in the place of a folder. One that is not there is for
// the commands that need it to say.
func (c *Config) folder(path, name string) {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		c.problemf(path, "%s is a file, not a folder", name)
	}
}

func (c *Config) validateListeners() {
	for _, l := range c.listeners() {
		if l.addr == "" && l.key != "listen" {
			continue
		}
		_, port, err := net.SplitHostPort(l.addr)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			c.problemf(l.key, "%q is not HOST:PORT; write it as 127.0.0.1:8080", l.addr)
		}
	}
	if c.Metrics != "" && c.Metrics == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
		c.problemf("metrics", "is the same address as listen; metrics have a listener of their own")
	}
	if l := c.Inbound.Listen; l != "" && !strings.HasSuffix(l, ":0") && (l == c.Listen || l == c.Metrics) {
		c.problemf("inbound.listen", "is the address of another listener; mail needs one of its own, such as 127.0.0.1:2525")
	}
}

func (c *Config) validateEdition() {
	e := c.Edition
	if e.Max < 1 || e.Max > 50 {
		c.problemf("edition.max", "%d is not between 1 and 50", e.Max)
	}
	if e.Min < 1 || e.Max > 0 && e.Min > e.Max { // an edition.max that cannot be read is told above
		c.problemf("edition.min", "%d is not between 1 and edition.max (%d)", e.Min, e.Max)
	}
	if e.Approvals < 1 || e.Approvals > 9 {
		c.problemf("edition.approvals", "%d is not between 1 and 9", e.Approvals)
	}
	if e.Approvals > 1 && e.Approval != ApprovalRequired {
		c.problemf("edition.approvals", "%d editors have to approve, but edition.approval is %s; set it to required", e.Approvals, e.Approval)
	}
	if v := c.Votes; v.Least < 1 {
		c.problemf("votes.least", "%d is not at least 1", v.Least)
	} else if v.Close < 0 {
		c.problemf("votes.close", "%s is below 0; 0 lets voting go on for ever", v.Close)
	}
	if _, err := time.LoadLocation(c.Schedule.Timezone); err != nil || c.Schedule.Timezone == "" || c.Schedule.Timezone == "Local" {
		c.problemf("schedule.timezone", "%q is not a time zone; write it as Europe/Berlin", c.Schedule.Timezone)
	}
	if n := c.Canary.Readers; n < 0 || n > canaryMost {
		c.problemf("canary.readers", "%d is not between 0 and %d", n, canaryMost)
	}
	if d := c.Canary.Wait; d < 0 || d > 24*time.Hour {
		c.problemf("canary.wait", "%s is not between 0 and 24h", d)
	}
	if d := c.Schedule.CatchUp; d < 0 || d > 6*24*time.Hour {
		c.problemf("schedule.catch_up", "%s is not between 0s and 144h: a later catch-up would overlap the next week's slot", d)
	}
}

func (c *Config) validateDKIM() {
	d := &c.DKIM
	c.together("dkim", []string{"domain", "selector", "key_file"}, d.Domain, d.Selector, d.KeyFile)
	c.together("dkim", []string{"selector2", "key_file2"}, d.Selector2, d.KeyFile2)
	if d.Selector2 != "" && d.Selector == "" {
		c.problemf("dkim.selector2", "is for a second key; set dkim.selector first")
	}
	if d.Selector2 != "" && strings.EqualFold(d.Selector2, d.Selector) {
		c.problemf("dkim.selector2", "is the same as dkim.selector")
	}
	c.domain("dkim.domain", &d.Domain)
	for _, s := range []struct{ path, selector string }{{"dkim.selector", d.Selector}, {"dkim.selector2", d.Selector2}} {
		if s.selector != "" && !isDomain(s.selector) {
			c.problemf(s.path, "%q is not a selector; use letters, digits and hyphens", s.selector)
		}
	}
}

// DKIMNames checks a signing domain and a selector before there is a setting of
// them, and gives the domain's ASCII form.
func DKIMNames(domain, selector string) (string, error) {
	ascii, ok := asciiHost(domain)
	if !ok || !isDomain(ascii) {
		return "", fmt.Errorf("%q is not a domain; write it as example.org", domain)
	}
	if !isDomain(selector) {
		return "", fmt.Errorf("%q is not a selector; use letters, digits and hyphens", selector)
	}
	return ascii, nil
}

// together fails when some of the keys are set and others are not.
func (c *Config) together(section string, keys []string, values ...string) {
	var missing, set []string
	for i, value := range values {
		if value == "" {
			missing = append(missing, section+"."+keys[i])
		} else {
			set = append(set, section+"."+keys[i])
		}
	}
	if len(missing) > 0 && len(set) > 0 {
		c.problemf(set[0], "needs %s too", strings.Join(missing, " and "))
	}
}

func (c *Config) validateSignup() {
	for key, n := range map[string]int{
		"per_address": c.Signup.PerAddress, "per_network": c.Signup.PerNetwork, "per_domain": c.Signup.PerDomain,
		"per_hour": c.Signup.PerHour, "guesses": c.Signup.Guesses, "surge_floor": c.Signup.SurgeFloor,
	} {
		if n < 0 {
			c.problemf("signup."+key, "%d is below 0; write a number an hour, or 0 for no limit", n)
		}
	}
	for i, o := range c.Signup.AllowedOrigins {
		u, err := webAddress(o)
		if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			c.problemf("signup.allowed_origins", "%q is not an origin; write scheme and host, such as https://www.example.org", o)
			continue
		}
		c.Signup.AllowedOrigins[i] = browserOrigin(u)
	}
}

// oneLine refuses what would end a header's line or hide in it.
func (c *Config) oneLine(path, s string) {
	if strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	}) {
		c.problemf(path, "has a line break or an invisible control character; type it again")
	}
}

// baseURL gives the address to which paths are added its one form.
func baseURL(s string) (string, error) {
	u, err := webAddress(s)
	switch {
	case err != nil:
		return "", err
	case u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(s, "?#"):
		return "", fmt.Errorf("%q has a query or fragment, which a base address cannot have", s)
	}
	const longest = 300 // a token and a slug follow, in a header's line
	out := strings.TrimRight(u.String(), "/")
	if len(out) > longest {
		return "", fmt.Errorf("has %d characters, at most %d", len(out), longest)
	}
	return out, nil
}

// browserOrigin is a URL's scheme, host and port as browsers write them.
func browserOrigin(u *url.URL) string {
	host := u.Host
	switch {
	case u.Scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	case u.Scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host
}

// canaryMost is how many readers a first part may have: more is no first part.
const canaryMost = 10_000
