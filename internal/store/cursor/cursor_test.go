package cursor_test

import (
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/cursor"
)

// Who was refused before is last in line, unless nobody else is queued or the reader
// is named.
func TestTurn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pass    *cursor.Cursor
		refused bool
		want    bool
	}{
		"the first pass":            {&cursor.Cursor{}, false, true},
		"refused, the first pass":   {&cursor.Cursor{}, true, false},
		"refused, the last pass":    {&cursor.Cursor{Behind: true}, true, true},
		"the last pass":             {&cursor.Cursor{Behind: true}, false, true},
		"refused, and named":        {nil, true, true},
		"named, or due for a retry": {nil, false, true},
	} {
		if got := c.pass.Turn(delivery.Recipient{Refused: c.refused}); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func TestLookAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held, queued int64
		want         bool
	}{{0, 1, true}, {0, 0, false}, {1, 1, false}, {2, 0, false}} {
		if got := cursor.LookAgain(c.held, c.queued); got != c.want {
			t.Errorf("%d parts in hand, %d queued: got %t, want %t", c.held, c.queued, got, c.want)
		}
	}
}
