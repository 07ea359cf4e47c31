package plainsql

import "context"

// Parts are the parts of a store that every database has in the same form; a store
// embeds them.
type Parts struct{ db DB }

// NewParts gives the parts of a database.
func NewParts(db DB) Parts { return Parts{db} }

// Secret gives the bytes that were made with the database.
func (p Parts) Secret(ctx context.Context) ([]byte, error) { return p.db.Secret(ctx) }

// Editions gives the weeks' editions.
func (p Parts) Editions() Editions { return Editions{DB: p.db} }

// Desk gives the records of what editors do.
func (p Parts) Desk() Desk { return Desk{DB: p.db} }

// Editors gives the links and sessions of the desk.
func (p Parts) Editors() Editors { return Editors{DB: p.db} }

// Outbox gives the events that wait to be told.
func (p Parts) Outbox() Outbox { return p.db.Outbox() }

// Schedule gives which slots are settled, and what the clock has been.
func (p Parts) Schedule() Schedule { return p.db.Schedule() }

// Inbox gives what came back after a send.
func (p Parts) Inbox() Inbox { return p.db.Inbox() }

// Saved gives the readers' saved comparisons.
func (p Parts) Saved() Saved { return Saved{DB: p.db} }

// Votes gives the readers' votes.
func (p Parts) Votes() Votes { return p.db.Votes() }

// Figures gives what became of editions, and what editors saw of them.
func (p Parts) Figures() Figures { return Figures{DB: p.db} }

// LeaveReasons gives the counts of why readers left.
func (p Parts) LeaveReasons() LeaveReasons { return LeaveReasons{DB: p.db} }

// Notices gives what people are still to be told of sends.
func (p Parts) Notices() Notices { return Notices{DB: p.db} }
