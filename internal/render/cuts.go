package render

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"verdicts.example/digest/internal/mergefield"
)

// maxInlined is how many cuts of an edition are inlined by themselves. Others are
// put together from what those taught.
const maxInlined = 32

// Changes are the fields of the block of what changed in what a reader saved.
type Changes struct{ If, Each, Line, Next, End string }

func changesBlock() Changes {
	return Changes{
		string(mergefield.IfChanges), string(mergefield.EachChange), string(mergefield.Change), string(mergefield.NextChange), string(mergefield.EndChanges),
	}
}

// A Part says of which part of the edition a reader's digest is; zero is all.
type Part struct{ Shown, Total int }

// Words say what the part is: "By your topics: 2 of this week's 5 comparisons."; ""
// for all.
func (p Part) Words() string {
	if p.Shown == p.Total {
		return ""
	}
	return fmt.Sprintf("By your topics: %d of this week's %s.", p.Shown, count(p.Total, "comparison"))
}

// Cuts renders an edition as readers get it who get a part of it, all that occur
// at once: the first maxInlined as Digest does, the others with the styles that
// the inliner gave to the same elements there, which is byte for byte the same and
// costs a tenth. A cut that is too large, or has an element that none of those
// had, is rendered as Digest does.
func (r *Renderer) Cuts(in []DigestInput) ([]Rendered, error) {
	out, errs := make([]Rendered, len(in)), make([]error, len(in))
	n := min(len(in), maxInlined)
	each(n, func(i int) { out[i], errs[i] = r.Digest(in[i]) })
	if err := errors.Join(errs...); err != nil || n == len(in) {
		return out, err
	}
	s := stylist{styles: map[string]string{}}
	for _, done := range out[:n] {
		if err := s.learn(done.Uninlined, done.HTML); err != nil {
			s.styles = nil // a template's own way: nothing is known, all are inlined
			break
		}
	}
	each(len(in)-n, func(i int) { out[n+i], errs[n+i] = r.assembled(&s, in[n+i]) })
	return out, errors.Join(errs...)
}

// assembled is Digest with a stylist in the inliner's place.
func (r *Renderer) assembled(s *stylist, in DigestInput) (Rendered, error) {
	m := r.mails["digest"]
	f, notes := r.digestFrame(in, len(in.Comparisons), quoteLimit)
	tokens, err := m.execute(f)
	if err != nil {
		return Rendered{}, err
	}
	styled, ok := s.apply(tokens)
	if !ok || len(styled) > SizeBudget || checkStyles("digest", tokens) != nil {
		return r.Digest(in)
	}
	text, err := m.executeText(f)
	if err != nil {
		return Rendered{}, err
	}
	out := Rendered{
		Subject: f.Subject, Preheader: f.Preheader, HTML: m.restoreConditionals(styled), Uninlined: m.restoreConditionals(tokens), Text: text, Notes: notes,
	}
	if len(out.HTML) > SizeBudget {
		return r.Digest(in)
	}
	return out, nil
}

// each calls do for 0 to n-1, on as many processors as there are.
func each(n int, do func(int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}
