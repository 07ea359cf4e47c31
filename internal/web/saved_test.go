package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

var _ Saved = plainsql.Saved{}

// A reader saves from a link, looks at the list, takes it along, and removes; what
// scanners open changes nothing.
func TestSaved(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	_, slug, _ := strings.Cut(votable(t), "/")
	ada := r.active(t, "ada@example.org")
	save, list := "/save/"+r.own(t, subscribers.PurposeSave, ada.ID)+"/"+slug, "/saved/"+r.own(t, subscribers.PurposeSaved, ada.ID)
	before := r.dump(t)
	for _, path := range []string{save, list, list + "/saved.json", list + "/saved.csv"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := s.send(t, method, path, nil, "")
			wantStatus(t, a, http.StatusOK)
			if strings.Contains(a.body, "ada@") || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: got a page that tells whose it is, or %q", path, a.Header.Get("Cache-Control"))
			}
		}
	}
	if got, err := r.db.Saved().Of(t.Context(), ada.ID); err != nil || len(got) != 0 || r.dump(t) != before {
		t.Fatalf("got %v, %v after looking, want nothing saved", got, err)
	}
	for range 2 {
		wantStatus(t, s.form(t, save, ""), http.StatusSeeOther)
	}
	if a := s.get(t, save+"?done=1"); !strings.Contains(a.body, "is on your list") {
		t.Errorf("got %s, want it said", a.body)
	}
	page := s.get(t, list).body
	if strings.Count(page, `href="/compare/`+slug+`"`) != 1 {
		t.Errorf("got %s, want it once on the list", page)
	}
	var rows []savedItem
	if err := json.Unmarshal([]byte(s.get(t, list+"/saved.json").body), &rows); err != nil || len(rows) != 1 || rows[0].Slug != slug || rows[0].Tools[0].Verdict == "" {
		t.Errorf("got %+v, %v as JSON, want it with its verdicts", rows, err)
	}
	cells, err := csv.NewReader(strings.NewReader(s.get(t, list+"/saved.csv").body)).ReadAll()
	if err != nil || len(cells) != 2 || cells[1][0] != slug || cells[0][0] != "slug" {
		t.Errorf("got %v, %v as CSV, want a head and it", cells, err)
	}
	wantStatus(t, s.form(t, list, "remove="), http.StatusBadRequest)
	wantStatus(t, s.form(t, list, "remove="+slug), http.StatusSeeOther)
	if got, err := r.db.Saved().Of(t.Context(), ada.ID); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v, want it removed", got, err)
	}
	wantStatus(t, s.form(t, "/save/"+r.own(t, subscribers.PurposeSave, ada.ID)+"/no-such-thing", ""), http.StatusNotFound)
}

// Who has a forwarded mail can leave, vote, save, look at the list and choose
// topics: no link of it does another's work, and none tells whose it is.
func TestForwardedMail(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	what := votable(t)
	_, slug, _ := strings.Cut(what, "/")
	sub, err := r.Add(t.Context(), subscribers.NewReader{Email: "ada@example.org", Name: "Ada Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{"unsubscribe": sub.Token.String()}
	for _, p := range []subscribers.Purpose{subscribers.PurposeVote, subscribers.PurposeSave, subscribers.PurposeSaved, subscribers.PurposePreferences, subscribers.PurposeDecline} {
		tokens[string(p)] = r.own(t, p, sub.ID)
	}
	paths := map[string]func(token string) string{
		"vote":        func(t string) string { return "/vote/" + t + "/" + what + "/1/ship" },
		"save":        func(t string) string { return "/save/" + t + "/" + slug },
		"saved":       func(t string) string { return "/saved/" + t },
		"preferences": func(t string) string { return "/preferences/" + t },
		"unsubscribe": func(t string) string { return "/unsubscribe/" + t },
		"decline":     func(t string) string { return "/decline/" + t },
		"confirm":     func(t string) string { return "/confirm/" + t },
		"link":        func(t string) string { return "/link/" + t },
	}
	before := r.dump(t)
	for purpose, token := range tokens {
		for door, path := range paths {
			for _, a := range []answer{s.get(t, path(token)), s.form(t, path(token), "do=topics&topic=Stolen&remove="+slug+"&email=eve@example.org&name=Eve")} {
				if strings.Contains(a.body, "ada@") || strings.Contains(a.body, "Lovelace") {
					t.Errorf("a token to %s at /%s: got a page that tells whose it is", purpose, door)
				}
				if door != purpose && a.StatusCode != http.StatusNotFound {
					t.Errorf("a token to %s at /%s: got %d, want 404", purpose, door, a.StatusCode)
				}
			}
			if door != purpose && r.dump(t) != before {
				t.Fatalf("a token to %s at /%s changed the list", purpose, door)
			}
			before = r.dump(t)
		}
	}
	got, err := r.Get(t.Context(), "ada@example.org")
	if err != nil || got.Name != "Ada Lovelace" {
		t.Errorf("got %+v, %v, want the address and the name as they were", got, err)
	}
}

// On a comparison's page a reader asks for their own links by mail; the answer is
// the same for every address, and only a reader is mailed.
func TestLinksByMail(t *testing.T) {
	t.Parallel()
	r, s := ballotBox(t, 1)
	what := votable(t)
	week, slug, _ := strings.Cut(what, "/")
	r.active(t, "ada@example.org")
	if a := s.get(t, "/compare/"+slug); !strings.Contains(a.body, `action="/links/`+slug+`"`) {
		t.Fatalf("got %s, want the form on the page", a.body)
	}
	ask := func(email string) answer {
		return s.form(t, "/links/"+slug, "email="+url.QueryEscape(email))
	}
	known, stranger := ask("ada@example.org"), ask("stranger@example.org")
	for _, a := range []answer{known, stranger} {
		wantStatus(t, a, http.StatusSeeOther)
	}
	if known.body != stranger.body || known.Header.Get("Location") != stranger.Header.Get("Location") {
		t.Error("got another answer for a stranger, want the same")
	}
	wantStatus(t, ask("ada@example"), http.StatusUnprocessableEntity)
	wantStatus(t, s.form(t, "/links/no-such-thing", "email=ada@example.org"), http.StatusNotFound)
	r.process(t)
	var mails []outbox.Event
	r.sent(t, func(e outbox.Event) { mails = append(mails, e) })
	if len(mails) != 1 || mails[0].Recipient != "ada@example.org" || mails[0].Kind != outbox.KindLinks {
		t.Fatalf("got %v, want one mail, to the reader", mails)
	}
	p, err := mails[0].Payload()
	if got := p.(outbox.ReaderLinks); err != nil || got.Slug != slug || got.Week != week || got.Title == "" {
		t.Errorf("got %+v, %v, want links to this comparison in its week", got, err)
	}
	ask("ada@example.org")
	r.process(t)
	if n := len(r.events(t)); n != 0 {
		t.Errorf("got %d mails at once after the first, want none", n)
	}
	r.pass(subscribers.LinksEvery + time.Second)
	ask("ada@example.org")
	r.process(t)
	if n := len(r.events(t)); n != 1 {
		t.Errorf("got %d mails after a while, want one", n)
	}
}
