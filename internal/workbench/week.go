package workbench

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/subscribers"
)

// chrome is what every page knows.
type chrome struct {
	Base     string
	Editor   Editor
	Done     string // what was done just now
	LoggedIn bool   // the editor came through the door
	Settings Standing
	Outside  bool // nobody is logged in
}

func (s *server) chrome(r *http.Request) chrome {
	c := chrome{Base: s.Base, Editor: s.who(r), Done: said(r.URL.Query().Get("done")), LoggedIn: s.Door != nil}
	if s.Standing != nil && !c.Editor.ReadOnly { // it names files of the server
		c.Settings = s.Standing()
	}
	return c
}

// TitleOf is a comparison's title by its slug, as far as it is known.
func (v weekView) TitleOf(slug string) string {
	for _, d := range v.Selection.Decisions {
		if d.Slug == slug {
			return d.Title
		}
	}
	return slug
}

// AsShown is the reader as whom the mail is shown; "" for a made-up one.
func (v weekView) AsShown() string {
	if v.AsWrong != "" {
		return ""
	}
	return v.As
}

// WentBack reports whether earlier edits were brought back just now.
func (c chrome) WentBack() bool { return c.Done != "" && c.Done == said("back") }

// A weekView is the page of a week.
type weekView struct {
	chrome
	desk.Preview
	Desk     desk.Page
	Week     edition.Week
	Err      string // why it does not build; the mail is then the last good one
	As       string
	AsWrong  string   // why it is not shown as that reader
	Topics   []string // of the made-up reader; none: all
	Offered  []string // the topics of the edition
	NoMail   bool     // that audience gets none
	Look     look
	Width    string
	View     string
	Looks    []choice
	Clients  []choice
	Widths   []choice
	Views    []choice
	Frame    string // the frame's address
	Cut      cut
	Headers  string
	Counts   map[string]int
	Findings []finding
	Picked   []picked
	Candid   []picked // who is out
	Form     editForm
	Approve  approval
	Against  []choice
	Shares   []editors.Share // links for reviewers
	Diff     string
	DiffOf   string
	Prev     edition.Week
	Next     edition.Week
	See      string   // how it is looked at, for what a form leads back to
	Refused  *refusal // what was not done just now; nil: nothing
	Spots    []spotRow
}

func (s *server) week(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	v, err := s.weekView(r, week)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if v.Err != "" && !v.NoMail {
		status = http.StatusInternalServerError
	}
	s.pages.Show(w, status, "week", page.View{Title: v.title(), Data: v})
	return nil
}

// seer is for whom it is kept what was seen: for editors.
func seer(e Editor) string {
	if e.ReadOnly {
		return ""
	}
	return e.Name
}

func (v weekView) title() string { return v.Week.String() + ": " + v.Heading() }

// Heading is the subject, or why there is none.
func (v weekView) Heading() string {
	switch {
	case v.Rendered.Subject != "":
		return v.Rendered.Subject
	case v.Err != "":
		return "The mail cannot be made"
	case v.Edition.SkippedBy != "":
		return "This week is left out"
	case v.State == edition.Cancelled:
		return "Cancelled"
	}
	return "Nothing new yet"
}

// A version is a saving of the edits.
type version struct {
	edition.Edits
	What string // what it changed
	Now  bool
}

// Versions are the savings, the newest first.
func (v weekView) Versions() (list []version) {
	for i, e := range v.Desk.Savings {
		var before edition.Edits
		if i+1 < len(v.Desk.Savings) {
			before = v.Desk.Savings[i+1]
		}
		x := version{Edits: e, What: edition.Words(before.Differences(e)), Now: e.Version == v.Edits.Version}
		list = append(list, x)
	}
	return list
}

