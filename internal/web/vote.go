package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
	"verdicts.example/digest/subscribers"
)

// Votes keeps readers' votes.
type Votes interface {
	// Cast takes the place of the reader's earlier vote; the vote is durable when it
	// returns.
	Cast(ctx context.Context, v votes.Vote) error
	Of(ctx context.Context, reader int64, slug string) ([2]votes.Choice, error)
	ByReader(ctx context.Context, reader int64) ([]votes.Vote, error)
	Tallies(ctx context.Context) (votes.Tallies, error)
}

// voteView is the page behind a link to vote. It tells nothing of the reader but
// what they have voted.
type voteView struct {
	Title  string
	Slug   string
	To     string // the link's own page, to which the choices are added
	Tools  [2]votedTool
	Only   int  // 1 or 2: the link was about this tool; 0: both
	Done   bool // a vote was just counted
	Closed bool
	Left   bool      // the link's reader gets the digest no more: earlier votes stand, no more are counted
	Ends   time.Time // zero: voting does not end
}

type votedTool struct {
	Number  int
	Name    string
	Tagline string
	Mine    string       // "ship", "skip" or ""
	Readers string       // the tally in words
	Asked   votes.Choice // the link asks for this
}

// ballot is what a link to vote is about.
type ballot struct {
	reader     subscribers.Subscriber
	edition    edition.Edition
	comparison comparison.Comparison
}

// ballot finds what the path names: the reader, an edition that was sent, and a
// comparison that it had.
func (s *server) ballot(r *http.Request) (ballot, error) {
	var b ballot
	var err error
	if b.reader, err = s.List.ByLink(r.Context(), subscribers.PurposeVote, r.PathValue("token")); err != nil {
		return b, err
	}
	week, err := edition.ParseWeek(r.PathValue("week"))
	if err != nil {
		return b, errNotFound
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return b, err
	}
	for _, e := range now.published {
		if e.Week != week {
			continue
		}
		for _, it := range e.Items {
			if c, err := now.library.Get(it.Slug); err == nil && it.Slug == r.PathValue("slug") && s.isPublished(c) {
				b.edition, b.comparison = e, c
				return b, nil
			}
		}
	}
	return b, errNotFound
}

// votePage shows both tools with their buttons; a scanner that opens it votes for
// nothing.
func (s *server) votePage(w http.ResponseWriter, r *http.Request) error {
	b, err := s.ballot(r)
	if err != nil {
		return err
	}
	mine, err := s.Votes.Of(r.Context(), b.reader.ID, b.comparison.Slug)
	if err != nil {
		return err
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	tally := now.tallies[b.comparison.Slug]
	v := voteView{
		Title: b.comparison.Title(), Slug: b.comparison.Slug, To: s.root + ballotPath(r.PathValue("token"), b), Done: r.URL.Query().Get("done") != "",
		Closed: s.VoteRules.Check(b.edition.Slot, s.Now()) != nil, Left: !b.reader.MayVote(),
	}
	if s.VoteRules.Close > 0 {
		v.Ends = b.edition.Slot.Add(s.VoteRules.Close).In(s.Site.Location)
	}
	for i, t := range b.comparison.Tools {
		v.Tools[i] = votedTool{
			Number: i + 1, Name: t.Name, Tagline: t.Tagline, Mine: mine[i].String(),
			Readers: wording.Readers(tally[i], s.VoteRules.Least), Asked: votes.None,
		}
	}
	if tool := r.PathValue("tool"); tool != "" {
		i, choice, err := parseVote(r)
		if err != nil {
			return err
		}
		v.Only, v.Tools[i].Asked = i+1, choice
	}
	s.writePage(w, http.StatusOK, "vote", content{Title: "Your vote", NoIndex: true, Data: v})
	return nil
}

// parseVote reads the tool and the choice of a path.
func parseVote(r *http.Request) (tool int, c votes.Choice, err error) {
	tool = slices.Index([]string{"1", "2"}, r.PathValue("tool"))
	c, ok := votes.ParseChoice(r.PathValue("choice"))
	if tool < 0 || !ok {
		return 0, votes.None, errNotFound
	}
	return tool, c, nil
}

// vote counts a vote, in the place of an earlier one.
func (s *server) vote(w http.ResponseWriter, r *http.Request) error {
	if _, err := readBody(w, r); err != nil {
		return err
	}
	b, err := s.ballot(r)
	if err != nil {
		return err
	}
	tool, choice, err := parseVote(r)
	if err != nil {
		return err
	}
	if !b.reader.MayVote() {
		return statusError{status: http.StatusForbidden, text: page.Notice{Heading: "Votes are readers’",
			Text: "The address that this link was sent to gets the digest no more, so this vote is not counted; earlier ones are. To vote again, sign up again."}}
	}
	if err := s.VoteRules.Check(b.edition.Slot, s.Now()); errors.Is(err, votes.ErrClosed) {
		return statusError{status: http.StatusConflict, text: page.Notice{Heading: "Voting has closed",
			Text: "The votes on this comparison are final. The next digest has new ones."}}
	}
	v := votes.Vote{Reader: b.reader.ID, Slug: b.comparison.Slug, Tool: tool, Choice: choice, At: s.Now()}
	if err := s.Votes.Cast(r.Context(), v); err != nil {
		return err
	}
	s.cast.Add(1) // what is shown has it from now on, to its reader first
	s.seeOther(w, ballotPath(r.PathValue("token"), b)+"?done=1")
	return nil
}

func ballotPath(token string, b ballot) string {
	return "/vote/" + url.PathEscape(token) + "/" + b.edition.Week.String() + "/" + url.PathEscape(b.comparison.Slug)
}
