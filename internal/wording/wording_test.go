package wording

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

func ptr[T any](v T) *T { return &v }

func counted(ship, skip int) *comparison.Panel { return &comparison.Panel{Ship: &ship, Skip: &skip} }

func share(percent int) *comparison.Panel { return &comparison.Panel{Percent: &percent} }

func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		panel              *comparison.Panel
		class, short, line string
		ship, skip         int
	}{
		{counted(3, 1), "ship", "Ship, 3 of 4", "Ship, 3 of 4 (75%)", 75, 25},
		{counted(2, 3), "skip", "Skip, 3 of 5 against", "Skip, 3 of 5 against (40% ship)", 40, 60},
		{counted(0, 5), "skip", "Skip, 5 of 5 against", "Skip, 5 of 5 against (0% ship)", 0, 100},
		{counted(2, 2), "split", "Split, 2 of 4", "Split, 2 of 4 (50%)", 50, 50},
		{counted(1, 0), "ship", "Ship, a panel of one", "Ship, a panel of one (100%)", 100, 0},
		{counted(0, 1), "skip", "Skip, a panel of one", "Skip, a panel of one (0% ship)", 0, 100},
		{&comparison.Panel{Ship: ptr(2), Skip: ptr(1), Percent: ptr(66)}, "ship", "Ship, 2 of 3", "Ship, 2 of 3 (66%)", 66, 34},
		{share(25), "skip", "Skip · 25% ship", "Skip · 25% ship", 25, 75},
		{share(100), "ship", "Ship, 100%", "Ship, 100%", 100, 0},
		{share(50), "split", "Split · 50% ship", "Split · 50% ship", 50, 50},
		{&comparison.Panel{Ship: ptr(3)}, "unknown", "3 ship", "3 ship", 0, 0},
		{&comparison.Panel{Skip: ptr(1)}, "unknown", "1 skip", "1 skip", 0, 0},
		{counted(0, 0), "unknown", "", "", 0, 0},
		{&comparison.Panel{Ship: ptr(0), Skip: ptr(0), Percent: ptr(0)}, "unknown", "", "", 0, 0},
		{nil, "unknown", "", "", 0, 0},
	} {
		v := VerdictOf(test.panel)
		if v.Class() != test.class || v.Short() != test.short || v.Line() != test.line {
			t.Errorf("got %s, %q, %q, want %s, %q, %q", v.Class(), v.Short(), v.Line(), test.class, test.short, test.line)
		}
		if v.ShipShare() != test.ship || v.SkipShare() != test.skip {
			t.Errorf("%s: got a bar of %d and %d, want %d and %d", test.line, v.ShipShare(), v.SkipShare(), test.ship, test.skip)
		}
	}
}

