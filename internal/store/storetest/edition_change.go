package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

func (s Editions) find(t *testing.T, w edition.Week) edition.Edition {
	t.Helper()
	e, err := s.Find(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// changeIsKept: every field that a change may set is there afterwards, and a
// change that fails leaves none.
func (s Editions) changeIsKept(t *testing.T) {
	w := week(0)
	before := s.built(t, w, "h1")
	rest := errors.New("rest")
	_, err := s.Change(t.Context(), w, func(e edition.Edition) (edition.Edition, error) {
		e.Subject, e.State = "lost", edition.Held
		return e, rest
	})
	if got := s.find(t, w); !errors.Is(err, rest) || !reflect.DeepEqual(got, before) {
		t.Errorf("a change that failed: got %+v, %v, want %+v, %v", got, err, before, rest)
	}
	want := edition.Edition{
		ID: before.ID, Week: w, State: edition.Sending,
		Slot: monday().Add(1 * time.Hour), Since: monday().Add(2 * time.Hour), Cutoff: monday().Add(3 * time.Hour),
		Subject: "subject", Preheader: "preheader",
		Items:   []edition.Item{{Slug: "new", Tools: [2]string{"N", "M"}, Facts: [2]edition.Facts{{Known: true, Ship: 3, Skip: -1, Percent: 75, Entry: "$9", Pricing: "p", Scores: "s"}}}},
		Carried: []edition.Item{{Slug: "a-vs-b", Tools: [2]string{"A", "B"}}, {Slug: "z-vs-y", Tools: [2]string{"Z", "Y"}}},
		Hash:    "h2", ApprovedHash: "h2", ApprovedBy: "ada", NeedsApproval: true, SkippedBy: "ed", PauseReason: "why", EditsVersion: 7,
		CreatedAt: before.CreatedAt, BuiltAt: monday().Add(4 * time.Hour), FrozenAt: monday().Add(5 * time.Hour), FinishedAt: monday().Add(6 * time.Hour),
	}
	given, err := s.Change(t.Context(), w, func(edition.Edition) (edition.Edition, error) { return want, nil })
	if got := s.find(t, w); err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(given, want) {
		t.Errorf("got %+v, kept %+v, %v, want %+v", given, got, err, want)
	}
	for i := range reflect.ValueOf(want).NumField() {
		name := reflect.TypeFor[edition.Edition]().Field(i).Name
		if reflect.ValueOf(want).Field(i).IsZero() && name != "Expected" { // that is never recorded
			t.Errorf("%s is not tried here", name)
		}
	}
}

// changeAtOnce: changes of one edition come one after the other.
func (s Editions) changeAtOnce(t *testing.T) {
	const callers = 8
	s.built(t, week(0), "h1")
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			_, err := s.Change(t.Context(), week(0), func(e edition.Edition) (edition.Edition, error) {
				e.Subject += "x"
				return e, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := s.find(t, week(0)).Subject; len(got) != len("subject h1")+callers {
		t.Errorf("got %q, want every change in it", got)
	}
}

func (s Editions) builds(t *testing.T) {
	s.built(t, week(1), "other")
	s.built(t, week(0), "h0")
	for _, n := range []int{1, 1, 2, 3, 4, 5, 1} {
		if _, err := s.Revise(t.Context(), week(0), revision(fmt.Sprint("h", n))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Builds(t.Context(), week(0))
	if err != nil {
		t.Fatal(err)
	}
	var hashes string
	for _, b := range got {
		hashes += b.Hash
	}
	if want := "h1h5h4h3h2"; hashes != want {
		t.Fatalf("got builds %s, want %s: the last %d, the newest first, unchanged ones once", hashes, want, edition.KeepBuilds)
	}
	want := *revision("h1").Build
	want.Week, want.BuiltAt = week(0), monday()
	if !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if other, err := s.Builds(t.Context(), week(1)); err != nil || len(other) != 1 {
		t.Errorf("the other edition: got %d builds, %v, want its own 1", len(other), err)
	}
	nothing := revision("")
	nothing.Build, nothing.Items = nil, nil
	if e, err := s.Revise(t.Context(), week(0), nothing); err != nil || e.State != edition.Skipped {
		t.Errorf("nothing to send: got %s, %v, want skipped", e.State, err)
	}
	if got, err := s.Builds(t.Context(), week(0)); err != nil || len(got) != edition.KeepBuilds {
		t.Errorf("nothing to send: got %d builds, %v, want them kept", len(got), err)
	}
}

func frozenOf(id int64, hash, msg string) delivery.Freeze {
	return delivery.Freeze{Edition: id, Hash: hash, Message: []byte(msg), Sender: sender(), At: monday()}
}

func sender() edition.Sender {
	return edition.Sender{From: "a@example.org", ReplyTo: "r@example.org", ListID: "l.example.org", DKIM: "example.org (s1)"}
}

// edits: the second of two editors who began from the same is told so; a week
// need not have an edition, and a frozen one takes none.
func (s Editions) edits(t *testing.T) {
	ctx, w := t.Context(), week(0)
	if got, err := s.Edits(ctx, w); err != nil || !reflect.DeepEqual(got, edition.Edits{}) {
		t.Errorf("before any: got %+v, %v, want the zero value", got, err)
	}
	want := edition.Edits{
		Order: []string{"b", "a"}, Pinned: []string{"b"}, LeftOut: []string{"c"}, Subject: "s", Preheader: "p", Note: "n",
		Quotes: map[string][2]string{"a": {"", "words"}},
	}
	kept, err := s.SaveEdits(ctx, w, want, "ada", monday())
	want.Version, want.By, want.At = 1, "ada", monday()
	if err != nil || !reflect.DeepEqual(kept, want) {
		t.Fatalf("got %+v, %v, want %+v", kept, err, want)
	}
	_, err = s.SaveEdits(ctx, w, edition.Edits{Subject: "other"}, "bea", monday())
	wantError(t, "the second of two", err, edition.ErrStale)
	if got, err := s.Edits(ctx, w); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want the first's", got, err)
	}
	if got, err := s.SaveEdits(ctx, w, kept, "bea", monday()); err != nil || got.Version != 2 {
		t.Errorf("after looking: got version %d, %v, want 2", got.Version, err)
	}
	if got, err := s.Edits(ctx, week(1)); err != nil || !got.Empty() {
		t.Errorf("another week: got %+v, %v, want none", got, err)
	}
	e := s.built(t, w, "h1")
	if err := s.Freeze(ctx, frozenOf(e.ID, "h1", "m")); err != nil {
		t.Fatal(err)
	}
	_, err = s.SaveEdits(ctx, w, edition.Edits{Version: 2}, "ada", monday())
	wantError(t, "a frozen edition", err, edition.ErrState)
}

func (s Editions) freeze(t *testing.T) {
	ctx, w := t.Context(), week(0)
	e := s.built(t, w, "h1")
	wantError(t, "another build", s.Freeze(ctx, frozenOf(e.ID, "h0", "m")), edition.ErrChanged)
	_, err := s.Frozen(ctx, w)
	wantError(t, "nothing frozen", err, edition.ErrNotFound)
	msg := "frozen\x00\r\n\xff"
	if err := s.Freeze(ctx, frozenOf(e.ID, "h1", msg)); err != nil {
		t.Fatal(err)
	}
	if e := s.find(t, w); e.State != edition.Sending || !e.FrozenAt.Equal(monday()) {
		t.Errorf("got %s frozen at %v, want it sending, now", e.State, e.FrozenAt)
	}
	wantError(t, "freeze again", s.Freeze(ctx, frozenOf(e.ID, "h1", "other")), edition.ErrState)
	_, err = s.Revise(ctx, w, revision("h2"))
	wantError(t, "build when frozen", err, edition.ErrState)
	want := []edition.Variant{{Message: []byte(msg), Sender: sender()}}
	if got, err := s.Frozen(ctx, w); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want the frozen bytes and their sender", got, err)
	}
}

// amend: a correction is one more variant, and only of a paused edition.
func (s Editions) amend(t *testing.T) {
	ctx, w := t.Context(), week(0)
	e := s.built(t, w, "h1")
	if err := s.Freeze(ctx, frozenOf(e.ID, "h1", "m")); err != nil {
		t.Fatal(err)
	}
	a := edition.Amendment{Build: *revision("h2").Build, Message: []byte("m2"), Sender: sender(), By: "ada", At: monday()}
	_, _, err := s.Amend(ctx, w, a)
	wantError(t, "while it is being sent", err, edition.ErrState)
	if _, err := s.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Pause("why") }); err != nil {
		t.Fatal(err)
	}
	if e, n, err := s.Amend(ctx, w, a); err != nil || n != 0 || e.Hash != "h2" || e.ApprovedBy != "ada" {
		t.Errorf("got %s by %q for %d readers, %v, want h2 by ada for none that wait", e.Hash, e.ApprovedBy, n, err)
	}
	if n, err := s.Older(ctx, e.ID, monday()); err != nil || n != 0 {
		t.Errorf("got %d readers with an older version, %v, want none", n, err)
	}
	_, _, err = s.Amend(ctx, w, a)
	wantError(t, "the same again", err, edition.ErrSame)
	got, err := s.Frozen(ctx, w)
	if err != nil || len(got) != 2 || string(got[0].Message) != "m" || got[1].Number != 1 || string(got[1].Message) != "m2" {
		t.Errorf("got %+v, %v, want both variants", got, err)
	}
	if builds, err := s.Builds(ctx, w); err != nil || len(builds) != 2 || builds[0].Hash != "h2" {
		t.Errorf("got %d builds, %v, want the correction's first", len(builds), err)
	}
}

func (s Editions) freezeAtOnce(t *testing.T) {
	e := s.built(t, week(0), "h1")
	var done atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if s.Freeze(t.Context(), frozenOf(e.ID, "h1", "m")) == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if n := done.Load(); n != 1 {
		t.Errorf("got %d freezes of one edition, want 1", n)
	}
}

// CheckEditionStates drives one edition at a time through random transitions:
// what the store gives is what the transition gave, and what it was before when
// that refused.
func CheckEditionStates(t *testing.T, s Editions) {
	ctx, n := t.Context(), 0
	hashes := rapid.SampledFrom([]string{"h1", "h2", ""})
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := week(n)
		want, _, err := s.Insert(ctx, draftOf(w))
		if err != nil {
			rt.Fatal(err)
		}
		try := func(change func(edition.Edition) (edition.Edition, error)) {
			next, refused := change(want)
			_, err := s.Change(ctx, w, change)
			if (err == nil) != (refused == nil) {
				rt.Fatalf("got %v from the store, want %v", err, refused)
			}
			if refused == nil {
				want = next
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) {
				if got, err := s.Find(ctx, w); err != nil || !reflect.DeepEqual(got, want) {
					rt.Fatalf("got %+v, %v, want %+v", got, err, want)
				}
			},
			"revise": func(rt *rapid.T) {
				r := revision(hashes.Draw(rt, "hash"))
				if r.Build.Hash == "" {
					r.Build, r.Items = nil, nil
				}
				try(func(e edition.Edition) (edition.Edition, error) { return e.Revise(r) })
			},
			"approve": func(rt *rapid.T) {
				hash := hashes.Draw(rt, "hash")
				try(func(e edition.Edition) (edition.Edition, error) { return e.Approve(hash, "ed") })
			},
			"freeze": func(rt *rapid.T) {
				hash, required := hashes.Draw(rt, "hash"), rapid.Bool().Draw(rt, "required")
				try(func(e edition.Edition) (edition.Edition, error) { return e.Freeze(hash, required, monday()) })
			},
			"hold":   func(*rapid.T) { try(edition.Edition.Hold) },
			"pause":  func(*rapid.T) { try(func(e edition.Edition) (edition.Edition, error) { return e.Pause("535") }) },
			"resume": func(*rapid.T) { try(edition.Edition.Resume) },
			"finish": func(*rapid.T) { try(func(e edition.Edition) (edition.Edition, error) { return e.Finish(monday()) }) },
			"reopen": func(*rapid.T) { try(edition.Edition.Reopen) },
			"skip": func(*rapid.T) {
				try(func(e edition.Edition) (edition.Edition, error) { return e.Skip("ed", monday()) })
			},
			"miss":   func(*rapid.T) { try(func(e edition.Edition) (edition.Edition, error) { return e.Miss(monday()) }) },
			"cancel": func(*rapid.T) { try(func(e edition.Edition) (edition.Edition, error) { return e.Cancel(monday()) }) },
			"insert": func(rt *rapid.T) {
				if _, created, err := s.Insert(ctx, draftOf(w)); err != nil || created {
					rt.Fatalf("insert again: got created=%v, %v, want false", created, err)
				}
			},
		})
	})
}
