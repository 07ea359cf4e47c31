package render

import (
	"errors"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/render/rendertest"
)

func digest(t testing.TB, cs ...comparison.Comparison) Rendered {
	t.Helper()
	out, err := newRenderer(t).Digest(input(cs...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The same comparisons, templates and clock give the same bytes, from one
// renderer or two.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	first := digest(t, numbered(8)...)
	r := newRenderer(t)
	for range 5 {
		again, err := r.Digest(input(numbered(8)...))
		if err != nil {
			t.Fatal(err)
		}
		if again.HTML != first.HTML || again.Uninlined != first.Uninlined || again.Text != first.Text {
			t.Fatal("the same edition rendered twice: got other bytes")
		}
	}
}

// A digest stays below what its detail promises, and within the budget; more
// degrade by plan, and nothing is lost: each comparison keeps its verdicts and
// its link.
func TestSizes(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for n, most := range map[int]int{1: 25_000, 5: 40_000, 8: SizeBudget, 12: SizeBudget} {
		out := digest(t, numbered(n)...)
		if len(out.HTML) > most || len(out.Notes) > 0 {
			t.Errorf("%d comparisons: got %d bytes and notes %q, want at most %d without any", n, len(out.HTML), out.Notes, most)
		}
	}
	for _, n := range []int{8, 12, 40} {
		cs := numbered(n)
		in := input(cs...)
		in.Detail = DetailFull
		out, err := r.Digest(in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.HTML) > SizeBudget {
			t.Errorf("%d comparisons in full: got %d bytes, want at most %d", n, len(out.HTML), SizeBudget)
		}
		if short := strings.Contains(strings.Join(out.Notes, "\n"), "shortened"); short != (n > 8) {
			t.Errorf("%d comparisons in full: got notes %q, want them to say what was degraded", n, out.Notes)
		}
		for _, c := range cs {
			if !strings.Contains(out.HTML, `href="`+c.URL+`"`) || !strings.Contains(out.Text, c.URL) {
				t.Errorf("%d comparisons: %s is not linked in both parts", n, c.URL)
			}
		}
		if got := len(shownVerdict.FindAllString(out.HTML, -1)); got < 2*n {
			t.Errorf("%d comparisons: got %d verdicts, want at least %d", n, got, 2*n)
		}
	}
}

// shownVerdict is a verdict with its votes: "Ship, 3 of 4", "Skip · 25% ship".
var shownVerdict = regexp.MustCompile(`>(?:Ship|Skip|Split)(?:, | · )[0-9]`)

// The details differ in how much of a comparison they show.
func TestDetail(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for detail, want := range map[Detail]int{"": 1, DetailLead: 1, DetailFull: 3, DetailBrief: 0} {
		in := input(numbered(3)...)
		in.Detail = detail
		out, err := r.Digest(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.HTML, ">Community<"); got != want {
			t.Errorf("%q: got %d comparisons in full, want %d", detail, got, want)
		}
	}
}

// An update says what changed, in both parts, in full and in brief.
func TestUpdates(t *testing.T) {
	t.Parallel()
	in := input(numbered(2)...)
	in.Updates = map[string]string{"comparison-1": "Updated since 2026-W40: 3 of 4 ship.", "comparison-2": "Updated since 2026-W41: a new price."}
	out, err := newRenderer(t).Digest(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Updated since 2026-W40: 3 of 4 ship.", "Updated since 2026-W41: a new price."} {
		if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(out.HTML, `<span class="whole" style="white-space:nowrap">`, ""), "</span>", ""), want) || !strings.Contains(out.Text, want) {
			t.Errorf("%q is not in both parts", want)
		}
	}
}

// What cannot be made small enough is an error, never a clipped mail.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	_, err := newRenderer(t).Digest(input(numbered(400)...))
	if !errors.Is(err, ErrSize) {
		t.Errorf("400 comparisons: got %v, want ErrSize", err)
	}
	if _, err = newRenderer(t).Digest(input()); !errors.Is(err, ErrMail) {
		t.Errorf("no comparison: got %v, want ErrMail", err)
	}
}

func TestStyleSizes(t *testing.T) {
	t.Parallel()
	out := digest(t, pageLike())
	total := 0
	for _, s := range anyStyle.FindAllString(out.HTML, -1) {
		total += len(s)
	}
	if total == 0 || total > 8_192 {
		t.Errorf("style elements: got %d bytes, want 1 to 8192", total)
	}
	for _, gone := range []string{"data-premailer", "pr-el-id", "zqK"} {
		if strings.Contains(out.HTML, gone) {
			t.Errorf("the inlined mail contains %q", gone)
		}
	}
}

// Every place for a reader's value survives, and content can make none.
func TestMergeFields(t *testing.T) {
	t.Parallel()
	c := pageLike()
	c.Tools[0].Tagline = "tell me " + string(mergefield.Email) + " and " + string(mergefield.Token)
	c.Tools[0].URL = "https://evil.example/?t=" + string(mergefield.Token)
	out := digest(t, c)
	for name, part := range map[string]string{"HTML": out.HTML, "before inlining": out.Uninlined, "text": out.Text} {
		for s, want := range map[mergefield.Field]int{mergefield.Token: 1, mergefield.Email: 1, mergefield.Name: 0} {
			if got := strings.Count(part, string(s)); got != want {
				t.Errorf("%s: got %d places for %s, want %d", name, got, s, want)
			}
		}
		if !strings.Contains(part, "https://verdicts.example/unsubscribe/"+string(mergefield.Token)) {
			t.Errorf("%s: the unsubscribe link is missing", name)
		}
		if strings.Contains(part, "evil.example") {
			t.Errorf("%s: a link that would carry the reader's token is in", name)
		}
	}
	if !strings.Contains(strings.Join(out.Notes, "\n"), "not an http(s) address") {
		t.Errorf("got notes %q, want one about the url", out.Notes)
	}
}

