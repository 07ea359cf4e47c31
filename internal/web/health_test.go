package web

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
)

// What does not keep a node from serving is said without the particulars, which are
// for the log: anybody may ask.
func TestReadyWithWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		warnings []string
		want     string
	}{
		{nil, "ready\n"},
		{[]string{"site.base_url is x here and y on node b"}, "ready\nwarning: nodes of this list have different settings in 1 respects"},
	} {
		s := &server{}
		s.Ready = func(context.Context) error { return nil }
		s.Warnings = func() []string { return c.warnings }
		rec := httptest.NewRecorder()
		if err := s.readyz(rec, httptest.NewRequest("GET", "/readyz", nil)); err != nil {
			t.Fatal(err)
		}
		if got := rec.Body.String(); rec.Code != 200 || !strings.HasPrefix(got, c.want) || strings.Contains(got, "base_url") {
			t.Errorf("%q: got %d %q, want %q", c.warnings, rec.Code, got, c.want)
		}
	}
}
