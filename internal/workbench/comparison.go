package workbench

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/comparison/sitepage"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
)

// A comparisonView is the form of one comparison's file.
type comparisonView struct {
	chrome
	Slug     string
	Week     string // where it leads back to
	Title    string
	File     string
	Sum      string // of the file that the form was made of
	Groups   []group
	Problems []comparison.Problem // that no input can show
	Lint     []comparison.Problem
	Refused  string
	Notes    []comparison.Problem // of a page that was read in
	Source   string               // the whole file; "" where the form is enough
}

// A group is the inputs of a tool, or of the comparison as a whole.
type group struct {
	Legend string
	Inputs []input
}

// An input is one field.
type input struct {
	Field, Label, Value string
	Long                bool
	Options             []string // a closed set
	Wrong               string
	At                  string // "quill-vs-inkwell.yaml:12"
}

func (s *server) comparisonPage(w http.ResponseWriter, r *http.Request) error {
	c, src, err := s.file(r.PathValue("slug"))
	if err != nil {
		return err
	}
	v := s.comparisonForm(r, c, src)
	s.pages.Show(w, http.StatusOK, "comparison", page.View{Title: v.Title, Data: v})
	return nil
}

// file finds the file of a comparison, also of one that breaks a rule.
func (s *server) file(slug string) (c comparison.Comparison, src []byte, err error) {
	snapshot, err := s.Library.Refresh()
	if err != nil {
		return c, nil, err
	}
	path := ""
	if known, err := snapshot.Get(slug); err == nil {
		path = known.File
	}
	for _, p := range snapshot.Problems {
		if path == "" && slugOfFile(p.File) == slug {
			path = p.File
		}
	}
	if path == "" {
		return c, nil, fmt.Errorf("%w: there is no comparison %q in the folder", errNoPage, slug)
	}
	if src, err = os.ReadFile(path); err != nil {
		return c, nil, err
	}
	c, _ = comparison.Parse(path, src)
	return c, src, nil
}

