package workbench

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// A group is the inputs of a tool, or of the comparison as a whole.
type group struct {
	Legend  string
	Inputs  []input
	Counts  []countGroup
	Reviews []reviewGroup
}

// A countGroup is the inputs of the panel's counts, or of the readers'.
type countGroup struct {
	Legend string
	Inputs []input
}

// A reviewGroup is the inputs of a review.
type reviewGroup struct {
	Legend string
	Inputs []input
	Out    string // the value that takes it out, "1.0"; "" for a review that is new
	Gone   bool   // that is ticked
}

// Open reports whether something is typed there.
func (r reviewGroup) Open() bool {
	return slices.ContainsFunc(r.Inputs, func(in input) bool { return in.Value != "" || in.Wrong != "" })
}

// An input is one field.
type input struct {
	Field, Label, Value string
	Was                 string // as the file has it
	Long                bool
	Short               bool     // a number, or one of few words
	Options             []string // a closed set
	Wrong               string
}

// retype puts back what was typed. Where the file has changed meanwhile, what the
// editor left as it was shown follows the file, and the other's words are shown
// beside what both have changed.
func (in *input) retype(form url.Values, meanwhile bool) {
	mine, typed := typedIn(form, in.Field)
	if !typed {
		return
	}
	if shown := "w-" + in.Field; meanwhile && form.Has(shown) {
		was, theirs := plain(form.Get(shown)), plain(in.Was)
		if mine == was {
			return
		}
		if theirs != was && theirs != mine {
			in.Wrong = "somebody else wrote meanwhile: " + cmp.Or(theirs, "nothing")
		}
	}
	in.Value = mine
}

// inputs are all inputs of the form, to read and to change.
func (v *comparisonView) inputs() iter.Seq[*input] {
	return func(yield func(*input) bool) {
		for g := range v.Groups {
			lists := [][]input{v.Groups[g].Inputs}
			for _, c := range v.Groups[g].Counts {
				lists = append(lists, c.Inputs)
			}
			for _, r := range v.Groups[g].Reviews {
				lists = append(lists, r.Inputs)
			}
			for _, list := range lists {
				for i := range list {
					if !yield(&list[i]) {
						return
					}
				}
			}
		}
	}
}

// blame puts each problem beside its input.
func (v *comparisonView) blame(problems []comparison.Problem) {
	for _, p := range problems {
		placed := false
		field := v.newReviewField(p.Field)
		for in := range v.inputs() {
			if in.Field == field || strings.HasPrefix(in.Field, field+".") && !placed && field != "" {
				in.Wrong, placed = strings.TrimPrefix(p.Message, lastKey(p.Field)+": "), true
			}
		}
		if !placed {
			v.Problems = append(v.Problems, p)
		}
	}
}

