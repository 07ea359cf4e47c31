package web

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/subscribers"
)

// The pages behind readers' own links, judged by axe-core in light and dark, wide
// and narrow: go test -run ReadersLook -artifacts writes the screenshots.
func TestReadersLook(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	p := browsertest.New(t).Page(t)
	dir := t.ArtifactDir()
	for _, open := range s.readersPages(t, r) {
		for _, width := range []int64{1280, 375, 320} {
			for _, dark := range []bool{false, true} {
				p.EmulateViewport(width, 800)
				p.EmulateDark(dark)
				open.show(p)
				name := fmt.Sprintf("%s-%d-%t.png", open.name, width, dark)
				looks(t, p, width, filepath.Join(dir, name))
				axe(t, p, name)
			}
		}
	}
}

// A readersPage is a page and how to come to it.
type readersPage struct {
	name string
	show func(*browsertest.Page)
}

func (s *site) readersPages(t *testing.T, r *readers) []readersPage {
	t.Helper()
	sub := r.active(t, "ada@example.org")
	preferences := r.own(t, subscribers.PurposePreferences, sub.ID)
	at := func(name, path string) readersPage {
		return readersPage{name, func(p *browsertest.Page) { p.Navigate(s.url + path) }}
	}
	pages := []readersPage{at("preferences", "/preferences/"+preferences+"?done=topics")}
	for _, purpose := range []subscribers.Purpose{subscribers.PurposeAddress, subscribers.PurposeErase, subscribers.PurposeAbout} {
		if err := r.AskFreshLink(t.Context(), preferences, purpose); err != nil {
			t.Fatal(err)
		}
		path, _ := r.fresh(t)
		pages = append(pages, at("link-"+string(purpose), path))
		if purpose == subscribers.PurposeAbout {
			used := false
			pages = append(pages, readersPage{"about", func(p *browsertest.Page) {
				if !used { // the link works once; the page stays open
					p.Navigate(s.url + path)
					p.Follow(".act button")
				}
				used = true
			}})
		}
	}
	vote := "/vote/" + r.own(t, subscribers.PurposeVote, sub.ID) + "/" + votable(t)
	wantStatus(t, s.form(t, vote+"/1/ship", ""), http.StatusSeeOther)
	_, slug, _ := strings.Cut(votable(t), "/")
	save, saved := "/save/"+r.own(t, subscribers.PurposeSave, sub.ID)+"/"+slug, "/saved/"+r.own(t, subscribers.PurposeSaved, sub.ID)
	pages = append(pages, at("save", save), at("saved-empty", "/saved/"+r.own(t, subscribers.PurposeSaved, r.active(t, "bob@example.org").ID)))
	wantStatus(t, s.form(t, save, ""), http.StatusSeeOther)
	pages = append(pages, at("save-done", save+"?done=1"), at("saved", saved+"?done=1"), at("links-sent", "/links/sent"), at("decline-confirmed", "/decline/"+r.own(t, subscribers.PurposeDecline, sub.ID)))
	return append(pages, at("vote", vote+"?done=1"), at("vote-one", vote+"/2/skip"), at("compare-votes", "/compare/"+slug))
}
