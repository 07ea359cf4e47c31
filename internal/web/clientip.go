package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientIP is the address that a request came from. One that is forwarded by an
// address that is not trusted is logged, once: it may be a proxy that was not
// named, for which all visitors are one.
func (s *server) clientIP(r *http.Request) netip.Addr {
	if peer := parseIP(r.RemoteAddr); r.Header.Get("X-Forwarded-For") != "" && !isTrusted(peer, s.TrustedProxies) {
		s.untrusted.Do(func() {
			s.Logger.WarnContext(r.Context(), "X-Forwarded-For from an address that is not trusted is ignored; if that is your proxy, name it in signup.trusted_proxies, else all visitors share its limits",
				slog.String("address", peer.String()))
		})
	}
	return clientIP(r, s.TrustedProxies)
}

// clientIP is the address that limits count: the connection's own, or, when
// that is a trusted proxy, the rightmost address of X-Forwarded-For that is not
// one. What stands further left was written by the client and proves nothing.
func clientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	ip := parseIP(r.RemoteAddr)
	if !isTrusted(ip, trusted) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next := parseIP(strings.TrimSpace(hop))
		if !next.IsValid() {
			return ip // garbage: the last hop that could be read has to answer for it
		}
		ip = next
		if !isTrusted(ip, trusted) {
			return ip
		}
	}
	return ip
}

// parseIP reads "192.0.2.1", "192.0.2.1:80", "2001:db8::1" and "[2001:db8::1]:80".
func parseIP(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}

func isTrusted(ip netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// network is an address's network, by the lengths of its prefix in IPv4 and IPv6.
func network(ip netip.Addr, v4, v6 int) netip.Prefix {
	bits := v4
	if ip.Is6() {
		bits = v6
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address (a Unix socket): all are one network
	}
	return p
}
