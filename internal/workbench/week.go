package workbench

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/check/caniemail"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render"
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

// WentBack reports whether earlier edits were brought back just now.
func (c chrome) WentBack() bool { return c.Done != "" && c.Done == said("back") }

// A choice is one of several views; its link leads to it.
type choice struct {
	Name, Label, Href string
	Current           bool
}

// A weekView is the page of a week.
type weekView struct {
	chrome
	desk.Preview
	Desk     desk.Page
	Week     edition.Week
	Err      string // why it does not build; the mail is then the last good one
	As       string
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
	v.Preview, err = s.build(r.Context(), week, who, seer(v.Editor))
	if err != nil {
		if errors.Is(err, edition.ErrNoSlot) {
			return v, err
		}
		v.Err, v.NoMail = err.Error(), errors.Is(err, edition.ErrNothing)
	}
	if v.NoMail { // the edition is there all the same
		if v.Preview, err = s.build(r.Context(), week, audience{}, ""); err != nil {
			return v, err
		}
		v.Rendered, v.Preview.Findings = render.Rendered{Subject: v.Rendered.Subject}, nil
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
	v.pick()
	v.Form = newEditForm(v.Preview)
	v.Approve = s.approval(v)
	v.compare(s, r)
	if s.Door != nil && !v.Editor.ReadOnly {
		v.Shares, err = s.Door.Editors.Shares(r.Context(), week)
	}
	return v, err
}

// InFrame reports whether what is shown is in the frame.
func (v weekView) InFrame() bool { return v.View == "mail" || v.View == "page" }

// Sent reports whether readers may have it: then it shows what was sent.
func (v weekView) Sent() bool { return v.Edition.Frozen() }

// Editable reports whether the editor who looks may still change it.
func (v weekView) Editable() bool {
	return !v.Editor.ReadOnly && v.Err == "" && !v.Sent() && (v.Edition.ID == 0 || v.Edition.State.Buildable())
}

// at gives the address of this page with some of its query changed.
func (v weekView) at(q url.Values, change ...string) string {
	next := url.Values{}
	for _, key := range []string{"look", "width", "view", "as", "mark", "against"} {
		if q.Get(key) != "" {
			next.Set(key, q.Get(key))
		}
	}
	next["topic"] = v.Topics
	if len(v.Topics) == 0 {
		delete(next, "topic")
	}
	for i := 0; i+1 < len(change); i += 2 {
		if next.Del(change[i]); change[i+1] != "" {
			next.Set(change[i], change[i+1])
		}
	}
	address := v.Base + "/week/" + v.Week.String()
	if len(next) > 0 {
		address += "?" + next.Encode()
	}
	return address
}

// choose reads what is to be seen.
func (v *weekView) choose(s *server, q url.Values) {
	v.Look = s.lookOf(q.Get("look"))
	for _, l := range looks() {
		v.Looks = append(v.Looks, choice{l.Name, l.Label, v.at(q, "look", l.Name, "view", ""), l.Name == v.Look.Name})
	}
	for _, c := range caniemail.Clients() {
		v.Clients = append(v.Clients, choice{string(c), clientName(c), v.at(q, "look", string(c), "view", ""), string(c) == v.Look.Name})
	}
	v.Width = oneOf(q.Get("width"), "free", "desk", "tablet", "phone")
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 700 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], v.at(q, "width", x[0], "view", ""), x[0] == v.Width})
	}
	v.View = oneOf(q.Get("view"), "mail", "page", "text", "headers", "source", "before", "places")
	if s.Site == nil && v.View == "page" || v.Editor.ReadOnly && v.View == "places" {
		v.View = "mail"
	}
	for _, x := range [][2]string{{"mail", "Mail"}, {"page", "Archive page"}, {"text", "Text part"}, {"headers", "Headers"}, {"source", "Source"}, {"before", "Before inlining"}, {"places", "Where it comes from"}} {
		if x[0] == "places" && v.Editor.ReadOnly {
			continue
		}
		if x[0] != "page" || s.Site != nil {
			v.Views = append(v.Views, choice{x[0], x[1], v.at(q, "view", x[0]), x[0] == v.View})
		}
	}
	if v.View == "page" {
		v.choosePage(s, q)
		return
	}
	frame := url.Values{"look": {v.Look.Name}, "as": {v.As}, "hash": {v.Build.Hash}}
	if len(v.Topics) > 0 {
		frame["topic"] = v.Topics
	}
	for _, key := range []string{"mark", "against"} {
		if q.Get(key) != "" {
			frame.Set(key, q.Get(key))
		}
	}
	v.Frame = v.Base + "/week/" + v.Week.String() + "/frame?" + frame.Encode()
	if q.Get("mark") != "" || q.Get("against") != "" {
		v.Frame += "#marked"
	}
}

