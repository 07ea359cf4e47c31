package edition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// Edits are what an editor decided about an edition, beside what was picked and
// worded by itself. Their zero value decides nothing.
type Edits struct {
	Version   int                  `json:"version"`             // grows by one with each saving
	Order     []string             `json:"order,omitempty"`     // slugs that come first, in this order
	Pinned    []string             `json:"pinned,omitempty"`    // slugs that are in, whatever keeps them out
	LeftOut   []string             `json:"left_out,omitempty"`  // slugs that are out
	Subject   string               `json:"subject,omitempty"`   // "": the program's
	Preheader string               `json:"preheader,omitempty"` // "": the program's
	Note      string               `json:"note,omitempty"`      // the editor's own words above the comparisons
	Quotes    map[string][2]string `json:"quotes,omitempty"`    // by slug, for either tool: words of one of its takes; "": the program's choice
	By        string               `json:"by,omitempty"`        // who saved them last
	At        time.Time            `json:"at,omitzero"`
}

// Empty reports whether nothing is decided.
func (e Edits) Empty() bool {
	return len(e.Order)+len(e.Pinned)+len(e.LeftOut)+len(e.Quotes) == 0 && e.Subject+e.Preheader+e.Note == ""
}

// Lead is the comparison that an editor put first; "" where nobody chose an order.
func (e Edits) Lead() string {
	if len(e.Order) == 0 {
		return ""
	}
	return e.Order[0]
}

// Changes are what an editor changes of a week's edits; nil and none: nothing.
type Changes struct {
	Clear                    bool // drop all that was decided, before the rest
	Order, Pinned, LeftOut   *[]string
	Subject, Preheader, Note *string
	Quotes                   []string // see Quote
}

// With gives the edits with the changes, and reports whether there are any. Subject
// and preheader become one line. It fails for a quote that is not written as Quote
// wants it.
func (e Edits) With(c Changes) (with Edits, changed bool, err error) {
	if changed = c.Clear; changed {
		e = Edits{Version: e.Version}
	}
	for to, from := range map[*[]string]*[]string{&e.Order: c.Order, &e.Pinned: c.Pinned, &e.LeftOut: c.LeftOut} {
		if from != nil {
			*to, changed = *from, true
		}
	}
	e = e.settle(c)
	for to, from := range map[*string]*string{&e.Subject: c.Subject, &e.Preheader: c.Preheader} {
		if from != nil {
			*to, changed = strings.Join(strings.Fields(*from), " "), true
		}
	}
	if c.Note != nil {
		e.Note, changed = *c.Note, true
	}
	for _, q := range c.Quotes {
		if err := e.Quote(q); err != nil {
			return e, false, fmt.Errorf("%s: %w", q, err)
		}
		changed = true
	}
	return e, changed, nil
}

// settle takes what is left out off the lists that were kept, and what is now in off
// those that are left out: the last word counts.
func (e Edits) settle(c Changes) Edits {
	if c.LeftOut != nil {
		for _, slug := range *c.LeftOut {
			if c.Order == nil {
				e.Order = Without(e.Order, slug)
			}
			if c.Pinned == nil {
				e.Pinned = Without(e.Pinned, slug)
			}
		}
		return e
	}
	for _, list := range []*[]string{c.Order, c.Pinned} {
		if list != nil {
			for _, slug := range *list {
				e.LeftOut = Without(e.LeftOut, slug)
			}
		}
	}
	return e
}

// Leave leaves a comparison out: it has no place and no pin any more.
func (e Edits) Leave(slug string) Edits {
	e.LeftOut, e.Pinned, e.Order = with(e.LeftOut, slug), Without(e.Pinned, slug), Without(e.Order, slug)
	return e
}

// Bring has a comparison that was left out compete again, and pins any other.
func (e Edits) Bring(slug string) Edits {
	if !slices.Contains(e.LeftOut, slug) {
		return e.Pin(slug)
	}
	e.LeftOut = Without(e.LeftOut, slug)
	return e
}

// Pin gives a comparison a place, whatever the pick says.
func (e Edits) Pin(slug string) Edits {
	e.LeftOut, e.Pinned = Without(e.LeftOut, slug), with(e.Pinned, slug)
	return e
}

func with(list []string, slug string) []string { return append(Without(list, slug), slug) }

// Without gives the list without a slug.
func Without(list []string, slug string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == slug })
}

// Quote takes a choice of words, written as SLUG:1=WORDS for a take of the first
// tool and SLUG:2=WORDS of the second; without words the program chooses again.
func (e *Edits) Quote(choice string) error {
	slug, rest, ok := strings.Cut(choice, ":")
	number, words, ok2 := strings.Cut(rest, "=")
	if !ok || !ok2 || number != "1" && number != "2" {
		return errors.New("write it as SLUG:1=WORDS")
	}
	quotes := maps.Clone(e.Quotes)
	if quotes == nil {
		quotes = map[string][2]string{}
	}
	pair := quotes[slug]
	pair[number[0]-'1'] = words
	quotes[slug], e.Quotes = pair, quotes
	return nil
}

