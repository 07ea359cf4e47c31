package check

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/check/caniemail"
)

// clients compares what the mail uses with what the clients support. What is
// lacking on purpose stands in accepted, with how the mail degrades.
func (r *report) clients(m Mail) {
	data, err := caniemail.Load()
	if err != nil {
		r.addFail("clients.support", "renew the data with 'make caniemail'", "%s", err)
		return
	}
	gaps, byPlan, err := unsupported(data, m.Rendered.HTML)
	if err != nil {
		r.addFail("clients.support", "fix the template", "%s", err)
		return
	}
	r.addAll("clients.support", Warn, says(describe(gaps)...), "use what every client supports, or look at it there and accept that",
		"every client has what the mail needs; %d features that some lack degrade as planned (data of %s)", len(byPlan), data.Updated)
}

// unsupported gives what a client lacks: what was not accepted, and which
// features were.
func unsupported(data *caniemail.Data, document string) (gaps []caniemail.Gap, byPlan []string, err error) {
	uses, err := caniemail.Uses(document)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range data.Gaps(uses, caniemail.Clients()) {
		switch {
		case g.Support != caniemail.No:
		case isAccepted(g.Feature.Slug, g.Client):
			if !slices.Contains(byPlan, g.Feature.Slug) {
				byPlan = append(byPlan, g.Feature.Slug)
			}
		default:
			gaps = append(gaps, g)
		}
	}
	return gaps, byPlan, nil
}

// describe gives one line a feature, with the clients that lack it.
func describe(gaps []caniemail.Gap) []string {
	var out []string
	for i := 0; i < len(gaps); {
		feature, names := gaps[i].Feature, []string{}
		where := gaps[i].Where
		for ; i < len(gaps) && gaps[i].Feature.Slug == feature.Slug; i++ {
			names = append(names, string(gaps[i].Client))
		}
		out = append(out, feature.Title+" is not supported by "+strings.Join(names, ", ")+" ("+where+")")
	}
	return out
}

// scripts checks what every client removes and spam filters punish.
func (r *report) scripts(d *document) {
	var out []defect
	for _, n := range d.elements {
		switch n.Data {
		case "script", "iframe", "object", "embed", "form", "video", "audio", "frame", "frameset", "base":
			out = append(out, at(n, "<"+n.Data+"> is removed by clients"))
		case "meta":
			if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
				out = append(out, at(n, "<meta http-equiv=refresh> is removed by clients"))
			}
		}
		out = append(out, handlers(n)...)
	}
	r.addAll("clients.active", Warn, out, "take it out of the template", "no script, form or frame")
}

func handlers(n *html.Node) []defect {
	var out []defect
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") {
			out = append(out, at(n, "<"+n.Data+" "+a.Key+"> is removed by clients"))
		}
	}
	return out
}
