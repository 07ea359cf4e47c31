package sqlite_test

import (
	"testing"

	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

func TestSaved(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	s := db.Saved()
	storetest.RunSaved(t, storetest.Saved{
		Save: s.Save, Remove: s.Remove, Of: s.Of, Kept: s.Kept,
		Reader: func(t *testing.T, email string) int64 {
			t.Helper()
			s, err := list.Add(t.Context(), subscribers.NewReader{Email: email})
			if err != nil {
				t.Fatal(err)
			}
			return s.ID
		},
		Erase: func(t *testing.T, email string) {
			t.Helper()
			if _, err := list.Erase(t.Context(), email); err != nil {
				t.Fatal(err)
			}
		},
	})
}
