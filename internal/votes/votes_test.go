package votes_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/votes"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for c, want := range map[votes.Count]int{{}: 0, {Ship: 1}: 100, {Ship: 26, Skip: 15}: 63, {Ship: 1, Skip: 2}: 33, {Ship: 1, Skip: 7}: 13, {Skip: 3}: 0, {Ship: 400, Skip: 1}: 99, {Ship: 1, Skip: 400}: 1} {
		if got := c.Percent(); got != want {
			t.Errorf("%+v: got %d%%, want %d%%", c, got, want)
		}
	}
}

// Voting ends to the instant, or never.
func TestRules(t *testing.T) {
	t.Parallel()
	slot := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := votes.Rules{Close: 28 * 24 * time.Hour}
	if err := r.Check(slot, slot.Add(r.Close-time.Second)); err != nil {
		t.Errorf("got %v in time, want none", err)
	}
	if err := r.Check(slot, slot.Add(r.Close)); !errors.Is(err, votes.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := (votes.Rules{}).Check(slot, slot.AddDate(9, 0, 0)); err != nil {
		t.Errorf("got %v without an end, want none", err)
	}
}

func TestParseChoice(t *testing.T) {
	t.Parallel()
	for _, c := range []votes.Choice{votes.Ship, votes.Skip} {
		if got, ok := votes.ParseChoice(c.String()); !ok || got != c {
			t.Errorf("got %v, %t, want %v", got, ok, c)
		}
	}
	if _, ok := votes.ParseChoice("Ship"); ok {
		t.Error("got a choice of another spelling, want none")
	}
}

// Of a reader's votes on a tool the last counts.
func TestLast(t *testing.T) {
	t.Parallel()
	vote := func(reader int64, slug string, tool int, c votes.Choice) votes.Vote {
		return votes.Vote{Reader: reader, Slug: slug, Tool: tool, Choice: c}
	}
	list := []votes.Vote{
		vote(2, "b-vs-c", 1, votes.Ship), vote(1, "a-vs-b", 0, votes.Ship), vote(1, "a-vs-b", 1, votes.Ship),
		vote(1, "a-vs-b", 0, votes.Skip), vote(2, "a-vs-b", 0, votes.Ship), vote(1, "a-vs-b", 1, votes.Ship),
	}
	given := slices.Clone(list)
	want := []votes.Vote{
		vote(1, "a-vs-b", 0, votes.Skip), vote(2, "a-vs-b", 0, votes.Ship), vote(1, "a-vs-b", 1, votes.Ship), vote(2, "b-vs-c", 1, votes.Ship),
	}
	if got := votes.Last(list); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !slices.Equal(list, given) {
		t.Errorf("got the list changed to %v, want %v", list, given)
	}
	if got := votes.Last(nil); len(got) != 0 {
		t.Errorf("of none: got %v, want none", got)
	}
}
