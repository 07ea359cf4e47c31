package sqlite

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	db := openEditions(t)
	f := db.Figures()
	storetest.RunFigures(t, storetest.Figures{Left: f.Left, See: f.See, Before: f.Before, Leave: func(t *testing.T, email string, at time.Time) {
		t.Helper()
		list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: func() time.Time { return at }})
		s, err := list.Add(t.Context(), subscribers.NewReader{Email: email})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := list.Unsubscribe(t.Context(), s.Token.String(), "page"); err != nil {
			t.Fatal(err)
		}
	}})
}
