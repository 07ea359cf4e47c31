package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/subscribers"
)

// The reader of the walk, and the site whose page has the form.
const (
	walker      = "ada.lovelace@example.com"
	walkersName = "Ada Lovelace"
	foreignSite = "https://tools.example"
	walkSlug    = "alpha-vs-beta"
)

// A readerWalk is one reader's way through a service that runs, and what an operator
// sees of it.
type readerWalk struct {
	t    *testing.T
	dir  string
	base string
	now  func() time.Time
	s    *assembly.Service
	http *http.Client
	read map[string]bool // mails, by their number in the mailbox
}

// TestTheWalkOfOneReader goes from the form on a page of another site to the
// erasure, by real requests and real mails. Run with -v it tells what each step
// showed, and what the database held after it.
func TestTheWalkOfOneReader(t *testing.T) {
	t.Parallel()
	w := newReaderWalk(t)
	w.signUp()
	w.confirm()
	digest := w.digest()
	links := linksOf(w, digest)
	w.vote(links["vote"])
	w.save(links["save"], links["saved"])
	w.prefer(links["preferences"])
	w.forwarded(links)
	w.about(links["preferences"])
	w.oneClick(digest, links["unsubscribe"])
	w.erase(links["preferences"])
}

func (w *readerWalk) signUp() {
	_, snippet := w.send(http.MethodGet, w.base+"/embed", nil)
	if !strings.Contains(snippet, `action="`+w.base+`/subscribe"`) {
		w.t.Fatalf("got no form to paste on /embed:\n%.1500s", snippet)
	}
	form := url.Values{"email": {walker}, "name": {walkersName}, "categories": {"Audio"}, "ask": {"1"}, "source": {foreignSite + "/compare/alpha-vs-beta"}}
	if m := regexp.MustCompile(`name="wording" value="([0-9a-f]+)"`).FindStringSubmatch(snippet); m != nil {
		form.Set("wording", m[1])
	}
	if resp, _ := w.send(http.MethodPost, w.base+"/subscribe", form, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != http.StatusForbidden {
		w.t.Errorf("from a site that is not allowed: got %d, want 403", resp.StatusCode)
	}
	resp, body := w.send(http.MethodPost, w.base+"/subscribe", form, "Origin", foreignSite, "Sec-Fetch-Site", "cross-site", "Accept", "application/json")
	if resp.StatusCode != http.StatusAccepted || resp.Header.Get("Access-Control-Allow-Origin") != foreignSite {
		w.t.Fatalf("got %d, readable by %q: %s", resp.StatusCode, resp.Header.Get("Access-Control-Allow-Origin"), body)
	}
	w.tell("sign-up", "from %s: %d %s; from another site: 403", foreignSite, resp.StatusCode, strings.TrimSpace(body))
}

func (w *readerWalk) confirm() {
	m := w.mail("Confirm")
	if strings.Contains(string(m.Source), "Lovelace") {
		w.t.Error("got the typed name in the confirmation mail")
	}
	before := w.held()
	link := w.link(m, "/confirm/")
	w.want(http.MethodGet, link, nil, http.StatusOK, "<button")
	if after := w.held(); before.Status != subscribers.Pending || after.Status != subscribers.Pending {
		w.t.Errorf("got %v and then %v, want the reader pending until the button is pressed", before.Status, after.Status)
	}
	w.want(http.MethodPost, link, nil, http.StatusOK, "")
	w.mail("") // the welcome
	sub, consent := w.held(), w.cli("subscribers", "show", walker, "--consent")
	if sub.Status != subscribers.Active || !strings.Contains(consent, foreignSite+"/compare/alpha-vs-beta") {
		w.t.Errorf("got %+v with the consent\n%s\nwant an active reader, and the page they came from", sub, consent)
	}
	w.tell("confirmation", "the mail %q has no name in it; its page changes nothing, its button does", m.Subject)
	w.tell("database", "status %s, name %s, topics %v; the proof of consent:\n%s", sub.Standing(), sub.Name, sub.Categories, consent)
}

func (w *readerWalk) digest() *mailbox.Message {
	w.cli("subscribers", "add", "all@example.com")
	year, week := scriptStart.ISOWeek()
	w.cli("send", "--week", fmt.Sprintf("%d-W%02d", year, week), "--yes", "--quiet")
	m := w.mail("")
	if !strings.Contains(m.Text, "Alpha") || strings.Contains(m.Text, "Gamma") {
		w.t.Errorf("got another digest than that of the topic Audio:\n%s", m.Text)
	}
	w.tell("digest", "%q: it has Alpha vs Beta (Audio) and not Gamma vs Delta (Video)", m.Subject)
	w.tell("database", "%s", strings.Join(strings.Fields(w.cli("verify")), " "))
	return m
}

// linksOf are the reader's own links in a digest, by what they do.
func linksOf(w *readerWalk, digest *mailbox.Message) map[string]string {
	links := map[string]string{}
	for _, what := range []string{"vote", "save", "saved", "preferences", "unsubscribe"} {
		links[what] = w.link(digest, "/"+what+"/")
	}
	return links
}

func (w *readerWalk) vote(link string) {
	tallies := func() string {
		all, err := w.s.DB.Votes.Tallies(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return fmt.Sprint(all[walkSlug])
	}
	ballot := regexp.MustCompile(`/[12]/(ship|skip)$`).ReplaceAllString(link, "")
	before := tallies()
	w.want(http.MethodGet, ballot+"/1/ship", nil, http.StatusOK, "Alpha")
	if tallies() != before {
		w.t.Error("got a vote counted by opening its page")
	}
	w.want(http.MethodPost, ballot+"/1/skip", nil, http.StatusSeeOther, "")
	w.want(http.MethodPost, ballot+"/1/ship", nil, http.StatusSeeOther, "") // changed
	page := w.want(http.MethodGet, w.base+"/compare/"+walkSlug, nil, http.StatusOK, "100")
	if !strings.Contains(page, "1 vote") {
		w.t.Error("got the comparison's page without the vote")
	}
	w.tell("vote", "opening counts nothing; skip, then ship for Alpha: the comparison's page has it at once")
	w.tell("database", "tally of %s (tool 1, tool 2): %s", walkSlug, tallies())
}

func (w *readerWalk) save(link, list string) {
	w.want(http.MethodGet, link, nil, http.StatusOK, "<button")
	w.want(http.MethodPost, link, nil, http.StatusSeeOther, "")
	w.want(http.MethodGet, list, nil, http.StatusOK, "Alpha")
	got, err := w.s.DB.Saved.Of(w.t.Context(), w.held().ID)
	if err != nil || len(got) != 1 || got[0].Slug != walkSlug {
		w.t.Errorf("got %v, %v saved, want %s", got, err, walkSlug)
	}
	w.tell("save", "the private list shows Alpha vs Beta")
	w.tell("database", "%d saved: %s", len(got), got[0].Slug)
}

func (w *readerWalk) prefer(link string) {
	w.want(http.MethodGet, link, nil, http.StatusOK, "Your digest")
	w.want(http.MethodPost, link, url.Values{"do": {"topics"}, "topic": {"Video"}}, http.StatusSeeOther, "")
	until := w.now().AddDate(0, 0, 30).Format(time.DateOnly)
	w.want(http.MethodPost, link, url.Values{"do": {"pause"}, "until": {until}}, http.StatusSeeOther, "")
	page := w.want(http.MethodGet, link, nil, http.StatusOK, "It is paused until")
	sub := w.held()
	if fmt.Sprint(sub.Categories) != "[Video]" || !sub.Paused(w.now()) {
		w.t.Errorf("got %v, paused until %v, want Video, and a pause", sub.Categories, sub.PausedUntil)
	}
	w.wantNobody("preferences", page)
	w.tell("preferences", "topics to Video, paused until %s; the page shows no address and no name", until)
	w.tell("database", "topics %v, paused until %s", sub.Categories, sub.PausedUntil.Format(time.DateOnly))
}

// wantNobody wants a page that does not tell whose it is.
func (w *readerWalk) wantNobody(what, page string) {
	w.t.Helper()
	for _, secret := range []string{walker, "Lovelace", "ada."} {
		if strings.Contains(page, secret) {
			w.t.Errorf("%s: got a page with %q", what, secret)
		}
	}
}

// forwarded has somebody else press everything that the links of the mail offer.
func (w *readerWalk) forwarded(links map[string]string) {
	before := w.held()
	hostile := url.Values{"email": {"eve@example.org"}, "name": {"Eve"}, "do": {"address"}, "address": {"eve@example.org"}, "purpose": {"erase"}}
	tried := 0
	for what, link := range links {
		_, token, _ := strings.Cut(strings.TrimPrefix(link, w.base+"/"), "/")
		token, rest, _ := strings.Cut(token, "/")
		for _, door := range []string{"vote", "save", "saved", "preferences", "unsubscribe", "confirm", "link"} {
			address := w.base + "/" + door + "/" + token
			if rest != "" && (door == "vote" || door == "save") {
				address += "/" + rest
			}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if door == "unsubscribe" && what == "unsubscribe" && method == http.MethodPost {
					continue // that is what it is for: a step of its own
				}
				resp, page := w.send(method, address, hostile, "X-Forwarded-For", fmt.Sprintf("198.51.%d.1", tried)) // guesses are limited by network
				w.wantNobody(what+" at "+door, page)
				// A form that makes no sense is 400, whoever's the token is.
				if tried++; door != what && resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusBadRequest {
					w.t.Errorf("the link to %s at /%s: got %d, want 404", what, door, resp.StatusCode)
				}
			}
		}
	}
	after := w.held()
	if after.Email != before.Email || after.Name != before.Name || after.Status != subscribers.Active {
		w.t.Errorf("got %+v, want the reader as they were", after)
	}
	m := w.mail("") // asked for with do=address: it went to the reader, not to whoever asked
	w.tell("forwarded", "%d tries with the mail's links: each does its own thing, none shows the address or the name; a link to change the address went to %v", tried, m.To)
	w.tell("database", "address, name and status as before: %s, %s, %s", after.Email, after.Name, after.Standing())
}

// fresh asks for a link by mail, for what a forwarded mail must not do.
func (w *readerWalk) fresh(preferences, purpose string) string {
	w.want(http.MethodPost, preferences, url.Values{"do": {purpose}}, http.StatusSeeOther, "")
	return w.link(w.mail(""), "/link/")
}

func (w *readerWalk) about(preferences string) {
	link := w.fresh(preferences, "about")
	w.wantNobody("the link's page", w.want(http.MethodGet, link, nil, http.StatusOK, "<button"))
	w.want(http.MethodPost, link, nil, http.StatusOK, walker)
	w.want(http.MethodPost, link, nil, http.StatusGone, "")
	w.tell("about", "a fresh link by mail shows all that is known, once")
}

func (w *readerWalk) oneClick(digest *mailbox.Message, link string) {
	post, header := "", map[string]string{}
	for _, f := range digest.Header {
		header[f.Name] = f.Value
	}
	if post = regexp.MustCompile(`<(https?://[^>]+)>`).FindString(header["List-Unsubscribe"]); post == "" || header["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
		w.t.Fatalf("got List-Unsubscribe %q and List-Unsubscribe-Post %q", header["List-Unsubscribe"], header["List-Unsubscribe-Post"])
	}
	post = strings.Trim(post, "<>")
	w.want(http.MethodGet, link, nil, http.StatusOK, "<button")
	if w.held().Status != subscribers.Active {
		w.t.Error("got the reader unsubscribed by opening the page")
	}
	for range 2 {
		w.want(http.MethodPost, post, url.Values{"List-Unsubscribe": {"One-Click"}}, http.StatusOK, "")
	}
	sub := w.held()
	if sub.Status != subscribers.Unsubscribed {
		w.t.Errorf("got %s, want unsubscribed", sub.Standing())
	}
	w.tell("one-click", "the POST of the mail program: 200, and 200 again")
	w.tell("database", "status %s since %s", sub.Standing(), sub.UnsubscribedAt.Format(time.RFC3339))
}

func (w *readerWalk) erase(preferences string) {
	id, token := w.held().ID, w.held().Token.String()
	link := w.fresh(preferences, "erase")
	w.want(http.MethodGet, link, nil, http.StatusOK, "<button")
	w.held() // still
	w.want(http.MethodPost, link, nil, http.StatusOK, "")
	if _, err := w.s.List.Get(w.t.Context(), walker); err == nil {
		w.t.Error("got the reader still on the list")
	}
	w.want(http.MethodGet, w.base+"/unsubscribe/"+token, nil, http.StatusNotFound, "")
	history, err := w.s.List.History(w.t.Context(), id)
	kept, serr := w.s.DB.Saved.Of(w.t.Context(), id)
	if err != nil || serr != nil || len(history)+len(kept) != 0 {
		w.t.Errorf("got the history %v, %v and the list %v, %v, want nothing", history, err, kept, serr)
	}
	var found []string
	for _, file := range []string{"digest.db", "digest.db-wal"} {
		data, err := os.ReadFile(filepath.Join(w.dir, "data", file))
		if err == nil && (bytes.Contains(bytes.ToLower(data), []byte("ada.lovelace")) || bytes.Contains(data, []byte(walkersName))) {
			found = append(found, file)
		}
	}
	if len(found) > 0 {
		w.t.Errorf("got the address or the name in %v", found)
	}
	w.tell("erasure", "by a fresh link; the old links are 404 now")
	w.tell("database", "no history, votes or saved comparisons; neither address nor name in a byte of the file; kept: %s", w.cli("subscribers", "list", "--suppressed"))
}
