package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/wording"
)

// The lengths of quotes in characters, in an item in full, in a brief one, and
// in a digest that would be too large.
const (
	quoteLimit      = 150
	briefQuoteLimit = 60
	shortQuoteLimit = 50
)

// A Detail is how much of each comparison a digest shows.
type Detail string

// The details.
const (
	DetailLead  Detail = "lead"  // the first in full, the others brief
	DetailFull  Detail = "full"  // all in full
	DetailBrief Detail = "brief" // all brief
)

// A DigestInput is an edition's content.
type DigestInput struct {
	Week        edition.Week
	Date        time.Time // the day in the masthead, in the list's time zone
	Subject     string
	Preheader   string
	Detail      Detail // "" is DetailLead
	Note        string // the editor's, in Markdown; "" for none
	Lead        string // the slug of the comparison that an editor put first; "" where nobody chose
	Comparisons []comparison.Comparison
	// Quotes are an editor's choice by slug, for either tool: words of one of its
	// takes; "" leaves the choice to the program.
	Quotes map[string][2]string
	// Updates say by slug what changed of a comparison that comes again.
	Updates map[string]string
	Voted   Voted
	Part    Part
}

// DigestData is what the digest's templates see as .Data.
type DigestData struct {
	Week           edition.Week
	Date           time.Time
	Tally          Tally
	Part           Part     // of the edition, by the reader's topics; zero: all of it
	Lede           string   // the week's news in a sentence or two
	Note           Note     // the editor's; empty without one
	Items          []Item   // in full
	Briefs         []Item   // in brief
	Headlines      []Item   // as headlines with links, for want of room
	Answers        []Answer // how readers voted on the digest before
	ArchiveURL     string   // this digest in the browser
	SubscribeURL   string   // for readers to whom somebody forwarded it
	UnsubscribeURL string   // the reader's own: it ends in mergefield.Token
	PreferencesURL string   // the reader's own: topics and a pause
	SavedURL       string   // the reader's own list
	Changes        Changes  // the reader's own block
	Email          string   // mergefield.Email
}

// All gives every item, for the list at the top.
func (d DigestData) All() []Item { return slices.Concat(d.Items, d.Briefs, d.Headlines) }

// Digest renders an edition. Above SizeBudget it degrades by plan and says so in
// Notes: first shorter quotes, then the last comparisons as headlines with
// links. It fails with ErrSize above SizeLimit.
func (r *Renderer) Digest(in DigestInput) (Rendered, error) {
	if len(in.Comparisons) == 0 {
		return Rendered{}, fmt.Errorf("%w digest: an edition without a comparison is not rendered", ErrMail)
	}
	size, grow, err := r.estimate(in)
	if err != nil {
		return Rendered{}, err
	}
	if size < SizeBudget+SizeBudget/12 { // an estimate: what is not far above the budget is measured
		out, err := r.digest(in)
		if err != nil || len(out.HTML) <= SizeBudget {
			return out, errors.Join(err, checkSize("digest", out))
		}
		size = len(out.HTML)
	}
	out, err := r.degrade(in, size, grow)
	if err != nil {
		return Rendered{}, err
	}
	return out, checkSize("digest", out)
}

// A growth predicts a mail's size after inlining from its size before, as a line
// through two measured mails.
type growth struct {
	before, after int
	slope         float64
}

func (g growth) of(before int) int {
	return g.after + int(float64(before-g.before)*g.slope)
}

// estimate says how many bytes of HTML an edition in full would have, and what
// the inliner adds. Executing a template is cheap and inlining is not, so a
// large edition's growth is measured on its first comparisons.
func (r *Renderer) estimate(in DigestInput) (size int, g growth, err error) {
	f, _ := r.digestFrame(in, len(in.Comparisons), quoteLimit)
	tokens, err := r.mails["digest"].execute(f)
	if err != nil || len(tokens) < SizeBudget/2 || len(in.Comparisons) < 3 {
		return len(tokens), growth{slope: 1}, err
	}
	var sample [2]Rendered
	all := in.Comparisons
	for i := range sample {
		in.Comparisons = all[:i+1]
		if sample[i], err = r.digest(in); err != nil {
			return 0, g, err
		}
	}
	g = growth{before: len(sample[0].Uninlined), after: len(sample[0].HTML)}
	g.slope = float64(len(sample[1].HTML)-g.after) / float64(max(len(sample[1].Uninlined)-g.before, 1))
	return g.of(len(tokens)), g, nil
}

