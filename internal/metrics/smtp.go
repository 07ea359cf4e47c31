package metrics

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// smtpMeters count what comes of mail transactions.
type smtpMeters struct {
	results *prometheus.CounterVec
	relays  *prometheus.CounterVec
	took    prometheus.Histogram
	intent  prometheus.Histogram
	bounces *prometheus.CounterVec
}

func newSMTPMeters() smtpMeters {
	seconds := []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30}
	return smtpMeters{
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_smtp_results_total", Help: "Mail transactions by the recipient's provider and result: accepted, temporary, permanent, lost (no answer).",
		}, []string{"provider", "result"}),
		relays: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_relay_results_total", Help: "Mail transactions by relay (its name in smtp.relays, else its host) and result: accepted, temporary, permanent, lost.",
		}, []string{"relay", "result"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "digest_smtp_transaction_duration_seconds", Help: "Time of a mail transaction, with the wait for its intent.", Buckets: seconds,
		}),
		intent: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "digest_intent_duration_seconds", Help: "Wait until the intent of a message is durable: the group's commit and the journal.", Buckets: seconds,
		}),
		bounces: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "digest_inbound_bounces_total", Help: "Mails that came back, by what they say: complaint, hard, soft, policy, sender, path, delayed, none; since the start, without those of the pipe.",
		}, []string{"class"}),
	}
}

func (s smtpMeters) collectors() []prometheus.Collector {
	return []prometheus.Collector{s.results, s.relays, s.took, s.intent, s.bounces}
}

// Returned counts a mail that came back.
func (m *Metrics) Returned(_ inbound.Kind, _ inbound.Outcome, class subscribers.BounceClass) {
	if class == "" {
		class = "none"
	}
	m.smtp.bounces.WithLabelValues(string(class)).Inc()
}

// observe counts a transaction; intended is how long it waited for its intent.
func (s smtpMeters) observe(to string, res delivery.Result, took, intended time.Duration) {
	s.results.WithLabelValues(provider(to), resultOf(res)).Inc()
	if res.Relay != "" {
		s.relays.WithLabelValues(res.Relay, resultOf(res)).Inc()
	}
	s.took.Observe(took.Seconds())
	if intended > 0 {
		s.intent.Observe(intended.Seconds())
	}
}

func resultOf(res delivery.Result) string {
	switch {
	case res.Accepted():
		return "accepted"
	case res.Code >= 500:
		return "permanent"
	case res.Code >= 400:
		return "temporary"
	}
	return "lost"
}

// provider names the large ones by the recipient's domain: a label must not grow
// with the list.
func provider(to string) string {
	domain := strings.ToLower(to[strings.LastIndexByte(to, '@')+1:])
	switch name, _, _ := strings.Cut(domain, "."); name {
	case "gmail", "googlemail":
		return "gmail"
	case "outlook", "hotmail", "live", "msn":
		return "microsoft"
	case "yahoo", "ymail", "aol":
		return "yahoo"
	case "icloud", "me", "mac":
		return "apple"
	}
	return "other"
}

// timed measures the wait for an intent.
func timed(intend func() (*delivery.Mail, error), waited *time.Duration) func() (*delivery.Mail, error) {
	return func() (*delivery.Mail, error) {
		start := time.Now()
		next, err := intend()
		*waited = time.Since(start)
		return next, err
	}
}
