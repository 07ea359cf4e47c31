package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// origins decides which sites' pages may post a sign-up. A client that is not
// a browser sends no Origin and is not held up: there is no session to abuse.
type origins struct {
	allowed map[string]bool
	protect *http.CrossOriginProtection
	// nullOK: over plain http to a host that is not loopback, browsers send no
	// Sec-Fetch-Site, and because of our Referrer-Policy they send "Origin: null"
	// even from our own form (Fetch, "append a request Origin header").
	nullOK bool
}

func newOrigins(base *url.URL, allowed []string) (*origins, error) {
	o := &origins{allowed: make(map[string]bool), protect: http.NewCrossOriginProtection()}
	if err := o.protect.AddTrustedOrigin(base.Scheme + "://" + strings.ToLower(base.Host)); err != nil {
		return nil, fmt.Errorf("site.base_url: %w", err)
	}
	for _, a := range allowed {
		a = strings.ToLower(strings.TrimRight(a, "/"))
		if err := o.protect.AddTrustedOrigin(a); err != nil {
			return nil, fmt.Errorf("signup.allowed_origins: %q is not an origin; write scheme and host, such as https://www.example.org", a)
		}
		o.allowed[a] = true
	}
	o.nullOK = base.Scheme == "http" && !isLoopback(base.Hostname())
	return o, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// check reports whether a state-changing request may come from where it comes.
func (o *origins) check(r *http.Request) bool {
	if o.nullOK && r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
		return true
	}
	return o.protect.Check(r) == nil
}

// crossOrigin lets only our own and the allowed sites' pages through, and tells
// the browser that the allowed ones may read the answer (Fetch, CORS protocol).
func (s *server) crossOrigin(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Add("Vary", "Origin")
		if !s.origins.check(r) {
			return statusError{status: http.StatusForbidden}
		}
		if origin := r.Header.Get("Origin"); s.origins.allowed[origin] {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		}
		return next(w, r)
	}
}

// preflight answers a browser's question whether a page may post JSON.
func (s *server) preflight(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Allow", "GET, HEAD, OPTIONS, POST")
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
