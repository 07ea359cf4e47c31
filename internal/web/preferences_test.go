package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// own gives a reader's link for a purpose.
func (r *readers) own(t testing.TB, p subscribers.Purpose, id int64) string {
	t.Helper()
	links, err := r.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return links.Token(p, id)
}

// fresh delivers the one mail with a fresh link, and gives the link and whom it
// went to.
func (r *readers) fresh(t *testing.T) (path, recipient string) {
	t.Helper()
	r.sent(t, func(e outbox.Event) {
		if e.Kind != outbox.KindFreshLink {
			return
		}
		p, err := e.Payload()
		if err != nil {
			t.Fatal(err)
		}
		token, err := r.db.Outbox().ComposeFreshLink(t.Context(), e, p.(outbox.FreshLink).Purpose, r.clock())
		if err != nil {
			t.Fatal(err)
		}
		path, recipient = "/link/"+token, e.Recipient
	})
	if path == "" {
		t.Fatal("got no mail with a link")
	}
	return path, recipient
}

// serveReaders starts the site on the readers' clock.
func serveReaders(t *testing.T, r *readers) *site {
	t.Helper()
	return serve(t, r, func(d *Deps) { d.Now = r.clock })
}

// Behind the link of a forwarded mail: topics and a pause, and nothing that tells
// whose it is or that changes where the mail goes.
func TestPreferences(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	r.pass(7 * 24 * time.Hour) // the samples are published
	s := serveReaders(t, r)
	sub, err := r.Add(t.Context(), subscribers.NewReader{Email: "ada@example.org", Name: "Ada Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	path := "/preferences/" + r.own(t, subscribers.PurposePreferences, sub.ID)
	topic := s.mustTopics(t, path)[0]

	for what, form := range map[string]string{
		"topics":      "do=topics&topic=" + url.QueryEscape(topic) + "&topic=Retired",
		"pause":       "do=pause&until=2026-12-24",
		"fresh":       "do=erase",
		"too long":    "do=pause&until=2031-01-01",
		"past":        "do=pause&until=2026-01-01",
		"no day":      "do=pause&until=soon",
		"no such act": "do=everything",
	} {
		a := s.form(t, path, form)
		want := map[string]int{"too long": 422, "past": 422, "no day": 422, "no such act": 400}[what]
		if want == 0 {
			want = http.StatusSeeOther
		}
		wantStatus(t, a, want)
		page := s.get(t, strings.TrimPrefix(a.Header.Get("Location"), s.url)+"")
		for _, body := range []string{a.body, page.body} {
			if strings.Contains(body, "ada@") || strings.Contains(body, "Lovelace") {
				t.Errorf("%s: got a page that tells whose link it is", what)
			}
		}
	}
	got, err := r.Get(t.Context(), "ada@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Categories, []string{topic, "Retired"}) || !got.PausedUntil.Equal(time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v, paused until %v, want the topics and the pause", got.Categories, got.PausedUntil)
	}
	if a := s.get(t, path); !strings.Contains(a.body, "24 December 2026") || !strings.Contains(a.body, `value="Retired" checked`) {
		t.Errorf("got %s, want the pause, and the topic kept that no comparison has", a.body)
	}
	all := "do=topics"
	for _, name := range s.mustTopics(t, path) {
		all += "&topic=" + url.QueryEscape(name)
	}
	wantStatus(t, s.form(t, path, all), http.StatusSeeOther)
	wantStatus(t, s.form(t, path, "do=resume"), http.StatusSeeOther)
	if got, err = r.Get(t.Context(), "ada@example.org"); err != nil || len(got.Categories) != 0 || !got.PausedUntil.IsZero() {
		t.Errorf("got %+v, %v, want every topic, also those to come, and no pause", got, err)
	}
}

// A reader with topics is told of a digest that had none of them. What is not in the
// library any more may have been on one.
func TestPreferencesSayWhyNoneCame(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	r.pass(7 * 24 * time.Hour)
	sub := r.active(t, "ada@example.org")
	path := "/preferences/" + r.own(t, subscribers.PurposePreferences, sub.ID)
	withGone, without := sentEditions(), sentEditions()
	items := without.all[0].Items
	without.all[0].Items = items[:len(items)-1]
	const nothing = `The latest digest, of <time datetime="2026-11-23">`
	for _, tt := range []struct {
		what     string
		editions fixedEditions
		topic    string
		want     bool
	}{
		{"no topics", without, "", false},
		{"a topic that it had", without, sampleComparisons()[0].Tools[0].Category, false},
		{"another", without, "Retired", true},
		{"one that it may have had", withGone, "Retired", false},
	} {
		s := serve(t, r, func(d *Deps) { d.Now, d.Editions = r.clock, tt.editions })
		wantStatus(t, s.form(t, path, "do=topics&topic="+url.QueryEscape(tt.topic)), http.StatusSeeOther)
		if a := s.get(t, path); strings.Contains(a.body, nothing) != tt.want {
			t.Errorf("%s: got %s, want %q on it: %t", tt.what, a.body, nothing, tt.want)
		}
	}
}

// Ticks that cannot be kept stay ticked, and the page says why in its own words.
func TestTicksAreNotLost(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	r.pass(7 * 24 * time.Hour)
	s := serveReaders(t, r)
	path := "/preferences/" + r.own(t, subscribers.PurposePreferences, r.active(t, "ada@example.org").ID)
	topic := s.mustTopics(t, path)[0]
	form := "do=topics&topic=" + url.QueryEscape(topic)
	for i := range 20 {
		form += fmt.Sprintf("&topic=Other+%d", i)
	}
	a := s.form(t, path, form)
	wantStatus(t, a, http.StatusUnprocessableEntity)
	if !strings.Contains(a.body, "Choose at most 20 topics, or none for every topic.") || !strings.Contains(a.body, `value="`+topic+`" checked`) || !strings.Contains(a.body, `value="Other 19" checked`) {
		t.Errorf("got %s, want what was ticked, and why it was not kept", a.body)
	}
}

// Who ticks all that there are at the sign-up gets those to come too, however many
// they are.
func TestSignUpForAll(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	r.pass(7 * 24 * time.Hour)
	s := serveReaders(t, r)
	preferences := "/preferences/" + r.own(t, subscribers.PurposePreferences, r.active(t, "ada@example.org").ID)
	topics := s.mustTopics(t, preferences)
	for email, ticked := range map[string][]string{"all@example.org": topics, "one@example.org": topics[:1]} {
		wantStatus(t, s.form(t, "/subscribe", url.Values{"email": {email}, "categories": ticked}.Encode()), http.StatusSeeOther)
		for _, token := range r.links(t) {
			wantStatus(t, s.form(t, "/confirm/"+token, ""), http.StatusOK)
		}
		want := ticked
		if len(ticked) == len(topics) {
			want = nil
		}
		if sub, err := r.Get(t.Context(), email); err != nil || !slices.Equal(sub.Categories, want) {
			t.Errorf("%s: got the topics %v, %v, want %v", email, sub.Categories, err, want)
		}
	}
}

// mustTopics gives the topics that the preferences' page offers.
func (s *site) mustTopics(t *testing.T, path string) []string {
	t.Helper()
	var out []string
	for _, part := range strings.Split(s.get(t, path).body, `name="topic" value="`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		out = append(out, name)
	}
	if len(out) == 0 {
		t.Fatal("got no topics on the page")
	}
	return out
}

// A link does one thing: nobody leaves, chooses or reads with the link for
// another.
func TestOneLinkOnePurpose(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serveReaders(t, r)
	sub := r.active(t, "ada@example.org")
	before := r.dump(t)
	for _, p := range []subscribers.Purpose{subscribers.PurposeVote, subscribers.PurposeSave, subscribers.PurposeSaved, subscribers.PurposePreferences} {
		token := r.own(t, p, sub.ID)
		for path, form := range map[string]string{
			"/unsubscribe/": "List-Unsubscribe=One-Click", "/confirm/": "", "/link/": "", "/preferences/": "do=topics&topic=Design",
		} {
			if path == "/preferences/" && p == subscribers.PurposePreferences {
				continue
			}
			wantStatus(t, s.get(t, path+token), http.StatusNotFound)
			wantStatus(t, s.form(t, path+token, form), http.StatusNotFound)
		}
	}
	for _, path := range []string{"/preferences/", "/link/"} {
		wantStatus(t, s.get(t, path+sub.Token.String()), http.StatusNotFound)
	}
	if after := r.dump(t); after != before {
		t.Errorf("got\n%s\nwant as before\n%s", after, before)
	}
}

// What a forwarded mail must not allow begins with a link that is mailed to the
// reader. Looking at it uses nothing: scanners look.
func TestFreshLinks(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serveReaders(t, r)
	sub := r.active(t, "ada@example.org")
	preferences := "/preferences/" + r.own(t, subscribers.PurposePreferences, sub.ID)

	wantStatus(t, s.form(t, preferences, "do=about"), http.StatusSeeOther)
	about, to := r.fresh(t)
	if to != "ada@example.org" {
		t.Errorf("got the link mailed to %s, want the reader", to)
	}
	for range 3 {
		if a := s.get(t, about); a.StatusCode != http.StatusOK || strings.Contains(a.body, "ada@") {
			t.Errorf("got %d %s, want a page that only asks", a.StatusCode, a.body)
		}
	}
	a := s.send(t, http.MethodPost, about, head("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"), "")
	var known struct{ Email, Status string }
	if err := json.Unmarshal([]byte(a.body), &known); err != nil || known.Email != "ada@example.org" || known.Status != "active" {
		t.Errorf("got %s, %v, want what is known as JSON", a.body, err)
	}
	if a := s.form(t, about, ""); a.StatusCode != http.StatusGone || !strings.Contains(a.body, "It works only once") {
		t.Errorf("got %d %s, want it used", a.StatusCode, a.body)
	}

	wantStatus(t, s.form(t, preferences, "do=address"), http.StatusSeeOther)
	change, _ := r.fresh(t)
	if a := s.form(t, change, "name=Ada&email=a%40b%2Cc%40d"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Ada"`) {
		t.Errorf("got %d %s, want the form again", a.StatusCode, a.body)
	}
	wantStatus(t, s.form(t, change, "name=Ada&email=countess%40example.org"), http.StatusOK)
	r.wantStatus(t, "ada@example.org", subscribers.Active)
	move, to := r.fresh(t)
	if to != "countess@example.org" {
		t.Errorf("got the link mailed to %s, want the new address", to)
	}
	wantStatus(t, s.form(t, preferences, "do=erase"), http.StatusSeeOther)
	r.fresh(t)
	if a := s.form(t, preferences, "do=about"); a.StatusCode != http.StatusTooManyRequests || !strings.Contains(a.body, "three such links") {
		t.Errorf("got %d for a fourth link to her mailbox, want 429", a.StatusCode)
	}
	wantStatus(t, s.form(t, move, ""), http.StatusOK)
	r.wantStatus(t, "countess@example.org", subscribers.Active)
	if told := r.events(t); len(told) != 1 || told[0].Kind != outbox.KindMoved || told[0].Recipient != "ada@example.org" {
		t.Errorf("got %+v, want the old address told", told)
	}
	r.pass(25 * time.Hour)
	wantStatus(t, s.form(t, preferences, "do=erase"), http.StatusSeeOther)
	late, _ := r.fresh(t)
	r.pass(time.Hour)
	wantStatus(t, s.form(t, late, ""), http.StatusGone)
	wantStatus(t, s.form(t, preferences, "do=erase"), http.StatusSeeOther)
	erase, _ := r.fresh(t)
	wantStatus(t, s.form(t, erase, ""), http.StatusOK)
	if _, on := r.standing(t, "countess@example.org"); on {
		t.Error("got her on the list, want her erased")
	}
	wantStatus(t, s.get(t, preferences), http.StatusNotFound)
}

// A reader's choices in a real browser, with scripts off as on every page here.
func TestPreferencesInBrowser(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	r.pass(7 * 24 * time.Hour)
	s := serveReaders(t, r)
	sub := r.active(t, "ada@example.org")
	path := s.url + "/preferences/" + r.own(t, subscribers.PurposePreferences, sub.ID)
	p := browsertest.New(t).Page(t)
	p.Navigate(path)
	browsertest.Eval[bool](p, `document.querySelector(".tick input").click(), true`)
	p.Follow(`button[value="topics"]`)
	if got := browsertest.Eval[string](p, `document.querySelector(".done").textContent`); got != "Your topics are saved." {
		t.Errorf("got %q, want it said that the topics are saved", got)
	}
	browsertest.Eval[bool](p, `document.getElementById("until").value = "2026-12-24", true`)
	p.Follow(`button[value="pause"]`)
	got, err := r.Get(t.Context(), "ada@example.org")
	if err != nil || len(got.Categories) != 1 || got.PausedUntil.IsZero() {
		t.Errorf("got %+v, %v, want a topic and a pause", got, err)
	}
	p.Follow(`button[value="about"]`)
	about, _ := r.fresh(t)
	p.Navigate(s.url + about)
	p.Follow(".act button")
	wantHeading(t, p, "What we know about you")
	text := browsertest.Eval[string](p, `decodeURIComponent(document.querySelector("a[download]").href.split(",").slice(1).join(","))`)
	if !strings.Contains(text, `"email": "ada@example.org"`) {
		t.Errorf("got the download %q, want what is known", text)
	}
}
