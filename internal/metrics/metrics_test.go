package metrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func scrape(t *testing.T, m *Metrics) (int, string) {
	t.Helper()
	srv := httptest.NewServer(m.Handler())
	defer srv.Close()
	resp, err := http.Get(srv.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestCounts(t *testing.T) {
	t.Parallel()
	m := New(Build{Version: "v1", Commit: "abc", Go: "go1.26"}, func(context.Context) (map[string]int, error) {
		return map[string]int{"accepted": 7, "failed": 1}, nil
	})
	m.Request("/unsubscribe/{token}", "POST", 200, 3*time.Millisecond)
	m.SignUp("taken")
	m.SignUp("taken")
	m.Confirmed()
	m.Unsubscribed("one-click")
	_, got := scrape(t, m)
	for _, want := range []string{
		`digest_http_requests_total{code="200",method="POST",route="/unsubscribe/{token}"} 1`,
		`digest_http_request_duration_seconds_bucket{route="/unsubscribe/{token}",le="0.005"} 1`,
		`digest_signups_total{outcome="taken"} 2`,
		`digest_confirmations_total 1`,
		`digest_unsubscribes_total{via="one-click"} 1`,
		`digest_deliveries{state="accepted"} 7`,
		`digest_deliveries{state="failed"} 1`,
		`digest_build_info{commit="abc",go="go1.26",version="v1"} 1`,
		"go_goroutines ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got no line %q in the scrape", want)
		}
	}
}

// Two servers in one process (as in tests) must not count into each other.
func TestRegistryIsOwn(t *testing.T) {
	t.Parallel()
	a, b := New(Build{}, nil), New(Build{}, nil)
	a.Confirmed()
	if _, got := scrape(t, b); !strings.Contains(got, "digest_confirmations_total 0") {
		t.Error("got the other registry's count, want 0")
	}
}

func TestDatabaseFailureLeavesTheRest(t *testing.T) {
	t.Parallel()
	m := New(Build{}, func(context.Context) (map[string]int, error) { return nil, errors.New("disk gone") })
	m.Confirmed()
	status, got := scrape(t, m)
	if status != http.StatusOK || !strings.Contains(got, "digest_confirmations_total 1") {
		t.Errorf("got status %d without the counters, want 200 with them", status)
	}
	if strings.Contains(got, "digest_deliveries{") {
		t.Error("got deliveries though they could not be counted")
	}
}
