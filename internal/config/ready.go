package config

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// examplePostalAddress is part of what config.yaml has where the publisher's own
// belongs.
const examplePostalAddress = "1 Example Street"

// ReadyForReaders is what keeps this list from mailing its readers, nil when
// nothing does. Such settings are right for a first look with the built-in
// mailbox; with a real relay a reader would get links that lead to the reader's
// own machine, a sender that is nobody's, or no postal address.
func (c *Config) ReadyForReaders() error {
	if c.UsesMailbox() {
		return nil
	}
	var errs []error
	fail := func(path, message string) { errs = append(errs, c.Problem(path, errors.New(message))) }
	if u, err := url.Parse(c.Site.BaseURL); err == nil && isThisMachine(u.Hostname()) {
		fail("site.base_url", c.Site.BaseURL+" is this machine, where readers' links would lead nowhere; write the address where they reach you")
	}
	if a, err := c.FromAddress(); err == nil && isThisMachine(a.Address[strings.LastIndexByte(a.Address, '@')+1:]) {
		fail("mail.from", a.Address+" is on this machine; write an address of your domain")
	}
	switch p := c.Site.PostalAddress; {
	case strings.TrimSpace(p) == "":
		fail("site.postal_address", "is empty; the law asks for one in every mail to a list")
	case strings.Contains(p, examplePostalAddress):
		fail("site.postal_address", "is the example's; write your own")
	}
	return errors.Join(errs...)
}

func isThisMachine(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback() || ip.IsUnspecified()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "localhost.localdomain"
}

// BaseIsHere reports whether site.base_url is this machine.
func (c *Config) BaseIsHere() bool {
	u, err := url.Parse(c.Site.BaseURL)
	return err == nil && isThisMachine(u.Hostname())
}
