package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

func newReaderWalk(t *testing.T) *readerWalk {
	t.Helper()
	ln, port := listenLocally(t)
	ahead := time.Until(scriptStart)
	w := &readerWalk{
		t: t, dir: t.TempDir(), base: "http://localhost:" + port,
		now: func() time.Time { return time.Now().Add(ahead) }, read: map[string]bool{},
		http: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	w.write("config.yaml", "site: {base_url: \""+w.base+"\", name: Weekly AI Tool Verdicts, postal_address: \"12 Example Street\"}\n"+
		"schedule: {draft: \"0 8 * * THU\", send: \"0 9 * * THU\"}\n"+ // the walk sends by itself
		"editors: [editor@example.org]\nsignup: {allowed_origins: [\""+foreignSite+"\"], trusted_proxies: [127.0.0.1]}\nvotes: {least: 1}\n")
	w.write("comparisons/"+walkSlug+".yaml", comparisonOf("Alpha", "Beta", "Audio"))
	w.write("comparisons/gamma-vs-delta.yaml", comparisonOf("Gamma", "Delta", "Video"))
	var log bytes.Buffer
	a := newApp(strings.NewReader(""), io.Discard, &log, w.now)
	a.configFile, a.serving = filepath.Join(w.dir, "config.yaml"), true
	t.Cleanup(func() { _ = a.close() })
	var err error
	if w.s, err = a.service(t.Context()); err != nil {
		t.Fatal(err)
	}
	runService(t, w.s, ln, &log)
	return w
}

func (w *readerWalk) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func comparisonOf(a, b, topic string) string {
	tool := func(name, verdict string, ship, skip int) string {
		return fmt.Sprintf("  - {name: %s, category: %s, entry: Free, panel: {ship: %d, skip: %d, percent: %d}, reviews: [{reviewer: Builder, score: 71, verdict: %s, take: \"It does what it says.\"}]}\n",
			name, topic, ship, skip, 100*ship, verdict)
	}
	return "published: " + scriptStart.Format(time.DateOnly) + "\ntools:\n" + tool(a, "ship", 1, 0) + tool(b, "skip", 0, 1)
}

// tell says what a step showed.
func (w *readerWalk) tell(step, format string, args ...any) {
	w.t.Logf("%-14s %s", step+":", fmt.Sprintf(format, args...))
}

// cli runs a command of an operator.
func (w *readerWalk) cli(args ...string) string {
	w.t.Helper()
	var out, errs bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &errs, w.now)
	if code := run(w.t.Context(), a, append([]string{"--config", filepath.Join(w.dir, "config.yaml")}, args...)); code != 0 {
		w.t.Fatalf("digest %s: got exit code %d:\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return strings.TrimSpace(out.String())
}

// held is what the database has of the reader.
func (w *readerWalk) held() subscribers.Subscriber {
	w.t.Helper()
	sub, err := w.s.List.Get(w.t.Context(), walker)
	if err != nil {
		w.t.Fatalf("the database: got %v, want the reader", err)
	}
	return sub
}

// send makes a request and gives status, headers and body.
func (w *readerWalk) send(method, address string, form url.Values, header ...string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, html.UnescapeString(string(body))
}

// want makes a request that has to end with a status, and in a text where one is
// given.
func (w *readerWalk) want(method, address string, form url.Values, status int, in string) string {
	w.t.Helper()
	resp, body := w.send(method, address, form)
	if resp.StatusCode != status || !strings.Contains(body, in) {
		w.t.Fatalf("%s %s: got %d, want %d and %q:\n%.1500s", method, address, resp.StatusCode, status, in, body)
	}
	return body
}

// mail waits for the reader's next mail.
func (w *readerWalk) mail(subject string) *mailbox.Message {
	w.t.Helper()
	dir := filepath.Join(w.dir, "data", "mailbox")
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		list, _, _ := mailbox.List(dir, 0, 100, walker) // there is none yet
		for _, m := range slices.Backward(list) {
			if w.read[m.ID] || !strings.Contains(m.Subject, subject) {
				continue
			}
			w.read[m.ID] = true
			got, err := mailbox.Open(dir, m.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			return got
		}
	}
	w.t.Fatalf("no mail %q came to %s", subject, walker)
	return nil
}

// link gives the first link of a mail whose path begins so.
func (w *readerWalk) link(m *mailbox.Message, path string) string {
	w.t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(w.base+path) + `[^\s"<>]*`).FindString(m.Text)
	if found == "" {
		w.t.Fatalf("got no link to %s in:\n%s", path, m.Text)
	}
	return found
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
