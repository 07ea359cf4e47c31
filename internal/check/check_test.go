package check

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/render/rendertest"
)

// A digest in order passes every check.
func TestPasses(t *testing.T) {
	t.Parallel()
	m := mailOf(t, rendertest.Numbered(5))
	for _, f := range Run(m) {
		if f.Level != Pass || f.Fix != "" || f.Detail == "" {
			t.Errorf("got %s (fix %q), want a pass without a fix", f.line(), f.Fix)
		}
	}
}

// The same mail gives the same findings in the same order, each check once.
func TestStable(t *testing.T) {
	t.Parallel()
	m := mailOf(t, rendertest.Numbered(12))
	m.DKIMDomain, m.Site.PostalAddress = "", ""
	m.Comparisons[0].Tools[0].Panel.Percent = ptr(3)
	first := Run(m)
	for range 5 {
		if again := Run(m); !reflect.DeepEqual(first, again) {
			t.Fatalf("got %v, want %v", again, first)
		}
	}
	seen := map[string]bool{}
	for _, f := range first {
		if seen[f.Check] {
			t.Errorf("got %s twice, want each check once", f.Check)
		}
		seen[f.Check] = true
	}
}

// No fixture, however odd its content, keeps an edition from being sent.
func TestNoFixtureFails(t *testing.T) {
	t.Parallel()
	for name, cs := range rendertest.Editions() {
		for _, f := range Run(mailOf(t, cs)) {
			if f.Level == Fail {
				t.Errorf("%s: got %s, want no fail", name, f.line())
			}
			if f.Level == Warn && !strings.HasPrefix(f.Check, "content.") && f.Check != "size.plan" {
				t.Errorf("%s: got %s, want warnings about content and size only", name, f.line())
			}
		}
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	if Failed([]Finding{{Level: Pass}, {Level: Warn}}) {
		t.Error("pass and warn: got failed, want not")
	}
	if !Failed([]Finding{{Level: Pass}, {Level: Fail}}) {
		t.Error("pass and fail: got not failed, want failed")
	}
}

func ptr[T any](v T) *T { return &v }

// Each case breaks a mail in one way; the check must see it, say so, and tell
// what to do.
type brokenMail struct {
	name   string
	change func(t *testing.T, m *Mail)
	check  string
	level  Level
	detail string // part of it
}

func runBroken(t *testing.T, cases []brokenMail) {
	t.Helper()
	whole := mailOf(t, []comparison.Comparison{rendertest.PageLike()})
	passes := Run(whole)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if before := find(t, passes, c.check); before.Level != Pass {
				t.Fatalf("before: got %s, want a pass", before.line())
			}
			m := whole // the cases replace its values and write into none
			c.change(t, &m)
			f := find(t, Run(m), c.check)
			if f.Level != c.level || !strings.Contains(f.Detail, c.detail) || f.Fix == "" {
				t.Errorf("got %s (fix %q), want %s with %q and a fix", f.line(), f.Fix, c.level, c.detail)
			}
		})
	}
}

// inHTML breaks the HTML by replacing the first old.
func inHTML(old, with string) func(*testing.T, *Mail) {
	return func(t *testing.T, m *Mail) { m.Rendered.HTML = replaced(t, m.Rendered.HTML, old, with) }
}

func inText(old, with string) func(*testing.T, *Mail) {
	return func(t *testing.T, m *Mail) { m.Rendered.Text = replaced(t, m.Rendered.Text, old, with) }
}

func inRaw(old, with string) func(*testing.T, *Mail) {
	return func(t *testing.T, m *Mail) { m.Raw = []byte(replaced(t, string(m.Raw), old, with)) }
}

func change(f func(m *Mail)) func(*testing.T, *Mail) {
	return func(_ *testing.T, m *Mail) { f(m) }
}

