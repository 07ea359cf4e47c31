package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

var _ Votes = plainsql.Votes{}

// ballotBox is a site on which readers vote, an hour after its digest was sent.
func ballotBox(t testing.TB, least int) (*readers, *site) {
	t.Helper()
	r := newReaders(t)
	r.pass(monday().Add(time.Hour).Sub(r.clock()))
	return r, serve(t, r, func(d *Deps) {
		d.Saved = r.db.Saved()
		d.Now, d.Votes, d.VoteRules = r.clock, r.db.Votes(), votes.Rules{Least: least, Close: 28 * 24 * time.Hour}
	})
}

// votable gives a week and a slug that may be voted on.
func votable(t testing.TB) string {
	t.Helper()
	for _, e := range publishedOf(sentEditions().all) {
		return e.Week.String() + "/" + e.Items[0].Slug
	}
	t.Fatal("got no edition that was sent")
	return ""
}

// A scanner that follows every link votes for nothing; a press counts at once,
// once, and may be changed until voting closes.
func TestVote(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 2)
	what := votable(t)
	_, slug, _ := strings.Cut(what, "/")
	link := func(email string) string {
		return "/vote/" + r.own(t, subscribers.PurposeVote, r.active(t, email).ID) + "/" + what
	}
	ada, bob := link("ada@example.org"), link("bob@example.org")
	want := func(text string) {
		t.Helper()
		if a := s.get(t, "/compare/"+slug); !strings.Contains(a.body, text) {
			t.Errorf("got the page without %q: %s", text, a.body)
		}
	}
	for _, path := range []string{ada, ada + "/1/ship", ada + "/2/skip"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := s.send(t, method, path, nil, "")
			wantStatus(t, a, http.StatusOK)
			if strings.Contains(a.body, "ada@") {
				t.Errorf("%s: got the address on the page", path)
			}
		}
	}
	if got, err := r.db.Votes().Tallies(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("got %v, %v after looking, want no vote", got, err)
	}
	wantStatus(t, s.form(t, ada+"/1/ship", ""), http.StatusSeeOther)
	want("Fewer than 2 votes so far")
	wantStatus(t, s.form(t, ada+"/1/ship", ""), http.StatusSeeOther)
	wantStatus(t, s.form(t, bob+"/1/skip", ""), http.StatusSeeOther)
	want("50% ship, 2 votes")
	wantStatus(t, s.form(t, bob+"/1/ship", ""), http.StatusSeeOther)
	want("100% ship, 2 votes")
	if a := s.get(t, bob+"?done=1"); !strings.Contains(a.body, "Your vote is counted") || !strings.Contains(a.body, `You say: <b class="ship">ship</b>`) {
		t.Errorf("got %s, want his vote shown", a.body)
	}
	for path, what := range map[string]string{"/feed.json": `"_votes":[{"ship":2,"skip":0},{"ship":0,"skip":0}]`, "/feed.xml": "Readers: 100% ship, 2 votes"} {
		if a := s.get(t, path); !strings.Contains(a.body, what) {
			t.Errorf("%s: got no %s", path, what)
		}
	}

	for _, path := range []string{ada + "/3/ship", ada + "/1/maybe", ada + "/0/ship", ada + "/01/ship", ada + "/+1/ship", strings.Replace(ada, slug, "nothing", 1), strings.Replace(ada, "W48", "W12", 1)} {
		wantStatus(t, s.get(t, path), http.StatusNotFound)
		if !strings.HasSuffix(path, slug) && strings.Count(path, "/") == 6 {
			wantStatus(t, s.form(t, path, ""), http.StatusNotFound)
		}
	}
	leave := strings.Replace(ada, strings.Split(ada, "/")[2], r.own(t, subscribers.PurposePreferences, 1), 1)
	wantStatus(t, s.form(t, leave+"/1/skip", ""), http.StatusNotFound)

	if err := r.AskFreshLink(t.Context(), r.own(t, subscribers.PurposePreferences, 1), subscribers.PurposeAbout); err != nil {
		t.Fatal(err)
	}
	about, _ := r.fresh(t)
	c := sampleComparisons()[0]
	if a := s.form(t, about, ""); !strings.Contains(a.body, "ship for "+c.Tools[0].Name+", in "+c.Title()) {
		t.Errorf("got %s, want her vote in what is known about her", a.body)
	}

	r.pass(28 * 24 * time.Hour)
	if a := s.form(t, bob+"/1/skip", ""); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Voting has closed") {
		t.Errorf("got %d, want voting closed", a.StatusCode)
	}
	if a := s.get(t, bob); strings.Contains(a.body, "<button") || !strings.Contains(a.body, "are final") {
		t.Errorf("got %s, want a page without buttons", a.body)
	}
	want("100% ship, 2 votes")
}

