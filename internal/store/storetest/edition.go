// Package storetest holds the conformance suites that every store passes: what
// a store promises is tested once, against each that there is.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/votes"
)

// Editions is a store of editions under test. Freeze is the delivery's freeze,
// which sets an edition sending and keeps its message.
type Editions struct {
	edition.Store
	edition.Keeper
	edition.EditStore
	edition.Amender
	Freeze func(ctx context.Context, f delivery.Freeze) error
}

// RunEditions runs the suite; open gives an empty store for one test. What may
// happen to an edition is tested in package edition; here, that it is kept.
func RunEditions(t *testing.T, open func(t *testing.T) Editions) {
	for name, test := range map[string]func(Editions, *testing.T){
		"InsertOnce":        Editions.insertOnce,
		"InsertAtOnce":      Editions.insertAtOnce,
		"Missing":           Editions.missing,
		"List":              Editions.list,
		"ChangeIsKept":      Editions.changeIsKept,
		"ChangeAtOnce":      Editions.changeAtOnce,
		"Builds":            Editions.builds,
		"Edits":             Editions.edits,
		"Amend":             Editions.amend,
		"Freeze":            Editions.freeze,
		"FreezeIsOneAction": Editions.freezeAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(open(t), t)
		})
	}
}

// now is the suite's time: a Monday morning, in milliseconds as stores keep it.
func monday() time.Time { return time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC) }

func week(n int) edition.Week { return edition.Week{Year: 2026, Number: 47}.Add(n) }

func draftOf(w edition.Week) edition.Edition {
	return edition.Edition{
		Week: w, State: edition.Draft, Slot: monday(), Since: monday().AddDate(0, 0, -7), Cutoff: monday(), CreatedAt: monday(),
	}
}

func (s Editions) insert(t *testing.T, e edition.Edition) edition.Edition {
	t.Helper()
	got, created, err := s.Insert(t.Context(), e)
	if err != nil || !created {
		t.Fatalf("insert %s: got created=%v, %v, want true, nil", e.Week, created, err)
	}
	return got
}

func revision(hash string) edition.Revision {
	b := &edition.Build{
		Hash: hash, Subject: "subject " + hash, Preheader: "preheader " + hash,
		HTML: "<p>" + hash, Uninlined: "<style><p>" + hash, Text: "text " + hash,
		Readers: edition.Readers{Tallies: votes.Tallies{"a-vs-b": {{Ship: 26, Skip: 15}, {Ship: 1}}}},
	}
	return edition.Revision{
		Slot: monday(), Since: monday().AddDate(0, 0, -7), Cutoff: monday(), At: monday(), Build: b,
		Items: []edition.Item{
			{Slug: "z-vs-y", Tools: [2]string{"Z", "Y"}},
			{Slug: "a-vs-b", Tools: [2]string{"A", "B"}},
		},
		Carried: []edition.Item{
			{Slug: "c-vs-d", Tools: [2]string{"C", "D"}},
			{Slug: "e-vs-f", Unread: edition.Unread{File: "sub/e-vs-f.yaml", Since: monday().AddDate(0, 0, -7)}},
		},
	}
}

// built inserts a draft with one build.
func (s Editions) built(t *testing.T, w edition.Week, hash string) edition.Edition {
	t.Helper()
	s.insert(t, draftOf(w))
	e, err := s.Revise(t.Context(), w, revision(hash))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (s Editions) insertOnce(t *testing.T) {
	e := s.insert(t, draftOf(week(0)))
	if e.ID == 0 || e.State != edition.Draft || !e.Slot.Equal(monday()) || !e.Since.Equal(monday().AddDate(0, 0, -7)) || !e.CreatedAt.Equal(monday()) {
		t.Errorf("got %+v, want what was inserted", e)
	}
	again := draftOf(week(0))
	again.State, again.Slot = edition.Missed, monday().Add(time.Hour)
	got, created, err := s.Insert(t.Context(), again)
	if err != nil || created || got.ID != e.ID || got.State != edition.Draft || !got.Slot.Equal(monday()) {
		t.Errorf("second insert: got %+v created=%v, %v, want the first, unchanged", got, created, err)
	}
	for _, st := range []edition.State{edition.Approved, edition.Held, edition.Sending, edition.Sent, edition.Cancelled} {
		e := draftOf(week(1))
		e.State = st
		_, created, err := s.Insert(t.Context(), e)
		if wantError(t, "insert as "+string(st), err, edition.ErrState); created {
			t.Errorf("insert as %s: got created", st)
		}
	}
}

func (s Editions) insertAtOnce(t *testing.T) {
	const callers = 8
	results := make([]bool, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			_, created, err := s.Insert(t.Context(), draftOf(week(0)))
			if err != nil {
				t.Errorf("caller %d: got %v", i, err)
			}
			results[i] = created
		})
	}
	wg.Wait()
	if n := len(slices.DeleteFunc(results, func(b bool) bool { return !b })); n != 1 {
		t.Errorf("got %d of %d callers that created, want 1", n, callers)
	}
}

func (s Editions) missing(t *testing.T) {
	ctx, w := t.Context(), week(0)
	_, err := s.Find(ctx, w)
	wantError(t, "Find", err, edition.ErrNotFound)
	_, err = s.Revise(ctx, w, revision("h"))
	wantError(t, "Revise", err, edition.ErrNotFound)
	_, err = s.Change(ctx, w, edition.Edition.Hold)
	wantError(t, "Change", err, edition.ErrNotFound)
	_, err = s.Builds(ctx, w)
	wantError(t, "Builds", err, edition.ErrNotFound)
	_, err = s.Frozen(ctx, w)
	wantError(t, "Frozen", err, edition.ErrNotFound)
	wantError(t, "Freeze", s.Freeze(ctx, frozenOf(1, "h", "m")), edition.ErrNotFound)
	if all, err := s.List(ctx); err != nil || len(all) != 0 {
		t.Errorf("List: got %v, %v, want none", all, err)
	}
}

func (s Editions) list(t *testing.T) {
	for _, n := range []int{8, 0, -60, 3} {
		s.built(t, week(n), fmt.Sprint("hash ", n))
	}
	all, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		got = append(got, e.Week.String())
		if len(e.Items) != 2 || len(e.Carried) != 2 || e.Carried[1].Unread.File == "" || e.Items[0].Slug != "z-vs-y" {
			t.Errorf("%s: got items %v, carried %v, want those of the build, in order", e.Week, e.Items, e.Carried)
		}
	}
	if want := "2025-W39 2026-W47 2026-W50 2027-W02"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
