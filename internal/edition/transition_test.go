package edition_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/edition"
)

// noon is when everything in these tests happens.
func noon() time.Time { return time.Date(2026, time.November, 16, 12, 0, 0, 0, time.UTC) }

// an edition of 2026-W47 in a state, with a build of hash h1.
func an(s edition.State) edition.Edition {
	e := edition.Edition{Week: edition.Week{Year: 2026, Number: 47}, State: s, Hash: "h1"}
	switch s {
	case edition.Approved:
		e.ApprovedHash, e.ApprovedBy, e.NeedsApproval = "h1", "ada", true
	case edition.Held:
		e.NeedsApproval = true
	case edition.Sending, edition.Sent:
		e.FrozenAt = noon()
	}
	if s.Finished() {
		e.FinishedAt = noon()
	}
	return e
}

func build(hash string) edition.Revision {
	r := edition.Revision{At: noon(), Cutoff: noon()}
	if hash != "" {
		r.Build = &edition.Build{Hash: hash, Subject: "subject " + hash}
	}
	return r
}

// actions are the transitions as an editor, the clock or a sender asks for them.
func actions() map[string]func(edition.Edition) (edition.Edition, error) {
	type e = edition.Edition
	return map[string]func(e) (e, error){
		"build":        func(x e) (e, error) { return x.Revise(build("h1")) },
		"build other":  func(x e) (e, error) { return x.Revise(build("h2")) },
		"build none":   func(x e) (e, error) { return x.Revise(build("")) },
		"approve":      func(x e) (e, error) { return x.Approve("h1", "bea") },
		"hold":         e.Hold,
		"skip":         func(x e) (e, error) { return x.Skip("bea", noon()) },
		"miss":         func(x e) (e, error) { return x.Miss(noon()) },
		"freeze":       func(x e) (e, error) { return x.Freeze("h1", false, noon()) },
		"freeze asked": func(x e) (e, error) { return x.Freeze("h1", true, noon()) },
		"pause":        func(x e) (e, error) { return x.Pause("why") },
		"resume":       e.Resume,
		"finish":       func(x e) (e, error) { return x.Finish(noon()) },
		"reopen":       e.Reopen,
		"cancel":       func(x e) (e, error) { return x.Cancel(noon()) },
	}
}

// The table as the contract draws it: what becomes of an edition, by action and
// by the state that it is in; "" where it is refused.
func TestTransitions(t *testing.T) {
	t.Parallel()
	const table = `
		              draft     approved  held      sending   sent    skipped missed cancelled
		build         draft     approved  held      -         -       draft   draft  -
		build other   draft     draft     held      -         -       draft   draft  -
		build none    skipped   skipped   held      -         -       skipped skipped -
		approve       approved  approved  approved  -         -       -       -      -
		hold          held      held      held      -         -       -       -      -
		skip          skipped   skipped   skipped   -         -       skipped -      -
		miss          missed    missed    missed    -         -       -       missed -
		freeze        sending   sending   -         -         -       -       -      -
		freeze asked  -         sending   -         -         -       -       -      -
		pause         -         -         -         sending   -       -       -      -
		resume        -         -         -         sending   -       -       -      -
		finish        -         -         -         sent      -       -       -      -
		reopen        -         -         -         sending   sending -       -      -
		cancel        cancelled cancelled cancelled cancelled -       -       -      cancelled`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	states := strings.Fields(lines[0])
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		row := fields[len(fields)-len(states):]
		name := strings.Join(fields[:len(fields)-len(states)], " ")
		for i, from := range states {
			e := an(edition.State(from))
			got, err := actions()[name](e)
			switch {
			case row[i] == "-" && (err == nil || got.State != e.State):
				t.Errorf("%s, %s: got %s, %v, want it refused and unchanged", from, name, got.State, err)
			case row[i] != "-" && (err != nil || string(got.State) != row[i]):
				t.Errorf("%s, %s: got %s, %v, want %s", from, name, got.State, err, row[i])
			case err != nil && !strings.HasPrefix(err.Error(), "edition 2026-W47 is "):
				t.Errorf("%s, %s: got %q, want a sentence about the edition", from, name, err)
			}
			if got.FinishedAt.IsZero() == got.State.Finished() {
				t.Errorf("%s, %s: got %s finished at %v", from, name, got.State, got.FinishedAt)
			}
		}
	}
	if len(lines)-1 != len(actions()) || len(states) != len(edition.States()) {
		t.Errorf("got a table of %d actions and %d states, want %d and %d", len(lines)-1, len(states), len(actions()), len(edition.States()))
	}
}

