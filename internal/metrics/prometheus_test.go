package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/subscribers"
)

// program finds one of Prometheus' programs, or leaves the test out.
func program(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("DIGEST_PEERS")
	if dir == "" {
		dir = "/var/cache/digest-peers"
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path := filepath.Join(dir, "usr/bin", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: run .ci/peers.sh", name)
		}
		t.Skipf("%s is missing: run .ci/peers.sh", name)
	}
	return path
}

// Each alert of the rules that we ship fires on what it is for.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	promtool := program(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "digest.rules.yml"}, {"test", "rules", "digest.rules.test.yml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "../../deploy/prometheus"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	// And every rule has a test.
	rules, rerr := os.ReadFile("../../deploy/prometheus/digest.rules.yml")
	tests, terr := os.ReadFile("../../deploy/prometheus/digest.rules.test.yml")
	if rerr != nil || terr != nil {
		t.Fatal(rerr, terr)
	}
	for line := range strings.Lines(string(rules)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "- alert: "); ok && !strings.Contains(string(tests), "alertname: "+name+"\n        exp_alerts") {
			t.Errorf("alert %s is not tested", name)
		}
	}
}

// busy is a program that has done some of everything.
func busy(t *testing.T) *Metrics {
	t.Helper()
	m := New(version.Build{Version: "v1"}, func(context.Context) (State, error) {
		now := time.Now()
		return State{Deliveries: map[string]int{"accepted": 900, "unknown": 1}, Paused: 1, Outbox: 2, Oldest: now.Add(-time.Minute), Now: now, LastTick: now,
			Backups: &Backups{Newest: now.Add(-time.Hour), Drilled: now.Add(-2 * time.Hour)},
			Inbound: []inbound.Tally{{Kind: inbound.KindBounce, Outcome: inbound.OutcomeSuppressed, Mails: 4}}}, nil
	})
	return m
}

func work(m *Metrics) {
	_, _ = watchedQueue{committing{}, m.commits}.Record(context.Background(), &delivery.Group{Intents: make([]delivery.Intent, 3)})
	m.Request("/subscribe", "POST", 202, time.Millisecond)
	m.SignUp("taken")
	m.Confirmed()
	m.Unsubscribed("page")
	m.Returned(inbound.KindBounce, inbound.OutcomeSuppressed, subscribers.BounceHard)
	watched := watchedSession{answering{}, m.refusals, m.smtp}
	for _, to := range []string{"a@gmail.com", "b@reader.example"} {
		watched.Send(context.Background(), delivery.Mail{Envelope: delivery.Envelope{To: to}}, func() (*delivery.Mail, error) { return nil, nil })
	}
}

// committing takes every group.
type committing struct{ delivery.Queue }

func (committing) Record(context.Context, *delivery.Group) (delivery.GroupResult, error) {
	return delivery.GroupResult{}, nil
}

// answering refuses Gmail and takes the rest.
type answering struct{ delivery.Session }

func (answering) Send(_ context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	_, _ = intend()
	if strings.HasSuffix(m.Envelope.To, "gmail.com") {
		return delivery.Result{Phase: delivery.PhaseDot, Code: 550, Enhanced: "5.7.26", Text: "unauthenticated"}
	}
	return delivery.Result{Phase: delivery.PhaseDot, Code: 250}
}

// Every query of the dashboard that we ship gets an answer of a real Prometheus
// that scrapes us.
func TestDashboardQueries(t *testing.T) {
	t.Parallel()
	binary := program(t, "prometheus")
	raw, err := os.ReadFile("../../deploy/grafana/digest.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(raw, &dashboard); err != nil {
		t.Fatal(err)
	}
	m := busy(t)
	srv := httptest.NewServer(m.Handler())
	defer srv.Close()
	base := startPrometheus(t, binary, strings.TrimPrefix(srv.URL, "http://"))
	queries := 0
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			queries++
			for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
				work(m)
				n, err := query(base, target.Expr)
				if err == nil && n > 0 {
					break
				}
				if time.Now().After(end) {
					t.Errorf("%s: %s: got %d series, %v", p.Title, target.Expr, n, err)
					break
				}
			}
		}
	}
	if queries < 20 {
		t.Errorf("got %d queries, want those of the dashboard", queries)
	}
}

// startPrometheus runs one that scrapes an address each second, until the test ends.
func startPrometheus(t *testing.T, binary, target string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close() // it is Prometheus' now
	dir := t.TempDir()
	conf := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: digest, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr, "--log.level=error")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	return "http://" + addr
}

// query gives how many series answer.
func query(base, expr string) (int, error) {
	resp, err := http.Get(base + "/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var out struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return 0, err
	}
	if out.Status != "success" {
		return 0, fmt.Errorf("%s", out.Error)
	}
	return len(out.Data.Result), nil
}
