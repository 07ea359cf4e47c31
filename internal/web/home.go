package web

import (
	"context"
	"net/http"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
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
	Slug  string // "" when its file has gone

	of  comparison.Comparison
	loc *time.Location
}

// View is the comparison in words, nil when its file has gone. It is worded when
// a template asks for it: the archive lists hundreds and shows none.
func (i itemView) View() *comparisonView {
	if i.Slug == "" {
		return nil
	}
	v := viewOf(i.of, i.loc)
	return &v
}

type homeView struct {
	Latest *issueView // nil before the first edition
	Next   time.Time  // zero when no send is planned
}

func (s *server) home(_ *http.Request, now *shown) (string, recipe, error) {
	return "/", func(context.Context) (*page.Answer, error) {
		v := homeView{Next: now.next}
		if len(now.published) > 0 {
			latest := s.issueViews(now, now.published[:1])[0]
			v.Latest = &latest
		}
		return s.answer("home", content{Title: s.Site.Name, Path: "/", Data: v})
	}, nil
}

func (s *server) issueViews(now *shown, editions []edition.Edition) []issueView {
	var out []issueView
	for _, e := range editions {
		v := issueView{Week: e.Week, Date: e.Slot.In(s.Site.Location), Subject: subjectOf(e)}
		for _, it := range e.Items {
			item := itemView{Title: it.Tools[0] + " vs " + it.Tools[1]}
			if c, err := now.library.Get(it.Slug); err == nil && s.isPublished(c) {
				item.Slug, item.of, item.loc = c.Slug, c, s.Site.Location
			}
			v.Items = append(v.Items, item)
		}
		out = append(out, v)
	}
	return out
}
