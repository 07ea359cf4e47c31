package web

import (
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/markdown"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/wording"
)

// markdownType is RFC 7763's.
const markdownType = "text/markdown; charset=utf-8"

// markdown answers with another form of the page at a path.
func (s *server) markdown(path, text string) *page.Answer {
	a := page.NewAnswer(markdownType, keepShort, []byte(text))
	a.Of = s.Site.BaseURL + path
	return a
}

// compareMarkdown is a comparison's page, whole.
func (s *server) compareMarkdown(v fullView) string {
	var b strings.Builder
	own := s.Site.BaseURL + "/compare/" + v.Slug
	fmt.Fprintf(&b, "# %s\n\nCompared on %s. %s", markdown.Text(v.Title), longDate(v.Published), markdown.Link("The page", own))
	if v.URL != "" {
		b.WriteString(", " + markdown.Link("the original comparison", v.URL))
	}
	b.WriteString("\n\n")
	if v.Ruling != "" {
		fmt.Fprintf(&b, "**%s**\n\n", markdown.Text(v.Ruling))
	}
	b.WriteString("## Side by side\n\n" + markdown.Head("Decision", v.Tools[0].Name, v.Tools[1].Name))
	for _, r := range v.Decision {
		b.WriteString(markdown.Row(r.Label, r.Cells[0].Text, r.Cells[1].Text))
	}
	for _, t := range v.Tools {
		writeTool(&b, t)
	}
	s.writeReviews(&b, v)
	if len(v.Digests) > 0 {
		b.WriteString("\n## In the digest\n\n")
		for _, d := range v.Digests {
			fmt.Fprintf(&b, "- %s, %s\n", markdown.Link(d.Subject, s.Site.BaseURL+"/archive/"+d.Week.String()), longDate(d.Date))
		}
	}
	if len(v.Related) > 0 {
		b.WriteString("\n## Related comparisons\n\n")
		for _, r := range v.Related {
			fmt.Fprintf(&b, "- %s\n", markdown.Link(r.Title, s.Site.BaseURL+"/compare/"+r.Slug))
		}
	}
	return b.String()
}

func writeTool(b *strings.Builder, t wording.Tool) {
	fmt.Fprintf(b, "\n## %s\n", markdown.Link(t.Name, t.URL))
	for _, text := range []string{t.Tagline, t.Description} {
		if p := markdown.Paragraphs(text, ""); p != "" {
			b.WriteString("\n" + p + "\n")
		}
	}
}

func (s *server) writeReviews(b *strings.Builder, v fullView) {
	if len(v.Reviews) == 0 {
		return
	}
	b.WriteString("\n## What the panel says\n")
	if v.ReviewNote != "" {
		b.WriteString("\n" + markdown.Line(v.ReviewNote) + "\n")
	}
	if len(v.Scores) > 0 {
		b.WriteString("\n" + markdown.Head("Reviewer", v.Tools[0].Name, v.Tools[1].Name))
	}
	for _, row := range v.Scores {
		b.WriteString(markdown.Row(row.Seat, row.Takes[0].String(), row.Takes[1].String()))
	}
	for _, row := range v.Reviews {
		fmt.Fprintf(b, "\n### %s\n", markdown.Text(row.Seat))
		for i, take := range row.Takes {
			fmt.Fprintf(b, "\n**%s**: %s\n", markdown.Text(v.Tools[i].Name), markdown.Text(take.String()))
			if p := markdown.Paragraphs(take.Text, "> "); p != "" {
				b.WriteString("\n" + p + "\n")
			}
		}
	}
}

// issueMarkdown is an edition in short: what it compared, and the verdicts as its
// readers were told them.
func (s *server) issueMarkdown(v issueView) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s, %s. %s\n", markdown.Text(v.Subject), markdown.Text(s.Site.Name), longDate(v.Date),
		markdown.Link("As it was mailed", s.Site.BaseURL+"/archive/"+v.Week.String()))
	for _, it := range v.Items {
		fmt.Fprintf(&b, "\n## %s\n\n", markdown.Text(it.Title))
		c := it.View()
		for i, t := range it.Tools {
			fmt.Fprintf(&b, "- **%s**: %s", markdown.Text(t.Name), markdown.Text(t.Line()))
			if c != nil && c.Tools[i].Name == t.Name && c.Tools[i].Tagline != "" {
				b.WriteString(". " + markdown.Text(c.Tools[i].Tagline))
			}
			b.WriteString("\n")
		}
		if it.Slug != "" {
			b.WriteString("\n" + markdown.Link("The whole comparison", s.Site.BaseURL+"/compare/"+it.Slug) + "\n")
		}
	}
	return b.String()
}

func longDate(t time.Time) string { return t.Format("2 January 2006") }
