package doctor

import (
	"context"
	"time"
)

// A Server is the database's server, where the list is in one.
type Server struct {
	Look func(ctx context.Context) (ServerState, error)
}

// A ServerState is what was found out about it.
type ServerState struct {
	Version     string
	Skew        time.Duration // how far this machine's clock is ahead of the server's
	Standbys    int           // that are connected
	Synchronous int           // of those, whom a commit waits for
	CommitWaits bool
	OldestFor   time.Duration // how long the oldest transaction has run
	OldestBy    string
	Checksums   bool      // its pages have them
	Archives    bool      // it archives its write-ahead log
	Archived    time.Time // when it last did; zero: never
	NotArchived time.Time // when that last failed; zero: never
	Moved       []string  // weeks whose journals were compared with another server last
}

// The database's clock measures leases, this machine's the slots: far apart they
// make a node send when the others do not yet.
const (
	skewWarns = 2 * time.Second
	skewFails = time.Minute
	// oldTransaction is how long one may run that keeps vacuum from its work.
	oldTransaction = 10 * time.Minute
)

// Checks are those of a server.
func (s Server) Checks() []Check {
	return []Check{
		{"database-clock", s.finding(clockOf)},
		{"standby", s.finding(standbyOf)},
		{"vacuum", s.finding(vacuumOf)},
		{"timeline", s.finding(timelineOf)},
		{"checksums", s.finding(checksumsOf)},
		{BackupCheck, s.finding(archiveOf)},
		{DrillCheck, noDrill},
	}
}

// noDrill: what restores a server is the server's own.
func noDrill(context.Context) Finding {
	return skipped("restore the server's backup on another machine now and then, and prove it there with 'digest --set database=URL verify'", "a server's backup is not restored by this program")
}

// askServer is what to do about a server that says nothing.
const askServer = "see whether the server answers, and the role's rights in docs/operating.md"

func (s Server) finding(judge func(ServerState) Finding) func(context.Context) Finding {
	return func(ctx context.Context) Finding {
		state, err := s.Look(ctx)
		if err != nil {
			return fail(askServer, "%s", err)
		}
		return judge(state)
	}
}

func clockOf(s ServerState) Finding {
	skew := s.Skew.Abs().Round(time.Millisecond)
	where := "ahead of"
	if s.Skew < 0 {
		where = "behind"
	}
	switch {
	case skew >= skewFails:
		return fail("run a time service on this machine and on the server", "this machine's clock is %s %s the database server's: it would act on slots at another time than the other nodes", skew, where)
	case skew >= skewWarns:
		return warn("run a time service on this machine and on the server", "this machine's clock is %s %s the database server's", skew, where)
	}
	return pass("this machine's clock is within %s of the server's (PostgreSQL %s)", max(skew, time.Millisecond), s.Version)
}

func standbyOf(s ServerState) Finding {
	const fix = "set synchronous_standby_names, see docs/scaling.md"
	switch {
	case s.Standbys == 0:
		return warn(fix, "no standby is connected: when the server's disk is lost, so is what came after the last backup")
	case !s.CommitWaits || s.Synchronous == 0:
		return warn(fix, "of %d standbys none is synchronous: a promoted one may have forgotten the last commits, and every send stops until the journals were compared with it", s.Standbys)
	}
	return pass("%d of %d standbys are synchronous", s.Synchronous, s.Standbys)
}

func vacuumOf(s ServerState) Finding {
	if s.OldestFor >= oldTransaction {
		return warn("end it, or have idle_in_transaction_session_timeout end such ones",
			"a transaction has been open for %s (%s): vacuum cannot take away what was changed since, and tables grow", s.OldestFor.Round(time.Second), s.OldestBy)
	}
	return pass("no transaction keeps vacuum from its work")
}

func timelineOf(s ServerState) Finding {
	if len(s.Moved) > 0 {
		return fail("'digest status --nodes' names the nodes; each compares its journal by itself when it runs",
			"the server was replaced or a standby promoted while %s was being sent: the journals were compared with the one before", s.Moved[0])
	}
	return pass("the server is the one that the open sends began on")
}

func checksumsOf(s ServerState) Finding {
	if !s.Checksums {
		return warn("stop the server and run 'pg_checksums --enable' on it, or begin the next one with 'initdb --data-checksums'", "the server's pages have no checksums (data_checksums is off), so a disk that loses or changes one is not noticed")
	}
	return pass("every page has a checksum that the server looks at")
}

// archiveOf judges what a server tells of its backups: of base backups and dumps it
// knows nothing, of the log that leads from one to any later moment it does.
func archiveOf(s ServerState) Finding {
	const fix = "back the server up with base backups and its archived log (pg_basebackup, archive_command), and restore one on another machine now and then"
	switch {
	case !s.Archives:
		return skipped(fix, "the server archives no log (archive_mode is off); whether it is backed up in another way it does not tell")
	case s.NotArchived.After(s.Archived):
		return fail("see the server's log and the disk of the archive", "archiving the server's log has failed since %s, so a backup leads to no moment after %s", at(s.NotArchived), at(s.Archived))
	case s.Archived.IsZero():
		return skipped(fix, "the server has archived nothing of its log yet")
	}
	return pass("the server archived its log last at %s", at(s.Archived))
}

func at(t time.Time) string {
	if t.IsZero() {
		return "its beginning"
	}
	return t.UTC().Format(time.RFC3339)
}
