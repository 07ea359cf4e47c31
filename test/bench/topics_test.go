package bench

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
)

const (
	topicSets  = 300
	topicItems = 9 // 2⁹ − 1 sets of topics can occur
)

// BenchmarkTopics sends an edition of nine comparisons to readers who chose nothing,
// and to as many who chose one of 300 sets of topics: what the freeze and the send cost
// in comparison. TOPICS_READERS is how many, 100,000 where it is not set, and
// TOPICS_ROUNDS how often.
func BenchmarkTopics(b *testing.B) {
	n := fromEnviron(b, "TOPICS_READERS", 100_000)
	addr := startSink(b, "pipelining chunking")
	o := outing{addr: addr, readers: n, connections: connections, library: nineTopics, most: topicItems}
	for b.Loop() {
		var plain, sets []cost
		for range fromEnviron(b, "TOPICS_ROUNDS", rounds) {
			o.topics = nil
			plain = append(plain, send(b, o))
			o.topics = setOf
			sets = append(sets, send(b, o))
		}
		show(b, "one mail for all", plain)
		show(b, fmt.Sprintf("%d sets of topics", topicSets), sets)
		ratio(b, "sets/all", sets, plain)
		froze := func(list []cost) time.Duration {
			slices.SortFunc(list, func(x, y cost) int { return int(x.Froze - y.Froze) })
			return list[len(list)/2].Froze
		}
		b.ReportMetric(froze(plain).Seconds(), "freeze-s")
		b.ReportMetric(froze(sets).Seconds(), "freeze-sets-s")
	}
}

// fromEnviron is a number that the environment may set.
func fromEnviron(b *testing.B, name string, otherwise int) int {
	b.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	fatal(b, err)
	return n
}

// setOf is the set of topics of reader i, one of 300.
func setOf(i int) string {
	var chosen []string
	for bit := range topicItems {
		if (i%topicSets+1)&(1<<bit) != 0 {
			chosen = append(chosen, topic(bit))
		}
	}
	return strings.Join(chosen, ",")
}

func topic(n int) string { return "Topic " + string(rune('A'+n)) }

// nineTopics is nine comparisons, each of a topic of its own.
func nineTopics() (comparison.Library, error) {
	lib, err := sample()
	if err != nil {
		return lib, err
	}
	of := slices.DeleteFunc(slices.Clone(lib.Comparisons), func(c comparison.Comparison) bool {
		return c.Slug == "smolvlm2-2b-vs-karpathy-skills" // a pair that is there twice
	})
	lib.Comparisons = nil
	for n := range topicItems {
		c := of[n%len(of)]
		if n >= len(of) {
			c.Slug += "-again"
		}
		for i := range c.Tools {
			c.Tools[i].Category = topic(n)
			if n >= len(of) {
				c.Tools[i].Name += " Again"
			}
		}
		lib.Comparisons = append(lib.Comparisons, c)
	}
	return lib, nil
}
