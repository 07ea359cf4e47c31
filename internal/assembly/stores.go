package assembly

import (
	"context"
	"time"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
)

// A Database is an open list, whatever keeps it.
type Database struct {
	Keeper
	Care
	Name       string // for people; no password is in it
	Editions   Editions
	Deliveries Deliveries
	Leases     delivery.Leases
	Notices    delivery.Notices
	Outbox     Outbox
	Readers    subscribers.List
	SignUps    subscribers.SignUps
	Inbox      Inbox
	Votes      Votes
	Saved      Saved
	Desk       edition.Book
	Editors    editors.Store
	Figures    Figures
	Reasons    Reasons
	Schedule   Schedule
	Quotas     delivery.Quotas // nil where one process has the database
	Registry   node.Registry   // likewise
	// Nodes gives a send's nodes; nil where one process has the database.
	Nodes func(ctx context.Context, edition int64) ([]delivery.NodeStatus, error)
	// Room is what the database takes on this machine's disk, and what is free
	// there, in bytes; nil where it is on another.
	Room func() (free uint64, size, wal int64, err error)
	// Server is what doctor asks of the server that has the database; nil where it
	// is a file.
	Server *doctor.Server
}

// A Keeper is what keeps the list, as a whole.
type Keeper interface {
	// Secret gives the random bytes that were made with the list.
	Secret(ctx context.Context) ([]byte, error)
	// Ping reports whether writes are taken.
	Ping(ctx context.Context) error
	Close() error
}

// Care is what an operator asks of whatever keeps the list.
type Care interface {
	// Damage names what is not in order.
	Damage(ctx context.Context) ([]string, error)
	// Backup writes a copy to a new file, where the list is in one.
	Backup(ctx context.Context, path string) error
	Warnings() []string
}

// Editions are the weeks' editions.
type Editions interface {
	pipeline.Archive
	web.Editions
}

// Deliveries are the sends and their recipients.
type Deliveries interface {
	delivery.Freezer
	desk.Records
	Versions(ctx context.Context, edition int64) (map[int]delivery.Counts, error)
}

// Figures are what became of editions, and what editors saw of them.
type Figures interface {
	desk.Aftermath
	desk.Seen
}

// Reasons count why readers left.
type Reasons interface {
	web.Reasons
	Counts(ctx context.Context, from, to time.Time) (map[subscribers.LeaveReason]int64, error)
}

// An Outbox holds the events that wait.
type Outbox interface {
	courier.Outbox
	pipeline.Noticeboard
}

// An Inbox keeps what came back after a send.
type Inbox interface {
	inbound.Store
	inbound.Shelf
	inbound.Settler
}

// Votes are the readers' votes.
type Votes interface {
	web.Votes
	Tallies(ctx context.Context) (votes.Tallies, error)
}

// Saved is what readers saved, and what they were told of it.
type Saved interface {
	web.Saved
	pipeline.Saved
}

// A Schedule is the schedulers' record of the slots.
type Schedule interface {
	schedule.Ledger
	Seen(ctx context.Context) (time.Time, error)
	ResetClock(ctx context.Context, now time.Time) error
}

func overSQLite(path string, db *sqlite.DB) *Database {
	return &Database{
		Keeper: db, Care: db, Name: path, Room: db.Room,
		Editions: db.Editions(), Deliveries: db.Deliveries(), Leases: db.Leases(), Notices: db.Notices(),
		Outbox: db.Outbox(), Readers: db.Subscribers(), SignUps: db.SignUps(), Inbox: db.Inbox(),
		Votes: db.Votes(), Saved: db.Saved(), Desk: db.Desk(), Editors: db.Editors(), Figures: db.Figures(), Reasons: db.LeaveReasons(), Schedule: db.Schedule(),
	}
}

// A comparedSchedule acts only while this machine's clock agrees with the
// server's, which all nodes share.
type comparedSchedule struct {
	Schedule
	db    *postgres.DB
	clock func() time.Time // the machine's
}

// Observe is the schedule's, unless the clocks differ.
func (s comparedSchedule) Observe(ctx context.Context, now time.Time) (schedule.Observed, error) {
	skew, err := s.db.Skew(ctx, s.clock)
	if err == nil {
		err = schedule.Agree(skew)
	}
	if err != nil {
		return schedule.Observed{}, err
	}
	return s.Schedule.Observe(ctx, now)
}

func overPostgres(db *postgres.DB) *Database {
	return &Database{
		Keeper: db, Care: db, Name: db.Name(), Server: &doctor.Server{Look: func(ctx context.Context) (doctor.ServerState, error) {
			s, err := db.State(ctx, time.Now)
			return doctor.ServerState(s), err
		}},
		Editions: db.Editions(), Deliveries: db.Deliveries(), Leases: db.Leases(), Notices: db.Notices(),
		Outbox: db.Outbox(), Readers: db.Subscribers(), SignUps: db.SignUps(), Inbox: db.Inbox(), Nodes: db.Deliveries().Nodes,
		Votes: db.Votes(), Saved: db.Saved(), Desk: db.Desk(), Editors: db.Editors(), Figures: db.Figures(), Reasons: db.LeaveReasons(), Schedule: comparedSchedule{db.Schedule(), db, time.Now}, Quotas: db.Quotas(), Registry: db.Registry(),
	}
}
