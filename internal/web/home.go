package web

import (
	"net/http"
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// issueView is an edition in a list: its featured comparisons, or, where a
// comparison's file has gone, the names that were kept with the edition.
type issueView struct {
	Week    edition.Week
	Date    time.Time
	Subject string
	Items   []itemView
}

type itemView struct {
	Title string
	View  *comparisonView // nil when its file has gone
}

type homeView struct {
	Latest *issueView // nil before the first edition
	Next   time.Time  // zero when no send is planned
}

func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	editions, err := s.published(r)
	if err != nil {
		return err
	}
	v := homeView{Next: s.next()}
	if len(editions) > 0 {
		latest := s.issueViews(editions[:1])[0]
		v.Latest = &latest
	}
	return s.servePage(w, r, "home", page{Title: s.Site.Name, Path: "/", Data: v})
}

// published lists the editions that everybody may read, newest first.
func (s *server) published(r *http.Request) ([]edition.Edition, error) {
	all, err := s.Editions.List(r.Context())
	if err != nil {
		return nil, err
	}
	var out []edition.Edition
	for _, e := range slices.Backward(all) {
		if e.State == edition.Sent || e.State == edition.Sending {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *server) issueViews(editions []edition.Edition) []issueView {
	snapshot := s.Library()
	var out []issueView
	for _, e := range editions {
		v := issueView{Week: e.Week, Date: e.Slot.In(s.Site.Location), Subject: e.Subject}
		for _, it := range e.Items {
			item := itemView{Title: it.Tools[0] + " vs " + it.Tools[1]}
			if c, err := snapshot.Get(it.Slug); err == nil && s.isPublished(c) {
				cv := viewOf(c, s.Site.Location)
				item.View = &cv
			}
			v.Items = append(v.Items, item)
		}
		out = append(out, v)
	}
	return out
}

// isPublished reports whether everybody may read the comparison by now.
func (s *server) isPublished(c comparison.Comparison) bool {
	return !c.Published.In(s.Site.Location).After(s.Now())
}

// next is when the next digest goes out, zero when that is not known.
func (s *server) next() time.Time {
	if s.NextSend == nil {
		return time.Time{}
	}
	t := s.NextSend()
	if t.IsZero() {
		return t
	}
	return t.In(s.Site.Location)
}
