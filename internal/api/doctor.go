package api

import "verdicts.example/digest/internal/doctor"

// A Checkup is a row of doctor: what one check found.
type Checkup struct {
	Check  string `json:"check"`
	Level  string `json:"level"` // pass, warn, fail or skipped
	Detail string `json:"detail"`
	Fix    string `json:"fix"` // one sentence; "" for a pass
}

// Checkups makes the rows of found.
func Checkups(found []doctor.Finding) []Checkup {
	rows := make([]Checkup, len(found))
	for i, f := range found {
		rows[i] = Checkup{Check: f.Check, Level: string(f.Level), Detail: f.Detail, Fix: f.Fix}
	}
	return rows
}

// A Restore is what restore did.
type Restore struct {
	Backup      string   `json:"backup"`
	Database    string   `json:"database"`
	Kept        string   `json:"kept,omitempty"` // the database that was there
	Subscribers int64    `json:"subscribers"`
	Editions    int64    `json:"editions"`
	Journals    []string `json:"journals"` // what the journals knew and the backup did not, and is recorded now
}
