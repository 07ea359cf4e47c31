package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"digest":   func() { os.Exit(process()) },
		"readonly": readOnly,
		"nobody":   asNobody,
	})
}

// Each command is tested as a terminal session; see testdata/script.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Dates of this week, so that comparisons are new whenever this runs.
			now := time.Now().UTC()
			env.Setenv("TODAY", now.Format(time.DateOnly))
			env.Setenv("LASTYEAR", now.AddDate(-1, 0, 0).Format(time.DateOnly))
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":      await,
			"exitcode":   checkExitCode,
			"expand":     expand,
			"servefiles": serveFiles,
		},
	})
}
