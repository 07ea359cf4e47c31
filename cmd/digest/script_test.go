package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"verdicts.example/digest/internal/store/postgrestest"
)

func TestMain(m *testing.M) {
	testscript.Main(withServers{m}, map[string]func(){
		"digest":   func() { os.Exit(process(scriptClock())) },
		"readonly": readOnly,
		"nobody":   asNobody,
	})
}

// withServers are the tests, and PostgreSQL's servers for as long as they run.
type withServers struct{ *testing.M }

func (m withServers) Run() int { return postgrestest.Main(m.M) }

// A script begins on a Monday, an hour after the slot of its week, whenever it
// runs, and its clock goes on from there.
var scriptStart = time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)

// clockAhead names the variable that says how far a script's clock is ahead of
// the machine's. Only this test's binary reads it.
const clockAhead = "SCRIPT_CLOCK_AHEAD"

func scriptClock() func() time.Time {
	ahead, err := time.ParseDuration(os.Getenv(clockAhead))
	if err != nil {
		panic(err)
	}
	return func() time.Time { return time.Now().Add(ahead) }
}

// Each command is tested as a terminal session; see testdata/script.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TODAY", scriptStart.Format(time.DateOnly))
			env.Setenv("LASTYEAR", scriptStart.AddDate(-1, 0, 0).Format(time.DateOnly))
			env.Setenv(clockAhead, time.Until(scriptStart).String())
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "postgres" {
				return postgrestest.Find(postgrestest.Versions()[0]) != "", nil
			}
			return condition(name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"answers":      answers,
			"await":        await,
			"clock":        setClock,
			"exitcode":     checkExitCode,
			"expand":       expand,
			"eventually":   eventually,
			"freeport":     freePort,
			"postgres":     makeDatabase,
			"relay":        startRelay,
			"servefiles":   serveFiles,
			"silentserver": silentServer,
		},
	})
}
