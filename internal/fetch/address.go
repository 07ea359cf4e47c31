package fetch

import (
	"fmt"
	"net/netip"
)

// refused lists what is inside the global unicast space but not the public
// Internet (IANA special-purpose address registries, RFC 6890 and successors).
// Everything else that is no global unicast address is refused by rule.
var refused = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network, RFC 791
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, RFC 7526
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"), // documentation, RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation, RFC 5737
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved and broadcast, RFC 1112
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, among them Teredo, RFC 2928
	netip.MustParsePrefix("2001:db8::/32"),   // documentation, RFC 3849
	netip.MustParsePrefix("2002::/16"),       // 6to4, RFC 3056: the IPv4 address inside may be private
	netip.MustParsePrefix("3fff::/20"),       // documentation, RFC 9637
}

var (
	globalV6 = netip.MustParsePrefix("2000::/3")
	nat64    = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: IPv4 in the last 32 bits
)

// public returns an error that says why addr is no address on the public
// Internet, nil when it is one.
func public(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if nat64.Contains(addr) {
		b := addr.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	kind := ""
	switch {
	case addr.IsLoopback():
		kind = "a loopback"
	case addr.IsPrivate():
		kind = "a private"
	case addr.IsLinkLocalUnicast():
		kind = "a link-local"
	case addr.IsMulticast():
		kind = "a multicast"
	case addr.Is6() && !globalV6.Contains(addr), isListed(addr):
		kind = "a reserved"
	}
	if kind == "" {
		return nil
	}
	return fmt.Errorf("%w: %s is %s address (comparisons.allow_private allows it)", ErrPrivate, addr, kind)
}

func isListed(addr netip.Addr) bool {
	for _, p := range refused {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
