package assembly

import (
	"context"
	"net/http"

	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/metrics"
)

// Inbound says how what comes back gets in; a way that is "" is closed.
type Inbound struct {
	Maildir  string // a folder
	RelayLog string // a file
	// Of the webhooks: Topic of Amazon SNS, and what Postmark authenticates with.
	Topic, PostmarkUser, PostmarkPassword string
}

// A wayIn is what every way in works with.
type wayIn struct {
	taker *inbound.Taker
	tags  *message.Tagger
}

func (m *Maker) wayIn(ctx context.Context, s *Service, count *metrics.Metrics) (w wayIn, err error) {
	if w.taker, err = m.taker(ctx, s.DB, s.List, count.Returned); err != nil {
		return w, err
	}
	w.tags, err = tagger(ctx, s.DB)
	return w, err
}

// listener takes mail to the bounce domain.
func (m *Maker) listener(w wayIn) *intake.Listener {
	return &intake.Listener{Domain: m.in.Edition.Headers.BounceDomain, Tags: w.tags, Taker: w.taker, Log: m.host.Log}
}

// ways are those that run by themselves.
func (m *Maker) ways(w wayIn, db *Database) (run []func(context.Context), err error) {
	if dir := m.in.Inbound.Maildir; dir != "" {
		box := &intake.Maildir{Dir: dir, Taker: w.taker, Now: m.host.Now, Log: m.host.Log}
		if err := box.Open(); err != nil {
			return nil, m.in.Problem("inbound.maildir", err)
		}
		run = append(run, box.Run)
	}
	if file := m.in.Inbound.RelayLog; file != "" {
		log := &intake.LogFollower{Path: file, Settler: db.Inbox, Tags: w.tags, Now: m.host.Now, Log: m.host.Log}
		run = append(run, log.Run)
	}
	return run, nil
}

// webhooks are what providers post to; nil when none is set.
func (m *Maker) webhooks(w wayIn) http.Handler {
	in := m.in.Inbound
	return intake.Webhooks{
		Taker: w.taker, Log: m.host.Log, Now: m.host.Now, Fetch: fetch.New(fetch.Options{}).Get,
		Topic: in.Topic, Username: in.PostmarkUser, Password: in.PostmarkPassword,
	}.Handler()
}