// Who has left or is suppressed votes no more: the page says so, shows what was voted
// before and has no button. Who pauses still votes.
func TestVotesAreReaders(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	what := votable(t)
	_, slug, _ := strings.Cut(what, "/")
	for email, leave := range map[string]func(subscribers.Subscriber) error{
		"left@example.org": func(sub subscribers.Subscriber) error {
			_, err := r.Unsubscribe(t.Context(), sub.Token.String(), subscribers.ViaOneClick)
			return err
		},
		"complained@example.org": func(sub subscribers.Subscriber) error {
			return r.Suppress(t.Context(), sub.Email, subscribers.Complaint, "")
		},
	} {
		sub := r.active(t, email)
		link := "/vote/" + r.own(t, subscribers.PurposeVote, sub.ID) + "/" + what
		wantStatus(t, s.form(t, link+"/1/ship", ""), http.StatusSeeOther)
		if err := leave(sub); err != nil {
			t.Fatal(err)
		}
		if a := s.form(t, link+"/1/skip", ""); a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "this vote is not counted") {
			t.Errorf("%s: got %d, want to be told that the vote is not counted", email, a.StatusCode)
		}
		if a := s.get(t, link); strings.Contains(a.body, "<button") || !strings.Contains(a.body, `You say: <b class="ship">ship</b>`) || !strings.Contains(a.body, `href="/subscribe"`) {
			t.Errorf("%s: got %s, want the earlier vote, a way back and no button", email, a.body)
		}
		save := "/save/" + r.own(t, subscribers.PurposeSave, sub.ID) + "/" + slug
		wantStatus(t, s.form(t, save, ""), http.StatusSeeOther)
	}
	sub := r.active(t, "paused@example.org")
	if _, err := r.Pause(t.Context(), r.own(t, subscribers.PurposePreferences, sub.ID), r.clock().AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, s.form(t, "/vote/"+r.own(t, subscribers.PurposeVote, sub.ID)+"/"+what+"/1/ship", ""), http.StatusSeeOther)
	if got, err := r.db.Votes().Tallies(t.Context()); err != nil || got[slug][0] != (votes.Count{Ship: 3}) {
		t.Errorf("got %v, %v, want three votes to ship", got, err)
	}
}

// raced are votes of which one is cast while the tallies are being read.
type raced struct {
	Votes
	casting, read, cast chan struct{}
}

func (v raced) Cast(ctx context.Context, vote votes.Vote) error {
	close(v.casting)
	<-v.read
	return v.Votes.Cast(ctx, vote)
}

func (v raced) Tallies(ctx context.Context) (votes.Tallies, error) {
	t, err := v.Votes.Tallies(ctx)
	select {
	case <-v.casting:
	default:
		return t, err
	}
	select {
	case <-v.read:
	default:
		close(v.read)
		<-v.cast
	}
	return t, err
}

// Whoever has voted sees it at once, also where another visitor's page read the
// votes just before and is made only now.
func TestVoteIsShownToItsReader(t *testing.T) {
	t.Parallel()
	r, _ := ballotBox(t, 1)
	v := raced{r.db.Votes(), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	s := serve(t, r, func(d *Deps) { d.Now, d.Votes, d.VoteRules = r.clock, v, votes.Rules{Least: 1} })
	what := votable(t)
	_, slug, _ := strings.Cut(what, "/")
	vote := "/vote/" + r.own(t, subscribers.PurposeVote, r.active(t, "ada@example.org").ID) + "/" + what + "/1/ship"
	var voter sync.WaitGroup
	voter.Go(func() {
		defer close(v.cast)
		wantStatus(t, s.form(t, vote, ""), http.StatusSeeOther)
	})
	<-v.casting
	r.pass(time.Minute) // so that the next visitor's page is made anew
	wantStatus(t, s.get(t, "/archive"), http.StatusOK)
	voter.Wait()
	if a := s.get(t, "/compare/"+slug); !strings.Contains(a.body, "100% ship, 1 vote") {
		t.Errorf("got %s, want the vote", a.body)
	}
}

// A vote in a real browser, from the link in the mail.
func TestVoteInBrowser(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	p := browsertest.New(t).Page(t)
	p.Navigate(s.url + "/vote/" + r.own(t, subscribers.PurposeVote, r.active(t, "ada@example.org").ID) + "/" + votable(t))
	wantHeading(t, p, "Ship or skip?")
	p.Follow(".ballots .leave button")
	if got := browsertest.Eval[string](p, `document.querySelector(".ballots").innerText`); !strings.Contains(got, "You say: skip. Readers: 0% ship, 1 vote.") {
		t.Errorf("got %q, want the vote and the tally", got)
	}
}
