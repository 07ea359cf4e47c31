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

// SignUps are the database's sign-ups, until they are decided on and confirmed.
type SignUps struct {
	plainsql.SignUps
	db *DB
}

var _ subscribers.SignUps = SignUps{}

// SignUps gives the sign-ups.
func (db *DB) SignUps() SignUps { return SignUps{db.plain().SignUps(), db} }
