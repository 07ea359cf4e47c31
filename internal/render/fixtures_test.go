package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render/rendertest"
)

func testSite() Site {
	return Site{
		Name:          "Weekly AI Tool Verdicts",
		BaseURL:       "https://verdicts.example",
		PostalAddress: "12 Example Street, 00000 Exampletown",
	}
}

func newRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New(rendertest.Templates(), testSite())
	if err != nil {
		t.Fatalf("built-in templates: %v", err)
	}
	return r
}

// input is an edition on a fixed day.
func input(cs ...comparison.Comparison) DigestInput {
	return DigestInput{
		Week:        edition.Week{Year: 2026, Number: 48},
		Date:        time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC),
		Subject:     "SmolVLM2 ships 4–0, and four more verdicts",
		Preheader:   "Five comparisons of the week, with every reviewer’s score.",
		Comparisons: cs,
	}
}

func ptr[T any](v T) *T { return &v }

func review(seat comparison.Reviewer, score int, verdict comparison.Verdict, take string) comparison.Review {
	return comparison.Review{Reviewer: seat, Score: ptr(score), Verdict: verdict, Take: take}
}

func panelOf(ship, skip int) *comparison.Panel {
	return &comparison.Panel{Ship: ptr(ship), Skip: ptr(skip), Percent: ptr(100 * ship / max(ship+skip, 1))}
}

// pageLike is a comparison as the site's labelled pages give it, in words of
// our own.
func pageLike() comparison.Comparison {
	return comparison.Comparison{
		Slug: "rulebook-vs-pocketvision", URL: "https://example.org/compare/rulebook-vs-pocketvision",
		Published: comparison.PublishedOn(2026, time.November, 18),
		Tools: [2]comparison.Tool{
			{
				Name: "Rulebook for Coders", Category: "Developer Tools", Entry: "Free", Pricing: "Free",
				Tagline: "Four habits for coding assistants, packed into one instruction file",
				BestFor: "Four habits for coding assistants, packed into one instruction file",
				Panel:   panelOf(3, 1),
				Reviews: []comparison.Review{
					review(comparison.Builder, 80, comparison.Ship, "I put this into a project on Monday, and by Wednesday the changes it wrote had become visibly smaller. It may be luck, but “touch only what you must” alone seems to cut a third of each diff. It costs nothing to try."),
					review(comparison.Skeptic, 45, comparison.Skip, "It is a text file with four bullet points. Anyone who has used an assistant for a month writes the same."),
					review(comparison.Futurist, 80, comparison.Ship, "The file matters less than that everybody agreed on it in two days. Expect it inside the defaults."),
					review(comparison.Creator, 80, comparison.Ship, "“Simple first” is as good a rule for copy as it is for code."),
				},
			},
			{
				Name: "PocketVision 2", Category: "Developer Tools", Entry: "Free", Pricing: "Free / Open Source (Apache 2.0)", URL: "https://example.org/pocketvision",
				Tagline: "A vision model of two billion parameters that runs on one graphics card",
				BestFor: "Image and video understanding where data must not leave the house",
				Panel:   panelOf(4, 0), Community: &comparison.Votes{Ship: 12, Skip: 3},
				Reviews: []comparison.Review{
					review(comparison.Builder, 88, comparison.Ship, "A small model that you can tune on one card, under a licence that asks nothing. Loading it takes four lines, and it just works, which is rare here. You would need something three times its size to do better."),
					review(comparison.Skeptic, 82, comparison.Ship, "It breaks on long documents with many images. For all else the licence alone is reason enough."),
					review(comparison.Futurist, 85, comparison.Ship, "By next year most vision runs at the edge. This moves the line."),
					review(comparison.Founder, 78, comparison.Ship, "The buyer is an engineer who may not send pictures to a third party. That is a budget, and a real one."),
				},
			},
		},
	}
}

// numbered gives n comparisons with different names and sentences.
func numbered(n int) []comparison.Comparison {
	names := []string{"Atlas Notes", "Quillboard", "Brightlane", "Mosaic Search", "Fieldhand", "Lantern CI", "Papertrail AI", "Orchard", "Tidewater", "Cobalt Voice", "Marginalia", "Switchyard"}
	cs := make([]comparison.Comparison, n)
	for i := range cs {
		c := pageLike()
		c.Slug = fmt.Sprintf("comparison-%d", i+1)
		c.URL = "https://example.org/compare/" + c.Slug
		if i > 0 {
			c.Tools[0].Name, c.Tools[1].Name = names[i%len(names)], names[(i+5)%len(names)]+" Pro"
			for side := range c.Tools {
				t := &c.Tools[side]
				t.URL = fmt.Sprintf("https://example.org/tool/%d-%d", i, side)
				t.Reviews = append([]comparison.Review(nil), t.Reviews...)
				for j := range t.Reviews {
					t.Reviews[j].Take = strings.ReplaceAll(t.Reviews[j].Take, "It ", t.Name+" ")
				}
			}
			if i%3 == 1 {
				c.Tools[0].Panel = panelOf(1, 3)
			}
		}
		cs[i] = c
	}
	return cs
}
