package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

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

// network is what one visitor can have many addresses of: a /64 in IPv6.
func network(ip netip.Addr) netip.Prefix {
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address (a Unix socket): all share one bucket
	}
	return p
}