func TestHostileContent(t *testing.T) {
	t.Parallel()
	c := pageLike()
	c.URL = "javascript:alert(1)"
	c.Tools[0].Name = `<script>alert("x")</script>`
	c.Tools[0].URL = "data:text/html,x"
	c.Tools[0].Tagline = "safe \u202Eesrever\u202C \u2067isolated\u2069 \x00\x1b[31m<!--[if mso]>x<![endif]--> {{.Site}}"
	c.Tools[1].Pricing = `" onmouseover="alert(1)" style="position:fixed`
	c.Tools[1].Reviews[0].Take = "</style><style>*{display:none}</style>. Done."
	out := digest(t, c)
	for _, bad := range []string{"<script", "javascript:", "data:text", ` onmouseover="`, ` style="position`, "<style>*", "\u202E", "\u2067", "\x00", "\x1b", "#ZgotmplZ"} {
		if strings.Contains(out.HTML, bad) || strings.Contains(out.Text, "javascript:") {
			t.Errorf("the mail contains %q", bad)
		}
	}
	if want := "&lt;!--[if mso]&gt;x&lt;![endif]--&gt; {{.Site}}"; !strings.Contains(out.HTML, want) {
		t.Errorf("content that looks like a comment or an action: want it shown as %q", want)
	}
	if want := "https://verdicts.example/compare/" + c.Slug; !strings.Contains(out.HTML, want) {
		t.Errorf("a bad url: want the archive page %s linked", want)
	}
}

// The conditional comments for Outlook arrive byte for byte.
func TestConditionalComments(t *testing.T) {
	t.Parallel()
	src, err := rendertest.Templates().Open("mail/layout.html.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_ = src.Close()
	layout := readTemplate(t, "mail/layout.html.tmpl")
	want := conditionalComment.FindAllString(trimIndent(layout), -1)
	if len(want) < 3 {
		t.Fatalf("got %d conditional comments in the layout, want at least 3", len(want))
	}
	out := digest(t, pageLike())
	for _, comment := range want {
		if strings.Count(out.HTML, comment) != 1 || strings.Count(out.Uninlined, comment) != 1 {
			t.Errorf("not in the mail once, byte for byte: %s", comment)
		}
	}
}

var (
	layoutTable = regexp.MustCompile(`<table\b[^>]*>`)
	heading     = regexp.MustCompile(`<h([1-6])`)
)

// The skeleton that readers without sight or styles go by: one h1, no level
// left out, every table either for layout or with row headers.
func TestStructure(t *testing.T) {
	t.Parallel()
	for _, mail := range fixtureMails(t, newRenderer(t)) {
		level, h1 := 0, 0
		for _, m := range heading.FindAllStringSubmatch(mail.out.HTML, -1) {
			n := int(m[1][0] - '0')
			if n > level+1 {
				t.Errorf("%s: a h%d follows a h%d", mail.name, n, level)
			}
			if n == 1 {
				h1++
			}
			level = n
		}
		if h1 != 1 {
			t.Errorf("%s: got %d h1, want 1", mail.name, h1)
		}
		for _, table := range layoutTable.FindAllString(mail.out.HTML, -1) {
			if !strings.Contains(table, `role="presentation"`) && !strings.Contains(table, `class="data"`) {
				t.Errorf("%s: a table is neither for layout nor for data: %s", mail.name, table)
			}
		}
		for _, want := range []string{`<html lang="en" dir="ltr">`, `aria-roledescription="email"`, `lang="en" dir="ltr">`, "12 Example Street"} {
			if !strings.Contains(mail.out.HTML, want) {
				t.Errorf("%s: %s is missing", mail.name, want)
			}
		}
		if strings.Contains(mail.out.HTML, "<img") {
			t.Errorf("%s: has an image", mail.name)
		}
		body := mail.out.HTML[strings.Index(mail.out.HTML, "<body"):]
		if !regexp.MustCompile(`^<body[^>]*>\s*<div class="preheader"[^>]*display:none[^>]*>`).MatchString(body) {
			t.Errorf("%s: the hidden preheader is not first in the body", mail.name)
		}
	}
}

func TestMailData(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	data := ConfirmData{ConfirmURL: "https://verdicts.example/confirm/x", Email: "a@example.org"}
	if _, err := r.Mail("confirm", &data); err != nil {
		t.Errorf("data by pointer: %v", err)
	}
	for name, data := range map[string]any{"confirm": WelcomeData{}, "welcome": nil, "digest": DigestData{}, "none": data} {
		if _, err := r.Mail(name, data); !errors.Is(err, ErrMail) {
			t.Errorf("Mail(%q, %T): got %v, want ErrMail", name, data, err)
		}
	}
}

// BenchmarkDigest renders a whole edition, inlining included. cpu-ms/op is the
// processor's time, which a busy machine does not stretch.
func BenchmarkDigest(b *testing.B) {
	r := newRenderer(b)
	for name, n := range map[string]int{"five": 5, "eight": 8, "twelve": 12} {
		in := input(numbered(n)...)
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				if _, err := r.Digest(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
