package page

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

const policyHeader = "Content-Security-Policy"

// A Policy names what a page may use (CSP Level 3); what it does not name is
// forbidden.
type Policy struct {
	Script    string // sources of scripts
	Connect   string // where a script may ask
	Style     string // sources of style sheets and <style> elements
	StyleAttr string // of style attributes; "" as Style
	Img       string
	Frame     string // what it may show in frames
	Form      string // where its forms may go
	Ancestors string // who may show it in a frame; "" nobody
	Sandbox   string // the sandbox's permissions; "-": a sandbox with none
}

// String gives the header's value.
func (p Policy) String() string {
	var b strings.Builder
	b.WriteString("default-src 'none'")
	for _, d := range []struct{ name, sources string }{
		{"script-src", p.Script}, {"connect-src", p.Connect}, {"style-src", p.Style}, {"style-src-attr", p.StyleAttr}, {"img-src", p.Img}, {"frame-src", p.Frame},
	} {
		if d.sources != "" {
			b.WriteString("; " + d.name + " " + d.sources)
		}
	}
	b.WriteString("; frame-ancestors " + orNone(p.Ancestors) + "; base-uri 'none'; form-action " + orNone(p.Form))
	switch p.Sandbox {
	case "":
	case "-":
		b.WriteString("; sandbox")
	default:
		b.WriteString("; sandbox " + p.Sandbox)
	}
	return b.String()
}

func orNone(sources string) string {
	if sources == "" {
		return "'none'"
	}
	return sources
}

// SetPolicy gives an answer its policy.
func SetPolicy(w http.ResponseWriter, p Policy) { p.set(w.Header(), p.String()) }

func (p Policy) set(h http.Header, value string) {
	h.Set(policyHeader, value)
	if p.Ancestors == "'self'" {
		h.Set("X-Frame-Options", "SAMEORIGIN")
	} else {
		h.Set("X-Frame-Options", "DENY")
	}
}

// A Guard is what every answer of a surface says to browsers.
type Guard struct {
	Policy  Policy
	Private bool // no cache keeps an answer that does not say so, and no other site embeds one
	HSTS    bool // the surface is reached through https only (RFC 6797)
}

// Secure sets the headers that every answer has.
func (g Guard) Secure(next http.Handler) http.Handler {
	policy := g.Policy.String()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		g.Policy.set(h, policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // a token in a path must not travel on
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if g.Private {
			h.Set("Cache-Control", NoStore)
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		if g.HSTS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// StyleHashes are the sources that allow exactly the <style> elements of a
// document (CSP Level 3 §6.7.3), for a mail that is shown as a page.
func StyleHashes(document string) string {
	var sources []string
	z := html.NewTokenizer(strings.NewReader(document))
	for z.Next() != html.ErrorToken {
		if t := z.Token(); t.Type != html.StartTagToken || t.Data != "style" {
			continue
		}
		if z.Next() == html.TextToken {
			// The browser hashes the element's text, with line ends as HTML has them.
			sum := sha256.Sum256([]byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(z.Raw()))))
			sources = append(sources, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
	}
	return strings.Join(sources, " ")
}

// Frameable changes an answer's policy so that this site's own pages may show it
// in a frame, with nothing in it that runs or posts.
func Frameable(h http.Header) {
	var kept []string
	for d := range strings.SplitSeq(h.Get(policyHeader), ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(d), " ")
		switch name {
		case "script-src", "frame-ancestors", "form-action", "sandbox", "connect-src":
		default:
			kept = append(kept, strings.TrimSpace(d))
		}
	}
	kept = append(kept, "script-src 'none'", "frame-ancestors 'self'", "form-action 'none'", "sandbox allow-same-origin")
	h.Set(policyHeader, strings.Join(kept, "; "))
	h.Set("X-Frame-Options", "SAMEORIGIN")
}
