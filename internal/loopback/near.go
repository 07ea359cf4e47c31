package loopback

import (
	"net/http"
	"net/netip"
	"strings"
)

// Near answers requests from this machine and from private networks (RFC 1918,
// RFC 4193, link-local), and has nothing, 404, for all others: pages without a
// login on a listener that others reach too. What a proxy passes on comes from
// where X-Forwarded-For says; a client can add hops to it, but not take away the
// one that the proxy adds. The Host must be localhost or such an address: a page
// on the internet whose name resolves to one comes with its own (421).
func Near(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isNear(r.RemoteAddr) {
			http.NotFound(w, r)
			return
		}
		for hop := range strings.SplitSeq(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",") {
			if hop = strings.TrimSpace(hop); hop != "" && !isNear(hop) {
				http.NotFound(w, r)
				return
			}
		}
		if !isName(hostOf(r)) && !isNear(hostOf(r)) {
			misdirected(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isNear tells of an address, with or without a port. What cannot be read is
// not near.
func isNear(s string) bool {
	ap, err := netip.ParseAddrPort(s)
	ip := ap.Addr()
	if err != nil {
		if ip, err = netip.ParseAddr(strings.Trim(s, "[]")); err != nil {
			return false
		}
	}
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}
