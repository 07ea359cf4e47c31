package postgres

import (
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// Subscribers are the database's list. Old versions of an erased reader's rows are
// gone when the server's vacuum has been there; in the write-ahead log and in
// backups they are for as long as those are kept.
type Subscribers struct {
	plainsql.Imports
	plainsql.Subscribers
	db *DB
}

var _ subscribers.List = Subscribers{}

// Subscribers gives the list.
func (db *DB) Subscribers() Subscribers {
	return Subscribers{db.plain().Imports(), db.plain().Subscribers(), db}
}

var _ subscribers.SignUps = plainsql.SignUps{}

// SignUps gives the sign-ups, until they are decided on and confirmed.
func (db *DB) SignUps() plainsql.SignUps { return db.plain().SignUps() }
