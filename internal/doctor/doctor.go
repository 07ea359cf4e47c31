// Package doctor looks for what can be wrong around a list: its sender's DNS
// records, its relay, its site, its machine, its records and its backups.
//
// The package promises that a check changes nothing and mails nobody; that it
// asks only the resolver, the relay and the site that it is handed; that each
// finding that is not a pass says in one sentence how to fix it; and that a
// check that could not find out says so (Skipped, or Warn with the reason) and
// never passes.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Level is how grave a finding is.
type Level string

// The levels.
const (
	Pass    Level = "pass"
	Warn    Level = "warn"
	Fail    Level = "fail"
	Skipped Level = "skipped" // it does not apply, or could not be looked at
)

// gravity orders levels.
func (l Level) gravity() int {
	return slices.Index([]Level{Skipped, Pass, Warn, Fail}, l)
}

// A Finding is what one check found. Fix is empty for a pass.
type Finding struct {
	Check  string
	Level  Level
	Detail string
	Fix    string
}

// A Check looks at one thing.
type Check struct {
	Name string
	Look func(ctx context.Context) Finding
}

// A resolver or a server that hangs is a finding; a large database takes its time.
const (
	checkTime = 30 * time.Second
	slowTime  = 30 * time.Minute
)

// limit bounds a check.
func (c Check) limit() time.Duration {
	if c.Name == integrityCheck || c.Name == DrillCheck {
		return slowTime
	}
	return checkTime
}

// Examine runs the checks at once and gives a finding for each, in their order.
func Examine(ctx context.Context, checks []Check) []Finding {
	found := make([]Finding, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, c.limit())
			defer cancel()
			found[i] = c.Look(ctx)
			found[i].Check = c.Name
		})
	}
	wg.Wait()
	return found
}

// Skip stands in for checks that do not apply, for a reason.
func Skip(checks []Check, fix, reason string) []Check {
	out := make([]Check, len(checks))
	for i, c := range checks {
		out[i] = Check{c.Name, func(context.Context) Finding { return skipped(fix, "%s", reason) }}
	}
	return out
}

// Broken stands in for checks of what could not be opened.
func Broken(name, fix string, err error) Check {
	return Check{name, func(context.Context) Finding { return fail(fix, "%s", err) }}
}

// Failed reports whether one of the findings is a failure.
func Failed(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Level == Fail })
}

func pass(format string, args ...any) Finding {
	return Finding{Level: Pass, Detail: fmt.Sprintf(format, args...)}
}

func warn(fix, format string, args ...any) Finding {
	return Finding{Level: Warn, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

func fail(fix, format string, args ...any) Finding {
	return Finding{Level: Fail, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

func skipped(fix, format string, args ...any) Finding {
	return Finding{Level: Skipped, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

// gravest makes one finding of several: the level and the fix of the gravest,
// and the details of all that are as grave.
func gravest(list ...Finding) Finding {
	worst := slices.MaxFunc(list, func(a, b Finding) int { return cmp.Compare(a.Level.gravity(), b.Level.gravity()) })
	var details []string
	for _, f := range list {
		if f.Level == worst.Level && !slices.Contains(details, f.Detail) {
			details = append(details, f.Detail)
		}
	}
	worst.Detail = strings.Join(details, "; ")
	return worst
}
