package check

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
)

func testSite() render.Site {
	return render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://verdicts.example.org", PostalAddress: "Weekly AI Tool Verdicts, 12 Pine Road, 00000 Exampletown"}
}

// mailOf renders an edition for real and freezes it.
func mailOf(t testing.TB, cs []comparison.Comparison) Mail {
	t.Helper()
	r, err := render.New(rendertest.Templates(), testSite())
	if err != nil {
		t.Fatalf("built-in templates: %v", err)
	}
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	out, err := r.Digest(render.DigestInput{
		Week: edition.Week{Year: 2026, Number: 48}, Date: at,
		Subject:     "PocketVision 2 ships 4–0",
		Preheader:   "Five comparisons of the week, with every reviewer’s score.",
		Comparisons: cs,
	})
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	return Mail{
		Rendered: out, Raw: rawOf(t, out, at), Site: testSite(),
		From: "digest@example.org", DKIMDomain: "example.org",
		Comparisons: cs, Now: at, Zone: time.UTC,
	}
}

func rawOf(t testing.TB, out render.Rendered, at time.Time) []byte {
	t.Helper()
	f, err := message.Freeze(message.Draft{
		Mail: message.Mail{
			From:    mail.Address{Name: "Weekly AI Tool Verdicts", Address: "digest@example.org"},
			Subject: out.Subject,
			HTML:    out.HTML,
			Text:    out.Text,
			Date:    at,
			BaseURL: "https://verdicts.example.org",
		},
		Week:        "2026-W48",
		ListID:      "Weekly AI Tool Verdicts <digest.example.org>",
		ListArchive: "https://verdicts.example.org/archive",
		FeedbackID:  "2026-w48:digest:weekly:verdicts",
	})
	if err != nil {
		t.Fatalf("freeze: %v", err)
	}
	return f.Append(nil, &message.Reader{ID: 1, Email: "ada@example.com", Name: "Ada", Token: "abc-DEF_123", MessageID: "w48.1@example.org"})
}

// replaced changes the HTML and fails when there was nothing to change.
func replaced(t testing.TB, s, old, with string) string {
	t.Helper()
	out := strings.Replace(s, old, with, 1)
	if out == s {
		t.Fatalf("%q is not in the mail; the test has nothing to break", old)
	}
	return out
}

func find(t testing.TB, findings []Finding, check string) Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Check == check })
	if i < 0 {
		t.Fatalf("got no finding %s, want one", check)
	}
	return findings[i]
}

func (f Finding) line() string { return fmt.Sprintf("%s %s: %s", f.Level, f.Check, f.Detail) }
