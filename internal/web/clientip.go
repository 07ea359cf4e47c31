package web

import (
	"log/slog"
	"net/http"
	"net/netip"

	"verdicts.example/digest/internal/visitor"
)

// clientIP is the address that a request came from. One that is forwarded by an
// address that is not trusted is logged, once: it may be a proxy that was not
// named, for which all visitors are one.
func (s *server) clientIP(r *http.Request) netip.Addr {
	if peer := visitor.ParseIP(r.RemoteAddr); r.Header.Get("X-Forwarded-For") != "" && !visitor.Trusted(peer, s.TrustedProxies) {
		s.untrusted.Do(func() {
			s.Logger.WarnContext(r.Context(), "X-Forwarded-For from an address that is not trusted is ignored; if that is your proxy, name it in signup.trusted_proxies, else all visitors share its limits",
				slog.String("address", peer.String()))
		})
	}
	return visitor.IP(r, s.TrustedProxies)
}
