package metrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
)

// askTimeout bounds the questions to the database at a scrape.
const askTimeout = 5 * time.Second

// A State is how the service stands at a scrape.
type State struct {
	Deliveries map[string]int  // of the latest edition, by state
	Sending    time.Time       // since when the oldest edition that is being sent is; zero: none is
	Paused     int             // editions whose send is paused
	Outbox     int             // mails about events that wait
	Oldest     time.Time       // since when the first of them waits; zero: none does
	Inbound    []inbound.Tally // mails that came back, as far back as they are counted
	Surge      bool            // of sign-ups, goes on
	Held       int             // sign-ups that wait for its end
	LastTick   time.Time       // when the scheduler last looked at the clock
	Late       time.Duration   // how late the last slot was taken
	Backups    *Backups        // nil: none are scheduled
	Now        time.Time
}

// Backups are how backups and the restore drill are.
type Backups struct {
	Newest      time.Time // zero: there is none
	Failing     bool      // the last try wrote none
	Drilled     time.Time // when the newest was last restored on trial; zero: never
	DrillFailed bool
}

// stateCollector asks when it is scraped, so that the figures are the
// database's and survive a restart.
type stateCollector struct {
	ask func(context.Context) (State, error)
}

var _ prometheus.Collector = stateCollector{}

// stateDescs are the gauges in the order in which Collect gives them.
type stateDescs struct {
	deliveries, sending, paused, outbox, age, tick, late, inbound, surge, held, backup, failing, drill, drillFailed *prometheus.Desc
}

func newStateDescs() stateDescs {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return stateDescs{
		deliveries: desc("digest_deliveries", "Deliveries of the latest edition by state.", "state"),
		sending:    desc("digest_send_oldest_seconds", "How long the oldest edition that is not sent to everybody yet has been going out; 0 when none is."),
		paused:     desc("digest_editions_paused", "Editions whose send is paused, for whatever reason."),
		outbox:     desc("digest_outbox_waiting", "Confirmations and notices that wait to be mailed."),
		age:        desc("digest_outbox_oldest_seconds", "How long the first of them has waited; 0 when none does."),
		inbound:    desc("digest_inbound_mails_total", "Mails that came back by kind and by what was done, of all ways in.", "kind", "outcome"),
		surge:      desc("digest_signup_surge", "1 while a surge of sign-ups goes on: confirmations wait, and the form asks a question."),
		held:       desc("digest_signups_held", "Sign-ups whose confirmation waits because of a surge."),
		tick:       desc("digest_scheduler_last_tick_timestamp_seconds", "When the scheduler last looked at the clock."),
		late:       desc("digest_scheduler_slot_lateness_seconds", "How late the last slot was taken that came since the start; 0 before it."),

		backup:      desc("digest_backup_last_timestamp_seconds", "When the newest backup was written; 0 when there is none. Absent where none are scheduled."),
		failing:     desc("digest_backup_failing", "Whether the last try wrote no backup: 1 or 0."),
		drill:       desc("digest_restore_drill_last_timestamp_seconds", "When the newest backup was last restored on trial; 0 when never."),
		drillFailed: desc("digest_restore_drill_failed", "Whether it could not be restored, or was not whole: 1 or 0."),
	}
}

// Describe implements prometheus.Collector.
func (c stateCollector) Describe(ch chan<- *prometheus.Desc) {
	d := newStateDescs()
	for _, desc := range []*prometheus.Desc{
		d.deliveries, d.sending, d.paused, d.outbox, d.age, d.tick, d.late, d.inbound, d.surge, d.held, d.backup, d.failing, d.drill, d.drillFailed,
	} {
		ch <- desc
	}
}

// Collect implements prometheus.Collector.
func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	d := newStateDescs()
	s, err := c.ask(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(d.deliveries, fmt.Errorf("ask how the service stands: %w", err))
		return
	}
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	for state, n := range s.Deliveries {
		gauge(d.deliveries, float64(n), state)
	}
	gauge(d.paused, float64(s.Paused))
	gauge(d.outbox, float64(s.Outbox))
	gauge(d.held, float64(s.Held))
	if s.Surge {
		gauge(d.surge, 1)
	} else {
		gauge(d.surge, 0)
	}
	since := func(at time.Time) float64 {
		if at.IsZero() {
			return 0
		}
		return max(s.Now.Sub(at).Seconds(), 0)
	}
	gauge(d.sending, since(s.Sending))
	gauge(d.age, since(s.Oldest))
	for _, t := range s.Inbound {
		ch <- prometheus.MustNewConstMetric(d.inbound, prometheus.CounterValue, float64(t.Mails), string(t.Kind), string(t.Outcome))
	}
	if !s.LastTick.IsZero() {
		gauge(d.tick, float64(s.LastTick.Unix()))
	}
	gauge(d.late, s.Late.Seconds())
	if b := s.Backups; b != nil {
		gauge(d.backup, unixOf(b.Newest))
		gauge(d.failing, oneIf(b.Failing))
		gauge(d.drill, unixOf(b.Drilled))
		gauge(d.drillFailed, oneIf(b.DrillFailed))
	}
}

// unixOf is a time in seconds, 0 for none.
func unixOf(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Relay has digest_relay_up follow whether the mail server takes connections.
func (m *Metrics) Relay(d delivery.Dialer) delivery.Dialer {
	return watchedDialer{d, m.relay, m.refusals, m.smtp}
}

type watchedDialer struct {
	delivery.Dialer
	up       prometheus.Gauge
	refusals *prometheus.CounterVec
	smtp     smtpMeters
}

func (d watchedDialer) Dial(ctx context.Context) (delivery.Session, error) {
	s, err := d.Dialer.Dial(ctx)
	switch {
	case err == nil:
		d.up.Set(1)
	case ctx.Err() == nil && !errors.Is(err, delivery.ErrNoRoom): // else we gave up, not the server
		d.up.Set(0)
	}
	if err != nil {
		return nil, err
	}
	return watchedSession{s, d.refusals, d.smtp}, nil
}

// A watchedSession counts results and refusals.
type watchedSession struct {
	delivery.Session
	refusals *prometheus.CounterVec
	smtp     smtpMeters
}

func (s watchedSession) Send(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	var waited time.Duration
	start := time.Now()
	res := s.Session.Send(ctx, m, timed(intend, &waited))
	s.smtp.observe(m.Envelope.To, res, time.Since(start), waited)
	if res.Code >= 400 {
		provider, fault := "other", "other"
		if row, ok := delivery.Explain(res); ok {
			provider, fault = row.Provider, string(row.Fault)
		}
		s.refusals.WithLabelValues(provider, fault).Inc()
	}
	return res
}
