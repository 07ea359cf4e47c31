package workbench

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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
	Place    string // of the week's page
	Groups   []group
	Wrong    []wrongInput
	Problems []comparison.Problem // that no input can show
	Lint     []comparison.Problem
	Refused  string
	Notes    []comparison.Problem // of a page that was read in
	Source   string               // the whole file; "" where the form is enough
	Whole    bool                 // it was asked for
	Now      string               // the whole file as it is now, where it has changed meanwhile
}

// FileName is the file's name without its folder.
func (v comparisonView) FileName() string { return filepath.Base(v.File) }

// A wrongInput is one that a summary leads to.
type wrongInput struct{ Field, Label, Wrong string }

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
	if strings.Contains(file, "://") { // a feed's
		return ""
	}
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
		v.Week, v.Place = w.String(), placeIn(r, c.Slug)
	}
	v.Groups = groups(c)
	_, problems := comparison.Parse(c.File, src)
	v.blame(problems)
	v.sumUp(c)
	if whole := r.FormValue("whole") != ""; whole || len(v.Problems) > 0 || c.Tools[0].Name == "" {
		v.Title, v.Source, v.Whole = "Edit "+c.File, string(src), whole
	}
	return v
}

// changedMeanwhile says what an editor sees, and what saving again does.
func changedMeanwhile(file string, whole bool) error {
	now := "Below is the file as it is now, with what you changed; where both of you changed the same, the other's words stand beside yours. Save again to write what you see"
	if whole {
		now = "Below is what you typed, and under it the file as it is now. Save again to write yours in its place"
	}
	return fmt.Errorf("%s: %w. %s", file, library.ErrChanged, now)
}

// placeIn is where on the week's page an editor came from; without a word of it,
// the comparison's line.
func placeIn(r *http.Request, slug string) string {
	if from := r.FormValue("from"); placeName.MatchString(from) {
		return from
	}
	return "c-" + slug
}

var placeName = regexp.MustCompile(`^[a-z][a-zA-Z0-9.-]{0,120}$`)

// saveComparison writes what was changed into the comparison's file.
func (s *server) saveComparison(w http.ResponseWriter, r *http.Request) error {
	c, src, err := s.file(r.PathValue("slug"))
	if err != nil {
		return err
	}
	if r.PostForm.Get("sum") != sum(src) {
		return s.comparisonRefused(w, r, c, src, changedMeanwhile(c.File, r.PostForm.Has("source")))
	}
	var now []byte
	if r.PostForm.Has("source") {
		now, err = wholeFile(c.File, r.PostForm.Get("source"))
	} else {
		var revision comparison.Revision
		if revision, err = revisionIn(r.PostForm, c); err == nil {
			now, err = comparison.Revise(c.File, src, revision)
		}
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
	corrected, _ := comparison.Parse(c.File, now)
	return s.comparisonSaved(w, r, c, corrected)
}

// comparisonSaved keeps what was corrected in the history of the week from which
// the editor came, else of the week at hand.
func (s *server) comparisonSaved(w http.ResponseWriter, r *http.Request, was, now comparison.Comparison) error {
	week, err := edition.ParseWeek(r.PostForm.Get("week"))
	from := err == nil
	if !from {
		choice, err := s.Desk.DraftWeek(r.Context())
		if err != nil {
			return err
		}
		week = choice.Week
	}
	if err := s.desk(r).Corrected(r.Context(), week, was, now); err != nil {
		return err
	}
	if !from {
		s.done(w, r, "/comparisons/"+r.PathValue("slug"), "edited", "")
		return nil
	}
	s.done(w, r, "/week/"+week.String(), "edited", placeIn(r, now.Slug))
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

// comparisonRefused shows the form with what was typed, and why it was not written.
func (s *server) comparisonRefused(w http.ResponseWriter, r *http.Request, c comparison.Comparison, src []byte, why error) error {
	v := s.comparisonForm(r, c, src)
	for in := range v.inputs() {
		in.retype(r.PostForm, errors.Is(why, library.ErrChanged))
	}
	v.markOut(r.PostForm["out"])
	if r.PostForm.Has("source") {
		v.Source, v.Problems = r.PostForm.Get("source"), nil
		if errors.Is(why, library.ErrChanged) {
			v.Now = string(src)
		}
	}
	var invalid *comparison.InvalidError
	if errors.As(why, &invalid) {
		v.Refused = "The file is as it was: what is marked breaks a rule."
		v.blame(invalid.Problems)
	} else {
		v.Refused = capital(why.Error()) + "."
	}
	v.sumUp(c)
	status := http.StatusUnprocessableEntity
	if errors.Is(why, library.ErrChanged) {
		status = http.StatusConflict
	}
	s.pages.Show(w, status, "comparison", page.View{Title: v.Title, Data: v})
	return nil
}

// sumUp lists the inputs that are to be mended.
func (v *comparisonView) sumUp(c comparison.Comparison) {
	v.Wrong = nil
	for in := range v.inputs() {
		if in.Wrong != "" {
			v.Wrong = append(v.Wrong, wrongInput{in.Field, capital(c.Label(in.Field)), in.Wrong})
		}
	}
}

// A pasteView takes a page of the comparison site.
type pasteView struct {
	chrome
	Text   string
	Wrong  []string
	Exists string // the slug of the comparison that is there already; "" where none is
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
	exists := ""
	if errors.Is(err, library.ErrExists) {
		exists, err = c.Slug, fmt.Errorf("the comparison %s is there already, and differs", c.Slug)
	}
	if err != nil {
		v := pasteView{chrome: s.chrome(r), Text: text, Wrong: strings.Split(capital(err.Error()), "\n"), Exists: exists}
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
