package edition_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

func TestOnTopics(t *testing.T) {
	t.Parallel()
	of := func(slug, a, b string) comparison.Comparison {
		return comparison.Comparison{Slug: slug, Tools: [2]comparison.Tool{{Category: a}, {Category: b}}}
	}
	list := []comparison.Comparison{of("a", "Writing", "Audio"), of("b", "audio", "Audio"), of("c", "", "Video"), of("d", "", "")}
	for topics, want := range map[string]string{
		"": "a b c d", "Audio": "a b d", "AUDIO": "a b d", "Writing,Video": "a c d", "Robots": "d", "Aud": "d", "Ünder": "d",
	} {
		var got []string
		var chosen []string
		if topics != "" {
			chosen = strings.Split(topics, ",")
		}
		for _, c := range edition.OnTopics(list, chosen) {
			got = append(got, c.Slug)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", topics, got, want)
		}
	}
	if got := edition.OnTopics(list[:1], []string{"Robots"}); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}
