package workbench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ErrNotLoopback: the workbench has no log-in, so it must not be reachable from
// other machines.
var ErrNotLoopback = errors.New("not a loopback address")

// Listen opens the workbench's listener. It fails with ErrNotLoopback for an
// address that other machines could reach.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("workbench at %q: %w (write it as 127.0.0.1:8081)", addr, err)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("workbench at %q: %w; use 127.0.0.1 and reach it from elsewhere through ssh -L", addr, ErrNotLoopback)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", addr)
}

// loopbackOnly refuses requests whose Host is not a loopback name: a page on
// the internet whose name resolves to 127.0.0.1 comes with its own.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !isLoopback(host) {
			http.Error(w, "The workbench answers to localhost only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
