package postgres_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

// lists makes databases in schemas of one database of the server: that takes a
// tenth of the time that CREATE DATABASE takes.
func lists(t *testing.T, version string) func(testing.TB) *postgres.DB {
	t.Helper()
	url := postgrestest.Database(t, version)
	var n atomic.Int64
	return func(t testing.TB) *postgres.DB {
		t.Helper()
		db, err := postgres.Open(t.Context(), postgres.Options{URL: fmt.Sprintf("%s?schema=list%d", url, n.Add(1))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	}
}

func TestSubscribers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		open := lists(t, version)
		storetest.RunSubscribers(t, func(t testing.TB) storetest.SubscriberStore {
			db := open(t)
			return storetest.SubscriberStore{List: db.Subscribers(), SignUps: db.SignUps(), Outbox: db.Outbox(), Pass: passing(t, db, "outbox")}
		})
	})
}

// passing lets time pass by the database's clock for the leases in a table.
func passing(t testing.TB, db *postgres.DB, table string) func(time.Duration) {
	return func(d time.Duration) {
		t.Helper()
		if err := postgres.Exec(t.Context(), db, "UPDATE "+table+" SET taken_until = taken_until - $1::interval", d); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVotes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		db := lists(t, version)(t)
		list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
		v := db.Votes()
		storetest.RunVotes(t, storetest.Votes{
			Cast: v.Cast, Of: v.Of, Tallies: v.Tallies, ByReader: v.ByReader,
			Reader: adding(list), Leave: leaving(list), Erase: erasing(list),
		})
	})
}

func TestLedger(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		open := lists(t, version)
		storetest.RunLedger(t, func(t *testing.T) storetest.Ledger {
			db := open(t)
			return storetest.Ledger{
				Ledger: db.Schedule(), Clock: db.Schedule(), Editions: db.Editions(), Pass: passing(t, db, "schedule_slots"),
				Send: func(t *testing.T, w edition.Week) {
					t.Helper()
					_, _, err := db.Editions().Insert(t.Context(), edition.Edition{Week: w, State: edition.Draft, CreatedAt: time.Now()})
					if err == nil {
						err = postgres.Exec(t.Context(), db, "UPDATE editions SET state = 'sending', frozen_at = 1 WHERE week = $1", w.String())
					}
					if err != nil {
						t.Fatal(err)
					}
				},
			}
		})
	})
}

// What the clock asks for is recorded, told and settled at once.
func TestTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		storetest.RunTold(t, func(t *testing.T) storetest.Told { return told(t, postgrestest.Schema(t, version)) })
	})
}

func told(t *testing.T, url string) storetest.Told {
	t.Helper()
	db := open(t, url)
	passing(t, db, "schedule_slots")(time.Hour)
	return storetest.Told{
		Archive: db.Editions(), Outbox: db.Outbox(), Ledger: db.Schedule(),
		Cut: func(n int) (context.Context, func() bool) {
			ctx, reached, err := postgres.Cut(t.Context(), db, n)
			if err != nil {
				t.Fatal(err)
			}
			return ctx, reached
		},
		Again: func(t *testing.T) storetest.Told {
			t.Helper()
			_ = db.Close() // its connections are gone
			return told(t, url)
		},
	}
}

func TestEditors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		open := lists(t, version)
		storetest.RunEditors(t, func(t *testing.T) storetest.Editors {
			db := open(t)
			return storetest.Editors{Store: db.Editors(), Take: db.Outbox().Take, ComposeLogin: db.Outbox().ComposeLogin}
		})
	})
}

func TestSaved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		db := lists(t, version)(t)
		list, s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{}), db.Saved()
		storetest.RunSaved(t, storetest.Saved{Save: s.Save, Remove: s.Remove, Of: s.Of, Kept: s.Kept, Reader: adding(list), Erase: erasing(list)})
	})
}

func adding(list *subscribers.Service) func(t *testing.T, email string) int64 {
	return func(t *testing.T, email string) int64 {
		t.Helper()
		s, err := list.Add(t.Context(), subscribers.NewReader{Email: email})
		if err != nil {
			t.Fatal(err)
		}
		return s.ID
	}
}

func leaving(list *subscribers.Service) func(t *testing.T, email string) {
	return func(t *testing.T, email string) {
		t.Helper()
		s, err := list.Get(t.Context(), email)
		if err == nil {
			_, err = list.UnsubscribeReader(t.Context(), s.ID, subscribers.ViaMail)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func erasing(list *subscribers.Service) func(t *testing.T, email string) {
	return func(t *testing.T, email string) {
		t.Helper()
		if _, err := list.Erase(t.Context(), email); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		db := lists(t, version)(t)
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
	})
}

func TestLeaveReasons(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		db := lists(t, version)(t)
		s := db.LeaveReasons()
		storetest.RunLeaveReasons(t, storetest.LeaveReasons{
			Answer: s.Answer, Answered: s.Answered, Counts: s.Counts, Confirmation: db.Outbox().ComposeConfirm,
			Service: func(at time.Time) *subscribers.Service {
				return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: func() time.Time { return at }})
			},
		})
	})
}
