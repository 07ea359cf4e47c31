// Package loopback guards pages that have no login: they are for whoever sits
// at the machine, or came to it through ssh.
//
// The package promises two halves that belong together. A listener is opened
// only where other machines cannot reach it; and a request is answered only when
// it asks for a loopback name, because a page on the internet whose name
// resolves to 127.0.0.1 (DNS rebinding) comes with its own.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ErrNotLoopback says that other machines could reach the address.
var ErrNotLoopback = errors.New("not a loopback address")

// Listen opens a TCP listener for what ("preview"). It fails with
// ErrNotLoopback for an address that other machines could reach.
func Listen(ctx context.Context, what, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s at %q: %w (write it as 127.0.0.1:8081)", what, addr, err)
	}
	if !isName(host) {
		return nil, fmt.Errorf("%s at %q: %w; use 127.0.0.1 and reach it from elsewhere through ssh -L", what, addr, ErrNotLoopback)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", addr)
}

// Is reports whether a listener's own address is one that only this machine
// reaches.
func Is(addr net.Addr) bool {
	a, err := netip.ParseAddrPort(addr.String())
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// Only answers requests whose Host is a loopback name, and refuses the others
// with 421 (RFC 9110 section 15.5.20).
func Only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isName(hostOf(r)) {
			misdirected(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is the name or the address that the request asks for.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

func misdirected(w http.ResponseWriter) {
	http.Error(w, "This page answers to localhost only.", http.StatusMisdirectedRequest)
}

func isName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
