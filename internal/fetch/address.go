package fetch

import (
	"fmt"
	"net/netip"

	"code.dny.dev/ssrf"
)

// A guard lets dial what is on the public Internet.
type guard struct{ *ssrf.Guardian }

// newGuard takes any port: feeds and pages live on odd ones, too.
func newGuard() guard { return guard{ssrf.New(ssrf.WithAnyPort())} }

// check returns an error that names addr when it is no address on the public
// Internet by the IANA special-purpose address registries. An IPv4 address
// inside an IPv6 one (mapped, or NAT64: RFC 6052) is checked as what it is.
func (g guard) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if ssrf.IPv6NAT64Prefix.Contains(addr) {
		b := addr.As16()
		return g.check(netip.AddrFrom4([4]byte(b[12:])))
	}
	if g.SafeAddr(addr) != nil {
		return fmt.Errorf("%w: %s (comparisons.allow_private allows it)", ErrPrivate, addr)
	}
	return nil
}
