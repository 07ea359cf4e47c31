package sendview

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

const (
	domainsMost  = 20
	problemsMost = 100              // listed of each outcome
	stillFor     = 20 * time.Second // without a record before the page says so
)

// sending is what the page of a send shows.
type sending struct {
	edition.Edition
	Look      Look
	Total     int64
	Done      int64
	Percent   int64 // of readers with a final outcome; 100 only when there is no other
	Bar       []segment
	Outcomes  []outcome
	Info      delivery.SendInfo
	Next      time.Time // the next retry; zero: none waits
	Domains   []delivery.DomainCounts
	DomainsAt time.Time
	Relays    []relay // none where there is one, with nothing to tell of
	Problems  []problems
	Running   bool // sending and not paused
	First     bool // only a first part of the list has its turn
	Stalled   bool // running, and nothing was recorded for a while
	Still     bool // the page does not refresh itself, by the reader's wish
	Refreshes bool // it would
}

// outcome is a row of the counts.
type outcome struct {
	State string
	Means string
	N     int64
}

// problems are the deliveries that an operator may have to act on.
type problems struct {
	State string // as in delivery.State's String
	Total int64
	List  []delivery.Delivery
	Flag  string // of digest status, which lists all
	Act   string // the command that settles them, "" for none
	Hint  string
	Retry bool // has a next attempt
}

type problemKey struct {
	edition int64
	state   delivery.State
}

func (s *server) send(w http.ResponseWriter, r *http.Request) {
	week, err := edition.ParseWeek(r.PathValue("week"))
	if err != nil {
		s.showError(w, r, fmt.Errorf("%w: %w", err, edition.ErrNotFound))
		return
	}
	e, err := s.Editions.Find(r.Context(), week)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	v := sending{Edition: e, Still: r.URL.Query().Has("still")}
	if e.Frozen() {
		if err := s.fill(r.Context(), &v); err != nil {
			s.showError(w, r, err)
			return
		}
	}
	p := page.View{Title: v.title(), Data: &v}
	if v.Refreshes = e.State == edition.Sending; v.Refreshes && !v.Still {
		p.Refresh = refreshPause
		if v.Running {
			p.Refresh = refreshSend
		}
	}
	s.pages.Show(w, http.StatusOK, "send", p)
}

func (v *sending) title() string {
	state := string(v.State)
	if v.PauseReason != "" {
		state = "paused"
	}
	if v.State == edition.Sending {
		state += fmt.Sprintf(" %d %%", v.Percent)
	}
	return v.Week.String() + ", " + state
}

// fill looks everything up that a frozen edition has.
func (s *server) fill(ctx context.Context, v *sending) error {
	var err error
	if v.Look, err = s.watch.Look(ctx, v.ID); err != nil {
		return err
	}
	if v.Info, err = s.Records.Info(ctx, v.ID); err != nil {
		return err
	}
	c := v.Look.Counts
	v.Total, v.Done = c.Total(), c.Total()-c.Open()
	v.Percent = v.Done * 100 / max(v.Total, 1)
	v.Bar, v.Outcomes = bar(c), outcomes(c)
	v.Running = v.State == edition.Sending && v.PauseReason == ""
	v.First = v.Running && v.Info.Canary.Pending(s.Now())
	v.Stalled = v.Running && v.Look.Still >= stillFor && c[delivery.Queued]+c.Sending() > 0
	if c[delivery.Deferred] > 0 {
		if v.Next, err = s.Records.NextDeferred(ctx, v.ID); err != nil {
			return err
		}
	}
	if v.Relays, err = s.relays(ctx, v); err != nil {
		return err
	}
	if !v.Info.CompactedAt.IsZero() {
		return nil // the counts are all that is left
	}
	if v.Domains, v.DomainsAt, err = s.watch.Domains(ctx, v.ID, domainsMost); err != nil {
		return err
	}
	return s.fillProblems(ctx, v)
}

func (s *server) fillProblems(ctx context.Context, v *sending) error {
	week := v.Week.String()
	for _, p := range []struct {
		state delivery.State
		problems
	}{
		{delivery.Unknown, problems{Act: "digest settle FILE (the relay's log), then digest resolve --week " + week + " --as sent|retry",
			Hint: "The message's end was written and the server's answer was lost. They are never sent again automatically: look in the relay's log, then settle them."}},
		{delivery.Failed, problems{Hint: "The server refused them for good."}},
		{delivery.Deferred, problems{Retry: true, Hint: "The server asked to try later; each is tried again at the time given, for up to 48 hours."}},
	} {
		n := v.Look.Counts[p.state]
		if n == 0 {
			continue
		}
		list, _, err := s.problems.get(problemKey{v.ID, p.state}, func() ([]delivery.Delivery, error) {
			return s.Records.List(ctx, v.ID, p.state, 0, problemsMost)
		})
		if err != nil {
			return err
		}
		p.State, p.Total, p.List = p.state.String(), max(n, int64(len(list))), list
		p.Flag = "digest status --week " + week + " --" + p.State
		v.Problems = append(v.Problems, p.problems)
	}
	return nil
}

// outcomes names every state with what it means.
func outcomes(c delivery.Counts) []outcome {
	return []outcome{
		{"accepted", "the server took it", c[delivery.Accepted]},
		{"failed", "permanently rejected", c[delivery.Failed]},
		{"unknown", "the server's answer was lost", c[delivery.Unknown]},
		{"suppressed", "the reader left before the send", c[delivery.Suppressed]},
		{"deferred", "to be tried again", c[delivery.Deferred]},
		{"sending", "being sent", c.Sending()},
		{"queued", "not begun", c[delivery.Queued]},
	}
}

// segment is a part of the bar, in thousandths of its width.
type segment struct {
	State    string
	X, Width int64
}

// barWidth is the bar's width in its own units, and barLeast what a state with
// any reader gets, so that one failure in a million shows.
const (
	barWidth = 1000
	barLeast = 4
)

// bar places the states with an attempt or an end; the rest of it is the track.
func bar(c delivery.Counts) []segment {
	total := max(c.Total(), 1)
	var list []segment
	var used int64
	for _, o := range outcomes(c)[:5] {
		if o.N > 0 {
			width := max(o.N*barWidth/total, barLeast)
			list, used = append(list, segment{State: o.State, Width: width}), used+width
		}
	}
	if over := used - barWidth; over > 0 { // the widest gives what the others were given
		widest := 0
		for i := range list {
			if list[i].Width > list[widest].Width {
				widest = i
			}
		}
		list[widest].Width -= over
	}
	var x int64
	for i := range list {
		list[i].X = x
		x += list[i].Width
	}
	return list
}
