package sendview_test

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// relayed is a running send through two relays, of which one rests.
func relayed(t *testing.T) *deliverytest.Fixture {
	t.Helper()
	f := deliverytest.New(t, 200)
	f.Freeze()
	opt := f.Options(&deliverytest.Server{Name: "own"})
	opt.Limit = 120
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s, err := f.Leases.Acquire(t.Context(), delivery.Lease{Edition: f.Edition, Host: "h", Holder: "test", Until: now.Add(time.Hour)}, true, now)
	if err == nil {
		err = f.Store.KeepRelays(t.Context(), s, []delivery.RelayStand{
			{Relay: "own", Open: 5, May: 6, Most: 64},
			{Relay: "provider", May: 1, Most: 8, RestsUntil: now.Add(time.Minute), Reason: "535 5.7.8 authentication failed"},
		}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What each relay took, and how it stands now.
func TestRelaysAreShown(t *testing.T) {
	t.Parallel()
	page := serve(t, relayed(t)) + "/send/" + deliverytest.Week
	contains(t, page, "By relay", `<th scope="row">own</th>`, `data-label="Accepted">120</td>`, `5 of 6 <span class="means">at most 64</span>`,
		`<th scope="row">provider</th>`, "asked again at", "535 5.7.8 authentication failed")
	if _, body := get(t, serve(t, endedSend(t))+"/send/"+deliverytest.Week, ""); strings.Contains(body, "By relay") {
		t.Error("one relay, and nothing to tell of it: got a table")
	}
}