// choosePage has the archive page shown in place of the mail: a browser's window
// has its own light and dark.
func (v *weekView) choosePage(s *server, q url.Values) {
	v.Looks, v.Widths = nil, nil
	v.Look = looks()[0]
	if q.Get("look") == "dark" {
		v.Look = looks()[1]
	}
	v.Look.Stands = "The page of this edition in the archive, as visitors of the site will see it once it is out."
	for _, x := range [][2]string{{"light", "Light"}, {"dark", "Dark"}} {
		v.Looks = append(v.Looks, choice{x[0], x[1], v.at(q, "look", x[0]), x[0] == v.Look.Name})
	}
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 1,100 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], v.at(q, "width", x[0]), x[0] == v.Width})
	}
	v.Frame = s.sitePath(v.Week) + "/archive/" + v.Week.String() + "?hash=" + url.QueryEscape(v.Build.Hash)
}

// oneOf gives a name that there is; the first is the default.
func oneOf(name string, names ...string) string {
	for _, n := range names {
		if n == name {
			return n
		}
	}
	return names[0]
}

// MarkHref leads to the mail with a place outlined.
func (v weekView) MarkHref(mark string) string {
	return v.at(url.Values{"as": {v.As}, "width": {v.Width}, "look": {v.Look.Name}}, "mark", mark) + "#mail"
}

// SpotHref is where it is said what an element of the mail comes from.
func (v weekView) SpotHref() string {
	q := url.Values{"as": {v.As}, "hash": {v.Build.Hash}}
	if len(v.Topics) > 0 {
		q["topic"] = v.Topics
	}
	return v.Base + "/week/" + v.Week.String() + "/spot?" + q.Encode()
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

// A picked comparison is a candidate, with what an editor can do about it.
type picked struct {
	edition.Decision
	Comparison comparison.Comparison // zero when its file has gone
	Bring      string                // what would bring it in
	Pinned     bool
	LeftOut    bool
	Notes      []edition.Note
}

// pick splits the candidates into those that are in and those that are out.
func (v *weekView) pick() {
	notes := map[string][]edition.Note{}
	for _, n := range v.Desk.OpenNotes() {
		notes[n.Slug] = append(notes[n.Slug], n)
	}
	for _, d := range v.Selection.Decisions {
		p := picked{Decision: d, Bring: whatBringsIn(d.Code), Notes: notes[d.Slug]}
		for _, c := range v.Selection.Comparisons {
			if c.Slug == d.Slug {
				p.Comparison = c
			}
		}
		p.Pinned = contains(v.Edits.Pinned, d.Slug)
		p.LeftOut = contains(v.Edits.LeftOut, d.Slug)
		if d.In {
			v.Picked = append(v.Picked, p)
		} else {
			v.Candid = append(v.Candid, p)
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// whatBringsIn says what would bring a candidate in that is out.
func whatBringsIn(code edition.Code) string {
	switch code {
	case edition.CodeLeftOut:
		return "“Bring in” undoes the leaving out."
	case edition.CodeCarried:
		return "It is first in line for the next edition; “Bring in” takes it now, in place of the last one."
	case edition.CodeUndated:
		return "Give it a publication date, in its file or its form."
	case edition.CodeTooLate:
		return "It comes by itself with a later build or edition; “Bring in” takes it now."
	case edition.CodeTooOld, edition.CodeMissed:
		return "A later date, if its date is wrong; or “Bring in”."
	case edition.CodeShown, edition.CodeShownPair:
		return "A date under “updated”, when verdict, scores or prices have changed; or “Bring in”."
	case edition.CodeExpected:
		return "Leave it out there to have it here."
	case edition.CodeChanged:
		return "A date under “updated” brings it in as an update; or “Bring in”."
	case edition.CodeSamePair:
		return "Leave the other comparison of these tools out; or “Bring in”."
	case edition.CodeUnread:
		return "Correct its file."
	case edition.CodeWithdrawn:
		return "Put its file back under its old name."
	case edition.CodeDuplicated:
		return "Give it a slug of its own."
	}
	return ""
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