func TestSizeAndClients(t *testing.T) {
	t.Parallel()
	runBroken(t, []brokenMail{
		{"over the budget", inHTML("</body>", strings.Repeat("<p>words</p>", 6000)+"</body>"), "size.html", Warn, "over the budget"},
		{"clipped", inHTML("</body>", strings.Repeat("<p>words</p>", 9000)+"</body>"), "size.html", Fail, "clips"},
		{"too much to look at", inHTML("</body>", strings.Repeat("x", treeStop)), "html.parse", Fail, "too many"},
		{"many styles", inHTML("</head>", "<style>"+strings.Repeat(".a{margin:0!important}", 260)+"</style></head>"), "size.style", Warn, "over the budget"},
		{"too many styles", inHTML("</head>", strings.Repeat("<style>"+strings.Repeat(".a{margin:0!important}", 250)+"</style>", 3)+"</head>"), "size.style", Fail, "drops"},
		{"degraded", change(func(m *Mail) { m.Rendered.Cuts = []string{"quotes shortened, to stay within the size budget"} }), "size.plan", Warn, "quotes shortened"},
		{"flex", inHTML(`<body `, `<body style="display:flex" `), "clients.support", Warn, "outlook/windows"},
		{"svg", inHTML("</body>", "<svg></svg></body>"), "clients.support", Warn, "<svg> image is not supported by gmail/desktop-webmail"},
		{"script", inHTML("</body>", "<script>1</script></body>"), "clients.active", Warn, "<script>"},
		{"handler", inHTML("<body ", `<body onload="x()" `), "clients.active", Warn, "onload"},
		{"refresh", inHTML("</head>", `<meta http-equiv="Refresh" content="1"></head>`), "clients.active", Warn, "refresh"},
	})
}

func TestAccessibility(t *testing.T) {
	t.Parallel()
	runBroken(t, []brokenMail{
		{"no lang", inHTML(`<html lang="en"`, `<html`), "a11y.lang", Fail, "html has no lang"},
		{"no dir on the wrapper", func(t *testing.T, m *Mail) {
			m.Rendered.HTML = strings.ReplaceAll(m.Rendered.HTML, ` dir="ltr"`, "")
		}, "a11y.lang", Fail, "nothing within body"},
		{"layout table without role", inHTML(`<table role="presentation" class="sheet"`, `<table class="sheet"`), "a11y.tables", Fail, "neither layout"},
		{"data table as layout", inHTML(`<table class="data"`, `<table role="none" class="data"`), "a11y.tables", Fail, "marked as layout"},
		{"no scope", inHTML(` scope="col"`, ""), "a11y.tables", Fail, "no scope"},
		{"image without alt", inHTML("</body>", `<img src="cid:x"></body>`), "a11y.alt", Fail, "no alt"},
		{"heading skipped", func(t *testing.T, m *Mail) {
			m.Rendered.HTML = strings.NewReplacer("<h2", "<h4", "</h2", "</h4").Replace(m.Rendered.HTML)
		}, "a11y.headings", Warn, "follows h1"},
		{"two h1", inHTML("</body>", "<h1>Again</h1></body>"), "a11y.headings", Warn, "2 h1"},
		{"empty heading", inHTML("</body>", "<h2> <br> </h2></body>"), "a11y.headings", Warn, "h2 is empty"},
		{"vague link", inHTML("</body>", `<a href="https://x.example/">Click here…</a></body>`), "a11y.links", Warn, "does not say"},
		{"link without text", inHTML("</body>", `<a href="https://x.example/"><img alt="" src="cid:x"></a></body>`), "a11y.links", Warn, "no text"},
		{"one text, two places", inHTML("</body>", `<a href="https://x.example/">Unsubscribe</a></body>`), "a11y.links", Warn, "leads elsewhere"},
		{"no title", func(t *testing.T, m *Mail) {
			_, rest, _ := strings.Cut(m.Rendered.HTML, "</title>")
			head, _, _ := strings.Cut(m.Rendered.HTML, "<title>")
			m.Rendered.HTML = head + rest
		}, "a11y.title", Warn, "no title"},
	})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	link := func(href, text string) func(*testing.T, *Mail) {
		return inHTML("</body>", `<a href="`+href+`">`+text+`</a></body>`)
	}
	runBroken(t, []brokenMail{
		{"nowhere", link("#", "An end"), "links.syntax", Fail, "leads nowhere"},
		{"relative", link("/page", "A page"), "links.syntax", Fail, "no http"},
		{"script", link("javascript:x()", "A page"), "links.syntax", Fail, "no http"},
		{"malformed", link("https://[x/", "A page"), "links.syntax", Fail, "cannot be parsed"},
		{"no host", link("https:///x", "A page"), "links.syntax", Fail, "no host"},
		{"password", link("https://u:secret@x.example/", "A page"), "links.syntax", Fail, "password"},
		{"mailto without address", link("mailto:", "Mail"), "links.syntax", Fail, "no http"},
		{"http", link("http://x.example/", "A page"), "links.https", Warn, "http://x.example/"},
		{"other host as text", link("https://evil.example/", "www.bank.example"), "links.spoofing", Warn, "leads to evil.example"},
		{"mixed host", link("https://pаypal.example/", "A page"), "links.spoofing", Warn, "mixes scripts"},
		{"copied address", link("https://example.org/pocketvision", "Another tool"), "links.duplicate", Warn, "Another tool"},
		{"no unsubscribe", inHTML("/unsubscribe/", "/elsewhere/"), "links.unsubscribe", Fail, "no unsubscribe link"},
		{"pixel", inHTML("</body>", `<img alt="" src="https://x.example/p.gif"></body>`), "links.remote", Warn, "p.gif"},
		{"style resource", inHTML("</body>", `<p style="background:url(https://x.example/p.gif)">x</p></body>`), "links.remote", Warn, "resource of its style"},
		{"font", inHTML("</head>", `<link rel="stylesheet" href="https://x.example/f.css"></head>`), "links.remote", Warn, "f.css"},
	})
}

