package check

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/mergefield"
)

// links checks where the links lead, without following them.
func (r *report) links(d *document, m Mail) {
	var broken, plain, spoofed []defect
	unsubscribe := false
	base := strings.TrimRight(m.Site.BaseURL, "/")
	anchors := d.links()
	for _, n := range anchors {
		href := attr(n, "href")
		if name, within := strings.CutPrefix(href, "#"); within && d.target(name) {
			continue
		}
		if why := linkDefect(href); why != "" {
			broken = append(broken, at(n, place(n)+" "+why))
			continue
		}
		if strings.HasPrefix(strings.ToLower(href), "http:") && !isLocal(href) {
			plain = append(plain, at(n, place(n)+" goes by plain http: "+href))
		}
		if why := linkSpoofs(n, href); why != "" {
			spoofed = append(spoofed, at(n, why))
		}
		if href == base+"/unsubscribe/"+string(mergefield.Token) {
			unsubscribe = true
		}
	}
	r.addAll("links.syntax", Fail, broken, "write whole https addresses", "%d links, each a whole address", len(anchors))
	r.addAll("links.https", Warn, plain, "write https where the place has it; what goes by http can be read and changed on the way", "no link goes by plain http, but for those to this machine")
	r.addAll("links.spoofing", Warn, spoofed, "let the text name the place that the link leads to", "no link's text names another place")
	r.addAll("links.duplicate", Warn, duplicateLinks(anchors), "check the url of both", "no two different links lead to one address")
	if unsubscribe {
		r.addPass("links.unsubscribe", "the unsubscribe link carries the reader's token")
	} else {
		r.addFail("links.unsubscribe", "put a link to /unsubscribe/ and the token into the template", "the mail has no unsubscribe link with the reader's token")
	}
	r.addAll("links.remote", Warn, says(remoteDefects(d)...), "leave images and remote resources out: many readers never load them", "nothing is loaded from elsewhere, no tracking pixel")
}

// links gives the anchors that lead somewhere.
func (d *document) links() []*html.Node {
	var out []*html.Node
	for _, n := range d.named("a", "area") {
		if _, ok := lookup(n, "href"); ok {
			out = append(out, n)
		}
	}
	return out
}

// target reports whether an element has the name that a link within the mail
// leads to.
func (d *document) target(name string) bool {
	return name != "" && slices.ContainsFunc(d.elements, func(n *html.Node) bool {
		return attr(n, "id") == name || n.Data == "a" && attr(n, "name") == name
	})
}

func linkDefect(href string) string {
	u, err := url.Parse(href)
	switch {
	case strings.HasPrefix(href, "#") && href != "#":
		return "leads to " + href + ", which is not in the mail"
	case href == "" || href == "#":
		return "leads nowhere"
	case err != nil:
		return "has an address that cannot be parsed: " + href
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		return ""
	case u.Scheme != "http" && u.Scheme != "https":
		return "has no http or https address: " + href
	case u.Hostname() == "":
		return "has no host: " + href
	case u.User != nil:
		return "has a user or a password in its address"
	}
	return ""
}

// linkSpoofs finds what phishing does and filters punish: a text that is
// another host's address, and a host whose name mixes scripts.
func linkSpoofs(n *html.Node, href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return ""
	}
	if mixed(u.Hostname()) {
		return "the host " + u.Hostname() + " mixes scripts"
	}
	text := textOf(n)
	shown, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \t") {
		return ""
	}
	if shown.Host == "" && strings.HasPrefix(strings.ToLower(text), "www.") {
		shown, err = url.Parse("https://" + text)
	}
	if err != nil || shown.Host == "" || strings.EqualFold(shown.Hostname(), u.Hostname()) {
		return ""
	}
	return place(n) + " leads to " + u.Hostname()
}

// duplicateLinks finds addresses behind links with different texts, as when the
// url of one tool was copied to another. An address spelled out beside its
// button is no such thing, nor are the reader's own links, which no url makes.
func duplicateLinks(anchors []*html.Node) []defect {
	var out []defect
	first := map[string]*html.Node{}
	told := map[string]bool{}
	for _, n := range anchors {
		href := attr(n, "href")
		other, seen := first[href]
		if !seen {
			first[href] = n
			continue
		}
		a, b := textOf(other), textOf(n)
		if a == b || a == href || b == href || told[href] || strings.Contains(href, mergefield.Prefix) {
			continue
		}
		told[href] = true
		out = append(out, at(n, place(other)+" and "+place(n)+" lead to "+href))
	}
	return out
}

// isLocal reports whether an address names this machine.
func isLocal(href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func remoteDefects(d *document) []string {
	var out []string
	for _, n := range d.elements {
		for _, key := range []string{"src", "background", "srcset"} {
			if v := attr(n, key); strings.HasPrefix(v, "http") || strings.HasPrefix(v, "//") {
				out = append(out, n.Data+" loads "+v)
			}
		}
		if n.Data == "link" && strings.EqualFold(attr(n, "rel"), "stylesheet") {
			out = append(out, "link loads "+attr(n, "href"))
		}
		if style := strings.ToLower(attr(n, "style")); strings.Contains(style, "url(") {
			out = append(out, place(n)+" loads a resource of its style")
		}
	}
	return out
}
