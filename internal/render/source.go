package render

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/sheet"
)

var (
	styleElement = regexp.MustCompile(`(?is)<style\b([^>]*)>(.*?)</style\s*>`)
	ownSheet     = regexp.MustCompile(`^\s*\{\{-?\s*\$?\.(Sheet|Kept|Outlook)\s*-?\}\}\s*$`)
	inlinerMark  = regexp.MustCompile(`(?i)\b(pr-el-id|premailer-[a-z-]+)\s*=`)
)

// checkSource checks what an HTML template itself writes of styles, where file
// and line can be named: style elements of its own, and attributes that talk
// to the inliner.
func checkSource(file, src string) error {
	var problems sheet.Problems
	report := func(at int, rule, advice string) {
		problems = append(problems, sheet.Problem{File: file, Line: lineOf(src, at), Rule: rule, Advice: advice})
	}
	if at := inlinerMark.FindStringIndex(strings.ReplaceAll(src, "data-premailer=", "data-xxxxxxxxx=")); at != nil {
		report(at[0], "inliner's own attribute", src[at[0]:at[1]]+" would break the inliner; delete it")
	}
	bare := conditionalComment.ReplaceAllStringFunc(src, func(s string) string { // as many bytes and lines, without Outlook's own styles
		return regexp.MustCompile(`[^\n]`).ReplaceAllString(s, " ")
	})
	for _, m := range styleElement.FindAllStringSubmatchIndex(bare, -1) {
		attrs, body := bare[m[2]:m[3]], bare[m[4]:m[5]]
		if strings.Contains(strings.ToLower(attrs), "media") {
			report(m[0], "style media", "the inliner ignores a style element with media; write @media inside mail/kept.css")
		}
		switch {
		case ownSheet.MatchString(body):
		case strings.Contains(body, "{{"):
			report(m[0], "style element", "CSS and {{actions}} are mixed; put the CSS into mail/mail.css or mail/kept.css")
		default:
			lint := sheet.LintInlined
			if strings.Contains(attrs, "data-premailer") {
				lint = sheet.LintKept
			}
			for _, p := range lint(file, body) {
				p.Line += lineOf(bare, m[4]) - 1
				problems = append(problems, p)
			}
		}
	}
	if err := problems.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStyle, err)
	}
	return nil
}

// checkStyles checks an executed mail before it is inlined: every style
// element and every style attribute, however it came in.
func checkStyles(name, doc string) error {
	file := "the mail " + name
	z := html.NewTokenizer(strings.NewReader(doc))
	var problems sheet.Problems
	line := 1
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := string(z.Raw())
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			t := z.Token()
			problems = append(problems, checkTag(file, line, t)...)
			if t.Data == "style" && kind == html.StartTagToken {
				line += strings.Count(raw, "\n")
				if z.Next() != html.TextToken {
					continue
				}
				raw = string(z.Raw())
				problems = append(problems, checkElement(file, line, t, raw)...)
			}
		}
		line += strings.Count(raw, "\n")
	}
	if err := problems.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStyle, err)
	}
	return nil
}

func checkTag(file string, line int, t html.Token) sheet.Problems {
	var problems sheet.Problems
	for _, a := range t.Attr {
		switch {
		case a.Key == "style":
			problems = append(problems, sheet.LintAttribute(file, line, t.Data, a.Val)...)
		case a.Key == "pr-el-id" || strings.HasPrefix(a.Key, "premailer-"):
			problems = append(problems, sheet.Problem{File: file, Line: line, Selector: t.Data, Rule: "inliner's own attribute", Advice: a.Key + " would break the inliner; delete it"})
		case t.Data == "style" && a.Key == "media":
			problems = append(problems, sheet.Problem{File: file, Line: line, Selector: t.Data, Rule: "style media", Advice: "the inliner ignores a style element with media; write @media inside mail/kept.css"})
		}
	}
	return problems
}

// checkElement checks the content of a style element that stands on line.
func checkElement(file string, line int, t html.Token, body string) sheet.Problems {
	lint := sheet.LintInlined
	for _, a := range t.Attr {
		if a.Key == "data-premailer" {
			if lint = sheet.LintKept; strings.Contains(body, "[data-ogs") {
				lint = sheet.LintOutlook
			}
		}
	}
	problems := lint(file, body)
	for i := range problems {
		problems[i].Line += line - 1
	}
	return problems
}