func TestSubjectAndText(t *testing.T) {
	t.Parallel()
	subject := func(s string) func(*testing.T, *Mail) { return change(func(m *Mail) { m.Rendered.Subject = s }) }
	preheader := func(s string) func(*testing.T, *Mail) { return change(func(m *Mail) { m.Rendered.Preheader = s }) }
	runBroken(t, []brokenMail{
		{"no subject", subject("  "), "subject.length", Fail, "empty"},
		{"longer than shown", subject(strings.Repeat("long ", 13)), "subject.length", Warn, "about 60"},
		{"longer than a line", subject(strings.Repeat("long ", 20)), "subject.length", Warn, "more than 78"},
		{"HTML", subject("Ship <b>Cursor</b>, skip Windsurf"), "subject.markup", Warn, "inboxes show <b> as it stands; inboxes show </b>"},
		{"an entity", subject("Cursor &amp; Windsurf"), "subject.markup", Warn, "&amp;"},
		{"Markdown", preheader("What **ships** of what [we](https://example.org) tried in the week"), "preheader.markup", Warn, "**ships**"},
		{"a note's link", change(func(m *Mail) { m.Note = "See [this](javascript:x)." }), "note.links", Warn, "“this” is not a link"},
		{"override", subject("safe \u202eefas"), "subject.spoofing", Fail, "U+202E"},
		{"control", subject("a\x00b"), "subject.spoofing", Fail, "U+0000"},
		{"not UTF-8", subject("a\xffb"), "subject.spoofing", Fail, "invalid"},
		{"zero width", subject("a\u200bb"), "subject.spoofing", Warn, "U+200B"},
		{"mixed scripts", subject("Pаypal"), "subject.spoofing", Warn, "mixes"},
		{"capitals", subject("THIS IS THE BEST WEEK"), "subject.shouting", Warn, "capitals"},
		{"exclamation", subject("Look!!"), "subject.shouting", Warn, "exclamation"},
		{"no preheader", preheader(""), "preheader.length", Warn, "0 characters"},
		{"long preheader", preheader(strings.Repeat("long ", 30)), "preheader.length", Warn, "at most"},
		{"preheader not first", inHTML(`<div class="preheader"`, `<p>View in browser</p><div class="preheader"`), "preheader.text", Warn, "does not begin"},
		{"preheader repeats", change(func(m *Mail) { m.Rendered.Subject = m.Rendered.Preheader }), "preheader.text", Warn, "repeats"},
		{"preheader spoofs", preheader("a\u2066b"), "preheader.spoofing", Fail, "U+2066"},
		{"wide line", inText("\n", "\n"+strings.Repeat("wide ", 20)+"\n"), "text.columns", Warn, "columns"},
		{"wide CJK line", inText("\n", "\n"+strings.Repeat("広", 40)+"\n"), "text.columns", Warn, "80 columns"},
		{"entities", inText("\n", "\nA &amp; B\n"), "text.markup", Warn, "&amp;"},
		{"link lost", inText("https://example.org/pocketvision\n", "\n"), "text.complete", Fail, "the link to https://example.org/pocketvision"},
		{"link cut", inText("https://example.org/compare/rulebook-vs-pocketvision", "https://example.org/compare/rulebook-vs"), "text.complete", Fail, "the link to"},
		{"score lost", inText("45 Skip", "-- ----"), "text.complete", Fail, `"45 Skip"`},
		{"one of three equal scores lost", inText("80 Ship", "-- ----"), "text.complete", Fail, `"80 Ship"`},
		{"price lost", func(t *testing.T, m *Mail) { m.Rendered.Text = strings.ReplaceAll(m.Rendered.Text, "Apache", "") }, "text.complete", Fail, `"Apache"`},
	})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	runBroken(t, []brokenMail{
		{"no List-Id", inRaw("List-Id:", "X-List-Id:"), "headers.present", Fail, "List-Id is missing"},
		{"two From", inRaw("Date:", "From: x@example.org\r\nDate:"), "headers.present", Fail, "From appears twice"},
		{"no date", inRaw("Date: ", "Date: someday "), "headers.present", Fail, "Date cannot"},
		{"long line", inRaw("Date:", "X-Long: "+strings.Repeat("x", 1000)+"\r\nDate:"), "headers.lines", Fail, "SMTP takes 998"},
		{"unfolded line", inRaw("Date:", "X-Long: "+strings.Repeat("word ", 20)+"\r\nDate:"), "headers.lines", Warn, "could be folded"},
		{"bare LF", inRaw("\r\n\r\n", "\r\n\r\nx\ny\r\n"), "headers.lines", Fail, "bare"},
		{"8bit", inRaw("\r\n\r\n", "\r\n\r\nü\r\n"), "headers.lines", Fail, "not printable ASCII"},
		{"long body line", inRaw("\r\n\r\n", "\r\n\r\n"+strings.Repeat("x", 77)+"\r\n"), "headers.lines", Warn, "77 characters"},
		{"one part", inRaw("multipart/alternative", "text/html"), "headers.mime", Fail, "no text part"},
		{"no boundary", inRaw("boundary=", "border="), "headers.mime", Fail, "boundary"},
		{"no one-click", inRaw("One-Click", "One"), "headers.one-click", Fail, "List-Unsubscribe-Post"},
		{"http", inRaw("<https://verdicts", "<http://verdicts"), "headers.one-click", Fail, "not https"},
		{"local", inRaw("<https://verdicts.example.org", "<http://localhost:8080"), "headers.one-click", Warn, "on this machine"},
		{"mailto first", inRaw("<https://verdicts", "<mailto:verdicts"), "headers.one-click", Fail, "does not start"},
		{"not aligned", change(func(m *Mail) { m.DKIMDomain = "other.example" }), "headers.from", Fail, "DMARC"},
		{"not signed", change(func(m *Mail) { m.DKIMDomain = "" }), "headers.from", Warn, "not signed"},
		{"another From", change(func(m *Mail) { m.From = "else@example.org" }), "headers.from", Fail, "not else@example.org"},
		{"localhost", func(t *testing.T, m *Mail) { inRaw("<digest@example.org>", "<d@localhost>")(t, m); m.From = "" }, "headers.from", Warn, "localhost"},
		{"From is no address", inRaw("<digest@example.org>", "digest"), "headers.from", Fail, "cannot be parsed"},
		{"another address in the name", inRaw("From: Weekly AI Tool Verdicts", `From: "ceo@bank.example via us"`), "headers.name", Warn, "ceo@bank.example"},
		{"another domain in the name", inRaw("From: Weekly AI Tool Verdicts", `From: "Paypal.com news"`), "headers.name", Warn, "Paypal.com"},
		{"no name", inRaw("From: Weekly AI Tool Verdicts", "From:"), "headers.name", Warn, "no name"},
		{"reordering name", inRaw("From: Weekly AI Tool Verdicts", "From: =?utf-8?q?a=E2=80=AEb?="), "headers.name", Fail, "U+202E"},
		{"Message-ID of another domain", inRaw("w48.1@example.org", "w48.1@other.example"), "headers.message-id", Warn, "other.example"},
		{"no postal address", change(func(m *Mail) { m.Site.PostalAddress = " " }), "postal-address", Warn, "no postal address"},
		{"postal address not in the HTML", func(t *testing.T, m *Mail) {
			m.Rendered.HTML = strings.ReplaceAll(m.Rendered.HTML, "Pine", "Oak")
		}, "postal-address", Fail, "the HTML does not show"},
		{"postal address not in the text", inText("Pine", "Oak"), "postal-address", Fail, "the text part does not show"},
		{"the example's address", func(t *testing.T, m *Mail) {
			swap := strings.NewReplacer("12 Pine Road, 00000 Exampletown", exampleAddress)
			m.Site.PostalAddress = swap.Replace(m.Site.PostalAddress)
			m.Rendered.HTML, m.Rendered.Text = swap.Replace(m.Rendered.HTML), strings.ReplaceAll(m.Rendered.Text, "12 Pine Road, 00000 Exampletown", exampleAddress)
		}, "postal-address", Warn, "the example's"},
	})
	m := mailOf(t, []comparison.Comparison{rendertest.PageLike()})
	m.Raw = []byte("no header")
	if f := find(t, Run(m), "headers.parse"); f.Level != Fail {
		t.Errorf("no message: got %s, want a fail", f.line())
	}
	m.Raw = nil
	for _, f := range Run(m) {
		if strings.HasPrefix(f.Check, "headers.") {
			t.Errorf("without a message: got %s, want nothing about headers", f.line())
		}
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	first := func(f func(*comparison.Comparison)) func(*testing.T, *Mail) {
		return change(func(m *Mail) {
			c := m.Comparisons[0]
			for i := range c.Tools {
				c.Tools[i].Reviews = slices.Clone(c.Tools[i].Reviews)
				if p := c.Tools[i].Panel; p != nil {
					c.Tools[i].Panel = ptr(*p)
				}
			}
			f(&c)
			m.Comparisons = []comparison.Comparison{c}
		})
	}
	take := func(s string) func(*testing.T, *Mail) {
		return first(func(c *comparison.Comparison) { c.Tools[0].Reviews[1].Take = s })
	}
	runBroken(t, []brokenMail{
		{"old", first(func(c *comparison.Comparison) { c.Published = comparison.PublishedOn(2026, time.October, 1) }), "content.stale", Warn, "53 days old"},
		{"from the future", first(func(c *comparison.Comparison) { c.Published = comparison.PublishedOn(2027, time.October, 1) }), "content.stale", Warn, "future"},
		{"same tools", change(func(m *Mail) {
			twin := m.Comparisons[0]
			twin.Slug, twin.Tools[0], twin.Tools[1] = "twin", twin.Tools[1], twin.Tools[0]
			m.Comparisons = append(m.Comparisons, twin)
		}), "content.duplicate", Warn, "twin and rulebook"},
		{"per cent", first(func(c *comparison.Comparison) { c.Tools[0].Panel.Percent = ptr(80) }), "content.percent", Warn, "3 ship and 1 skip are 75%, not 80%"},
		{"no price", first(func(c *comparison.Comparison) { c.Tools[0].Entry, c.Tools[0].Pricing = "", "" }), "content.price", Warn, "Rulebook"},
		{"no review", first(func(c *comparison.Comparison) { c.Tools[1].Reviews = nil }), "content.reviews", Warn, "PocketVision 2"},
		{"take with an ellipsis", take("It does well until…"), "content.takes", Warn, "Skeptic on Rulebook for Coders"},
		{"take in mid-sentence", take("It does well until the moment when"), "content.takes", Warn, "moment when"},
		{"not a quote", inHTML("It is a text file", "It is a paper file"), "content.quotes", Warn, "not in any take"},
		{"without news", inHTML(`<p class="lede"`, "<p>"+strings.Repeat("Welcome to this week. ", 12)+`</p><p class="lede"`), "summary.first", Warn, "name no tool"},
		{"news without a verdict", inHTML(`PocketVision 2 ships <span class="whole"`, "PocketVision 2 came out "+strings.Repeat("and it is here ", 12)+`<span class="whole"`), "summary.first", Warn, "give no verdict"},
		{"cut name", change(func(m *Mail) { m.Rendered.Notes = []string{"a: name shortened to 100 characters: x…"} }), "content.shortened", Warn, "name shortened"},
		{"unreadable file", change(func(m *Mail) { m.Problems = []comparison.Problem{{File: "a.yaml", Line: 3, Message: "no such field"}} }), "content.broken", Warn, "a.yaml:3"},
	})
}

// The counts of three reviewers round to 66 or 67 %.
func TestPercentRounding(t *testing.T) {
	t.Parallel()
	for percent, want := range map[int]int{66: 0, 67: 0, 65: 1, 68: 1} {
		c := rendertest.PageLike()
		c.Tools[0].Panel = &comparison.Panel{Ship: ptr(2), Skip: ptr(1), Percent: ptr(percent)}
		if got := len(percentDefect(c, 0)); got != want {
			t.Errorf("2 of 3 as %d%%: got %d defects, want %d", percent, got, want)
		}
	}
}

// An editor's note may quote whom it likes.
func TestNoteQuotes(t *testing.T) {
	t.Parallel()
	m := mailOf(t, rendertest.Numbered(1))
	m.Rendered.HTML = replaced(t, m.Rendered.HTML, `<h2 class="pair`, `<div class="editor"><blockquote><p>Nobody's take</p></blockquote></div><h2 class="pair`)
	for _, f := range Run(m) {
		if f.Check == "content.quotes" && f.Level != Pass {
			t.Errorf("got %s: %s, want a pass", f.Level, f.Detail)
		}
	}
}

// What the HTML leaves out, the text part may leave out too, though a word of it
// stands elsewhere in the HTML, in its preheader for one.
func TestPriceOfItemInBrief(t *testing.T) {
	t.Parallel()
	cs := rendertest.Numbered(3)
	cs[2].Tools[0].Entry, cs[2].Tools[0].Pricing, cs[2].Tools[1].Category = "Free", "Free, or $20 for every reviewer’s seat", "Five"
	for _, f := range Run(mailOf(t, cs)) {
		if f.Level == Fail {
			t.Errorf("got %s, want no fail", f.line())
		}
	}
}

// A defect says where it is: the element in the mail, or the field of the
// comparison, so that nobody has to read it out of its words.
func TestPlaces(t *testing.T) {
	t.Parallel()
	m := mailOf(t, rendertest.Numbered(3))
	m.Comparisons[1].Tools[1].Entry, m.Comparisons[1].Tools[1].Pricing = "", ""
	m.Problems = []comparison.Problem{{File: "comparisons/broken.yaml", Line: 2, Message: "no; not this"}}
	m.Rendered.Subject = ""
	m.Rendered.HTML = strings.Replace(m.Rendered.HTML, "</body>", `<p>x</p><a href="#nowhere">Somewhere</a></body>`, 1)
	places := map[string]Place{}
	for _, f := range Run(m) {
		if (f.Level == Pass) != (len(f.Places) == 0) {
			t.Errorf("%s: got level %s with %d places", f.Check, f.Level, len(f.Places))
		}
		if len(f.Places) == 1 && f.Places[0].Text != f.Detail {
			t.Errorf("%s: got the place %q of %q", f.Check, f.Places[0].Text, f.Detail)
		}
		if len(f.Places) > 0 {
			places[f.Check] = f.Places[0]
		}
	}
	if p := places["content.price"]; p.Slug != m.Comparisons[1].Slug || p.Field != "tools[1].entry" {
		t.Errorf("a price: got %+v, want %s, tools[1].entry", p, m.Comparisons[1].Slug)
	}
	if p := places["content.broken"]; p.File != "comparisons/broken.yaml" || !strings.HasSuffix(p.Text, "no; not this") {
		t.Errorf("a broken file: got %+v", p)
	}
	if p := places["subject.length"]; p.Setting != "subject" {
		t.Errorf("a subject: got %+v", p)
	}
	root, err := html.Parse(strings.NewReader(m.Rendered.HTML))
	if err != nil {
		t.Fatal(err)
	}
	p := places["links.syntax"]
	if elements := newDocument(root).elements; p.Element < 1 || p.Element > len(elements) || attr(elements[p.Element-1], "href") != "#nowhere" {
		t.Errorf("a link: got %+v, want the element with that href", p)
	}
}
