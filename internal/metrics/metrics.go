// Package metrics counts what the program does and serves the counts in the
// Prometheus text format.
//
// The package promises that every label comes from a small fixed set (routes by
// their pattern, states by their name), so that no token, no address and no
// visitor's invention becomes a label; and that it keeps a registry of its own.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"verdicts.example/digest/internal/version"
)

// Metrics holds the counters.
type Metrics struct {
	registry     *prometheus.Registry
	requests     *prometheus.CounterVec
	latency      *prometheus.HistogramVec
	signUps      *prometheus.CounterVec
	confirmed    prometheus.Counter
	unsubscribed *prometheus.CounterVec
	leaveReasons *prometheus.CounterVec
	refusals     *prometheus.CounterVec
	relay        prometheus.Gauge
	smtp         smtpMeters
	commits      commitMeters
}

// New makes the counters at zero; state is asked at each scrape.
func New(b version.Build, state func(context.Context) (State, error)) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		smtp:     newSMTPMeters(),
		commits:  newCommitMeters(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_http_requests_total", Help: "Requests by route, method and status.",
		}, []string{"route", "method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "digest_http_request_duration_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .005, .025, .1, .5, 1, 5},
		}, []string{"route"}),
		signUps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_signups_total", Help: "Sign-ups by outcome: taken, invalid, limited, trapped, failed, asked (a question, in a surge).",
		}, []string{"outcome"}),
		confirmed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "digest_confirmations_total", Help: "Readers who confirmed their sign-up.",
		}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_refusals_total", Help: "Refusals by provider and fault, as package refusal explains them; other, other: not explained.",
		}, []string{"provider", "fault"}),
		unsubscribed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_unsubscribes_total", Help: "Readers who left, by way: page, one-click. A repeated request counts once.",
		}, []string{"via"}),
		leaveReasons: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_leave_reasons_total", Help: "Readers who said why they left, by reason; each leaving counts once.",
		}, []string{"reason"}),
		relay: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "digest_relay_up", Help: "Whether the mail server took the last connection: 1 or 0; 1 before the first.",
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "digest_build_info", Help: "Always 1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": b.Commit, "go": b.Go},
	})
	info.Set(1)
	m.relay.Set(1)
	m.registry.MustRegister(m.requests, m.latency, m.signUps, m.confirmed, m.unsubscribed, m.leaveReasons, m.refusals, m.relay, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(append(m.smtp.collectors(), m.commits.collectors()...)...)
	m.registry.MustRegister(stateCollector{state})
	return m
}

// Handler serves the counts; it belongs on a listener of its own.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, // one collector's failure must not hide the others
	}))
	return mux
}

// Request counts an answered request; route is the pattern that matched.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}

// SignUp counts a sign-up by its outcome.
func (m *Metrics) SignUp(outcome string) { m.signUps.WithLabelValues(outcome).Inc() }

// Confirmed counts a reader who confirmed.
func (m *Metrics) Confirmed() { m.confirmed.Inc() }

// Unsubscribed counts a reader's leaving by the way they took.
func (m *Metrics) Unsubscribed(via string) { m.unsubscribed.WithLabelValues(via).Inc() }

// LeaveReason counts a reader who said why they left.
func (m *Metrics) LeaveReason(reason string) { m.leaveReasons.WithLabelValues(reason).Inc() }
