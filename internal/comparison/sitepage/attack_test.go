package sitepage

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// Whatever stands where on a page: it is read into the comparison or named with
// its line, or the page is refused. Each line that a page may grow is put
// between each two lines of both layouts.
func TestNothingIsLostInSilence(t *testing.T) {
	t.Parallel()
	grown := []string{
		"Zyx marks the spot in this sentence.", "Zyx", "zyx goes on in lower case", "Zyx 42", "42%", "Zyx · 80/100", "80/100 · ship",
		"“Zyx was here, and nobody saw it.”", "Read more zyx", "© 2026 Zyx", "Zyx vs Zyxel", "- zyx as an item", "# Zyx", "Ship", "Zyx:", "3 ship / 1 skip",
		"No panel take", "—", "https://zyx.example/", "Zyx\tZyxel\tZyxo",
		"Home › Zyx › Compare", "By Zyx Author, 12 November 2026", "Zyx · 5 min read", "Sponsored by Zyx", "We use zyx cookies. Accept all", "• zyx", "1. Zyx", "👍 12 zyx",
		"Zyx 66,7 %", "zyx@example.org", "Is it zyx? Yes.", "Share zyx on X", "ZYX", "12 Nov 2026 zyx", "Updated 2026-11-12 zyx", "[Zyx](https://zyx.example/)", "Table of contents: zyx",
	}
	html := []string{
		"<p>Zyx marks the spot in this sentence.</p>", "<div>Zyx</div>", "<button>Zyx</button>", "<nav><a href='/zyx'>Zyx</a></nav>", "<aside>Zyx says more.</aside>",
		"<span hidden>Zyx</span>", "<footer>Zyx</footer>", "<dialog>Zyx</dialog>", "<h2>Zyx</h2>", "<li>Zyx</li>", "<b>Zyx</b>", "<textarea>Zyx</textarea>",
	}
	for _, file := range []string{"labelled.txt", "compact.txt", "labelled.html", "compact.html"} {
		grown := grown
		if strings.HasSuffix(file, ".html") {
			grown = html
		}
		lines := strings.Split(strings.TrimSuffix(string(readTestdata(t, file)), "\n"), "\n")
		want := asJSON(mustImport(t, file, []byte(strings.Join(lines, "\n"))))
		for _, marker := range grown {
			for at := range len(lines) + 1 {
				src := append(append(append([]string{}, lines[:at]...), marker), lines[at:]...)
				c, notes, err := Import(file, []byte(strings.Join(src, "\n")))
				if err != nil {
					continue
				}
				text := oneLine(tag.ReplaceAllString(marker, " "))
				got := asJSON(c)
				switch {
				case c.Tools[1].Entry == text: // where the page has no price, what stands above "Entry" is one
				case strings.HasSuffix(c.Tools[1].BestFor, text): // in a cell that HTML does not end
				case c.URL == text: // the page's address
				case (text == "—" || text == "Ship") && got == want: // a value that is absent; the verdict that the card may have
				case !isNamed(notes, marker, text, at+1):
					t.Errorf("%s: %q in line %d is not named by any of the notes %v; it changes %s", file, marker, at+1, notes, changedLine(want, got))
				}
			}
		}
	}
}

// isNamed reports whether a note is about the line, or quotes its text.
func isNamed(notes []comparison.Problem, marker, text string, line int) bool {
	const inFrame = "<button<nav<footer<dialog<textarea"
	element, _, _ := strings.Cut(marker, ">")
	for _, n := range notes {
		last := n.Line
		ranges := !strings.Contains(n.Message, "navigation") || strings.HasPrefix(marker, "<") && strings.Contains(inFrame, element)
		if i := strings.Index(n.Message, " in line "); i > 0 && ranges {
			_, _ = fmt.Sscanf(n.Message[i:], " in line %d", &last)
		}
		if n.Line <= line && line <= last || len(text) >= 3 && strings.Contains(n.Message, text) || strings.Contains(n.Message, `"`+text+`"`) {
			return true
		}
	}
	return false
}

var tag = regexp.MustCompile(`<[^>]*>`)

// changedLine is the first line of got that want has not.
func changedLine(want, got string) string {
	for _, line := range strings.Split(got, "\n") {
		if !strings.Contains(want, strings.TrimSpace(line)) {
			return line
		}
	}
	return "nothing"
}