func (s *server) weekView(r *http.Request, week edition.Week) (v weekView, err error) {
	q := r.URL.Query()
	v = weekView{chrome: s.chrome(r), Week: week, Counts: map[string]int{}, Prev: week.Add(-1), Next: week.Add(1)}
	who := s.audienceOf(r)
	v.As, v.Topics, v.See = who.reader, who.list(), only(q, views()...).Encode()
	if err := v.build(s, r, who); err != nil {
		return v, err
	}
	if v.Desk, err = s.Desk.Page(r.Context(), week, v.Build.Hash); err != nil {
		return v, err
	}
	v.Offered = topicsIn(v.Selection.Comparisons)
	v.choose(s, q)
	v.Cut = gmailCuts(v.Rendered.HTML)
	if v.Frozen != nil && v.Reader != nil {
		head, _, _ := strings.Cut(string(v.Message()), "\r\n\r\n")
		v.Headers = head
	}
	v.locate(s)
	v.pick()
	v.Form = newEditForm(v.Preview)
	v.Approve = s.approval(v)
	v.compare(s, r)
	if s.Door != nil && !v.Editor.ReadOnly {
		v.Shares, err = s.Door.Editors.Shares(r.Context(), week)
	}
	return v, err
}

// build makes the mail, or takes the last good one.
func (v *weekView) build(s *server, r *http.Request, who audience) (err error) {
	v.Preview, err = s.build(r.Context(), v.Week, who, seer(v.Editor))
	if errors.Is(err, subscribers.ErrNotFound) && who.reader != "" { // shown as a made-up one gets it
		v.AsWrong = s.inWords(err).Text
		v.Preview, err = s.build(r.Context(), v.Week, audience{}, seer(v.Editor))
	}
	if err != nil {
		if errors.Is(err, edition.ErrNoSlot) {
			return err
		}
		v.Err, v.NoMail = strings.TrimPrefix(err.Error(), "render edition "+v.Week.String()+": "), errors.Is(err, edition.ErrNothing)
	}
	if v.NoMail { // the edition is there all the same
		if v.Preview, err = s.build(r.Context(), v.Week, audience{}, ""); err != nil {
			return err
		}
		v.Rendered, v.Preview.Findings = render.Rendered{Subject: v.Rendered.Subject}, nil
	}
	return nil
}

// locate says what the checks found and where, and where the mail comes from.
func (v *weekView) locate(s *server) {
	l := s.locatorOf(v.Preview)
	if v.View == "places" {
		v.Spots = l.rows()
	}
	if v.Editor.ReadOnly { // names files of the server
		v.Preview.Findings = slices.DeleteFunc(slices.Clone(v.Preview.Findings), func(f check.Finding) bool { return f.Check == "content.broken" })
	}
	v.Findings = l.findings(v.Preview.Findings)
	for _, f := range v.Preview.Findings {
		v.Counts[string(f.Level)]++
	}
}

// InFrame reports whether what is shown is in the frame.
func (v weekView) InFrame() bool { return v.View == "mail" || v.View == "page" }

// Sent reports whether readers may have it: then it shows what was sent.
func (v weekView) Sent() bool { return v.Edition.Frozen() }

// Editable reports whether the editor who looks may still change it.
func (v weekView) Editable() bool {
	return !v.Editor.ReadOnly && v.Err == "" && !v.Sent() && (v.Edition.ID == 0 || v.Edition.State.Buildable())
}

// compare says what changed since another mail.
func (v *weekView) compare(s *server, r *http.Request) {
	q := r.URL.Query()
	for _, x := range [][2]string{{"approved", "what was approved"}, {"seen", "what you saw last"}, {"sent", "what was sent last"}} {
		old, err := s.against(r, v.Week, x[0], v.Build.Hash)
		if err != nil {
			continue
		}
		current := q.Get("against") == x[0]
		v.Against = append(v.Against, choice{x[0], x[1], v.at(q, "against", x[0], "mark", "", "view", "") + "#changes", current})
		if current {
			v.DiffOf = x[1]
			if v.Diff = edition.Diff(old, v.Build); v.Diff == "" {
				v.Diff = "Nothing: the content is the same.\n"
			}
		}
	}
}

// topicsIn are the categories of comparisons, each once.
func topicsIn(list []comparison.Comparison) []string {
	var out []string
	for _, c := range list {
		for _, t := range c.Tools {
			if t.Category != "" && !slices.Contains(out, t.Category) {
				out = append(out, t.Category)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Chosen reports whether a topic is among those that are looked at.
func (v weekView) Chosen(topic string) bool { return slices.Contains(v.Topics, topic) }
