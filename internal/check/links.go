package check

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/slot"
)

// links checks where the links lead, without following them.
func (r *report) links(d *document, m Mail) {
	var broken, plain []string
	unsubscribe := false
	base := strings.TrimRight(m.Site.BaseURL, "/")
	for _, n := range d.named("a") {
		href, ok := lookup(n, "href")
		if !ok {
			continue
		}
		if why := linkDefect(href); why != "" {
			broken = append(broken, place(n)+" "+why)
			continue
		}
		if strings.HasPrefix(href, "http:") && !isLocal(href) {
			plain = append(plain, place(n)+" leads to "+href)
		}
		if href == base+"/unsubscribe/"+string(slot.Token) {
			unsubscribe = true
		}
	}
	r.all("links.syntax", Fail, broken, "write whole https addresses", "%d links, each a whole address", len(d.named("a")))
	r.all("links.https", Warn, plain, "link by https", "no link leaves by plain http")
	if unsubscribe {
		r.pass("links.unsubscribe", "the unsubscribe link carries the reader's token")
	} else {
		r.fail("links.unsubscribe", "put a link to /unsubscribe/ and the token into the template", "the mail has no unsubscribe link with the reader's token")
	}
	r.all("links.remote", Warn, remoteDefects(d), "leave images and remote resources out: many readers never load them", "nothing is loaded from elsewhere, no tracking pixel")
}

func linkDefect(href string) string {
	u, err := url.Parse(href)
	switch {
	case href == "" || href == "#":
		return "leads nowhere"
	case err != nil:
		return "has an address that cannot be parsed: " + href
	case u.Scheme == "mailto":
		return ""
	case u.Scheme != "http" && u.Scheme != "https":
		return "has no http or https address: " + href
	case u.Host == "":
		return "has no host: " + href
	case u.User != nil:
		return "has a password or user in its address: " + href
	}
	return ""
}

func isLocal(href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

func remoteDefects(d *document) []string {
	var out []string
	for _, n := range d.elements {
		for _, key := range []string{"src", "background", "srcset"} {
			if v := attr(n, key); strings.HasPrefix(v, "http") || strings.HasPrefix(v, "//") {
				out = append(out, n.Data+" loads "+v)
			}
		}
		if n.Data == "link" && n.Type == html.ElementNode && attr(n, "rel") == "stylesheet" {
			out = append(out, "link loads "+attr(n, "href"))
		}
	}
	return out
}