// lastKey is the key that a field ends in, with which its problems begin.
func lastKey(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

// newReviewField is the field of the inputs for a new review where a field is of a
// review that the form has not: it is the one that was to be added.
func (v *comparisonView) newReviewField(field string) string {
	at, rest, ok := strings.Cut(field, "].reviews[")
	if !ok {
		return field
	}
	for in := range v.inputs() {
		if strings.HasPrefix(in.Field, field) {
			return field
		}
	}
	_, rest, _ = strings.Cut(rest, "]")
	return at + "].new" + rest
}

// markOut ticks the reviews that are to be taken out.
func (v *comparisonView) markOut(out []string) {
	for g := range v.Groups {
		for i := range v.Groups[g].Reviews {
			r := &v.Groups[g].Reviews[i]
			r.Gone = r.Out != "" && slices.Contains(out, r.Out)
		}
	}
}

// groups lays a comparison out as inputs.
func groups(c comparison.Comparison) []group {
	values := c.Fields()
	in := func(field, label string) input {
		return input{Field: field, Label: label, Value: values[field], Was: values[field]}
	}
	out := []group{{Legend: "The comparison", Inputs: []input{in("published", "Published"), in("updated", "Updated (verdict, score or price)"), in("url", "Full page")}}}
	for i := range c.Tools {
		out = append(out, toolGroup(in, i, c.Tools[i]))
	}
	return out
}

func toolGroup(in func(field, label string) input, i int, t comparison.Tool) group {
	at := fmt.Sprintf("tools[%d].", i)
	g := group{Legend: t.Name}
	if g.Legend == "" {
		g.Legend = fmt.Sprintf("Tool %d", i+1)
	}
	for _, f := range [][2]string{{"name", "Name"}, {"entry", "Price to start"}, {"pricing", "Pricing"}, {"best_for", "Best for"}, {"tagline", "Tagline"}, {"category", "Category"}, {"url", "Its own site"}} {
		g.Inputs = append(g.Inputs, in(at+f[0], f[1]))
	}
	long := in(at+"description", "Description")
	long.Long = true
	g.Inputs = append(g.Inputs, long)
	g.Counts = []countGroup{
		{"Panel: counts, per cent, or both", []input{in(at+"panel.ship", "Ship"), in(at+"panel.skip", "Skip"), in(at+"panel.percent", "% ship")}},
		{"Votes of the source's readers", []input{in(at+"community.ship", "Ship"), in(at+"community.skip", "Skip")}},
	}
	for j, review := range t.Reviews {
		name := string(review.Reviewer)
		if name == "" {
			name = fmt.Sprintf("Review %d, of a reviewer who is not known", j+1)
		}
		g.Reviews = append(g.Reviews, reviewGroup{Legend: name, Inputs: reviewInputs(in, fmt.Sprintf("%sreviews[%d].", at, j)), Out: fmt.Sprintf("%d.%d", i, j)})
	}
	g.Reviews = append(g.Reviews, reviewGroup{Legend: "One more review", Inputs: reviewInputs(in, at+"new.")})
	return g
}

func reviewInputs(in func(field, label string) input, at string) []input {
	reviewer, score, verdict, take := in(at+"reviewer", "Reviewer"), in(at+"score", "Score of 100"), in(at+"verdict", "Verdict"), in(at+"take", "Take")
	reviewer.Short, score.Short, verdict.Short = true, true, true
	reviewer.Options = []string{""}
	for _, r := range comparison.Reviewers() {
		reviewer.Options = append(reviewer.Options, string(r))
	}
	verdict.Options = []string{"", string(comparison.Ship), string(comparison.Skip)}
	take.Long = true
	return []input{reviewer, score, verdict, take}
}

// revisionIn is what the form changes.
func revisionIn(form url.Values, c comparison.Comparison) (r comparison.Revision, err error) {
	for _, out := range form["out"] {
		var at comparison.ReviewAt
		if _, err := fmt.Sscanf(out, "%d.%d", &at.Tool, &at.At); err != nil || at.Tool < 0 || at.Tool >= len(c.Tools) {
			return r, fmt.Errorf("%w: there is no review %q", errForm, out)
		}
		r.Out = append(r.Out, at)
	}
	old := c.Fields()
	v := comparisonView{Groups: groups(c)}
	for in := range v.inputs() {
		value, typed := typedIn(form, in.Field)
		if typed && value != old[in.Field] && !strings.Contains(in.Field, "].new.") && !goes(r.Out, in.Field) {
			r.Set = append(r.Set, comparison.Change{Field: in.Field, Value: value})
		}
	}
	for i := range c.Tools {
		n, any, err := newReview(form, i)
		if err != nil {
			return r, err
		}
		if any {
			r.Add = append(r.Add, n)
		}
	}
	return r, nil
}

// typedIn is what was typed for a field.
func typedIn(form url.Values, field string) (value string, typed bool) {
	name := "f-" + field
	return plain(form.Get(name)), form.Has(name)
}

// plain is a form's text with line ends as a file has them, and no space around it.
func plain(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// goes reports whether a field is of a review that is taken out.
func goes(out []comparison.ReviewAt, field string) bool {
	return slices.ContainsFunc(out, func(at comparison.ReviewAt) bool {
		return strings.HasPrefix(field, fmt.Sprintf("tools[%d].reviews[%d].", at.Tool, at.At))
	})
}

// newReview is the review that is to be added to a tool; any is false when nothing
// was typed there.
func newReview(form url.Values, tool int) (n comparison.NewReview, any bool, err error) {
	at := fmt.Sprintf("tools[%d].new.", tool)
	get := func(key string) string {
		value, _ := typedIn(form, at+key)
		any = any || value != ""
		return value
	}
	n = comparison.NewReview{Tool: tool, Review: comparison.Review{Reviewer: comparison.Reviewer(get("reviewer")), Verdict: comparison.Verdict(get("verdict")), Take: get("take")}}
	if text := get("score"); text != "" {
		score, err := strconv.Atoi(text)
		if err != nil {
			return n, any, &comparison.InvalidError{Problems: []comparison.Problem{{File: "", Field: at + "score", Message: fmt.Sprintf("is %q, but must be a whole number from 0 to 100", text)}}}
		}
		n.Review.Score = &score
	}
	return n, any, nil
}
