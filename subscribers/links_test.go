package subscribers_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/subscribers"
)

var purposes = []subscribers.Purpose{
	subscribers.PurposeVote, subscribers.PurposeSave, subscribers.PurposeSaved, subscribers.PurposePreferences,
}

// A token opens what it was made for, for its reader, of its database, and
// nothing else.
func TestLinksDoOneThing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := subscribers.NewLinks(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret"))
		id := rapid.Int64Min(1).Draw(t, "id")
		p := rapid.SampledFrom(purposes).Draw(t, "purpose")
		token := l.Token(p, id)
		if got, err := l.Subscriber(p, token); got != id || err != nil || len(token) != 32 {
			t.Fatalf("got %d, %v from %q, want %d from 32 characters", got, err, token, id)
		}
		for _, other := range purposes {
			if _, err := l.Subscriber(other, token); other != p && !errors.Is(err, subscribers.ErrNotFound) {
				t.Fatalf("got %v for %s with a token for %s, want ErrNotFound", err, other, p)
			}
		}
		if _, err := subscribers.NewLinks([]byte("another database's secret")).Subscriber(p, token); !errors.Is(err, subscribers.ErrNotFound) {
			t.Fatalf("got %v with another secret, want ErrNotFound", err)
		}
		if _, err := subscribers.ParseToken(token); !errors.Is(err, subscribers.ErrNotFound) {
			t.Fatalf("got %v for the token as one to leave, want ErrNotFound", err)
		}
		b := []byte(token)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		if b[at] = 'A'; string(b) == token {
			b[at] = 'B'
		}
		if _, err := l.Subscriber(p, string(b)); !errors.Is(err, subscribers.ErrNotFound) {
			t.Fatalf("got %v with one character changed, want ErrNotFound", err)
		}
	})
}

func TestLinksWithoutSecret(t *testing.T) {
	t.Parallel()
	var none subscribers.Links
	if _, err := none.Subscriber(subscribers.PurposeVote, none.Token(subscribers.PurposeVote, 1)); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v, want no token good without a secret", err)
	}
	old := subscribers.NewToken().String()
	if _, err := subscribers.NewLinks(make([]byte, 32)).Subscriber(subscribers.PurposePreferences, old); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for an old mail's token, want ErrNotFound", err)
	}
}
