package server

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The pages show addresses and have no login: other machines get the metrics
// only.
func TestOperatorsPageIsForLoopback(t *testing.T) {
	t.Parallel()
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	for ip, want := range map[string]int{"127.0.0.1": 200, "::1": 200, "0.0.0.0": 404, "::": 404, "192.168.1.5": 404} {
		var log bytes.Buffer
		s := New(Parts{Log: slog.New(slog.NewTextHandler(&log, nil))})
		h := s.operators(Pages{Metrics: says("metrics"), Operators: says("addresses")}, &net.TCPAddr{IP: net.ParseIP(ip), Port: 9090})
		for path, status := range map[string]int{"/metrics": 200, "/": want, "/send/2026-W47": want} {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
			if rec.Code != status {
				t.Errorf("listening on %s, %s: got status %d, want %d", ip, path, rec.Code, status)
			}
		}
		if warned := strings.Contains(log.String(), "not served"); warned != (want == 404) {
			t.Errorf("listening on %s: got the warning: %t, want %t", ip, warned, want == 404)
		}
	}
}
