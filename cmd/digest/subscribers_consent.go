package main

import (
	"context"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/subscribers"
)

// showConsent prints the proofs that a reader asked for the digest: once for
// each wording, with times in the list's zone.
func (a *app) showConsent(ctx context.Context, list *subscribers.Service, s subscribers.Subscriber) error {
	zone, err := a.zone()
	if err != nil {
		return err
	}
	proofs, err := list.Consents(ctx, s)
	if err != nil {
		return err
	}
	rows := []api.Consent{}
	for _, c := range proofs {
		rows = append(rows, api.NewConsent(c, zone))
	}
	return a.show(rows, func() error {
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
	})
}
