package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/subscribers"
)

// archivePage is how many editions a page of the archive has: with their verdicts
// they stay well below 40 KB.
const archivePage = 15

// A topicLink leads to what a page shows of a topic, or of all.
type topicLink struct {
	Name    string
	URL     string
	Current bool
}

// topics are the categories of what everybody may read, in alphabetical order.
func (s *server) topics(now *shown) []string {
	now.topicsOnce.Do(func() {
		var out []string
		for _, c := range now.library.Comparisons {
			if !s.isPublished(c) {
				continue
			}
			for _, t := range c.Tools {
				if !containsFold(out, t.Category) && subscribers.MayBeTopic(t.Category) {
					out = append(out, t.Category)
				}
			}
		}
		slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		now.topicList = out
	})
	return now.topicList
}

// topicOf is the topic that an address asks for, as comparisons write it; "" is all.
// One that no comparison has is not there.
func (s *server) topicOf(r *http.Request, now *shown) (string, error) {
	asked := strings.TrimSpace(r.URL.Query().Get("topic"))
	if asked == "" {
		return "", nil
	}
	for _, name := range s.topics(now) {
		if strings.EqualFold(name, asked) {
			return name, nil
		}
	}
	return "", errNotFound
}

// filtered is the one address of a page by topic and number, below the root.
func filtered(path, topic string, number int) string {
	q := url.Values{}
	if topic != "" {
		q.Set("topic", topic)
	}
	if number > 1 {
		q.Set("page", strconv.Itoa(number))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// topicLinks are the ways from a page to the same of another topic; none where there
// are not two.
func (s *server) topicLinks(now *shown, path, current string) []topicLink {
	names := s.topics(now)
	if len(names) < 2 {
		return nil
	}
	links := []topicLink{{"All topics", s.root + path, current == ""}}
	for _, name := range names {
		links = append(links, topicLink{name, s.root + filtered(path, name, 1), name == current})
	}
	return links
}

// onTopic leaves of the editions what is on a topic; "" leaves all. What has gone
// from the library is on none.
func onTopic(issues []issueView, topic string) []issueView {
	if topic == "" {
		return issues
	}
	var out []issueView
	for _, v := range issues {
		v.Items = slices.DeleteFunc(slices.Clone(v.Items), func(it itemView) bool { return it.Slug == "" || !comparison.IsOn(it.of, topic) })
		if len(v.Items) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// latestOn are the newest comparisons on a topic, at most most of them.
func (s *server) latestOn(now *shown, topic string, most int) []itemView {
	var out []itemView
	for _, c := range now.library.Comparisons {
		if len(out) == most {
			break
		}
		if s.isPublished(c) && comparison.IsOn(c, topic) {
			out = append(out, s.itemOf(c))
		}
	}
	return out
}
