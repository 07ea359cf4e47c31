package sendview

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/refusal/refusaltest"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(int64(1000)), "1,000"}, {number(1234567), "1,234,567"},
		{rateText(0), "0"}, {rateText(0.42), "0.4"}, {rateText(9.96), "10"}, {rateText(1240.4), "1,240"},
		{about(300 * time.Millisecond), "a moment"}, {about(89 * time.Second), "89 s"}, {about(100 * time.Second), "2 min"},
		{about(2*time.Hour + 5*time.Minute), "2 h 5 min"}, {about(9000 * time.Hour), "many days"},
		{took(time.Unix(0, 0), time.Unix(14, 3e8)), "14.3 s"}, {took(time.Unix(0, 0), time.Unix(3661, 0)), "1h1m1s"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// Every outcome shows, none overlaps another, and the bar is never too long; it
// is full when nothing is open and nothing else made it so.
func TestBar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c delivery.Counts
		for i := range c {
			c[i] = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 5), rapid.Int64Range(0, 2_000_000)).Draw(t, delivery.State(i).String())
		}
		list := bar(c)
		want := 0
		for _, o := range outcomes(c)[:5] {
			if o.N > 0 {
				want++
			}
		}
		if len(list) != want {
			t.Fatalf("got %d segments, want %d", len(list), want)
		}
		var x int64
		for _, s := range list {
			if s.X != x || s.Width < barLeast {
				t.Fatalf("got %+v, want it to begin at %d and be at least %d wide", s, x, barLeast)
			}
			x += s.Width
		}
		if x > barWidth {
			t.Fatalf("got a bar of %d, want at most %d", x, barWidth)
		}
		if full := c.Total() > 0 && c.Open() == 0; full && x < barWidth-5 {
			t.Fatalf("got a bar of %d with nothing open, want %d but for rounding", x, barWidth)
		}
	})
}

// Each row of package refusal's table stands on the operators' page.
func TestEachRefusalIsExplained(t *testing.T) {
	t.Parallel()
	for _, reply := range refusaltest.Replies() {
		row, ok := refusal.ExplainLine(reply.Text)
		if got := explain(reply.Text); ok != (got != "") || !strings.Contains(got, row.Meaning) || !strings.Contains(got, row.Action) {
			t.Errorf("%s: got %q, want its meaning and what to do: %t", reply.Text, got, ok)
		}
	}
}
