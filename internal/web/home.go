package web

import (
	"context"
	"net/http"
	"time"

	"verdicts.example/digest/internal/page"
)

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