// degrade renders with short quotes, and with as many comparisons in full as
// fit the budget; whole is the size in full. The number is found by the
// inliner's growth, and the result is measured.
func (r *Renderer) degrade(in DigestInput, whole int, g growth) (Rendered, error) {
	total := len(in.Comparisons)
	for full := total; ; {
		f, notes := r.digestFrame(in, full, shortQuoteLimit)
		tokens, err := r.mails["digest"].execute(f)
		if err != nil {
			return Rendered{}, err
		}
		if size := g.of(len(tokens)); full > 0 && size > SizeBudget {
			full = min(full-1, full*SizeBudget/size+1) // never less than what fits, because of what stays when an item goes
			continue
		}
		out, err := r.render("digest", f)
		if err != nil {
			return Rendered{}, err
		}
		if full > 0 && len(out.HTML) > SizeBudget {
			full--
			continue
		}
		out.Cuts = []string{fmt.Sprintf("quotes shortened: with longer ones the HTML would have about %d bytes, over the budget of %d", whole, SizeBudget)}
		if full < total {
			out.Cuts = append(out.Cuts, fmt.Sprintf("the last %d of %d comparisons are headlines with links, to stay within the size budget", total-full, total))
		}
		out.Notes = append(notes, out.Cuts...)
		return out, nil
	}
}

// digest renders an edition with no comparison reduced to a headline.
func (r *Renderer) digest(in DigestInput) (Rendered, error) {
	f, notes := r.digestFrame(in, len(in.Comparisons), quoteLimit)
	out, err := r.render("digest", f)
	out.Notes = notes
	return out, err
}

// digestFrame sets up the first shown comparisons, in full or brief, and the
// rest as headlines, with quotes of at most quotes characters. The notes say
// what content had to be left out or shortened.
func (r *Renderer) digestFrame(in DigestInput, shown, quotes int) (f *frame, notes []string) {
	v := &viewer{site: r.site, week: in.Week, limit: quotes, quotes: in.Quotes, voted: in.Voted}
	data := DigestData{
		Week:           in.Week,
		Date:           in.Date,
		Part:           in.Part,
		Lede:           isolated(clean(lede(in.Comparisons, in.Lead)), in.Comparisons),
		Note:           parseNote(in.Note),
		ArchiveURL:     r.site.BaseURL + "/archive/" + in.Week.String(),
		SubscribeURL:   r.site.BaseURL + "/subscribe",
		UnsubscribeURL: r.site.BaseURL + "/unsubscribe/" + string(mergefield.Token),
		PreferencesURL: r.site.BaseURL + "/preferences/" + string(mergefield.Preferences),
		SavedURL:       r.site.BaseURL + "/saved/" + string(mergefield.Saved),
		Changes:        changesBlock(),
		Email:          string(mergefield.Email),
	}
	data.Answers = v.answers()
	for i, c := range in.Comparisons {
		brief := in.Detail == DetailBrief || in.Detail != DetailFull && i > 0
		it := v.item(i+1, c, brief)
		it.Update = v.cut(c.Slug, "update", in.Updates[c.Slug], maxTagline)
		data.Tally.count(it)
		switch {
		case i >= shown:
			data.Headlines = append(data.Headlines, it)
		case brief:
			data.Briefs = append(data.Briefs, it)
		default:
			data.Items = append(data.Items, it)
		}
	}
	f = r.frame(data)
	f.Subject, f.Preheader = clean(in.Subject), clean(in.Preheader)
	return f, v.notes
}

// lede is the news of the edition. A comparison on the word of single reviewers
// is no news and says so; without any verdict the lede says what is compared.
func lede(cs []comparison.Comparison, lead string) string {
	if s := edition.Lede(cs, lead); s != "" {
		return s
	}
	for _, c := range cs {
		if w := wording.Of(c); w.Ruling != "" {
			return w.Lede()
		}
	}
	s := cs[0].Title()
	if len(cs) > 1 {
		s += " and " + count(len(cs)-1, "more comparison")
	}
	return s + ": no panel verdict yet."
}

// isolated keeps right-to-left names from reordering the sentence around them.
func isolated(sentence string, cs []comparison.Comparison) string {
	for _, c := range cs {
		for _, t := range c.Tools {
			name := clean(t.Name)
			if safe := wording.Isolate(name); safe != name && !strings.Contains(sentence, safe) {
				sentence = strings.ReplaceAll(sentence, name, safe)
			}
		}
	}
	return sentence
}
