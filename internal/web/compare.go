package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/wording"
)

// relatedMost is how many related comparisons a page names.
const relatedMost = 5

// A fullView is all that the page of a comparison shows.
type fullView struct {
	comparisonView
	Scores  []wording.ReviewRow // the whole panel's
	Digests []digestView        // it was in, the newest first
	Related []itemView
}

// A digestView names a digest that was sent.
type digestView struct {
	Week    edition.Week
	Date    time.Time
	Subject string
}

// compare is the program's own page of a comparison: everything the source says. It
// comes as Markdown too, at the same address with ".md".
func (s *server) compare(r *http.Request, now *shown) (string, recipe, error) {
	slug, asMarkdown := strings.CutSuffix(r.PathValue("slug"), ".md")
	c, err := now.library.Get(slug)
	if err != nil || !s.isPublished(c) {
		return "", nil, errNotFound
	}
	if asMarkdown {
		return "/compare/" + c.Slug + ".md", func(context.Context) (*page.Answer, error) {
			return s.markdown("/compare/"+c.Slug, s.compareMarkdown(s.fullView(c, now))), nil
		}, nil
	}
	return "/compare/" + c.Slug, func(context.Context) (*page.Answer, error) {
		v := s.fullView(c, now)
		return s.answer("compare", content{
			Title: v.Title, Description: v.Summary(), Path: "/compare/" + c.Slug, Canonical: webLink(c.URL), Markdown: true,
			Preview: s.previewOf(v.Comparison), Form: formView{Source: "compare"}, Data: v,
		})
	}, nil
}

func (s *server) fullView(c comparison.Comparison, now *shown) fullView {
	v := fullView{comparisonView: s.viewOf(c, now)}
	v.Readers, v.Votable = s.Saved != nil, s.Saved != nil && s.votedIn(c.Slug, now) != ""
	v.Scores = wording.Scorecard(v.Reviews)
	for _, e := range now.published {
		for _, it := range e.Items {
			if it.Slug == c.Slug {
				v.Digests = append(v.Digests, digestView{Week: e.Week, Date: e.Slot.In(s.Site.Location), Subject: subjectOf(e)})
				break
			}
		}
	}
	var public []comparison.Comparison
	for _, o := range now.library.Comparisons {
		if s.isPublished(o) {
			public = append(public, o)
		}
	}
	for _, o := range comparison.Related(c, public, relatedMost) {
		v.Related = append(v.Related, s.itemOf(o))
	}
	return v
}
