package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

func TestFirstSentences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		limit    int
		want     string // "" when no sentence fits
	}{
		{"all", "One. Two.", 20, "One. Two."},
		{"first", "One is here. Two is here.", 15, "One is here."},
		{"first above the limit", "One is a little longer. Two.", 15, "One is a little longer."},
		{"first far above the limit", strings.Repeat("a ", 40) + "b. Two.", 15, ""},
		{"no stop", "one two", 20, "one two"},
		{"version", "Needs version 2.0 to run. Two.", 26, "Needs version 2.0 to run."},
		{"abbreviation", "Small models, e.g. Gemma and vs. Others, win. Two is here.", 46, "Small models, e.g. Gemma and vs. Others, win."},
		{"initial", "J. Doe wrote it. Two is here.", 17, "J. Doe wrote it."},
		{"closing quote", "He said “no.” Then he left.", 15, "He said “no.”"},
		{"number", "See No. 5 for that. Two is.", 20, "See No. 5 for that."},
		{"question", "Why? Because it works. More follows here.", 23, "Why? Because it works."},
		{"lower case after", "It uses .net. and so on. Two is.", 25, "It uses .net. and so on."},
		{"chinese", "很简单。它先提问，再修改代码。第三句。", 16, "很简单。它先提问，再修改代码。"},
		{"arabic", "هل هي أفضل؟ نعم هي كذلك. وأكثر من ذلك بكثير.", 25, "هل هي أفضل؟ نعم هي كذلك."},
		{"ellipsis", "Well… It works. More.", 16, "Well… It works."},
		{"emoji", "It works 🎉! Really. And so on and on.", 20, "It works 🎉! Really."},
		{"empty", "", 20, ""},
	} {
		got, ok := firstSentences(test.in, test.limit)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, ok, test.want)
		}
	}
}

// A quote is whole sentences from the beginning of a take, whatever the take.
func FuzzFirstSentences(f *testing.F) {
	f.Add("One. Two. Three.", 9)
	f.Add("很简单。它先提问。", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		s = clean(s)
		if limit < 1 || limit > 1000 {
			return
		}
		got, ok := firstSentences(s, limit)
		if !ok {
			return
		}
		if !strings.HasPrefix(s, got) || len([]rune(got)) > 2*limit {
			t.Fatalf("got %q from %q with limit %d", got, s, limit)
		}
	})
}