func slugOfFile(file string) string {
	name := file[strings.LastIndexAny(file, `/\`)+1:]
	name, _, _ = strings.Cut(name, ".")
	return name
}

func sum(src []byte) string {
	h := sha256.Sum256(src)
	return hex.EncodeToString(h[:])
}

func (s *server) comparisonForm(r *http.Request, c comparison.Comparison, src []byte) comparisonView {
	v := comparisonView{chrome: s.chrome(r), Slug: r.PathValue("slug"), Title: "Edit " + c.Title(), File: c.File, Sum: sum(src), Lint: c.Lint(s.Now().In(s.Zone))}
	if w, err := edition.ParseWeek(r.FormValue("week")); err == nil {
		v.Week = w.String()
	}
	v.Groups = groups(c)
	_, problems := comparison.Parse(c.File, src)
	v.blame(problems)
	if len(v.Problems) > 0 || c.Tools[0].Name == "" {
		v.Title, v.Source = "Edit "+c.File, string(src)
	}
	return v
}

// blame puts each problem beside its input.
func (v *comparisonView) blame(problems []comparison.Problem) {
	for _, p := range problems {
		placed := false
		for g := range v.Groups {
			for i := range v.Groups[g].Inputs {
				if in := &v.Groups[g].Inputs[i]; in.Field == p.Field || strings.HasPrefix(in.Field, p.Field+".") && !placed && p.Field != "" {
					in.Wrong, placed = p.Message, true
				}
			}
		}
		if !placed {
			v.Problems = append(v.Problems, p)
		}
	}
}

// groups lays a comparison out as inputs.
func groups(c comparison.Comparison) []group {
	values := c.Fields()
	in := func(field, label string) input {
		x := input{Field: field, Label: label, Value: values[field]}
		if n := c.Line(field); n > 0 && x.Value != "" {
			x.At = fmt.Sprintf("line %d", n)
		}
		return x
	}
	whole := group{"The comparison", []input{in("published", "Published"), in("updated", "Updated: when verdict, scores or prices changed"), in("url", "Full page")}}
	out := []group{whole}
	for i, t := range c.Tools {
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
		for _, f := range [][2]string{{"panel.ship", "Panel: how many ship"}, {"panel.skip", "Panel: how many skip"}, {"panel.percent", "Panel: per cent ship"}, {"community.ship", "Readers' votes to ship"}, {"community.skip", "Readers' votes to skip"}} {
			g.Inputs = append(g.Inputs, in(at+f[0], f[1]))
		}
		for j, review := range t.Reviews {
			g.Inputs = append(g.Inputs, reviewInputs(in, fmt.Sprintf("%sreviews[%d].", at, j), review, j)...)
		}
		out = append(out, g)
	}
	return out
}

func reviewInputs(in func(field, label string) input, at string, review comparison.Review, j int) []input {
	name := string(review.Reviewer)
	if name == "" {
		name = fmt.Sprintf("Reviewer %d", j+1)
	}
	score, verdict, take := in(at+"score", name+": score of 100"), in(at+"verdict", name+": verdict"), in(at+"take", name+": take")
	verdict.Options = []string{"", string(comparison.Ship), string(comparison.Skip)}
	take.Long = true
	return []input{score, verdict, take}
}

// saveComparison writes what was changed into the comparison's file.
func (s *server) saveComparison(w http.ResponseWriter, r *http.Request) error {
	c, src, err := s.file(r.PathValue("slug"))
	if err != nil {
		return err
	}
	if r.PostForm.Get("sum") != sum(src) {
		return s.comparisonRefused(w, r, c, src, fmt.Errorf("%s: %w. Below is the file as it is now, with what you typed where it differs; save again to write that", c.File, library.ErrChanged))
	}
	var now []byte
	if r.PostForm.Has("source") {
		now, err = wholeFile(c.File, r.PostForm.Get("source"))
	} else {
		now, err = comparison.SetFields(c.File, src, changesIn(r.PostForm, c))
	}
	if err == nil {
		err = s.Library.Folder().Replace(c.File, src, now)
	}
	if err != nil {
		return s.comparisonRefused(w, r, c, src, err)
	}
	if _, err := s.Library.Refresh(); err != nil {
		return err
	}
	return s.comparisonSaved(w, r, c)
}

func (s *server) comparisonSaved(w http.ResponseWriter, r *http.Request, c comparison.Comparison) error {
	week, err := edition.ParseWeek(r.PostForm.Get("week"))
	if err != nil {
		s.done(w, r, "/comparisons/"+r.PathValue("slug"), "edited")
		return nil
	}
	if err := s.desk(r).Record(r.Context(), week, "corrected", c.Slug); err != nil {
		return err
	}
	s.done(w, r, "/week/"+week.String(), "edited")
	return nil
}

// wholeFile takes a file as it was typed, if it keeps every rule.
func wholeFile(file, text string) ([]byte, error) {
	now := []byte(strings.ReplaceAll(text, "\r\n", "\n"))
	if _, problems := comparison.Parse(file, now); len(problems) > 0 {
		return nil, &comparison.InvalidError{Problems: problems}
	}
	return now, nil
}

// changesIn gives the fields that were changed.
func changesIn(form url.Values, c comparison.Comparison) []comparison.Change {
	old := c.Fields()
	var out []comparison.Change
	for _, g := range groups(c) {
		for _, in := range g.Inputs {
			if typed := "f-" + in.Field; form.Has(typed) {
				value := strings.TrimSpace(strings.ReplaceAll(form.Get(typed), "\r\n", "\n"))
				if value != old[in.Field] {
					out = append(out, comparison.Change{Field: in.Field, Value: value})
				}
			}
		}
	}
	return out
}

// comparisonRefused shows the form with what was typed, and why it was not written.
func (s *server) comparisonRefused(w http.ResponseWriter, r *http.Request, c comparison.Comparison, src []byte, why error) error {
	v := s.comparisonForm(r, c, src)
	for g := range v.Groups {
		for i := range v.Groups[g].Inputs {
			if in := &v.Groups[g].Inputs[i]; r.PostForm.Has("f-" + in.Field) {
				in.Value = r.PostForm.Get("f-" + in.Field)
			}
		}
	}
	if r.PostForm.Has("source") {
		v.Source, v.Problems = r.PostForm.Get("source"), nil
	}
	var invalid *comparison.InvalidError
	if errors.As(why, &invalid) {
		v.Refused = "It was not written: what is marked breaks a rule."
		v.blame(invalid.Problems)
	} else {
		v.Refused = "It was not written: " + why.Error() + "."
	}
	status := http.StatusUnprocessableEntity
	if errors.Is(why, library.ErrChanged) {
		status = http.StatusConflict
	}
	s.pages.Show(w, status, "comparison", page.View{Title: v.Title, Data: v})
	return nil
}

// A pasteView takes a page of the comparison site.
type pasteView struct {
	chrome
	Text  string
	Wrong []string
}

func (s *server) pastePage(w http.ResponseWriter, r *http.Request) error {
	s.pages.Show(w, http.StatusOK, "paste", page.View{Title: "New comparison", Data: pasteView{chrome: s.chrome(r)}})
	return nil
}

// paste makes a comparison of a page's text or HTML.
func (s *server) paste(w http.ResponseWriter, r *http.Request) error {
	text := r.PostForm.Get("page")
	c, notes, err := sitepage.Import("the pasted page", []byte(text))
	if err == nil {
		if c.Published.IsZero() {
			c.Published, err = comparison.ParsePublished(s.Now().In(s.Zone).Format(time.DateOnly))
		}
	}
	if err == nil {
		_, err = s.Library.Folder().Write(c, false)
	}
	if errors.Is(err, library.ErrExists) {
		err = fmt.Errorf("a comparison %s exists already and differs; edit that one", c.Slug)
	}
	if err != nil {
		v := pasteView{chrome: s.chrome(r), Text: text, Wrong: strings.Split(err.Error(), "\n")}
		s.pages.Show(w, http.StatusUnprocessableEntity, "paste", page.View{Title: "New comparison", Data: v})
		return nil
	}
	if _, err := s.Library.Refresh(); err != nil {
		return err
	}
	r.SetPathValue("slug", c.Slug)
	made, src, err := s.file(c.Slug)
	if err != nil {
		return err
	}
	v := s.comparisonForm(r, made, src)
	v.Notes, v.Done = notes, said("imported")
	s.pages.Show(w, http.StatusOK, "comparison", page.View{Title: v.Title, Data: v})
	return nil
}
