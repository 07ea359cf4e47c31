package comparison

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// A Revision is what is to be changed in a comparison's file, all at once: the
// panel's counts have to agree with the reviews.
type Revision struct {
	Set []Change
	Out []ReviewAt // reviews to take out, at their places before the revision
	Add []NewReview
}

// A ReviewAt is the place of a review; both numbers begin at 0.
type ReviewAt struct{ Tool, At int }

// A NewReview goes behind the others of a tool, 0 or 1.
type NewReview struct {
	Tool   int
	Review Review
}

// Revise changes a comparison's source, YAML or JSON. Every other byte stays as it
// is, comments and blank lines too; what changes is written as EncodeYAML writes
// it. The result is read again and compared with what was meant, so that nothing
// else can have changed. The error is ErrByHand, or an *InvalidError that says
// which rule the new values break.
func Revise(file string, src []byte, r Revision) ([]byte, error) {
	text, problems := ReadText(file, src, maxFile)
	if len(problems) > 0 {
		return nil, asError(problems)
	}
	before, _ := Parse(file, text)
	writer := inYAML(file)
	if looksLikeJSON(file, text) {
		writer = inJSON(file)
	}
	text, err := writer.apply(text, r)
	if err != nil {
		return nil, err
	}
	after, problems := Parse(file, text)
	if len(problems) > 0 {
		return nil, asError(problems)
	}
	for field, want := range r.of(before.Fields()) {
		if got := after.Fields()[field]; got != want {
			return nil, fmt.Errorf("%s: %s would become %q, not %q: %w", file, field, got, want, ErrByHand)
		}
	}
	if n, want := len(after.Fields()), len(r.of(before.Fields())); n != want {
		return nil, fmt.Errorf("%s: the change would leave %d fields, not %d: %w", file, n, want, ErrByHand)
	}
	return text, nil
}

// A sourceWriter changes one form of source.
type sourceWriter struct {
	set    func(text []byte, c Change) ([]byte, error)
	remove func(text []byte, at ReviewAt) ([]byte, error)
	add    func(text []byte, n NewReview) ([]byte, error)
}

func inYAML(file string) sourceWriter {
	return sourceWriter{
		func(text []byte, c Change) ([]byte, error) { return setField(file, text, c) },
		func(text []byte, at ReviewAt) ([]byte, error) { return removeReviewYAML(file, text, at) },
		func(text []byte, n NewReview) ([]byte, error) { return addReviewYAML(file, text, n) },
	}
}

func inJSON(file string) sourceWriter {
	return sourceWriter{
		func(text []byte, c Change) ([]byte, error) { return setJSON(file, text, c) },
		func(text []byte, at ReviewAt) ([]byte, error) { return removeReviewJSON(file, text, at) },
		func(text []byte, n NewReview) ([]byte, error) { return addReviewJSON(file, text, n) },
	}
}

// apply makes the changes, from the last review that goes to the first, so that
// the places of the others stay.
func (w sourceWriter) apply(text []byte, r Revision) (_ []byte, err error) {
	for _, c := range r.Set {
		if text, err = w.set(text, c); err != nil {
			return nil, err
		}
	}
	out := slices.SortedFunc(slices.Values(r.Out), func(a, b ReviewAt) int { return cmp.Or(b.Tool-a.Tool, b.At-a.At) })
	for _, at := range out {
		if text, err = w.remove(text, at); err != nil {
			return nil, err
		}
	}
	for _, n := range r.Add {
		if text, err = w.add(text, n); err != nil {
			return nil, err
		}
	}
	return text, nil
}

var reviewField = regexp.MustCompile(`^tools\[(\d)\]\.reviews\[(\d+)\]\.(.*)$`)

// of gives the fields that a comparison with these fields has after the revision.
func (r Revision) of(fields map[string]string) map[string]string {
	fields = maps.Clone(fields)
	for _, c := range r.Set {
		if fields[c.Field] = normalField(c.Value); fields[c.Field] == "" {
			delete(fields, c.Field)
		}
	}
	out := map[string]string{}
	count := [2]int{}
	for field, value := range fields {
		m := reviewField.FindStringSubmatch(field)
		if m == nil {
			out[field] = value
			continue
		}
		tool, _ := strconv.Atoi(m[1]) // digits
		at, _ := strconv.Atoi(m[2])
		before := 0
		for _, o := range r.Out {
			if o.Tool == tool && o.At < at {
				before++
			}
		}
		if slices.Contains(r.Out, ReviewAt{tool, at}) {
			continue
		}
		count[tool] = max(count[tool], at-before+1)
		out[fmt.Sprintf("tools[%d].reviews[%d].%s", tool, at-before, m[3])] = value
	}
	for _, n := range r.Add {
		c := Comparison{}
		c.Tools[n.Tool].Reviews = []Review{n.Review}
		for field, value := range c.Fields() {
			if m := reviewField.FindStringSubmatch(field); m != nil {
				out[fmt.Sprintf("tools[%d].reviews[%d].%s", n.Tool, count[n.Tool], m[3])] = normalField(value)
			}
		}
		count[n.Tool]++
	}
	return out
}
