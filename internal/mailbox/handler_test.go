package mailbox

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func pages(t *testing.T, dir string) http.Handler {
	t.Helper()
	h, err := Handler(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sheet is the style sheet's address, as a page gives it.
func sheet(t *testing.T, h http.Handler) string {
	t.Helper()
	_, rest, _ := strings.Cut(get(t, h, "/mailbox").Body.String(), `rel="stylesheet" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	return path
}

func TestPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := pages(t, dir)
	if w := get(t, h, "/mailbox"); w.Code != 200 || !strings.Contains(w.Body.String(), "No mail yet") {
		t.Errorf("empty: got %d %s", w.Code, w.Body)
	}
	d := dialer(t, start(t, dir))
	for range perPage {
		send(t, d, "ann@example.org", eml("ann@example.org"))
	}
	send(t, d, `"<b>bob"@example.org`, []byte("Subject: <script>alert(1)</script>\r\n\r\nplain"))
	list, _, err := List(dir, 0, 2, "")
	if err != nil {
		t.Fatal(err)
	}
	bob, ann := "/mailbox/"+list[0].ID, "/mailbox/"+list[1].ID
	for _, c := range []struct {
		path string
		code int
		want []string
		not  []string
	}{
		{"/mailbox", 200, []string{"51 messages", "Page 1 of 2", "page=2", "&lt;script&gt;"}, []string{"<script", "<b>"}},
		{"/mailbox/", 200, []string{"51 messages"}, nil},
		{"/mailbox?page=2", 200, []string{"Page 2 of 2", "← Newer"}, []string{"rel=\"next\""}},
		{"/mailbox?page=-1&to=BOB", 200, []string{"1 of the messages"}, []string{"ann@example.org"}},
		{"/mailbox?to=nobody", 200, []string{"Nothing to this recipient"}, nil},
		{ann, 200, []string{"<iframe", "sandbox=\"allow-popups", "Ship or skip? ✓", "https://verdicts.example/unsubscribe/abc", "a.pdf"}, []string{"<script", "allow-scripts", "allow-same-origin"}},
		{ann + "?view=html&width=375", 200, []string{`class="stage w375"`}, nil},
		{ann + "?view=text", 200, []string{"café au lait"}, []string{"<iframe"}},
		{ann + "?view=headers", 200, []string{"List-Unsubscribe"}, []string{"<iframe"}},
		{ann + "?view=source", 200, []string{"=C3=A9", "&lt;script&gt;"}, []string{"<script"}},
		{ann + "/html", 200, []string{`<head><base target="_blank">`, "café"}, nil},
		{ann + "/source", 200, []string{"caf=C3=A9"}, nil},
		{bob, 200, []string{"plain", "&lt;script&gt;"}, []string{"<script", "view=html"}},
		{bob + "/html", 404, []string{"No such message"}, nil},
		{"/mailbox/..%2f..%2fetc%2fpasswd", 404, nil, nil},
		{"/mailbox/1234567890123456789.abcdef01", 404, []string{"No such message"}, nil},
		{sheet(t, h), 200, []string{"prefers-color-scheme"}, nil},
	} {
		w := get(t, h, c.path)
		if w.Code != c.code {
			t.Errorf("%s: got %d, want %d", c.path, w.Code, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: got no %q in it", c.path, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s: got %q in it", c.path, not)
			}
		}
	}
	for path, want := range map[string]string{
		"/mailbox": "frame-ancestors 'none'", ann: "default-src 'none'", ann + "/html": "sandbox ", ann + "/source": "sandbox",
	} {
		if got := get(t, h, path).Header().Get("Content-Security-Policy"); !strings.Contains(got, want) || strings.Contains(got, "allow-scripts") {
			t.Errorf("%s: got policy %q, want %q in it", path, got, want)
		}
	}
}

func TestBaseTargetGoesIntoTheHead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>x":                               "BASE<p>x",
		"<!DOCTYPE html><p>x":                "<!DOCTYPE html>BASE<p>x",
		"<!doctype html>\n<HTML lang=en><p>": "<!doctype html>\n<HTML lang=en>BASE<p>",
		"<html><head profile='x'><title>":    "<html><head profile='x'>BASE<title>",
		"<html><header>":                     "<html>BASE<header>",
		"<html":                              "BASE<html",
		"İ<html><head>":                      "İ<html><head>BASE",
	} {
		if got := strings.ReplaceAll(withBlankTarget(in), `<base target="_blank">`, "BASE"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
