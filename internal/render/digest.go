package render

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/slot"
)

// The lengths of quotes in characters, and of the shorter ones of a digest that
// would be too large.
const (
	quoteLimit      = 280
	shortQuoteLimit = 120
)

// A DigestInput is an edition's content.
type DigestInput struct {
	Week        edition.Week
	Date        time.Time // the day in the masthead, in the list's time zone
	Subject     string
	Preheader   string
	Comparisons []comparison.Comparison
}

// DigestData is what the digest's templates see as .Data.
type DigestData struct {
	Week           edition.Week
	Date           time.Time
	Tally          Tally
	Intro          string
	Items          []Item // in full
	Headlines      []Item // as headlines with links, for want of room
	ArchiveURL     string // this digest in the browser
	UnsubscribeURL string // the reader's own: it ends in slot.Token
	Email          string // slot.Email
}

// All gives the items in full and the headlines, for the table at the top.
func (d DigestData) All() []Item {
	return append(d.Items[:len(d.Items):len(d.Items)], d.Headlines...)
}

// Digest renders an edition. Above SizeBar it degrades by plan and says so in
// Notes: first shorter quotes, then the last comparisons as headlines with
// links. It fails with ErrSize above SizeLimit.
func (r *Renderer) Digest(in DigestInput) (Rendered, error) {
	if len(in.Comparisons) == 0 {
		return Rendered{}, fmt.Errorf("%w digest: an edition without a comparison is not rendered", ErrMail)
	}
	total := len(in.Comparisons)
	out, err := r.digest(in, total, quoteLimit)
	if err != nil || len(out.HTML) <= SizeBar {
		return out, err
	}
	full, large := total, len(out.HTML)
	for limit := shortQuoteLimit; ; {
		if out, err = r.digest(in, full, limit); err != nil {
			return out, err
		}
		if len(out.HTML) <= SizeBar || full == 0 {
			break
		}
		full = min(full-1, full*SizeBar/len(out.HTML))
	}
	note := fmt.Sprintf("quotes shortened: in full the HTML would have %d bytes, above the bar of %d", large, SizeBar)
	out.Notes = append(out.Notes, note)
	if full < total {
		out.Notes = append(out.Notes, fmt.Sprintf("the last %d of %d comparisons are headlines with links, to stay below the bar", total-full, total))
	}
	return out, nil
}

// digest renders the first full comparisons in full and the rest as headlines.
func (r *Renderer) digest(in DigestInput, full, quotes int) (Rendered, error) {
	v := &viewer{site: r.site, limit: quotes}
	data := DigestData{
		Week:           in.Week,
		Date:           in.Date,
		ArchiveURL:     r.site.BaseURL + "/archive/" + in.Week.String(),
		UnsubscribeURL: r.site.BaseURL + "/unsubscribe/" + string(slot.Token),
		Email:          string(slot.Email),
	}
	for i, c := range in.Comparisons {
		it := v.item(i+1, c)
		data.Tally.count(it)
		if i < full {
			data.Items = append(data.Items, it)
		} else {
			data.Headlines = append(data.Headlines, it)
		}
	}
	data.Intro = data.Tally.intro(len(in.Comparisons))
	f := r.frame(data)
	f.Subject, f.Preheader = oneLine(in.Subject), oneLine(in.Preheader)
	out, err := r.render("digest", f)
	out.Notes = append(out.Notes, v.notes...)
	return out, err
}

// A Tally counts the panels' verdicts on the tools of an edition.
type Tally struct{ Ship, Skip, Split, Unknown int }

func (t *Tally) count(it Item) {
	for _, tool := range it.Tools {
		switch tool.Verdict.Class {
		case "ship":
			t.Ship++
		case "skip":
			t.Skip++
		case "split":
			t.Split++
		default:
			t.Unknown++
		}
	}
}

// A Share is one part of the bar in the masthead.
type Share struct {
	Class   string
	Percent int // of the masthead's width; the shares sum up to 100
}

// Shares gives the parts of the bar, without the empty ones.
func (t Tally) Shares() []Share {
	return shares([]part{{"ship", t.Ship}, {"split", t.Split}, {"skip", t.Skip}, {"unknown", t.Unknown}})
}

type part struct {
	class string
	n     int
}

// shares turns counts into per cents that sum up to 100; what integer division
// leaves over goes to the largest. Without any count all is unknown.
func shares(parts []part) []Share {
	all := 0
	for _, p := range parts {
		all += p.n
	}
	if all == 0 {
		return []Share{{Class: "unknown", Percent: 100}}
	}
	var out []Share
	left, largest := 100, 0
	for _, p := range parts {
		if p.n <= 0 {
			continue
		}
		out = append(out, Share{p.class, max(100*p.n/all, 1)})
		left -= out[len(out)-1].Percent
		if out[len(out)-1].Percent > out[largest].Percent {
			largest = len(out) - 1
		}
	}
	out[largest].Percent += left
	return out
}

// Words gives the tally for the masthead: "8 ship, 2 skip".
func (t Tally) Words() string {
	var s string
	for _, part := range []struct {
		n    int
		word string
	}{{t.Ship, "ship"}, {t.Split, "split"}, {t.Skip, "skip"}, {t.Unknown, "unknown"}} {
		if part.n == 0 {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += fmt.Sprintf("%d %s", part.n, part.word)
	}
	return s
}

// intro is the sentence under the masthead.
func (t Tally) intro(comparisons int) string {
	tools := t.Ship + t.Skip + t.Split + t.Unknown
	noun := "comparisons"
	if comparisons == 1 {
		noun = "comparison"
	}
	s := fmt.Sprintf("%s %s this week, %s tools.", sentenceCase(number(comparisons)), noun, number(tools))
	switch {
	case t.Unknown == tools:
		return s
	case t.Ship == tools:
		return s + " The panels would ship every one."
	case t.Ship == 0:
		return s + " The panels would ship none of them."
	}
	return fmt.Sprintf("%s The panels would ship %s of them.", s, number(t.Ship))
}
