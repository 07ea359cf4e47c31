package metrics

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/refusal/refusaltest"
	"verdicts.example/digest/internal/version"
)

// A refuser answers each mail so.
type refuser struct{ res delivery.Result }

func (r refuser) Dial(context.Context) (delivery.Session, error) { return r, nil }

func (r refuser) Send(context.Context, delivery.Mail, func() (*delivery.Mail, error)) delivery.Result {
	return r.res
}

func (r refuser) Close() error { return nil }

func (r refuser) Relay() string { return "" }

// Each row of package refusal's table is counted by provider and fault, and what no
// row fits as another's.
func TestEachRefusalIsCounted(t *testing.T) {
	t.Parallel()
	m := New(version.Build{}, quiet)
	want := map[string]int{}
	for _, reply := range refusaltest.Replies() {
		var res delivery.Result
		if res.Code, res.Enhanced, res.Text = reply.Parts(); res.Code < 400 {
			continue
		}
		s, err := m.Relay(refuser{res}).Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Send(t.Context(), delivery.Mail{}, nil)
		line := fmt.Sprintf("digest_refusals_total{fault=%q,provider=%q}", reply.Fault, reply.Provider)
		if reply.Provider == "" {
			line = `digest_refusals_total{fault="other",provider="other"}`
		}
		want[line]++
	}
	_, got := scrape(t, m)
	for line, n := range want {
		if !strings.Contains(got, fmt.Sprintf("%s %d\n", line, n)) {
			t.Errorf("got no %s %d in the scrape", line, n)
		}
	}
}
