package workbench

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// An editForm is what an editor may set.
type editForm struct {
	edition.Edits
	Order     []string // as it is shown
	Headlines []edition.Headline
	Auto      edition.Headline // the program's own
	Items     []editItem
}

// An editItem is a comparison in the order.
type editItem struct {
	Slug, Title string
	First, Last bool
	Tools       [2]quoteChoice
}

// A quoteChoice is which of a tool's words are quoted.
type quoteChoice struct {
	Name     string // of the input
	Tool     string
	Current  string
	Sentence []quotable
}

// A quotable is a sentence of a take, and whose it is: "Skeptic, 41, skip".
type quotable struct{ Text, By string }

func newEditForm(p desk.Preview) editForm {
	f := editForm{Edits: p.Edits, Headlines: edition.Headlines(p.Selection.Comparisons, p.Edits.Lead())}
	if len(f.Headlines) > 0 {
		f.Auto = f.Headlines[0]
	}
	last := len(p.Selection.Comparisons) - 1
	for i, c := range p.Selection.Comparisons {
		f.Order = append(f.Order, c.Slug)
		item := editItem{Slug: c.Slug, Title: c.Title(), First: i == 0, Last: i == last}
		for t, tool := range c.Tools {
			item.Tools[t] = quoteChoice{fmt.Sprintf("quote.%s.%d", c.Slug, t+1), tool.Name, p.Edits.Quotes[c.Slug][t], sentences(tool)}
		}
		f.Items = append(f.Items, item)
	}
	return f
}

// Was is the order as it is shown, for the form.
func (f editForm) Was() string { return strings.Join(f.Order, " ") }

var sentence = regexp.MustCompile(`[^.!?]+[.!?]+["”’)]*`)

// retype puts what was typed in the place of what is saved.
func (f *editForm) retype(form url.Values) {
	f.Subject, f.Preheader, f.Note = oneLine(form.Get("subject")), oneLine(form.Get("preheader")), plain(form.Get("note"))
	if version, err := strconv.Atoi(form.Get("version")); err == nil {
		f.Version = version
	}
	place := func(item editItem) int {
		if at := slices.Index(form["order"], item.Slug); at >= 0 {
			return at
		}
		return len(form["order"])
	}
	slices.SortStableFunc(f.Items, func(a, b editItem) int { return cmp.Compare(place(a), place(b)) })
	for i := range f.Items {
		item := &f.Items[i]
		item.First, item.Last = i == 0, i == len(f.Items)-1
		for t := range item.Tools {
			if q := &item.Tools[t]; form.Has(q.Name) {
				q.Current = form.Get(q.Name)
			}
		}
	}
}

// Chosen reports whether an editor chose a quote of this comparison.
func (item editItem) Chosen() bool { return item.Tools[0].Current+item.Tools[1].Current != "" }

// sentences are what could be quoted of a tool's takes.
func sentences(t comparison.Tool) []quotable {
	const least, most = 20, 150
	var out []quotable
	for _, r := range t.Reviews {
		for _, s := range sentence.FindAllString(strings.Join(strings.Fields(r.Take), " "), -1) {
			if s = strings.TrimSpace(s); len(s) >= least && len(s) <= most {
				out = append(out, quotable{s, signature(r)})
			}
		}
	}
	return out
}