// Check fails with ErrEdits when the edits name a comparison that is neither a
// candidate nor named in what was kept before, or say two things of one.
func (e Edits) Check(kept Edits, candidates []Decision) error {
	known := kept.slugs()
	for _, d := range candidates {
		known = append(known, d.Slug)
	}
	for _, slug := range e.slugs() {
		if slices.Contains(known, slug) {
			continue
		}
		if meant, ok := spelling.Meant(slug, known); ok {
			return &refusal{kind: ErrEdits, field: "order", text: "there is no comparison " + slug + "; did you mean " + meant + "?"}
		}
		return &refusal{kind: ErrEdits, field: "order", text: "there is no comparison " + slug}
	}
	for _, slug := range e.LeftOut {
		if slices.Contains(e.Order, slug) || slices.Contains(e.Pinned, slug) {
			return &refusal{kind: ErrEdits, field: "order", text: slug + " is both left out and in; say one of them"}
		}
	}
	return nil
}

// CheckQuotes fails with ErrEdits when words that were chosen since kept are in no
// take of their tool: a quote is word for word. Of a comparison that is not in
// the library nothing is known.
func (e Edits) CheckQuotes(kept Edits, library []comparison.Comparison) error {
	for _, slug := range slices.Sorted(maps.Keys(e.Quotes)) {
		i := slices.IndexFunc(library, func(c comparison.Comparison) bool { return c.Slug == slug })
		if i < 0 {
			continue
		}
		for side, words := range e.Quotes[slug] {
			tool := library[i].Tools[side]
			said := func(r comparison.Review) bool { return strings.Contains(oneLine(r.Take), oneLine(words)) }
			if words != "" && words != kept.Quotes[slug][side] && !slices.ContainsFunc(tool.Reviews, said) {
				field := fmt.Sprintf("quote.%s.%d", slug, side+1)
				return &refusal{kind: ErrEdits, field: field, text: slug + ": no take on " + tool.Name + " has the words " + spelling.Clip(words) + "; a quote is word for word"}
			}
		}
	}
	return nil
}

// oneLine makes white space single, and drops what nobody sees.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// slugs are the comparisons that the edits name.
func (e Edits) slugs() []string {
	return slices.Concat(e.Order, e.Pinned, e.LeftOut, slices.Sorted(maps.Keys(e.Quotes)))
}

// Next gives what is to be kept when an editor, who began from the edits of
// version e.Version, saves over those that are kept now. It fails with ErrStale
// when somebody else has saved meanwhile.
func (e Edits) Next(kept Edits, by string, at time.Time) (Edits, error) {
	if e.Version != kept.Version {
		return kept, &refusal{kind: ErrStale, text: staleText(kept)}
	}
	e.Version++
	e.By, e.At = by, at
	return e, nil
}

// Onto gives the edits of theirs with what e decides otherwise than base, from which
// it began: what this editor left as it was shown follows the other.
func (e Edits) Onto(base, theirs Edits) Edits {
	out := e
	for mine, pair := range map[*string][2]string{
		&out.Subject: {base.Subject, theirs.Subject}, &out.Preheader: {base.Preheader, theirs.Preheader}, &out.Note: {base.Note, theirs.Note},
	} {
		if *mine == pair[0] {
			*mine = pair[1]
		}
	}
	for mine, pair := range map[*[]string][2][]string{
		&out.Order: {base.Order, theirs.Order}, &out.Pinned: {base.Pinned, theirs.Pinned}, &out.LeftOut: {base.LeftOut, theirs.LeftOut},
	} {
		if slices.Equal(*mine, pair[0]) {
			*mine = pair[1]
		}
	}
	out.Quotes = nil
	for _, list := range []map[string][2]string{e.Quotes, theirs.Quotes} {
		for slug := range list {
			pair := e.Quotes[slug]
			for side := range pair {
				if pair[side] == base.Quotes[slug][side] {
					pair[side] = theirs.Quotes[slug][side]
				}
			}
			if pair == ([2]string{}) {
				continue
			}
			if out.Quotes == nil {
				out.Quotes = map[string][2]string{}
			}
			out.Quotes[slug] = pair
		}
	}
	return out
}

func staleText(kept Edits) string {
	who := kept.By
	if who == "" {
		who = "somebody else"
	}
	return who + " has saved other changes since you began; look at those, then make yours again"
}

// ApprovedItems gives what the approved edition of a week features, nothing when
// it is not approved, or when an editor decided something else since.
func ApprovedItems(history []Edition, w Week, edits Edits) []Item {
	if e, ok := find(history, w); ok && e.State == Approved && e.EditsVersion == edits.Version {
		return e.Items
	}
	return nil
}

// Editable is nil while an editor may still decide about an edition.
func (e Edition) Editable() error {
	if e.State.Buildable() || e.State == Sending && e.PauseReason != "" { // to be amended
		return nil
	}
	return e.Refuse(ErrState, "%s; it can't be edited", e.Status())
}

// Knows is nil when the current build was made with these edits: what somebody
// edited since has to be built and looked at before it is approved.
func (e Edition) Knows(edits Edits) error {
	if e.EditsVersion == edits.Version || !e.State.Buildable() {
		return nil
	}
	return e.Refuse(ErrChanged, "edited since it was built; build it again, look at it and approve that")
}

// place gives a slug's place in the editor's order, after all others when it has
// none.
func (e Edits) place(slug string) int {
	if i := slices.Index(e.Order, slug); i >= 0 {
		return i
	}
	return len(e.Order)
}

func (e Edits) pins(slug string) bool      { return slices.Contains(e.Pinned, slug) }
func (e Edits) leavesOut(slug string) bool { return slices.Contains(e.LeftOut, slug) && !e.pins(slug) }
