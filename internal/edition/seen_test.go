package edition_test

import (
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

// The last two contents that an editor saw of a week are kept.
func TestSuperseded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	saw := func(hash string, hour int) edition.Sighting {
		return edition.Sighting{Hash: hash, At: at.Add(time.Duration(hour) * time.Hour)}
	}
	for name, c := range map[string]struct {
		list []edition.Sighting
		want []string
	}{
		"nothing":     {nil, nil},
		"two":         {[]edition.Sighting{saw("a", 1), saw("b", 2)}, nil},
		"three":       {[]edition.Sighting{saw("a", 1), saw("b", 2), saw("c", 3)}, []string{"a"}},
		"back again":  {[]edition.Sighting{saw("a", 4), saw("b", 2), saw("c", 3)}, []string{"b"}},
		"at once":     {[]edition.Sighting{saw("c", 1), saw("b", 1), saw("a", 1)}, []string{"c"}},
		"many at all": {[]edition.Sighting{saw("d", 4), saw("a", 1), saw("c", 3), saw("b", 2)}, []string{"b", "a"}},
	} {
		if got := edition.Superseded(c.list); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
