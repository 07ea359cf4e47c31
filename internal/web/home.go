package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
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

type homeView struct {
	Latest *issueView // nil before the first edition
	Next   time.Time  // zero when no send is planned
	Topics []topicLink
	Topic  string     // "" is the front page of all
	OnIt   []itemView // the newest on the topic
	All    string     // the archive of the topic
}

// homeMost is how many comparisons the front page of a topic shows.
const homeMost = 8

func (s *server) home(r *http.Request, now *shown) (string, recipe, error) {
	topic, err := s.topicOf(r, now)
	if err != nil {
		return "", nil, err
	}
	address := filtered("/", topic, 1)
	return address, func(context.Context) (*page.Answer, error) {
		v := homeView{Next: now.next, Topics: s.topicLinks(now, "/", topic), Topic: topic}
		c := content{Title: s.Site.Name, Path: address, Description: homeDescription}
		switch {
		case topic != "":
			c.Title, c.Description = topic, "The newest comparisons in "+topic+", with the panel's verdicts."
			v.OnIt, v.All = s.latestOn(now, topic, homeMost), s.root+filtered("/archive", topic, 1)
		case len(now.published) > 0:
			latest := s.issueView(now, now.published[0])
			v.Latest = &latest
		}
		c.Form, c.Data = formView{Topics: topicsOf(s.topics(now), nil)}, v
		return s.answer("home", c)
	}, nil
}

// homeDescription is for search results and link previews.
const homeDescription = "Two AI tools at a time, tried by a panel: ship it or skip it, the prices and the reasons, in one mail a week."

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
