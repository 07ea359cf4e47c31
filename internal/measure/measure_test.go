package measure

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"strings"
	"testing"
	"text/tabwriter"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
)

func keys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// TestMeasure judges every mail and prints the figures (go test -v).
func TestMeasure(t *testing.T) {
	t.Parallel()
	all := letters(t)
	t.Run("own checks", func(t *testing.T) { ownChecks(t, all) })
	t.Run("lines", func(t *testing.T) { lines(t, all) })
	t.Run("judges", func(t *testing.T) {
		t.Run("axe-core and layout", func(t *testing.T) {
			t.Parallel()
			axe := loadAxe(t)
			page := browsertest.New(t).Page(t)
			for _, l := range all {
				t.Run(l.name, func(t *testing.T) { inBrowser(t, page, axe, l) })
			}
			t.Run("layout sees", func(t *testing.T) { layoutSees(t, page, all[0]) })
			t.Run("contrast agrees", func(t *testing.T) { contrastAgrees(t, page, axe, all[0]) })
		})
		t.Run("Nu Html Checker", func(t *testing.T) {
			t.Parallel()
			nu(t, all)
		})
		t.Run("SpamAssassin", func(t *testing.T) {
			t.Parallel()
			spam(t, all)
		})
	})
	t.Logf("every mail:\n%s", table(all))
	t.Logf("by number of comparisons:\n%s", sizes(t))
}

// ownChecks: nothing fails, and what a client lacks is on the allowlist. Mails
// that are no digest need no list fields.
func ownChecks(t *testing.T, all []*letter) {
	for _, l := range all {
		for _, f := range l.findings() {
			list := strings.HasPrefix(f.Check, "headers.present") || f.Check == "headers.one-click" || f.Check == "links.unsubscribe"
			content := strings.HasPrefix(f.Check, "content.") || f.Check == "size.plan" || strings.HasPrefix(f.Check, "subject.length") || strings.HasPrefix(f.Check, "preheader.length")
			switch {
			case f.Level == check.Pass, !l.digest() && list, f.Level == check.Warn && content:
			default:
				t.Errorf("%s: got %s %s: %s, want a pass", l.name, f.Level, f.Check, f.Detail)
			}
			if f.Check == "clients.support" {
				l.figures["gaps"] = "0"
				if f.Level != check.Pass {
					l.figures["gaps"] = "some"
				}
			}
		}
	}
}

// lines: RFC 5322 §2.1.1 and RFC 2045 §6.7, on the bytes that leave.
func lines(t *testing.T, all []*letter) {
	for _, l := range all {
		head, body, _ := strings.Cut(string(l.raw), "\r\n\r\n")
		longest := 0
		for i, line := range strings.Split(body, "\r\n") {
			longest = max(longest, len(line))
			if len(line) > 76 || strings.HasPrefix(line, ".") || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: line %d of the body: got %q, want at most 76 characters, no dot first, CRLF only", l.name, i+1, line)
			}
		}
		for _, line := range strings.Split(head, "\r\n") {
			if len(line) > 998 || len(line) > 78 && strings.Contains(strings.TrimSpace(line), " ") && !strings.HasPrefix(line, "List-") {
				t.Errorf("%s: header line of %d characters: %q", l.name, len(line), line)
			}
		}
		for i, line := range strings.Split(strings.TrimRight(l.text, "\r\n"), "\n") {
			if strings.HasSuffix(strings.TrimRight(line, "\r"), " ") {
				t.Errorf("%s: line %d of the text ends in a space", l.name, i+1)
			}
		}
		l.figures["QP line"] = fmt.Sprint(longest)
	}
}

var styleElement = regexp.MustCompile(`(?s)<!--\[if.*?endif\]-->|<style[^>]*>(.*?)</style>`)

// styleBytes counts the style elements that clients other than Outlook read.
func styleBytes(doc string) int {
	n := 0
	for _, m := range styleElement.FindAllStringSubmatch(doc, -1) {
		n += len(m[1])
	}
	return n
}

func table(all []*letter) string {
	columns := []string{"axe light", "axe dark", "Nu errors", "SpamAssassin", "QP line", "gaps"}
	return tabulated(append([]string{"mail", "HTML", "style", "text", "message"}, columns...), func(row func(...any)) {
		for _, l := range all {
			cells := []any{l.name, len(l.html), styleBytes(l.html), len(l.text), len(l.raw)}
			for _, c := range columns {
				figure := l.figures[c]
				if figure == "" {
					figure = "-"
				}
				cells = append(cells, figure)
			}
			row(cells...)
		}
	})
}

func tabulated(head []string, fill func(row func(...any))) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	fill(func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, c)
		}
		fmt.Fprintln(w)
	})
	_ = w.Flush() // into memory
	return b.String()
}

// sizes measures digests of 1 to 12 comparisons against the bars: to eight in
// full below 85 KB, more degraded by plan and never at what Gmail clips.
func sizes(t *testing.T) string {
	t.Helper()
	r := renderer(t)
	return tabulated([]string{"comparisons", "HTML", "of it style", "before inlining", "text", "message", "degraded"}, func(row func(...any)) {
		for n := 1; n <= 12; n++ {
			l := digest(t, r, fmt.Sprint(n), rendertest.Numbered(n))
			out := l.rendered
			row(n, len(out.HTML), styleBytes(out.HTML), len(out.Uninlined), len(out.Text), len(l.raw), len(out.Notes))
			if n <= 8 && (len(out.HTML) >= render.SizeBudget || len(out.Notes) > 0) {
				t.Errorf("%d comparisons: got %d bytes of HTML and %q, want less than %d and no note", n, len(out.HTML), out.Notes, render.SizeBudget)
			}
			if len(out.HTML) >= render.SizeLimit || styleBytes(out.HTML) > 8<<10 {
				t.Errorf("%d comparisons: got %d bytes of HTML with %d of style, want below %d and at most 8192", n, len(out.HTML), styleBytes(out.HTML), render.SizeLimit)
			}
		}
	})
}