// What a refusal says, and which error it is.
func TestRefusals(t *testing.T) {
	t.Parallel()
	blank, other := an(edition.Draft), an(edition.Draft)
	blank.Hash, other.Hash = "", "0123456789abcdef"
	for _, tc := range []struct {
		e      edition.Edition
		action string
		want   error
		text   string
	}{
		{an(edition.Sent), "cancel", edition.ErrState, "already sent; it can't be cancelled"},
		{an(edition.Skipped), "cancel", edition.ErrState, "skipped; nothing of it will be sent, so there is nothing to cancel"},
		{an(edition.Cancelled), "build", edition.ErrState, "cancelled; it can't be built again"},
		{an(edition.Sending), "approve", edition.ErrState, "being sent; it can't be approved"},
		{an(edition.Draft), "pause", edition.ErrState, "a draft; only an edition that is being sent can be paused"},
		{an(edition.Held), "freeze", edition.ErrNotApproved, "held; approve it to release it"},
		{an(edition.Draft), "freeze asked", edition.ErrNotApproved, "a draft that nobody has approved"},
		{an(edition.Sent), "freeze", edition.ErrState, "already sent; it can't be sent"},
		{blank, "approve", edition.ErrNotBuilt, "not built yet; there is nothing to approve"},
		{blank, "freeze", edition.ErrNotBuilt, "not built yet; there is nothing to send"},
		{other, "approve", edition.ErrChanged, "now 0123456789ab, not h1; look at it again and approve that"},
		{other, "freeze", edition.ErrChanged, "now 0123456789ab, not h1: it was built again meanwhile"},
	} {
		_, err := actions()[tc.action](tc.e)
		if want := "edition 2026-W47 is " + tc.text; !errors.Is(err, tc.want) || err.Error() != want {
			t.Errorf("%s of %s: got %v, want %q", tc.action, tc.e.State, err, want)
		}
	}
}

func TestApprovalBindsToTheHash(t *testing.T) {
	t.Parallel()
	e, _ := an(edition.Draft).Approve("h1", "ada")
	if again, err := e.Approve("h1", "bea"); err != nil || again.ApprovedBy != "ada" {
		t.Errorf("approved twice: got by %q, %v, want by the first", again.ApprovedBy, err)
	}
	if same, _ := e.Revise(build("h1")); same.ApprovedBy != "ada" || same.State != edition.Approved {
		t.Errorf("the same content: got %s by %q, want the approval kept", same.State, same.ApprovedBy)
	}
	// Also where editors need not approve, what somebody approved or held does
	// not go as something else.
	changed, _ := e.Revise(build("h2"))
	if changed.ApprovedHash != "" || changed.ApprovedBy != "" || changed.Released(false) {
		t.Errorf("other content: got approved %q by %q, released %v, want neither", changed.ApprovedHash, changed.ApprovedBy, changed.Released(false))
	}
	if _, err := changed.Freeze("h2", false, noon()); !errors.Is(err, edition.ErrNotApproved) {
		t.Errorf("other content, frozen: got %v, want ErrNotApproved", err)
	}
	held, _ := e.Hold()
	if held.ApprovedBy != "" || held.ApprovedHash != "" {
		t.Errorf("held: got approved by %q, want by nobody", held.ApprovedBy)
	}
	plain, _ := an(edition.Draft).Revise(build("h2"))
	if !plain.Released(false) || plain.Released(true) {
		t.Errorf("a draft that nobody touched: got released %v, want only where nobody need approve", plain.Released(false))
	}
}

func TestPauseKeepsTheFirstReason(t *testing.T) {
	t.Parallel()
	e, _ := an(edition.Sending).Pause("535 wrong password")
	e, err := e.Pause("another")
	if err != nil || e.PauseReason != "535 wrong password" || e.Status() != "paused" {
		t.Errorf("got %q, %s, %v, want the first reason", e.PauseReason, e.Status(), err)
	}
	if e, err = e.Resume(); err != nil || e.PauseReason != "" {
		t.Errorf("got %q, %v, want it to go on", e.PauseReason, err)
	}
	e, _ = e.Pause("x")
	if e, _ = e.Cancel(noon()); e.PauseReason != "" {
		t.Errorf("cancelled: got paused for %q, want no reason", e.PauseReason)
	}
	if again, err := e.Cancel(noon().Add(time.Hour)); err != nil || !again.FinishedAt.Equal(noon()) {
		t.Errorf("cancelled again: got %v, %v, want no change", again.FinishedAt, err)
	}
}

// Whatever is asked in whatever order, what the schema and the readers rely on
// holds.
func TestTransitionsInAnyOrder(t *testing.T) {
	t.Parallel()
	all := actions()
	var names []string
	for name := range all {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		e, sent := an(edition.Draft), ""
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			name := rapid.SampledFrom(names).Draw(t, "action")
			next, err := all[name](e)
			if err == nil && e.Frozen() && (next.Hash != e.Hash || !next.Frozen() || !next.FrozenAt.Equal(e.FrozenAt)) {
				t.Fatalf("%s: got %+v of a frozen edition, want its bytes kept", name, next)
			}
			if err == nil && !e.Frozen() && next.Frozen() {
				sent = next.Hash
				if e.NeedsApproval && e.ApprovedHash != next.Hash {
					t.Fatalf("%s: got %q sent, which nobody approved", name, next.Hash)
				}
			}
			if err != nil && !errors.Is(err, edition.ErrState) && !errors.Is(err, edition.ErrNotApproved) &&
				!errors.Is(err, edition.ErrChanged) && !errors.Is(err, edition.ErrNotBuilt) {
				t.Fatalf("%s: got %v, want an error of the package", name, err)
			}
			e = next
			switch {
			case e.State == edition.Approved && (e.ApprovedHash != e.Hash || e.Hash == ""),
				e.ApprovedHash != "" && e.ApprovedHash != e.Hash,
				e.State == edition.Held && e.ApprovedBy != "",
				e.PauseReason != "" && e.State != edition.Sending,
				e.State == edition.Sent && !e.Frozen(), e.Frozen() && e.Hash != sent,
				e.State.Finished() == e.FinishedAt.IsZero():
				t.Fatalf("%s: got %+v, which contradicts itself", name, e)
			}
		}
	})
}
