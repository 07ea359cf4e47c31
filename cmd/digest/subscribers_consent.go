package main

import (
	"context"
	"errors"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/subscribers"
)

// showConsent prints the proofs that a reader asked for the digest: once for
// each wording, with times in the list's zone.
func (a *app) showConsent(ctx context.Context, list *subscribers.Service, cfg *config.Config, s subscribers.Subscriber) error {
	events, err := list.History(ctx, s.ID)
	if err != nil {
		return err
	}
	zone, err := cfg.Location()
	if err != nil {
		return err
	}
	rows := []api.Consent{}
	for _, c := range subscribers.Consents(s, events) {
		text := ""
		if c.Wording != "" {
			if text, err = list.WordingText(ctx, c.Wording); err != nil && !errors.Is(err, subscribers.ErrNotFound) {
				return err
			}
		}
		rows = append(rows, api.NewConsent(c, text, zone))
	}
	if a.json {
		return a.printJSON(rows)
	}
	for _, r := range rows {
		confirmed := "an operator answers for it"
		if r.ConfirmedAt != nil {
			confirmed = r.ConfirmedAt.Format(time.RFC3339)
		}
		a.printf("asked      %s\nsource     %s\nconfirmed  %s\n", r.AskedAt.Format(time.RFC3339), r.Source, confirmed)
		if r.Wording != "" {
			a.printf("wording    %s: %s\n", r.Wording, r.Text)
		}
	}
	if len(rows) == 0 {
		a.say("%s has not consented: there is no proof", s.Email)
	}
	return nil
}
