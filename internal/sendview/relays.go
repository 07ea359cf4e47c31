package sendview

import (
	"context"
	"slices"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// relay is a row of the table of relays.
type relay struct {
	Name   string // "": of before it was recorded
	Counts delivery.Counts
	Stands []delivery.RelayStand // with each node, while the send goes through it
}

// relays are the relays of a send.
func (s *server) relays(ctx context.Context, v *sending) ([]relay, error) {
	counts, _, err := s.watch.relays.get(v.ID, func() ([]delivery.RelayCounts, error) { return s.Records.Relays(ctx, v.ID) })
	if err != nil {
		return nil, err
	}
	var stands []delivery.RelayStand
	if v.State == edition.Sending {
		if stands, err = s.Records.RelayStands(ctx, v.ID, s.Now()); err != nil {
			return nil, err
		}
	}
	return relaysOf(counts, stands), nil
}

// relaysOf puts together what relays took and how they stand. One that has nothing to
// tell is left out: the counts by outcome have it all.
func relaysOf(counts []delivery.RelayCounts, stands []delivery.RelayStand) (list []relay) {
	for _, c := range counts {
		if c.Tried() > 0 {
			list = append(list, relay{Name: c.Relay, Counts: c.Counts})
		}
	}
	for _, st := range stands {
		i := slices.IndexFunc(list, func(r relay) bool { return r.Name == st.Relay })
		if i < 0 {
			i = len(list)
			list = append(list, relay{Name: st.Relay})
		}
		list[i].Stands = append(list[i].Stands, st)
	}
	if len(list) == 1 && len(stands) == 0 {
		return nil
	}
	return list
}
