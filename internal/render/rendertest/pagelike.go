// Package rendertest holds editions with all that content can be, for the tests
// that render mails and for those that judge them from outside.
//
// The package promises that each call gives values of its own, which a test may
// change, and always the same ones. It imports the content model only, so that
// package render's own tests can use it.
package rendertest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
)

func ptr[T any](v T) *T { return &v }

// Review gives a review with everything known.
func Review(seat comparison.Reviewer, score int, verdict comparison.Verdict, take string) comparison.Review {
	return comparison.Review{Reviewer: seat, Score: ptr(score), Verdict: verdict, Take: take}
}

// Panel gives a panel's counts with the percentage that they come to.
func Panel(ship, skip int) *comparison.Panel {
	return &comparison.Panel{Ship: ptr(ship), Skip: ptr(skip), Percent: ptr(100 * ship / max(ship+skip, 1))}
}

// PageLike is a comparison as the site's labelled pages give it, in words of
// our own.
func PageLike() comparison.Comparison {
	return comparison.Comparison{
		Slug: "rulebook-vs-pocketvision", URL: "https://example.org/compare/rulebook-vs-pocketvision",
		Published: comparison.PublishedOn(2026, time.November, 18),
		Tools:     [2]comparison.Tool{rulebook(), pocketVision()},
	}
}

func rulebook() comparison.Tool {
	return comparison.Tool{
		Name: "Rulebook for Coders", Category: "Developer Tools", Entry: "Free", Pricing: "Free",
		Tagline: "Four habits for coding assistants, packed into one instruction file",
		BestFor: "Four habits for coding assistants, packed into one instruction file",
		Panel:   Panel(3, 1),
		Reviews: []comparison.Review{
			Review(comparison.Builder, 80, comparison.Ship, "I put this into a project on Monday, and by Wednesday the changes it wrote had become visibly smaller. It may be luck, but “touch only what you must” alone seems to cut a third of each diff. It costs nothing to try."),
			Review(comparison.Skeptic, 45, comparison.Skip, "It is a text file with four bullet points. Anyone who has used an assistant for a month writes the same."),
			Review(comparison.Futurist, 80, comparison.Ship, "The file matters less than that everybody agreed on it in two days. Expect it inside the defaults."),
			Review(comparison.Creator, 80, comparison.Ship, "“Simple first” is as good a rule for copy as it is for code."),
		},
	}
}

func pocketVision() comparison.Tool {
	return comparison.Tool{
		Name: "PocketVision 2", Category: "Developer Tools", Entry: "Free", Pricing: "Free / Open Source (Apache 2.0)", URL: "https://example.org/pocketvision",
		Tagline: "A vision model of two billion parameters that runs on one graphics card",
		BestFor: "Image and video understanding where data must not leave the house",
		Panel:   Panel(4, 0), Community: &comparison.Votes{Ship: 12, Skip: 3},
		Reviews: []comparison.Review{
			Review(comparison.Builder, 88, comparison.Ship, "A small model that you can tune on one card, under a licence that asks nothing. Loading it takes four lines, and it just works, which is rare here. You would need something three times its size to do better."),
			Review(comparison.Skeptic, 82, comparison.Ship, "It breaks on long documents with many images. For all else the licence alone is reason enough."),
			Review(comparison.Futurist, 85, comparison.Ship, "By next year most vision runs at the edge. This moves the line."),
			Review(comparison.Founder, 78, comparison.Ship, "The buyer is an engineer who may not send pictures to a third party. That is a budget, and a real one."),
		},
	}
}

// Numbered gives n comparisons with different names and sentences.
func Numbered(n int) []comparison.Comparison {
	names := []string{"Atlas Notes", "Quillboard", "Brightlane", "Mosaic Search", "Fieldhand", "Lantern CI", "Papertrail AI", "Orchard", "Tidewater", "Cobalt Voice", "Marginalia", "Switchyard"}
	cs := make([]comparison.Comparison, n)
	for i := range cs {
		c := PageLike()
		c.Slug = fmt.Sprintf("comparison-%d", i+1)
		c.URL = "https://example.org/compare/" + c.Slug
		if i > 0 {
			c.Tools[0].Name, c.Tools[1].Name = names[i%len(names)], names[(i+5)%len(names)]+" Pro"
			for side := range c.Tools {
				rename(&c.Tools[side], fmt.Sprintf("https://example.org/tool/%d-%d", i, side))
			}
			if i%3 == 1 {
				c.Tools[0].Panel = Panel(1, 3)
			}
		}
		cs[i] = c
	}
	return cs
}

func rename(t *comparison.Tool, url string) {
	t.URL = url
	t.Reviews = slices.Clone(t.Reviews)
	for j := range t.Reviews {
		t.Reviews[j].Take = strings.ReplaceAll(t.Reviews[j].Take, "It ", t.Name+" ")
	}
}

// PublishedAt is a publication at an instant.
func PublishedAt(t time.Time) comparison.Published {
	p, err := comparison.ParsePublished(t.UTC().Format(time.RFC3339Nano))
	if err != nil {
		panic(err) // an instant of this era can be written so
	}
	return p
}
