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
	Moved       []string // weeks whose journals were compared with another server last
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
	}
}

func (s Server) finding(judge func(ServerState) Finding) func(context.Context) Finding {
	return func(ctx context.Context) Finding {
		state, err := s.Look(ctx)
		if err != nil {
			return fail("see whether the server answers, and the role's rights in docs/operating.md", "%s", err)
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
