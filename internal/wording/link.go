package wording

import (
	"net/url"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// Link gives raw as an absolute http or https address in the one spelling that
// pages, both parts of a mail and their checks share (comparison.NormalURL). It
// is false for anything else, and for an address with a user or a password in
// it; the empty string is "" and true.
func Link(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", true
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return comparison.NormalURL(raw), true
}
