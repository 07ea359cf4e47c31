package doctor

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestServerChecks(t *testing.T) {
	t.Parallel()
	good := ServerState{Version: "15.18", Skew: 3 * time.Millisecond, Standbys: 2, Synchronous: 1, CommitWaits: true,
		Checksums: true, Archives: true, Archived: now, NotArchived: now.Add(-time.Hour)}
	for name, c := range map[string]struct {
		change func(*ServerState)
		check  string
		want   Level
	}{
		"in order":            {func(*ServerState) {}, "", Pass},
		"a clock ahead":       {func(s *ServerState) { s.Skew = time.Hour }, "database-clock", Fail},
		"a clock behind":      {func(s *ServerState) { s.Skew = -3 * time.Second }, "database-clock", Warn},
		"no standby":          {func(s *ServerState) { s.Standbys, s.Synchronous = 0, 0 }, "standby", Warn},
		"asynchronous":        {func(s *ServerState) { s.Synchronous = 0 }, "standby", Warn},
		"commits do not wait": {func(s *ServerState) { s.CommitWaits = false }, "standby", Warn},
		"an old snapshot":     {func(s *ServerState) { s.OldestFor, s.OldestBy = time.Hour, "psql, process 4711" }, "vacuum", Warn},
		"no checksums":        {func(s *ServerState) { s.Checksums = false }, "checksums", Warn},
		"no archive":          {func(s *ServerState) { s.Archives = false }, "backup", Skipped},
		"nothing archived":    {func(s *ServerState) { s.Archived, s.NotArchived = time.Time{}, time.Time{} }, "backup", Skipped},
		"archiving fails":     {func(s *ServerState) { s.NotArchived = now.Add(time.Minute) }, "backup", Fail},
		"never archived":      {func(s *ServerState) { s.Archived = time.Time{} }, "backup", Fail},
		"promoted":            {func(s *ServerState) { s.Moved = []string{"2026-W47"} }, "timeline", Fail},
	} {
		state := good
		c.change(&state)
		for _, f := range Examine(t.Context(), Server{Look: func(context.Context) (ServerState, error) { return state, nil }}.Checks()) {
			want := Pass
			if f.Check == DrillCheck {
				want = Skipped
			}
			if f.Check == c.check {
				want = c.want
			}
			if f.Level != want || want != Pass && f.Fix == "" {
				t.Errorf("%s: %s: got %s (%s), fix %q, want %s", name, f.Check, f.Level, f.Detail, f.Fix, want)
			}
		}
	}
	down := Server{Look: func(context.Context) (ServerState, error) { return ServerState{}, errors.New("connection refused") }}
	for _, f := range Examine(t.Context(), down.Checks()) {
		if f.Level != Fail && f.Check != DrillCheck {
			t.Errorf("a server that does not answer: got %s of %s, want fail", f.Level, f.Check)
		}
	}
}
