package upkeep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/outbox"
)

// checkup runs every check, and keeps when.
func (u *Upkeep) checkup(ctx context.Context, state *State) error {
	state.Checked = u.Now()
	if err := state.Save(u.State); err != nil { // before it: what hangs or kills the program does not come each minute
		return err
	}
	return u.look(ctx, state, func(doctor.Check) bool { return true })
}

// look runs the checks that which picks and tells the editors what changed. What
// changed is checked a second time: one slow answer of a resolver is no news.
func (u *Upkeep) look(ctx context.Context, state *State, which func(doctor.Check) bool) error {
	found, err := u.examine(ctx, which)
	if err != nil {
		return err
	}
	if again := changed(state.Told, found); len(again) > 0 {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(againAfter):
		}
		second, err := u.examine(ctx, func(c doctor.Check) bool { return slices.Contains(again, c.Name) })
		if err != nil {
			return err
		}
		found = replaced(found, second)
	}
	if ctx.Err() != nil {
		return nil
	}
	for _, f := range found {
		if f.Check == doctor.DrillCheck && f.Level != doctor.Skipped {
			state.Drilled, state.Drill = u.Now(), f.Level
		}
	}
	if news := News(state.Told, found); !news.Empty() {
		news.Host, news.At = u.Host, u.Now()
		u.Log.Info("the checkup's findings have changed", "findings", len(news.Findings), "settled", len(news.Settled))
		if err := u.Tell(ctx, news, dedupe(news)); err != nil {
			return err
		}
	}
	state.Told = levels(state.Told, found)
	return state.Save(u.State)
}

func (u *Upkeep) examine(ctx context.Context, which func(doctor.Check) bool) ([]doctor.Finding, error) {
	checks, err := u.Checks(ctx)
	if err != nil {
		return nil, err
	}
	return doctor.Examine(ctx, slices.DeleteFunc(checks, func(c doctor.Check) bool { return !which(c) })), nil
}

// changed names the checks whose finding is not what the editors were told.
func changed(told map[string]doctor.Level, found []doctor.Finding) (names []string) {
	for _, f := range found {
		if bad(f) != told[f.Check] {
			names = append(names, f.Check)
		}
	}
	return names
}

// bad is a finding's level where editors are told of it, else "".
func bad(f doctor.Finding) doctor.Level {
	if f.Level == doctor.Warn || f.Level == doctor.Fail {
		return f.Level
	}
	return ""
}

func replaced(found, by []doctor.Finding) []doctor.Finding {
	for i, f := range found {
		if j := slices.IndexFunc(by, func(n doctor.Finding) bool { return n.Check == f.Check }); j >= 0 {
			found[i] = by[j]
		}
	}
	return found
}

// News is what the editors are to be told of findings, after what they were told:
// all warnings and failures that there are, those that are new marked, and what
// is settled. It is empty when no check has changed its level.
func News(told map[string]doctor.Level, found []doctor.Finding) outbox.Checkup {
	var out outbox.Checkup
	names := changed(told, found)
	if len(names) == 0 {
		return out
	}
	for _, f := range found {
		switch {
		case bad(f) != "":
			out.Findings = append(out.Findings, outbox.Finding{
				Check: f.Check, Fails: f.Level == doctor.Fail, Detail: f.Detail, Fix: f.Fix, New: slices.Contains(names, f.Check),
			})
		case told[f.Check] != "":
			out.Settled = append(out.Settled, f.Check)
		}
	}
	return out
}

// levels is what editors have been told after a checkup; checks that were not
// looked at stay as they were.
func levels(told map[string]doctor.Level, found []doctor.Finding) map[string]doctor.Level {
	out := maps.Clone(told)
	if out == nil {
		out = map[string]doctor.Level{}
	}
	for _, f := range found {
		if delete(out, f.Check); bad(f) != "" {
			out[f.Check] = bad(f)
		}
	}
	return out
}

// dedupe keeps the same news from being told twice in a week, when the program
// died before it had kept that they were told.
func dedupe(c outbox.Checkup) string {
	year, week := c.At.UTC().ISOWeek()
	c.At = time.Time{}
	data, err := json.Marshal(struct {
		Year, Week int
		outbox.Checkup
	}{year, week, c})
	if err != nil {
		return c.Host
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
