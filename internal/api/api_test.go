package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/subscribers"
)

// The names that scripts read, as they stay.
func TestRows(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	w := edition.Week{Year: 2026, Number: 47}
	e := edition.Edition{Week: w, State: edition.Sending, Slot: at, Since: at, Cutoff: at, Subject: "S", Hash: "h", ApprovedHash: "h",
		Items: []edition.Item{{Slug: "a-vs-b"}}, PauseReason: "553 no"}
	counts := delivery.Counts{delivery.Queued: 1, delivery.Claimed: 2, delivery.Accepted: 3, delivery.Deferred: 4, delivery.Failed: 5, delivery.Unknown: 6, delivery.Suppressed: 7}
	const countsRow = `{"queued":1,"sending":2,"accepted":3,"deferred":4,"failed":5,"unknown":6,"suppressed":7}`
	status := api.NewStatus(e, counts)
	status.Domains = api.Domains([]delivery.DomainCounts{{Domain: "x.example", Counts: counts}})
	for _, tc := range []struct {
		name string
		row  any
		want string
	}{
		{"edition", api.NewEdition(e), `{"week":"2026-W47","state":"sending","slot":"2026-11-16T09:00:00Z","since":"2026-11-16T09:00:00Z","cutoff":"2026-11-16T09:00:00Z","subject":"S","featured":["a-vs-b"],"carried":[],"hash":"h","approved":true,"paused":"553 no"}`},
		{"status", status, `{"week":"2026-W47","state":"sending","subject":"S","paused":"553 no","counts":` + countsRow + `,"total":28,"domains":[{"domain":"x.example","counts":` + countsRow + `,"total":28}]}`},
		{"nothing sent", api.NewStatus(edition.Edition{Week: w, State: edition.Draft}, delivery.Counts{}), `{"week":"2026-W47","state":"draft","subject":"","counts":{"queued":0,"sending":0,"accepted":0,"deferred":0,"failed":0,"unknown":0,"suppressed":0},"total":0}`},
		{"delivery", api.NewDelivery(delivery.Delivery{ID: 7, State: delivery.Deferred, Attempts: 1, At: at, NextAttempt: at, Reply: "451 later"}, ""), `{"email":"(erased reader 7)","state":"deferred","attempts":1,"at":"2026-11-16T09:00:00Z","next_attempt":"2026-11-16T09:00:00Z","reply":"451 later"}`},
		{"proof", api.NewProof(delivery.Proof{Info: delivery.SendInfo{Week: "2026-W47", Recipients: 28}, Counts: counts}, nil), `{"week":"2026-W47","holds":true,"recipients":28,"counts":` + countsRow + `,"accepted_twice":0,"problems":[],"unknown":[],"versions":[]}`},
		{"subscriber", api.NewSubscriber(subscribers.Subscriber{Email: "ada@example.com", Status: subscribers.Active, CreatedAt: at}, "https://d.example"), `{"email":"ada@example.com","name":"","status":"active","categories":[],"created_at":"2026-11-16T09:00:00Z","confirmed_at":null,"unsubscribe_url":"https://d.example/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA"}`},
		{"problems", api.Problems([]comparison.Problem{{File: "a.yaml", Line: 3, Field: "slug", Message: "m"}}), `[{"file":"a.yaml","line":3,"field":"slug","message":"m"}]`},
		{"no problems", api.Problems(nil), `[]`},
		{"error", api.Error{Error: "e", Code: 5, Hint: "h"}, `{"error":"e","code":5,"hint":"h"}`},
	} {
		got, err := json.Marshal(tc.row)
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: got\n%s, %v, want\n%s", tc.name, got, err, tc.want)
		}
	}
}

// A first part is told of while the edition is sent, and no longer.
func TestStatusTellsOfTheFirstPart(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for state, want := range map[edition.State]bool{edition.Sending: true, edition.Sent: false, edition.Cancelled: false} {
		row := api.StatusOf(desk.Stand{
			Edition: edition.Edition{State: state}, Canary: delivery.CanaryStand{IDs: []int64{1, 2}},
			Refusals: []delivery.Refusal{{Count: 3, State: delivery.Failed}},
		}, at)
		if got := row.Canary != nil && row.Canary.Readers == 2; got != want {
			t.Errorf("%s: got the first part %+v, want one: %v", state, row.Canary, want)
		}
		if len(row.Refusals) != 1 || row.Refusals[0].Readers != 3 {
			t.Errorf("%s: got refusals %+v, want one of 3 readers", state, row.Refusals)
		}
	}
}
