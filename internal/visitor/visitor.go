// Package visitor tells who asks, as far as a limit needs it, and how often they
// may: the address behind trusted proxies, the networks around it, and buckets
// of bounded number that refill by the hour.
//
// The package promises that what a client writes into X-Forwarded-For counts
// only as far as a trusted proxy vouches for it, and that what is remembered
// stays bounded however many visitors come.
package visitor

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// IP is the address that limits count: the connection's own, or, when that is a
// trusted proxy, the rightmost address of X-Forwarded-For that is not one. What
// stands further left was written by the client and proves nothing.
func IP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	ip := ParseIP(r.RemoteAddr)
	if !Trusted(ip, trusted) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next := ParseIP(strings.TrimSpace(hop))
		if !next.IsValid() {
			return ip // garbage: the last hop that could be read has to answer for it
		}
		ip = next
		if !Trusted(ip, trusted) {
			return ip
		}
	}
	return ip
}

// ParseIP reads "192.0.2.1", "192.0.2.1:80", "2001:db8::1" and "[2001:db8::1]:80".
func ParseIP(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}

// Trusted reports whether an address is one of the trusted proxies'.
func Trusted(ip netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Network is an address's network, by the lengths of its prefix in IPv4 and IPv6.
func Network(ip netip.Addr, v4, v6 int) netip.Prefix {
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
