package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/edition"
)

// CheckEditionStates drives one edition at a time through random actions and
// compares it with a model after each.
func CheckEditionStates(t *testing.T, s Editions) {
	ctx := t.Context()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		m := &editionModel{ctx: ctx, store: s, week: week(n)}
		e, created, err := s.InsertEdition(ctx, draftOf(m.week))
		if err != nil || !created {
			rt.Fatalf("insert: got created=%v, %v, want true", created, err)
		}
		m.id, m.state = e.ID, edition.Draft
		rt.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"build":   m.build,
			"empty":   m.empty,
			"approve": m.approve,
			"move":    m.move,
			"freeze":  m.freeze,
			"pause":   m.pause,
			"insert":  m.insert,
		})
	})
}

// editionModel says what the store should hold. It is written from the
// promise, not from the store: approval is nothing but a hash.
type editionModel struct {
	ctx   context.Context
	store Editions
	week  edition.Week
	id    int64

	state    edition.State
	hash     string // of the current build
	approved string // the hash that was approved
	frozen   string // the message
	reason   string
	builds   []string // hashes, the newest first
}

func (m *editionModel) check(t *rapid.T) {
	e, err := m.store.Edition(m.ctx, m.week)
	if err != nil {
		t.Fatal(err)
	}
	if e.State != m.state || e.Hash != m.hash || e.ApprovedHash != m.approved || e.PauseReason != m.reason {
		t.Fatalf("got %s hash %q approved %q paused %q, want %s, %q, %q, %q",
			e.State, e.Hash, e.ApprovedHash, e.PauseReason, m.state, m.hash, m.approved, m.reason)
	}
	if e.Frozen() != (m.frozen != "") || e.State == edition.Approved && e.ApprovedHash != e.Hash {
		t.Fatalf("got frozen %v, approved %q of %q, want frozen %v", e.Frozen(), e.ApprovedHash, e.Hash, m.frozen != "")
	}
	if msg, err := m.store.EditionMessage(m.ctx, m.week); (err == nil) != e.Frozen() || string(msg) != m.frozen {
		t.Fatalf("got message %q, %v, want %q", msg, err, m.frozen)
	}
	list, err := m.store.EditionBuilds(m.ctx, m.week)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range list {
		got = append(got, b.Hash)
	}
	if !slices.Equal(got, m.builds) {
		t.Fatalf("got builds %v, want %v", got, m.builds)
	}
}

// expect compares whether an action was done with whether it should have been.
func expect(t *rapid.T, what string, err error, want bool) {
	if (err == nil) != want {
		t.Fatalf("%s: got %v, want done=%v", what, err, want)
	}
}

func (m *editionModel) build(t *rapid.T) {
	hash := rapid.SampledFrom([]string{"h1", "h2", "h3"}).Draw(t, "hash")
	_, err := m.store.ReviseEdition(m.ctx, m.week, revision(hash))
	ok := slices.Contains([]edition.State{edition.Draft, edition.Approved, edition.Held, edition.Skipped, edition.Missed}, m.state)
	if expect(t, "build", err, ok); !ok {
		return
	}
	if len(m.builds) == 0 || m.builds[0] != hash {
		m.builds = append([]string{hash}, m.builds...)
		m.builds = m.builds[:min(len(m.builds), edition.KeepBuilds)]
	}
	m.hash = hash
	if m.approved != hash {
		m.approved = ""
	}
	switch {
	case m.state == edition.Held:
	case m.approved != "":
		m.state = edition.Approved
	default:
		m.state = edition.Draft
	}
}

func (m *editionModel) empty(t *rapid.T) {
	r := revision("")
	r.Build, r.Items = nil, nil
	_, err := m.store.ReviseEdition(m.ctx, m.week, r)
	ok := !slices.Contains([]edition.State{edition.Sending, edition.Sent, edition.Cancelled}, m.state)
	if expect(t, "build of nothing", err, ok); !ok {
		return
	}
	m.hash, m.approved = "", ""
	if m.state != edition.Held {
		m.state = edition.Skipped
	}
}

func (m *editionModel) approve(t *rapid.T) {
	hash := rapid.SampledFrom([]string{"h1", "h2", "h3", ""}).Draw(t, "hash")
	ok := hash != "" && hash == m.hash &&
		slices.Contains([]edition.State{edition.Draft, edition.Approved, edition.Held}, m.state)
	if expect(t, "approve", m.store.ApproveEdition(m.ctx, m.week, hash, "ed"), ok); ok {
		m.state, m.approved = edition.Approved, hash
	}
}

func (m *editionModel) move(t *rapid.T) {
	to := rapid.SampledFrom(edition.States()).Draw(t, "to")
	ok := m.state.CanBecome(to) && to != edition.Approved && to != edition.Sending
	if expect(t, "move to "+string(to), m.store.MoveEdition(m.ctx, m.week, to, monday()), ok); !ok {
		return
	}
	m.state, m.reason = to, ""
	if to == edition.Draft {
		m.approved = ""
	}
}

func (m *editionModel) freeze(t *rapid.T) {
	auto := rapid.Bool().Draw(t, "approval is automatic")
	hash := rapid.SampledFrom([]string{"h1", "h2", "h3"}).Draw(t, "hash")
	allowed := []edition.State{edition.Approved}
	if auto {
		allowed = append(allowed, edition.Draft)
	}
	msg := fmt.Sprintf("message of %s", hash)
	err := m.store.Freeze(m.ctx, m.id, hash, []byte(msg), monday(), allowed...)
	ok := slices.Contains(allowed, m.state) && hash == m.hash
	if expect(t, "freeze", err, ok); ok {
		m.state, m.frozen = edition.Sending, msg
	}
}

func (m *editionModel) pause(t *rapid.T) {
	reason := rapid.SampledFrom([]string{"", "535", "5 % failed"}).Draw(t, "reason")
	ok := m.state == edition.Sending
	if expect(t, "pause", m.store.PauseEdition(m.ctx, m.week, reason), ok); ok {
		m.reason = reason
	}
}

func (m *editionModel) insert(t *rapid.T) {
	if _, created, err := m.store.InsertEdition(m.ctx, draftOf(m.week)); err != nil || created {
		t.Fatalf("insert again: got created=%v, %v, want false", created, err)
	}
}
