package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

func (s *server) archive(_ *http.Request, now *shown) (string, recipe, error) {
	return "/archive", func(context.Context) (*page.Answer, error) {
		return s.answer("archive", content{
			Title:       "Archive",
			Description: "Every digest of " + s.Site.Name + ", newest first.",
			Path:        "/archive",
			Data:        s.issueViews(now, now.published),
		})
	}, nil
}

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
	head, top, end, err := s.issueParts(content{
		Title: build.Subject, Description: build.Preheader, Path: path, Markdown: true,
		Form: formView{Source: "archive/" + e.Week.String()},
		Data: s.issueView(now, e),
	})
	if err != nil {
		return nil, err
	}
	mail := neutralise(build.HTML, s.Site.BaseURL+"/")
	a := page.NewAnswer(page.HTML, keepShort, frameMail(mail, head, top, end))
	a.Policy = mailPolicy(mail)
	return a, nil
}

// mailPolicy is for a mail that is shown as a page: it has its styles inline, and
// may show the images that an operator's template puts into mails.
func mailPolicy(mail string) page.Policy {
	p := sitePolicy()
	p.Style, p.StyleAttr, p.Img = "'self' "+page.StyleHashes(mail), "'unsafe-inline'", "'self' https: data:"
	return p
}
