package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var loginLink = regexp.MustCompile(`http://localhost:[0-9]+(?:/news)?/desk/login/[A-Za-z0-9_-]{43}`)

// The whole way in: serve with a base URL that has a path, its courier and the
// built-in mailbox; the mailed link leads to the desk.
func TestServeTheDesk(t *testing.T) {
	t.Parallel()
	ln, port := listenLocally(t)
	base := "http://localhost:" + port + "/news"
	data := t.TempDir()
	s, log := newService(t, "site: {base_url: \""+base+"\"}\neditors: [ada@example.com]\ndatabase: "+filepath.Join(data, "digest.db")+"\n")
	runService(t, s, ln, log)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: patience}
	want := func(what, address, in string) {
		t.Helper()
		status, body := visit(t, c, http.MethodGet, address, nil)
		if status != http.StatusOK || !strings.Contains(body, in) {
			t.Fatalf("%s: got %d without %q:\n%.1500s", what, status, in, body)
		}
	}
	want("the desk", base+"/desk", `action="/news/desk/login"`)
	want("the desk behind a proxy that strips the path", "http://localhost:"+port+"/desk/", `action="/news/desk/login"`)
	visit(t, c, http.MethodPost, base+"/desk/login", url.Values{"email": {"ada@example.com"}})
	link := waitForLink(t, filepath.Join(data, "mailbox", "new"))
	want("the link", link, `<button class="main">Log in`)
	if status, body := visit(t, c, http.MethodPost, link, nil); status != http.StatusOK || !strings.Contains(body, "ada@example.com") {
		t.Fatalf("the button: got %d:\n%.1500s", status, body)
	}
	want("the calendar", base+"/desk/calendar", "What goes out next")
	sheet := regexp.MustCompile(`href="(/news/desk/workbench\.[^"]+)"`)
	_, body := visit(t, c, http.MethodGet, base+"/desk/calendar", nil)
	m := sheet.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("got no style sheet:\n%.500s", body)
	}
	want("the style sheet", "http://localhost:"+port+m[1], "--ink")
}

func visit(t *testing.T, c *http.Client, method, address string, form url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if _, err := io.Copy(&b, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b.String()
}

// waitForLink gives the login link that the mailbox got.
func waitForLink(t *testing.T, dir string) string {
	t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if link := loginLink.FindString(strings.ReplaceAll(strings.ReplaceAll(string(text), "=\r\n", ""), "=\n", "")); link != "" {
				return link
			}
		}
	}
	t.Fatalf("no login link came to %s", dir)
	return ""
}
