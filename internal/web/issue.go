package web

import (
	"cmp"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/wording"
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
	Tools [2]toldTool

	of  comparison.Comparison
	loc *time.Location
}

// A toldTool is a tool with the panel's verdict as readers were told it.
type toldTool struct {
	Name    string
	Verdict wording.Verdict
}

// Line is the verdict, or that there was none.
func (t toldTool) Line() string { return cmp.Or(t.Verdict.Line(), wording.NoVerdict) }

// Word is the verdict in a word.
func (t toldTool) Word() string { return cmp.Or(t.Verdict.Label(), "No verdict") }

// View is the comparison in words, nil when its file has gone. It is worded when
// a template asks for it: the archive lists hundreds and shows none.
func (i itemView) View() *comparisonView {
	if i.Slug == "" {
		return nil
	}
	v := viewOf(i.of, i.loc)
	return &v
}

func (s *server) issueViews(now *shown, editions []edition.Edition) []issueView {
	var out []issueView
	for _, e := range editions {
		out = append(out, s.issueView(now, e))
	}
	return out
}

func (s *server) issueView(now *shown, e edition.Edition) issueView {
	v := issueView{Week: e.Week, Date: e.Slot.In(s.Site.Location), Subject: subjectOf(e)}
	for _, it := range e.Items {
		var item itemView
		if c, err := now.library.Get(it.Slug); err == nil && s.isPublished(c) {
			item = s.itemOf(c)
		}
		item.Title, item.Tools = it.Title(), told(it, item.Tools)
		v.Items = append(v.Items, item)
	}
	return v
}

// told are an item's tools with their verdicts of then. Of what was featured by a
// version that kept none, the verdicts of now are told where the name is the same.
func told(it edition.Item, now [2]toldTool) [2]toldTool {
	var out [2]toldTool
	for i, name := range it.Tools {
		out[i] = toldTool{name, it.Facts[i].Verdict()}
		for _, t := range now {
			if t.Name == name && !it.Facts[i].Known {
				out[i].Verdict = t.Verdict
			}
		}
	}
	return out
}

// itemOf is a comparison in a list, with its verdicts as they are now.
func (s *server) itemOf(c comparison.Comparison) itemView {
	v := itemView{Title: c.Title(), Slug: c.Slug, of: c, loc: s.Site.Location}
	for i, t := range c.Tools {
		v.Tools[i] = toldTool{t.Name, wording.VerdictOf(t.Panel)}
	}
	return v
}