// signature says who says so, as far as it is known.
func signature(r comparison.Review) string {
	parts := []string{string(r.Reviewer)}
	if r.Score != nil {
		parts = append(parts, strconv.Itoa(*r.Score))
	}
	parts = append(parts, string(r.Verdict))
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// saveEdits keeps what an editor changed. What is refused is shown in the form.
func (s *server) saveEdits(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	mine, do, about, err := s.editsIn(r, week)
	switch {
	case err != nil:
	case do == "undo":
		err = s.goBack(r, week, mine.Version, about)
	default:
		_, err = s.desk(r).SaveEdits(r.Context(), week, mine)
	}
	switch {
	case do != "undo" && errors.Is(err, edition.ErrStale):
		return s.conflict(w, r, week, mine, err)
	case err != nil:
		return s.weekAgain(w, r, week, refusal{Form: "edits", Field: edition.FieldOf(err)}, err)
	case do == "undo":
		s.done(w, r, "/week/"+week.String(), "back", "versions")
	default:
		s.done(w, r, "/week/"+week.String(), "saved", placeOf(do, about, r.PostForm["order"], mine))
	}
	return nil
}

// editsIn reads the form: what the edits would be, and the button with what it is
// about.
func (s *server) editsIn(r *http.Request, week edition.Week) (mine edition.Edits, do, about string, err error) {
	do, about, _ = strings.Cut(r.PostForm.Get("do"), ":")
	version, err := strconv.Atoi(r.PostForm.Get("version"))
	if err != nil {
		return mine, do, about, fmt.Errorf("%w: it has no version", errForm)
	}
	kept, err := s.Desk.Edits(r.Context(), week)
	if err != nil {
		return mine, do, about, err
	}
	if do != "undo" {
		mine, err = readEdits(r.PostForm, kept, do, about)
	}
	mine.Version = version
	return mine, do, about, err
}

func (s *server) goBack(r *http.Request, week edition.Week, from int, to string) error {
	version, err := strconv.Atoi(to)
	if err != nil {
		return fmt.Errorf("%w: %q is not a version", errForm, to)
	}
	_, err = s.desk(r).GoBack(r.Context(), week, from, version)
	return err
}

// placeOf is the element of the week's page at which an editor goes on after a
// button: the same one where it is there again, else what it was about.
func placeOf(do, about string, was []string, now edition.Edits) string {
	order := now.Order
	if len(order) == 0 {
		order = was
	}
	at := slices.Index(order, about)
	switch do {
	case "up", "first":
		if at > 0 {
			return "up-" + about
		}
		return "down-" + about
	case "down":
		if at < len(order)-1 {
			return "down-" + about
		}
		return "up-" + about
	case "out", "in", "pin", "unpin":
		return "c-" + about
	case "headline":
		return "subject"
	}
	return "save"
}

// readEdits makes of the kept edits what the form says. do is the button, and
// about what it is.
func readEdits(form url.Values, kept edition.Edits, do, about string) (e edition.Edits, err error) {
	if do == "mine" { // after a conflict
		if err := json.Unmarshal([]byte(form.Get("mine")), &e); err != nil {
			return e, fmt.Errorf("%w: %w", errForm, err)
		}
		return e, nil
	}
	if do == "auto" {
		return edition.Edits{}, nil
	}
	e = kept
	e.Subject, e.Preheader = oneLine(form.Get("subject")), oneLine(form.Get("preheader"))
	e.Note = plain(form.Get("note"))
	e.Quotes = readQuotes(form, kept.Quotes)
	order, was := form["order"], strings.Fields(form.Get("was"))
	place := slices.Index(order, about)
	switch do {
	case "up", "first", "down":
		if place < 0 {
			return e, fmt.Errorf("%w: %q is not in the order", errForm, about)
		}
		to := map[string]int{"up": max(0, place-1), "first": 0, "down": min(len(order)-1, place+1)}[do]
		order = slices.Insert(slices.Delete(slices.Clone(order), place, place+1), to, about)
	case "out":
		e = e.Leave(about)
		order, was = edition.Without(order, about), edition.Without(was, about)
	case "in":
		e = e.Bring(about)
	case "pin":
		e = e.Pin(about)
	case "unpin":
		e.Pinned = edition.Without(e.Pinned, about)
	case "headline":
		subject, preheader, _ := strings.Cut(about, "\n")
		e.Subject, e.Preheader = oneLine(subject), oneLine(preheader)
	}
	if !slices.Equal(order, was) {
		e.Order = order
	}
	return e, nil
}

func readQuotes(form url.Values, kept map[string][2]string) map[string][2]string {
	out := map[string][2]string{}
	for slug, pair := range kept {
		out[slug] = pair
	}
	for key := range form {
		rest, ok := strings.CutPrefix(key, "quote.")
		at := strings.LastIndexByte(rest, '.')
		if !ok || at < 0 {
			continue
		}
		slug, number := rest[:at], rest[at+1:]
		pair := out[slug]
		switch number {
		case "1":
			pair[0] = form.Get(key)
		case "2":
			pair[1] = form.Get(key)
		}
		if out[slug] = pair; pair == ([2]string{}) {
			delete(out, slug)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// A conflict is shown to the second of two editors.
type conflict struct {
	chrome
	Week    edition.Week
	Text    string
	Version int                  // of what is kept
	Mine    string               // as JSON
	Rows    []edition.Difference // Was is theirs, Now is theirs with what was changed here
}

func (s *server) conflict(w http.ResponseWriter, r *http.Request, week edition.Week, mine edition.Edits, stale error) error {
	theirs, err := s.Desk.Edits(r.Context(), week)
	if err != nil {
		return err
	}
	p, err := s.Desk.Page(r.Context(), week, "")
	if err != nil {
		return err
	}
	var base edition.Edits // version 0 decides nothing
	if at := slices.IndexFunc(p.Savings, func(e edition.Edits) bool { return e.Version == mine.Version }); at >= 0 {
		base = p.Savings[at]
	}
	mine = mine.Onto(base, theirs)
	text, err := json.Marshal(mine)
	if err != nil {
		return err
	}
	c := conflict{chrome: s.chrome(r), Week: week, Text: stale.Error(), Version: theirs.Version, Mine: string(text)}
	c.Rows = theirs.Differences(mine)
	s.pages.Show(w, http.StatusConflict, "conflict", page.View{Title: week.String() + ": somebody else saved", Data: c})
	return nil
}
