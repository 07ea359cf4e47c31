package measure

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/internal/votes"
)

// A letter is one mail as a reader gets it, and what was measured of it.
type letter struct {
	name       string
	rendered   render.Rendered
	raw        []byte // the whole message
	html, text string // parsed back from raw

	comparisons []comparison.Comparison // a digest's
	figures     map[string]string
}

func (l *letter) digest() bool { return l.comparisons != nil }

var (
	week = edition.Week{Year: 2026, Number: 48}
	slot = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
)

func site() render.Site {
	return render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://verdicts.example.org", PostalAddress: "Weekly AI Tool Verdicts, 12 Pine Road, 00000 Exampletown"}
}

func reader() message.Reader {
	return message.Reader{ID: 7, Email: "ada.lovelace@example.com", Name: "Ada Lovelacé", Token: "Fdn9QkRLuS-_1x2y3z4A5B", MessageID: "2026-w48.7a1b2c3d4e5f@example.org"}
}

func renderer(t testing.TB) *render.Renderer {
	t.Helper()
	r, err := render.New(rendertest.Templates(), site())
	if err != nil {
		t.Fatalf("built-in templates: %v", err)
	}
	return r
}

// letters gives every template with every fixture.
func letters(t testing.TB) []*letter {
	t.Helper()
	r := renderer(t)
	var out []*letter
	editions := rendertest.Editions()
	for _, name := range slices.Sorted(maps.Keys(editions)) {
		out = append(out, digest(t, r, name, editions[name]))
	}
	out = append(out, digestOf(t, r, "readers' votes", voted()))
	for _, tx := range transactional() {
		rendered, err := r.Mail(tx.template, tx.data)
		if err != nil {
			t.Fatalf("%s: %v", tx.name, err)
		}
		l := &letter{name: tx.name, rendered: rendered, raw: transactionalRaw(t, rendered, tx)}
		l.parse(t)
		out = append(out, l)
	}
	return out
}

func digest(t testing.TB, r *render.Renderer, name string, cs []comparison.Comparison) *letter {
	t.Helper()
	return digestOf(t, r, name, render.DigestInput{Comparisons: cs})
}

// voted is a digest with all that readers' votes can say.
func voted() render.DigestInput {
	cs := rendertest.Numbered(5)
	in := render.DigestInput{Comparisons: cs[:3], Part: render.Part{Shown: 3, Total: 5}, Voted: render.Voted{Tallies: votes.Tallies{}, Least: 5, Last: cs[2:], Week: week.Add(-1), Open: true}}
	for i, both := range [][2]votes.Count{{{Ship: 26, Skip: 15}, {Ship: 2}}, {{Ship: 1, Skip: 4}, {}}, {{Skip: 7}, {Ship: 1200, Skip: 34}}, {{Ship: 5}, {Skip: 5}}, {{Ship: 4}, {Skip: 4}}} {
		in.Voted.Tallies[cs[i].Slug] = both
	}
	return in
}

func digestOf(t testing.TB, r *render.Renderer, name string, in render.DigestInput) *letter {
	t.Helper()
	cs := in.Comparisons
	in.Week, in.Date = week, slot
	in.Subject, in.Preheader = edition.Subject(cs, "")
	rendered, err := r.Digest(in)
	if err != nil {
		t.Fatalf("digest, %s: %v", name, err)
	}
	one := reader()
	if in.Voted.Least > 0 {
		one.Changes = []string{"Quillboard vs Papertrail AI Pro: Quillboard: price to start $9 a month, before Free; Papertrail AI Pro: readers now say 46% ship, 13 votes, before 60% ship", "Mosaic Search vs Tidewater Pro: Mosaic Search: scores Builder 61, before Builder 88"}
	}
	l := &letter{name: "digest, " + name, rendered: rendered, raw: frozen(t, rendered).Append(nil, &one), comparisons: cs}
	l.parse(t)
	return l
}

// mailOf is what the digest and the other mails are made from alike.
func mailOf(rendered render.Rendered) message.Mail {
	return message.Mail{
		From:         mail.Address{Name: site().Name, Address: "digest@example.org"},
		Subject:      rendered.Subject,
		HTML:         rendered.HTML,
		Text:         rendered.Text,
		Date:         slot,
		NameFallback: "reader",
		BaseURL:      site().BaseURL,
	}
}

func frozen(t testing.TB, rendered render.Rendered) *message.Frozen {
	t.Helper()
	f, err := message.Freeze(message.Draft{
		Mail:         mailOf(rendered),
		Week:         week.String(),
		ListID:       site().Name + " <weekly.example.org>",
		ListArchive:  site().BaseURL + "/archive",
		FeedbackID:   "2026-w48:digest:weekly:verdicts",
		BounceDomain: "bounce.example.org",
	})
	if err != nil {
		t.Fatalf("freeze: %v", err)
	}
	return f
}

// parse reads the message as any client would.
func (l *letter) parse(t testing.TB) {
	t.Helper()
	l.figures = map[string]string{}
	msg, err := mail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		t.Fatalf("%s: parse the message: %v", l.name, err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("%s: Content-Type: %v", l.name, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: next part: %v", l.name, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatalf("%s: read a part: %v", l.name, err)
		}
		if s := string(body); strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			l.html = s
		} else {
			l.text = s
		}
	}
	if l.html == "" || l.text == "" {
		t.Fatalf("%s: got an HTML part of %d and a text part of %d bytes, want both filled", l.name, len(l.html), len(l.text))
	}
}

// findings are those of the program's own checks.
func (l *letter) findings() []check.Finding {
	return check.Run(check.Mail{
		Rendered: l.rendered, Raw: l.raw, Site: site(), From: "digest@example.org", DKIMDomain: "example.org",
		Comparisons: l.comparisons, Now: slot, Zone: time.UTC,
	})
}

func (l *letter) finding(t testing.TB, name string) check.Finding {
	t.Helper()
	for _, f := range l.findings() {
		if f.Check == name {
			return f
		}
	}
	t.Fatalf("%s: got no finding %s", l.name, name)
	return check.Finding{}
}

// need skips without a judge, and fails on CI.
func need(t testing.TB, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s on CI: %v", what, err)
	}
	t.Skipf("skipped: no %s (.ci/tools installs it): %v", what, err)
}

func tool(path string) (string, error) {
	path = "../../test/tools/node_modules/" + path
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not there", path)
	}
	return path, nil
}
