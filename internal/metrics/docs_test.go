package metrics

import (
	"os"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"verdicts.example/digest/internal/version"
)

// The manual names each metric, and no other.
func TestManualNamesTheMetrics(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, g := range regexp.MustCompile("`(digest_[a-z_]+[a-z])(?:\\{[^}]*\\})?`").FindAllSubmatch(manual, -1) {
		told[string(g[1])] = true
	}
	there := map[string]bool{}
	descs := make(chan *prometheus.Desc)
	m := New(version.Build{}, quiet)
	go func() { m.registry.Describe(descs); close(descs) }()
	name := regexp.MustCompile(`fqName: "(digest_[^"]+)"`)
	for d := range descs {
		if g := name.FindStringSubmatch(d.String()); g != nil {
			there[g[1]] = true
		}
	}
	for n := range there {
		if !told[n] {
			t.Errorf("docs/operating.md does not name %s", n)
		}
	}
	for n := range told {
		if !there[n] {
			t.Errorf("docs/operating.md names %s, which is no metric", n)
		}
	}
	if len(there) < 25 {
		t.Errorf("got %d metrics, want all of them", len(there))
	}
}