// An item in full has the two voices on one tool that are furthest apart, a
// brief one the voice furthest from its panel; an editor's choice goes first.
func TestQuoteChoice(t *testing.T) {
	t.Parallel()
	two := func() comparison.Comparison {
		return comparison.Comparison{Slug: "a-vs-b", Tools: [2]comparison.Tool{
			{Name: "A", Panel: panelOf(2, 1), Reviews: []comparison.Review{
				review(comparison.Builder, 60, comparison.Ship, "Builder on A."),
				review(comparison.Skeptic, 40, comparison.Skip, "Skeptic on A."),
				review(comparison.Futurist, 70, comparison.Ship, "Futurist on A."),
			}},
			{Name: "B", Panel: panelOf(2, 1), Reviews: []comparison.Review{
				review(comparison.Builder, 90, comparison.Ship, "Builder on B. He goes on."),
				review(comparison.Skeptic, 10, comparison.Skip, "Skeptic on B."),
				{Reviewer: comparison.Creator, Take: "Creator on B."},
			}},
		}}
	}
	unsigned := two()
	for i := range unsigned.Tools {
		for j := range unsigned.Tools[i].Reviews {
			unsigned.Tools[i].Reviews[j] = comparison.Review{Take: unsigned.Tools[i].Reviews[j].Take}
		}
	}
	long := two()
	long.Tools[1].Reviews[1].Take = strings.Repeat("endless ", 60) + "sentence."
	for name, test := range map[string]struct {
		c      comparison.Comparison
		brief  bool
		chosen [2]string
		want   string
		notes  int
	}{
		"full":                  {two(), false, [2]string{}, "Builder on B. He goes on. (Builder on B, 90 (ship)) | Skeptic on B. (Skeptic on B, 10 (skip))", 0},
		"brief":                 {two(), true, [2]string{}, "Skeptic on B. (Skeptic on B, 10 (skip))", 0},
		"unsigned":              {unsigned, false, [2]string{}, "Builder on A. (One of three unsigned reviews of A) | Builder on B. He goes on. (One of three unsigned reviews of B)", 0},
		"unsigned, brief":       {unsigned, true, [2]string{}, "Builder on A. (One of three unsigned reviews of A)", 0},
		"without a short start": {long, false, [2]string{}, "Futurist on A. (Futurist on A, 70 (ship)) | Skeptic on A. (Skeptic on A, 40 (skip))", 0},
		"chosen":                {two(), false, [2]string{"", "He goes on."}, "He goes on. (Builder on B, 90 (ship)) | Builder on A. (Builder on A, 60 (ship))", 0},
		"chosen, brief":         {two(), true, [2]string{"Futurist on A."}, "Futurist on A. (Futurist on A, 70 (ship))", 0},
		"chosen, gone":          {two(), true, [2]string{"Nobody said this."}, "Skeptic on B. (Skeptic on B, 10 (skip))", 1},
		"no take":               {comparison.Comparison{}, false, [2]string{}, "", 0},
	} {
		v := &viewer{limit: quoteLimit, quotes: map[string][2]string{"a-vs-b": test.chosen}}
		var got []string
		for _, q := range v.quote(test.c, test.brief) {
			got = append(got, q.Text+" ("+q.By+")")
		}
		if strings.Join(got, " | ") != test.want || len(v.notes) != test.notes {
			t.Errorf("%s: got %q with notes %q, want %q", name, got, v.notes, test.want)
		}
	}
}

func TestNestQuotes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"Check" before you say "done".`: "‘Check’ before you say ‘done’.",
		"He said “no.”":                  "He said ‘no.’",
		"„So“, sagte er.":                "‘So’, sagte er.",
		"»So«, sagte er.":                "‘So’, sagte er.",
		"Ce « mot » (\"ici\")":           "Ce ‘ mot ’ (‘ici’)",
		"It's 5\" wide":                  "It's 5\" wide",
		"”Nej”, sade hon.":               "‘Nej’, sade hon.",

		// The third level is double again, whatever marks the source has there.
		"He said “she wrote ‘no’ and left”.":              "He said ‘she wrote “no” and left’.",
		"He said ‘she wrote “no” and left’.":              "He said ‘she wrote “no” and left’.",
		`He said "she wrote 'no' and left".`:              "He said ‘she wrote “no” and left’.",
		`He said "she wrote "no" and left".`:              "He said ‘she wrote “no” and left’.",
		"“‘No’ is “no”,” he said.":                        "‘“No” is “no”,’ he said.",
		"„Er sagte ‚nein‘ und ging“, sagte sie.":          "‘Er sagte “nein” und ging’, sagte sie.",
		"Il dit « elle écrit ‹ non › ».":                  "Il dit ‘ elle écrit “ non ” ’.",
		"“One ‘two “three” two’ one”":                     "‘One “two ‘three’ two” one’",
		"“It says ‘don’t’, and I didn’t.”":                "‘It says “don’t”, and I didn’t.’",
		"“It is ‘the dogs’ bowl’, not ours.”":             "‘It is “the dogs’ bowl”, not ours.’",
		"“He said ‘yes’ and ‘no’.”":                       "‘He said “yes” and “no”.’",
		"The readers’ votes, ’90s style, and rock’n’roll": "The readers’ votes, ’90s style, and rock’n’roll",
		"“'":           "‘'",
		"“‘”":          "‘‘’",
		"":             "",
		"“unfinished":  "‘unfinished",
		"unbegun” end": "unbegun’ end",
	} {
		if got := nestQuotes(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
