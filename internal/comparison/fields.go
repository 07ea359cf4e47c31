package comparison

import (
	"fmt"
	"strconv"
)

// Fields are the values of a comparison by their fields, as a form shows them;
// absent ones are not there.
func (c Comparison) Fields() map[string]string {
	out := map[string]string{}
	for _, v := range c.values() {
		out[v.Field] = v.Value
	}
	return out
}

// values are Fields in the order of a file.
func (c Comparison) values() (out []Change) {
	set := func(field, value string) {
		if value != "" {
			out = append(out, Change{field, value})
		}
	}
	number := func(field string, n *int) {
		if n != nil {
			out = append(out, Change{field, strconv.Itoa(*n)})
		}
	}
	set("slug", c.Slug)
	if !c.Published.IsZero() {
		set("published", c.Published.String())
	}
	if !c.Updated.IsZero() {
		set("updated", c.Updated.String())
	}
	set("url", c.URL)
	for i, t := range c.Tools {
		at := fmt.Sprintf("tools[%d].", i)
		for _, f := range [][2]string{{"name", t.Name}, {"tagline", t.Tagline}, {"category", t.Category}, {"url", t.URL}, {"entry", t.Entry},
			{"pricing", t.Pricing}, {"best_for", t.BestFor}, {"description", t.Description}} {
			set(at+f[0], f[1])
		}
		if p := t.Panel; p != nil {
			number(at+"panel.ship", p.Ship)
			number(at+"panel.skip", p.Skip)
			number(at+"panel.percent", p.Percent)
		}
		if v := t.Community; v != nil {
			number(at+"community.ship", &v.Ship)
			number(at+"community.skip", &v.Skip)
		}
		for j, r := range t.Reviews {
			at := fmt.Sprintf("%sreviews[%d].", at, j)
			set(at+"reviewer", string(r.Reviewer))
			number(at+"score", r.Score)
			set(at+"verdict", string(r.Verdict))
			set(at+"take", r.Take)
		}
	}
	return out
}
