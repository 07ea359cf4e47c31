package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// voted lets readers vote on the first tool of a comparison.
func (d *desk) voted(slug string, ship, skip int) {
	d.t.Helper()
	list := subscribers.New(d.db.Subscribers(), d.db.SignUps(), subscribers.Options{})
	for i := range ship + skip {
		s := must(list.Add(d.t.Context(), subscribers.NewReader{Email: fmt.Sprintf("%s-%d@example.com", slug, i)}))
		v := votes.Vote{Reader: s.ID, Slug: slug, Choice: votes.Skip, At: d.now}
		if i < ship {
			v.Choice = votes.Ship
		}
		fatal(d.t, d.db.Votes().Cast(d.t.Context(), v))
	}
}

// withVotes is a desk whose readers vote, on the Friday after its first edition.
func withVotes(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.in.Ballot = d.db.Votes()
	d.set(func(s *pipeline.Settings) { s.Votes = votes.Rules{Least: 5, Close: 28 * 24 * time.Hour} })
	d.readers("ada@example.com")
	d.now = monday
	_, _, err := d.release(t.Context(), week48)
	fatal(t, err)
	_, err = d.Deliver(t.Context(), week48, pipeline.DeliverOptions{})
	fatal(t, err)
	d.add("third-vs-fourth", "Third", "Fourth", "2026-11-25")
	d.now = monday.AddDate(0, 0, 4)
	return d
}

// How readers voted on a digest stands in the next one, in both parts, and too few
// votes are no number.
func TestVotesInTheNextDigest(t *testing.T) {
	t.Parallel()
	d := withVotes(t)
	next := week48.Add(1)
	d.voted("quill-vs-inkwell", 3, 1)
	draft := must(d.Draft(t.Context(), next))
	if strings.Contains(draft.Rendered.Text, "HOW READERS VOTED") || strings.Contains(draft.Rendered.HTML, "How readers voted") {
		t.Error("got the section with four votes, want none below five")
	}
	d.voted("third-vs-fourth", 2, 0)
	ada := must(subscribers.New(d.db.Subscribers(), d.db.SignUps(), subscribers.Options{}).Get(t.Context(), "ada@example.com"))
	fatal(t, d.db.Votes().Cast(t.Context(), votes.Vote{Reader: ada.ID, Slug: "quill-vs-inkwell", Choice: votes.Ship, At: d.now}))
	draft = must(d.Draft(t.Context(), next))
	words := strings.Join(strings.Fields(draft.Rendered.Text), " ")
	for _, want := range []string{"80% ship, 5 votes", "/vote/zqSLOTvoteqz/2026-W48/quill-vs-inkwell"} {
		if !strings.Contains(words, want) || !strings.Contains(draft.Rendered.HTML, want) {
			t.Errorf("got none of %q in one of the parts, want it", want)
		}
	}
	if want := "Fewer than 5 votes so far: add yours"; !strings.Contains(draft.Rendered.HTML, want) {
		t.Errorf("got none of %q, want the row to invite", want)
	}
}

// A vote voids no approval: the tally is kept with the build.
func TestVotesVoidNoApproval(t *testing.T) {
	t.Parallel()
	d := withVotes(t)
	ctx, next := t.Context(), week48.Add(1)
	d.set(func(s *pipeline.Settings) { s.ApprovalRequired = true })
	d.voted("quill-vs-inkwell", 5, 0)
	e, _, err := d.Build(ctx, next)
	fatal(t, err)
	d.voted("third-vs-fourth", 0, 6)
	if again := must(d.Draft(ctx, next)); again.Build.Hash != e.Hash {
		t.Error("got another hash after votes while an editor looks, want the same")
	}
	if anew := must(d.Pick(ctx, next)); anew.Build.Hash == e.Hash {
		t.Error("got the same hash when the editor builds again, want the votes as they are")
	}
	must(d.db.Editions().Change(ctx, next, func(e edition.Edition) (edition.Edition, error) { return e.Approve(e.Hash, "ada") }))
	if anew := must(d.Pick(ctx, next)); anew.Build.Hash != e.Hash {
		t.Error("got another hash when an approved edition is built again after votes, want the same")
	}
	d.now = monday.AddDate(0, 0, 7)
	sent, _, err := d.release(ctx, next)
	if err != nil || sent.Hash != e.Hash || sent.State != edition.Sending {
		t.Errorf("got %s, %s, %v, want what was approved sent", sent.State, sent.Hash, err)
	}
}

// Where nobody has to approve, a send has the votes of its own moment.
func TestVotesOfTheSend(t *testing.T) {
	t.Parallel()
	d := withVotes(t)
	ctx, next := t.Context(), week48.Add(1)
	d.voted("quill-vs-inkwell", 5, 0)
	e, _, err := d.Build(ctx, next)
	fatal(t, err)
	d.voted("third-vs-fourth", 0, 6)
	d.now = monday.AddDate(0, 0, 7)
	if sent, _, err := d.release(ctx, next); err != nil || sent.Hash == e.Hash {
		t.Errorf("got the build's own hash, %v, want the votes of the send's moment", err)
	}
}
