package edition_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

func withVotes(t comparison.Tool, ship, skip int) comparison.Tool {
	t.Community = &comparison.Votes{Ship: ship, Skip: skip}
	return t
}

// What readers would not expect is the greater news.
func TestNews(t *testing.T) {
	t.Parallel()
	ships, unanimous, splits, skips := tool("A", "Free", votes(3, 1)), tool("B", "$20/month", votes(4, 0)), tool("C", "", votes(2, 2)), tool("D", "", votes(1, 3))
	updated := versus(ships, tool("E", "", votes(3, 1)))
	updated.Updated = comparison.PublishedOn(2026, 11, 25)
	for want, c := range map[edition.Weight]comparison.Comparison{
		edition.WeightSkip:      versus(ships, skips),
		edition.WeightSplit:     versus(unanimous, splits),
		edition.WeightReversal:  versus(withVotes(ships, 3, 9), unanimous),
		edition.WeightUpset:     versus(tool("F", "Free", votes(4, 0)), tool("G", "$20/month", votes(3, 1))),
		edition.WeightUpdated:   updated,
		edition.WeightUnanimous: versus(ships, unanimous),
		edition.WeightShip:      versus(ships, tool("H", "", nil)),
		edition.WeightNone:      versus(tool("I", "", votes(0, 1)), tool("J", "", nil)),
	} {
		if got := edition.News(c); got != want {
			t.Errorf("%s: got %v, want %v", c.Title(), got, want)
		}
	}
	if got := edition.News(versus(withVotes(ships, 1, 2), unanimous)); got != edition.WeightUnanimous {
		t.Errorf("three votes of readers: got %v, want them not to stand against a panel", got)
	}
}

// Each headline has its reason; the first is the subject; none is said twice.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	smol, devin := tool("SmolVLM2", "", votes(4, 0)), tool("Devin", "", votes(2, 2))
	list := []comparison.Comparison{versus(smol, tool("Kiro", "", nil)), versus(devin, tool("Amp", "", nil)), versus(tool("Cursor", "", votes(3, 2)), tool("Windsurf", "", votes(2, 3)))}
	all := edition.Headlines(list, "")
	var got []string
	for _, h := range all {
		got = append(got, h.Subject+" ("+h.Reason+")")
		if h.Preheader == "" || strings.Contains(h.Preheader, h.Subject) {
			t.Errorf("%s: got the preheader %q", h.Subject, h.Preheader)
		}
	}
	want := []string{
		"Ship Cursor, skip Windsurf; Devin splits the panel (a skip, then a split panel)",
		"Ship Cursor, skip Windsurf; SmolVLM2 ships 4–0 (a skip, then a unanimous ship)",
		"Ship Cursor, skip Windsurf, and 2 more verdicts (a skip alone)",
		"Devin splits the panel, and 2 more verdicts (a split panel alone)",
		"SmolVLM2 ships 4–0, and 2 more verdicts (a unanimous ship alone)",
		"Ship Cursor, skip Windsurf (a skip alone)",
		"SmolVLM2 vs Kiro, and 2 more comparisons (asks, and says no verdict)",
		"SmolVLM2 and 5 more tools (asks, and says no verdict)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if subject, _ := edition.Subject(list, ""); subject != all[0].Subject {
		t.Errorf("got the subject %q, want the first headline", subject)
	}
	if got, want := edition.Lede(list, ""), "Ship Cursor, skip Windsurf. Devin splits the panel. SmolVLM2 ships 4–0."; got != want {
		t.Errorf("got the lede %q, want %q", got, want)
	}
	// An editor's lead is the first news, whatever weighs more.
	const lead = "smolvlm2-vs-kiro"
	if got, want := edition.Lede(list, lead), "SmolVLM2 ships 4–0. Ship Cursor, skip Windsurf. Devin splits the panel."; got != want {
		t.Errorf("got the lede %q, want %q", got, want)
	}
	if got, _ := edition.Subject(list, lead); got != "SmolVLM2 ships 4–0; ship Cursor, skip Windsurf" {
		t.Errorf("got the subject %q, want one that begins with the lead", got)
	}
	if got, want := edition.Lede(list, "kiro-vs-nobody"), edition.Lede(list, ""); got != want {
		t.Errorf("a lead that this part has not: got the lede %q, want %q", got, want)
	}
	if got := edition.Lede(list[:0], ""); got != "" {
		t.Errorf("got the lede %q of nothing", got)
	}
}
