package comparison

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const editableJSON = `{
  "slug": "quill-vs-inkwell",
  "published": "2026-11-18",
  "tools": [
    {
      "name": "Quill",
      "entry": "$9/month",
      "panel": {"ship": 1, "skip": 1, "percent": 50},
      "reviews": [
        {"reviewer": "Builder", "score": 70, "verdict": "ship", "take": "It found: \"the change\"."},
        {"reviewer": "Skeptic", "score": 40, "verdict": "skip", "take": "As good as the messages."}
      ]
    },
    {"name": "Inkwell", "entry": "Free"}
  ]
}
`

// In JSON too only what is meant changes: the layout stays.
func TestSetJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, field, value, from, to string }{
		{"a text", "tools[0].entry", `$12 "a month"`, `"entry": "$9/month"`, `"entry": "$12 \"a month\""`},
		{"a number", "tools[0].reviews[0].score", "71", `"score": 70`, `"score": 71`},
		{"a price that is a number", "tools[1].entry", "5", `"entry": "Free"`, `"entry": "5"`},
		{"a key that was not there", "tools[0].pricing", "From $5", `"take": "As good as the messages."}
      ]`, `"take": "As good as the messages."}
      ],
      "pricing": "From $5"`},
		{"a key in a short object", "tools[1].best_for", "Letters", `"entry": "Free"}`, `"entry": "Free", "best_for": "Letters"}`},
		{"an object that was not there", "tools[1].panel.percent", "80", `"entry": "Free"}`, `"entry": "Free", "panel": {"percent": 80}}`},
		{"taken out", "tools[0].entry", "", `"entry": "$9/month",
      `, ""},
		{"the last one taken out", "tools[1].entry", "", `, "entry": "Free"`, ""},
		{"the first one taken out", "tools[0].reviews[1].reviewer", "", `"reviewer": "Skeptic", `, ""},
		{"a new one at the top", "updated", "2026-11-25", `"entry": "Free"}
  ]`, `"entry": "Free"}
  ],
  "updated": "2026-11-25"`},
	} {
		got, err := SetFields("q.json", []byte(editableJSON), []Change{{tc.field, tc.value}})
		if want := strings.Replace(editableJSON, tc.from, tc.to, 1); tc.name == "taken out" && err == nil {
			want = strings.Replace(editableJSON, `      "entry": "$9/month",`+"\n", "", 1)
			if c, _ := Parse("q.json", got); c.Tools[0].Entry != "" || len(got) >= len(editableJSON) {
				t.Errorf("%s: got\n%s\nwant\n%s", tc.name, got, want)
			}
		} else if err != nil || string(got) != want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", tc.name, err, got, want)
		}
	}
	if _, err := SetFields("q.json", []byte(editableJSON), []Change{{"tools[0].reviews[0].score", "140"}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a score of 140: got %v, want a broken rule", err)
	}
	if _, err := SetFields("q.json", []byte(`{"tools":[]}`), []Change{{"tools[0].entry", "Free"}}); !errors.Is(err, ErrByHand) {
		t.Errorf("a tool that is not there: got %v, want ErrByHand", err)
	}
}

// Whatever is typed, JSON stays JSON, with that value and nothing else changed.
func TestSetJSONAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.SampledFrom([]string{"tools[0].entry", "tools[0].tagline", "tools[1].pricing", "tools[0].reviews[0].take", "tools[0].reviews[1].reviewer", "url", "tools[1].panel.ship"}).Draw(t, "field")
		value := rapid.StringMatching(`[a-zA-Z0-9 #:'"\[\]{},&*!|>%@$ü<\\-]{0,120}`).Draw(t, "value")
		got, err := SetFields("quill-vs-inkwell.json", []byte(editableJSON), []Change{{field, value}})
		if err != nil {
			if !errors.Is(err, ErrByHand) && !errors.Is(err, ErrInvalid) {
				t.Fatalf("got %v, want ErrByHand or ErrInvalid", err)
			}
			return
		}
		c, problems := Parse("quill-vs-inkwell.json", got)
		if len(problems) > 0 || c.Fields()[field] != normalField(value) || !json.Valid(got) {
			t.Fatalf("got %q, %v, want %q in\n%s", c.Fields()[field], problems, value, got)
		}
	})
}

// Reviews are added and taken out, in YAML with its comments and in JSON.
func TestReviews(t *testing.T) {
	t.Parallel()
	score := 88
	r := Review{Reviewer: "Founder", Score: &score, Verdict: Ship, Take: "It pays for itself: twice."}
	for file, src := range map[string]string{"q.yaml": editable, "q.json": editableJSON} {
		// The panel's counts must agree with complete reviews, so they leave first.
		out, err := SetFields(file, []byte(src), []Change{{"tools[0].panel.ship", ""}, {"tools[0].panel.skip", ""}, {"tools[0].panel.percent", ""}, {"tools[1].panel.ship", ""}, {"tools[1].panel.skip", ""}})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		src = string(out)
		for tool, had := range []int{2, map[string]int{"q.yaml": 1, "q.json": 0}[file]} {
			added, err := Revise(file, []byte(src), Revision{Add: []NewReview{{tool, r}}})
			if err != nil {
				t.Errorf("%s, tool %d: %v", file, tool+1, err)
				continue
			}
			c, _ := Parse(file, added)
			if list := c.Tools[tool].Reviews; len(list) != had+1 || list[had].Take != r.Take || *list[had].Score != 88 || list[had].Reviewer != "Founder" {
				t.Errorf("%s, tool %d: got the reviews %+v in\n%s", file, tool+1, list, added)
			}
			back, err := Revise(file, added, Revision{Out: []ReviewAt{{tool, had}}})
			if err != nil || string(back) != src {
				t.Errorf("%s, tool %d: got back %v\n%s\nwant\n%s", file, tool+1, err, back, src)
			}
		}
		got, err := Revise(file, []byte(src), Revision{Out: []ReviewAt{{0, 0}}})
		if c, _ := Parse(file, got); err != nil || len(c.Tools[0].Reviews) != 1 || c.Tools[0].Reviews[0].Reviewer != "Skeptic" {
			t.Errorf("%s: got %v and\n%s\nwant the skeptic alone", file, err, got)
		}
		if _, err := Revise(file, []byte(src), Revision{Out: []ReviewAt{{0, 7}}}); !errors.Is(err, ErrByHand) {
			t.Errorf("%s: a review that is not there: got %v, want ErrByHand", file, err)
		}
		if _, err := Revise(file, []byte(src), Revision{Add: []NewReview{{0, Review{Reviewer: "Builder", Take: "Again."}}}}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: a second builder: got %v, want a broken rule", file, err)
		}
	}
}
