package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// archiveView is a page of the archive, by topic or of all.
type archiveView struct {
	Issues       []issueView
	Topic        string
	Topics       []topicLink
	Number, Last int    // of this page and of the last
	Newer, Older string // the pages beside it; "" where there is none
}

func (s *server) archive(r *http.Request, now *shown) (string, recipe, error) {
	topic, err := s.topicOf(r, now)
	if err != nil {
		return "", nil, err
	}
	number := 1
	if asked := r.URL.Query().Get("page"); asked != "" {
		if number, err = strconv.Atoi(asked); err != nil || number < 1 || number > 1+len(now.published)/archivePage {
			return "", nil, errNotFound
		}
	}
	address := filtered("/archive", topic, number)
	return address, func(context.Context) (*page.Answer, error) {
		v, err := s.archiveView(now, topic, number)
		if err != nil {
			return nil, err
		}
		c := content{Title: "Archive", Description: "Every digest of " + s.Site.Name + ", newest first, with its verdicts.", Path: address, Data: v}
		if topic != "" {
			c.Title = "Archive: " + topic
			c.Description = "What " + s.Site.Name + " compared in " + topic + ", newest first, with the verdicts."
		}
		if number > 1 {
			c.Title += fmt.Sprintf(", page %d", number)
		}
		return s.answer("archive", c)
	}, nil
}

func (s *server) archiveView(now *shown, topic string, number int) (archiveView, error) {
	all := onTopic(s.issueViews(now, now.published), topic)
	v := archiveView{Topic: topic, Topics: s.topicLinks(now, "/archive", topic), Number: number, Last: archivePages(len(all))}
	if number > v.Last {
		return v, errNotFound
	}
	v.Issues = all[(number-1)*archivePage : min(number*archivePage, len(all))]
	if number > 1 {
		v.Newer = s.root + filtered("/archive", topic, number-1)
	}
	if number < v.Last {
		v.Older = s.root + filtered("/archive", topic, number+1)
	}
	return v, nil
}

// archivePages is how many pages so many editions take.
func archivePages(editions int) int { return max(1, (editions+archivePage-1)/archivePage) }

// lostIssue is the page of a week that was sent before the database was restored
// from a backup, and of which only its journal is left.
func (s *server) lostIssue(e edition.Edition) (*page.Answer, error) {
	title := subjectOf(e)
	return s.answer("message", content{Title: title, NoIndex: true, Data: page.Notice{
		Heading: title,
		Text: "This digest was sent on " + e.Slot.In(s.Site.Location).Format("2 January 2006") +
			", but its content is not kept here: the site was restored from a backup that is older. Whoever was subscribed has it in the mailbox.",
	}})
}

// subjectOf is an edition's subject; a week of which only the journal is left has
// none.
func subjectOf(e edition.Edition) string {
	if e.Subject != "" {
		return e.Subject
	}
	return fmt.Sprintf("The digest of week %d of %d", e.Week.Number, e.Week.Year)
}

// issue shows an edition's mail as a page, and with ".md" what it compared as
// Markdown.
func (s *server) issue(r *http.Request, now *shown) (string, recipe, error) {
	name, asMarkdown := strings.CutSuffix(r.PathValue("week"), ".md")
	week, err := edition.ParseWeek(name)
	if err != nil {
		return "", nil, errNotFound
	}
	for _, e := range now.published {
		if e.Week == week && asMarkdown {
			return "/archive/" + week.String() + ".md", func(context.Context) (*page.Answer, error) {
				return s.markdown("/archive/"+week.String(), s.issueMarkdown(s.issueView(now, e))), nil
			}, nil
		}
		if e.Week == week {
			return "/archive/" + week.String(), func(ctx context.Context) (*page.Answer, error) {
				return s.issueAnswer(ctx, now, e)
			}, nil
		}
	}
	return "", nil, errNotFound
}

func (s *server) issueAnswer(ctx context.Context, now *shown, e edition.Edition) (*page.Answer, error) {
	builds, err := s.Editions.Builds(ctx, e.Week)
	if err != nil {
		return nil, err
	}
	if len(builds) == 0 {
		return s.lostIssue(e)
	}
	build := builds[0] // from the freeze on there is no later one
	path := "/archive/" + e.Week.String()
	v := s.issueView(now, e)
	head, top, end, err := s.issueParts(content{
		Preview: s.leadPreview(v),
		Title:   build.Subject, Description: build.Preheader, Path: path, Markdown: true,
		Form: formView{Source: "archive/" + e.Week.String()},
		Data: v,
	})
	if err != nil {
		return nil, err
	}
	mail := lean(neutralise(build.HTML, s.Site.BaseURL+"/", path))
	a := page.NewAnswer(page.HTML, keepShort, frameMail(mail, head, top, end))
	a.Policy = mailPolicy(mail)
	return a, nil
}

// leadPreview is the preview of the first comparison that is still here.
func (s *server) leadPreview(v issueView) *preview {
	for _, it := range v.Items {
		if c := it.View(); c != nil {
			return s.previewOf(c.Comparison)
		}
	}
	return nil
}

// mailPolicy is for a mail that is shown as a page: it has its styles inline, and
// may show the images that an operator's template puts into mails.
func mailPolicy(mail string) page.Policy {
	p := sitePolicy()
	p.Style, p.StyleAttr, p.Img = "'self' "+page.StyleHashes(mail), "'unsafe-inline'", "'self' https: data:"
	return p
}
