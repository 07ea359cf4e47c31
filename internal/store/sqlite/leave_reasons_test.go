package sqlite_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

func TestLeaveReasons(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	s := db.LeaveReasons()
	storetest.RunLeaveReasons(t, storetest.LeaveReasons{
		Answer: s.Answer, Answered: s.Answered, Counts: s.Counts, Confirmation: db.Outbox().ComposeConfirm,
		Service: func(at time.Time) *subscribers.Service {
			return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: func() time.Time { return at }})
		},
	})
}
