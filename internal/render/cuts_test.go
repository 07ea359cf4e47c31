package render

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// cutsOf gives every part of an edition that has so many bits.
func cutsOf(cs []comparison.Comparison, from, to int) []DigestInput {
	var out []DigestInput
	for mask := from; mask < to; mask++ {
		in := input()
		in.Note, in.Part.Total = "A **word** of the editor's.", len(cs)
		for i, c := range cs {
			if mask>>i&1 == 1 {
				in.Comparisons = append(in.Comparisons, c)
			}
		}
		in.Part.Shown = len(in.Comparisons)
		in.Subject, in.Preheader = edition.Subject(in.Comparisons, "")
		out = append(out, in)
	}
	return out
}

// What is put together is byte for byte what is rendered.
func TestCutsAreWhatIsRendered(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	in := append(cutsOf(numbered(7), 127, 128), cutsOf(numbered(7), 1, 127)...)
	got, err := r.Cuts(in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in {
		want, err := r.Digest(in[i])
		if err != nil {
			t.Fatal(err)
		}
		if got[i].HTML != want.HTML || got[i].Text != want.Text || got[i].Uninlined != want.Uninlined || got[i].Subject != want.Subject {
			t.Fatalf("cut %d of %d comparisons differs from the rendered one", i, len(in[i].Comparisons))
		}
	}
	if part := got[1]; !strings.Contains(part.Text, "1 of this week's 7 comparisons") || !strings.Contains(part.HTML, "Read the whole digest") {
		t.Error("got a part that does not say so")
	}
	if strings.Contains(got[0].Text, "By your topics") {
		t.Error("got the whole digest called a part")
	}
}

// Most cuts need no inliner: else the mail of 300 sets of topics costs seconds.
func TestCutsAreAssembled(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	in := append(cutsOf(numbered(6), 63, 64), cutsOf(numbered(6), 1, 63)...)
	s := stylist{styles: map[string]string{}}
	for _, x := range in[:maxInlined] {
		out, err := r.Digest(x)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.learn(out.Uninlined, out.HTML); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range in[maxInlined:] {
		f, _ := r.digestFrame(x, len(x.Comparisons), quoteLimit)
		tokens, err := r.mails["digest"].execute(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.apply(tokens); !ok {
			t.Errorf("cut %d is inlined, want it put together", i)
		}
	}
}

func BenchmarkCuts(b *testing.B) {
	r := newRenderer(b)
	in := append(cutsOf(numbered(9), 511, 512), cutsOf(numbered(9), 1, 300)...)
	for b.Loop() {
		if _, err := r.Cuts(in); err != nil {
			b.Fatal(err)
		}
	}
}