func TestVotes(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]*comparison.Votes{
		"": nil, "0 votes": {}, "299 ship, 1 skip (99% ship)": {Ship: 299, Skip: 1}, "1 ship, 299 skip (1% ship)": {Ship: 1, Skip: 299}, "7 ship, 0 skip (100% ship)": {Ship: 7}, "0 ship, 7 skip (0% ship)": {Skip: 7}, "12 ship, 3 skip (80% ship)": {Ship: 12, Skip: 3}, "1 ship, 2 skip (33% ship)": {Ship: 1, Skip: 2},
	} {
		if got := Votes(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRuling(t *testing.T) {
	t.Parallel()
	tool := func(name, bestFor string, p *comparison.Panel) comparison.Tool {
		return comparison.Tool{Name: name, BestFor: bestFor, Panel: p}
	}
	for _, test := range []struct {
		a, b comparison.Tool
		want string
	}{
		{tool("A", "", nil), tool("B", "", nil), ""},
		{tool("A", "", counted(3, 1)), tool("B", "", nil), "Ship A; no verdict on B yet."},
		{tool("A", "", nil), tool("B", "", counted(2, 2)), "The panel is split on B; no verdict on A yet."},
		{tool("A", "", counted(1, 3)), tool("B", "", counted(3, 1)), "Ship B, skip A."},
		{tool("A", "", counted(2, 2)), tool("B", "", counted(3, 1)), "Ship B; the panel is split on A."},
		{tool("A", "", counted(1, 3)), tool("B", "", counted(2, 2)), "The panel is split on B; skip A."},
		{tool("A", "", counted(0, 3)), tool("B", "", counted(1, 3)), "Skip both."},
		{tool("A", "", counted(2, 2)), tool("B", "", counted(2, 2)), "The panel is split on both."},
		{tool("A", "", counted(3, 1)), tool("B", "", counted(4, 0)), "Ship both: 4 of 4 ship B, 3 of 4 A."},
		{tool("A", "", counted(4, 0)), tool("B", "", counted(4, 0)), "Ship both."},
		{tool("A", "", counted(3, 1)), tool("B", "", counted(1, 0)), "Ship both: a panel of one ships B, 3 of 4 A."},
		{tool("A", "", share(75)), tool("B", "", counted(4, 0)), "Ship both."},
		{tool("A", "", share(67)), tool("B", "", share(100)), "Ship both: B at 100%, A at 67%."},
		{tool("A", "Windows users", counted(4, 0)), tool("B", "Archives that nobody waits for", counted(3, 1)),
			"Ship both: A for Windows users; B for archives that nobody waits for."},
		{tool("A", "", counted(1, 0)), tool("B", "", counted(1, 0)), "Ship both, on one review each."},
		{tool("A", "Handing over a whole task", counted(4, 0)), tool("B", "macOS people", counted(3, 1)),
			"Ship both: A for handing over a whole task; B for macOS people."},
		{tool("A", "Kubernetes clusters", counted(2, 2)), tool("B", "People who wait", counted(1, 1)),
			"The panel is split on both: A is for Kubernetes clusters, B for people who wait."},
		{tool("A", "Everything. And more", counted(4, 0)), tool("B", "Small teams", counted(4, 0)), "Ship both."},
		{tool("أداة", "", counted(1, 3)), tool("B", "", counted(3, 1)), "Ship B, skip \u2068أداة\u2069."},
	} {
		w := Of(comparison.Comparison{Tools: [2]comparison.Tool{test.a, test.b}})
		if w.Ruling != test.want {
			t.Errorf("got %q, want %q", w.Ruling, test.want)
		}
	}
}

func TestDecision(t *testing.T) {
	t.Parallel()
	w := Of(comparison.Comparison{Tools: [2]comparison.Tool{
		{Name: "A", Tagline: "Same words", BestFor: "same words", Entry: "Free", Panel: counted(2, 3)},
		{Name: "B", Panel: &comparison.Panel{Ship: ptr(3)}, Community: &comparison.Votes{Ship: 1}},
	}})
	want := []Row{
		{"Panel", [2]Cell{{Text: "Skip, 3 of 5 against (40% ship)", Class: "skip"}, {Text: "3 ship", Class: "unknown"}}},
		{"Community", [2]Cell{{Text: NoVotes, Absent: true}, {Text: "1 ship, 0 skip (100% ship)"}}},
		{"To start", [2]Cell{{Text: "Free"}, {Text: NotStated, Absent: true}}},
	}
	if len(w.Decision) != len(want) {
		t.Fatalf("got %+v, want %+v", w.Decision, want)
	}
	for i, row := range want {
		if w.Decision[i] != row {
			t.Errorf("got %+v, want %+v", w.Decision[i], row)
		}
	}
	if got, want := w.Summary(), "A: Skip, 3 of 5 against (40% ship)."; got != want {
		t.Errorf("got the summary %q, want %q", got, want)
	}
}

func TestReviewRows(t *testing.T) {
	t.Parallel()
	builder := comparison.Review{Reviewer: comparison.Builder, Score: ptr(88), Verdict: comparison.Ship, Take: "Yes."}
	unsigned := comparison.Review{Take: "Perhaps."}
	scored := comparison.Review{Score: ptr(40), Take: "No."}
	for name, test := range map[string]struct {
		a, b []comparison.Review
		rows []string
		note string
	}{
		"none":          {nil, nil, nil, "No review of either tool yet."},
		"signed":        {[]comparison.Review{builder}, nil, []string{"Builder: 88 Ship | No panel take"}, ""},
		"mixed":         {[]comparison.Review{unsigned, builder}, []comparison.Review{scored}, []string{"Builder: 88 Ship | No panel take", "Review 1: No score or verdict | 40, no verdict"}, "Numbered reviews are unsigned."},
		"all unsigned":  {[]comparison.Review{unsigned, unsigned}, []comparison.Review{unsigned, unsigned}, []string{"Review 1: No score or verdict | No score or verdict", "Review 2: No score or verdict | No score or verdict"}, "Two unsigned reviews of each tool, without scores."},
		"not as many":   {[]comparison.Review{unsigned}, nil, []string{"Review 1: No score or verdict | No panel take"}, "One unsigned review of A and no unsigned reviews of B, without scores."},
		"other seating": {[]comparison.Review{{Reviewer: "Stranger", Verdict: comparison.Skip}}, nil, []string{"Review 1: Skip, no score | No panel take"}, "Numbered reviews are unsigned."},
	} {
		rows, note := reviewRows([2]comparison.Tool{{Name: "A", Reviews: test.a}, {Name: "B", Reviews: test.b}})
		var got []string
		for _, r := range rows {
			got = append(got, r.Seat+": "+r.Takes[0].String()+" | "+r.Takes[1].String())
		}
		if strings.Join(got, "\n") != strings.Join(test.rows, "\n") || note != test.note {
			t.Errorf("%s: got %q and %q, want %q and %q", name, got, note, test.rows, test.note)
		}
	}
}

func TestAttribution(t *testing.T) {
	t.Parallel()
	tool := comparison.Tool{Name: "Cursor", Reviews: []comparison.Review{{Take: "a"}, {Take: "b"}, {Take: "c"}}}
	for want, r := range map[string]comparison.Review{
		"Skeptic on Cursor, 41 (skip)":                  {Reviewer: comparison.Skeptic, Score: ptr(41), Verdict: comparison.Skip},
		"Skeptic on Cursor":                             {Reviewer: comparison.Skeptic},
		"One of three unsigned reviews of Cursor":       {},
		"One of three unsigned reviews of Cursor, ship": {Verdict: comparison.Ship},
	} {
		if got := Attribution(r, tool); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	tool.Reviews = tool.Reviews[:1]
	if got, want := Attribution(tool.Reviews[0], tool), "An unsigned review of Cursor"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRightToLeft(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": false, "Cursor": false, "أداة القلم": true, "כלי עט (beta)": true,
		"GPT היא כלי טוב מאוד": true, "The tool called קלי": false, "12 (3)": false,
	} {
		if got := RightToLeft(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestLede(t *testing.T) {
	t.Parallel()
	pair := func(a, b *comparison.Panel) comparison.Comparison {
		return comparison.Comparison{Tools: [2]comparison.Tool{{Name: "Ollama", Panel: a}, {Name: "LM Studio", Panel: b}}}
	}
	for want, c := range map[string]comparison.Comparison{
		"Ollama and LM Studio both ship, on one review each.":                             pair(counted(1, 0), counted(1, 0)),
		"Skip both Ollama and LM Studio, on one review each.":                             pair(counted(0, 1), counted(0, 1)),
		"Ollama: Ship, a panel of one (100%). LM Studio: Skip, a panel of one (0% ship).": pair(counted(1, 0), counted(0, 1)),
		"Ollama: Ship, a panel of one (100%). LM Studio: Ship, 2 of 2 (100%).":            pair(counted(1, 0), counted(2, 0)),
	} {
		if got := Of(c).Lede(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
