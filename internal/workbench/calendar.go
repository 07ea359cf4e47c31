package workbench

import (
	"net/http"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// ahead is how many slots the calendar shows.
const ahead = 8

// A calendarView is what goes out next.
type calendarView struct {
	chrome
	Slots []slotRow
	Past  []pastRow
}

// A slotRow is a week's slot with the pick as it stands.
type slotRow struct {
	Week   edition.Week
	Slot   time.Time
	State  string
	Why    string // of a week that does not go out
	Titles []string
}

// A pastRow is a week that is over.
type pastRow struct {
	Week    edition.Week
	Slot    time.Time
	State   string
	Subject string
	Why     string
}

func (s *server) calendar(w http.ResponseWriter, r *http.Request) error {
	history, err := s.Desk.Editions(r.Context())
	if err != nil {
		return err
	}
	v := calendarView{chrome: s.chrome(r)}
	coming, err := s.Desk.Ahead(r.Context(), ahead)
	if err != nil {
		return err
	}
	for _, c := range coming {
		row := slotRow{Week: c.Week, Slot: c.Slot, State: string(c.Edition.State), Why: endedBecause(c.Edition)}
		for _, x := range c.Comparisons {
			row.Titles = append(row.Titles, x.Title())
		}
		if len(row.Titles) == 0 && row.Why == "" { // it has gone already
			for _, x := range c.Edition.Items {
				row.Titles = append(row.Titles, x.Title())
			}
		}
		v.Slots = append(v.Slots, row)
	}
	const most = 26
	for i := len(history) - 1; i >= 0 && len(v.Past) < most; i-- {
		if e := history[i]; e.Slot.Before(s.Now()) {
			v.Past = append(v.Past, pastRow{Week: e.Week, Slot: e.Slot, State: string(e.State), Subject: e.Subject, Why: endedBecause(e)})
		}
	}
	s.pages.Show(w, http.StatusOK, "calendar", page.View{Title: "What goes out next", Data: v})
	return nil
}

// endedBecause says why a week did not go out.
func endedBecause(e edition.Edition) string {
	switch {
	case e.State == edition.Skipped:
		return e.SkippedBecause()
	case e.State == edition.Missed && e.NeedsApproval:
		return "nobody approved it in time"
	case e.State == edition.Missed:
		return "the program was not running when it was due"
	case e.State == edition.Cancelled:
		return "cancelled"
	}
	return ""
}
