package delivery

import "testing"

// Whose affair a loss is.
func TestLoss(t *testing.T) {
	t.Parallel()
	type lost struct {
		answered      int64
		opened, tried bool
	}
	again := func(l lost, n int) (out []lost) {
		for range n {
			out = append(out, l)
		}
		return out
	}
	for name, tt := range map[string]struct {
		losses []lost
		want   int // how many of them until it is the reader's; 0: never
	}{
		"others were answered between":      {[]lost{{0, true, false}, {5, true, false}, {5, true, false}}, 3},
		"before the transaction was opened": {[]lost{{0, false, false}, {5, false, false}, {9, false, false}}, 3},
		"an outage":                         {again(lost{0, true, false}, 50), 0},
		"an outage in mid-run":              {again(lost{70, false, false}, 50), 0},
		"the last of the run":               {again(lost{70, true, false}, 50), lostAlone},
		"alone, and deferred before":        {again(lost{0, true, true}, 50), lostAlone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l loss
			got := 0
			for i, at := range tt.losses {
				if l.note(at.answered, at.opened, at.tried) {
					got = i + 1
					break
				}
			}
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
