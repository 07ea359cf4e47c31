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

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/version"
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
	m := New(version.Build{Version: "v1", Commit: "abc", Go: "go1.26"}, func(context.Context) (State, error) {
		return State{Deliveries: map[string]int{"accepted": 7, "failed": 1}, Paused: 1, Outbox: 3, Sending: time.Unix(940, 0),
			Oldest: time.Unix(1000, 0), Now: time.Unix(1060, 0), LastTick: time.Unix(1050, 0),
			Late: 90 * time.Second, Backups: &Backups{Newest: time.Unix(900, 0), Drilled: time.Unix(910, 0), DrillFailed: true}}, nil
	})
	m.Request("/unsubscribe/{token}", "POST", 200, 3*time.Millisecond)
	m.SignUp("taken")
	m.SignUp("taken")
	m.Confirmed()
	m.Unsubscribed("one-click")
	m.LeaveReason("too-often")
	_, got := scrape(t, m)
	for _, want := range []string{
		`digest_http_requests_total{code="200",method="POST",route="/unsubscribe/{token}"} 1`,
		`digest_http_request_duration_seconds_bucket{route="/unsubscribe/{token}",le="0.005"} 1`,
		`digest_signups_total{outcome="taken"} 2`,
		`digest_confirmations_total 1`,
		`digest_unsubscribes_total{via="one-click"} 1`,
		`digest_leave_reasons_total{reason="too-often"} 1`,
		`digest_deliveries{state="accepted"} 7`,
		`digest_deliveries{state="failed"} 1`,
		`digest_editions_paused 1`,
		`digest_send_oldest_seconds 120`,
		`digest_outbox_waiting 3`,
		`digest_outbox_oldest_seconds 60`,
		`digest_scheduler_last_tick_timestamp_seconds 1050`,
		`digest_scheduler_slot_lateness_seconds 90`,
		`digest_backup_last_timestamp_seconds 900`,
		`digest_backup_failing 0`,
		`digest_restore_drill_last_timestamp_seconds 910`,
		`digest_restore_drill_failed 1`,
		`digest_relay_up 1`,
		`digest_build_info{commit="abc",go="go1.26",version="v1"} 1`,
		"go_goroutines ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got no line %q in the scrape", want)
		}
	}
}

// Where no backups are scheduled, nothing is said of their age.
func TestNoBackupsScheduled(t *testing.T) {
	t.Parallel()
	_, got := scrape(t, New(version.Build{}, quiet))
	if strings.Contains(got, "digest_backup_") || strings.Contains(got, "digest_restore_drill_") {
		t.Error("got the age of backups that nobody asked for")
	}
}

// Two servers in one process (as in tests) must not count into each other.
func TestRegistryIsOwn(t *testing.T) {
	t.Parallel()
	a, b := New(version.Build{}, quiet), New(version.Build{}, quiet)
	a.Confirmed()
	if _, got := scrape(t, b); !strings.Contains(got, "digest_confirmations_total 0") {
		t.Error("got the other registry's count, want 0")
	}
}

func TestDatabaseFailureLeavesTheRest(t *testing.T) {
	t.Parallel()
	m := New(version.Build{}, func(context.Context) (State, error) { return State{}, errors.New("disk gone") })
	m.Confirmed()
	status, got := scrape(t, m)
	if status != http.StatusOK || !strings.Contains(got, "digest_confirmations_total 1") {
		t.Errorf("got status %d without the counters, want 200 with them", status)
	}
	if strings.Contains(got, "digest_deliveries{") {
		t.Error("got deliveries though they could not be counted")
	}
}

func quiet(context.Context) (State, error) { return State{}, nil }

type dialer struct{ err error }

func (d *dialer) Dial(context.Context) (delivery.Session, error) { return nil, d.err }

// A relay that refuses is down; a caller who gave up says nothing about it.
func TestRelayUp(t *testing.T) {
	t.Parallel()
	m, d := New(version.Build{}, quiet), &dialer{}
	watched := m.Relay(d)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{t.Context(), errors.New("connection refused"), "digest_relay_up 0"},
		{t.Context(), nil, "digest_relay_up 1"},
		{gone, context.Canceled, "digest_relay_up 1"},
	} {
		d.err = tc.err
		if _, err := watched.Dial(tc.ctx); !errors.Is(err, tc.err) {
			t.Errorf("got %v, want %v", err, tc.err)
		}
		if _, got := scrape(t, m); !strings.Contains(got, tc.want+"\n") {
			t.Errorf("after %v: got no %q in the scrape", tc.err, tc.want)
		}
	}
}
