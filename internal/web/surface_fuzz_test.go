package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// Whatever a visitor sends — form, token, path, header, cookie — is answered, and
// never with a server's error: go test -fuzz Surface ./internal/web.
func FuzzSurface(f *testing.F) {
	db, err := sqlite.Open(f.Context(), filepath.Join(f.TempDir(), "digest.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{QueueLimit: 1 << 30})
	h, err := New(Deps{
		Site: Site{Name: "Weekly AI Tool Verdicts", BaseURL: "http://127.0.0.1"}, Templates: rendertest.Templates(), List: list,
		Editions: sentEditions(), Library: holding(sampleComparisons()), Votes: db.Votes(), Saved: db.Saved(),
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, AllowedOrigins: []string{"https://blog.example"},
	})
	if err != nil {
		f.Fatal(err)
	}
	reader, err := list.Add(f.Context(), subscribers.NewReader{Email: "reader@example.org"})
	if err != nil {
		f.Fatal(err)
	}
	seedSurface(f, reader)
	f.Fuzz(func(t *testing.T, method, path, contentType, header, body string) {
		r := request(method, path, body)
		if r == nil {
			return // net/http's server refuses it before us
		}
		r.Header.Set("Content-Type", contentType)
		for _, name := range []string{"Cookie", "Origin", "Accept", "X-Forwarded-For", "Content-Encoding", "If-None-Match", "Range"} {
			r.Header.Set(name, header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %q: got status %d", method, path, w.Code)
		}
		if at := w.Header().Get("Location"); at != "" && (!strings.HasPrefix(at, "/") || strings.HasPrefix(at, "//")) {
			t.Errorf("%s %q: got sent to %q, want a page of this site", method, path, at)
		}
	})
}

// request is as the server hands one on, nil when it does not.
func request(method, path, body string) *http.Request {
	u, err := url.ParseRequestURI(path)
	if err != nil || u.Host != "" {
		return nil
	}
	r, err := http.NewRequest(method, u.String(), io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return nil
	}
	r.ContentLength, r.RemoteAddr, r.Host = int64(len(body)), "192.0.2.1:1", "127.0.0.1"
	return r
}

func seedSurface(f *testing.F, reader subscribers.Subscriber) {
	f.Helper()
	const form, multi, js = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"
	token := reader.Token.String()
	for _, s := range [][5]string{
		{"POST", "/subscribe", form, "https://blog.example", "email=a%40b.example&categories=x%2Cy&source=%00&wording=zz"},
		{"POST", "/subscribe", form, "", "email=%ff%fe&email=a%40gmial.com&as_typed=%0d%0a"},
		{"POST", "/subscribe", multi, "text/html", "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.example\r\n--x--\r\n"},
		{"POST", "/subscribe", multi, "", "--x\r\nContent-Disposition: form-data; name=\"email\"; filename=\"/etc/passwd\"\r\n\r\n"},
		{"POST", "/subscribe", js, "application/json", `{"email":"a@b.example","categories":[["x"]],"source":1e999}`},
		{"POST", "/subscribe", js, "application/json", `{"email":"a@b.example","categories":null,"ask":true,"name":"\u0000\ud800"}`},
		{"OPTIONS", "/subscribe", "", "null", ""},
		{"GET", "/subscribe.js", "", "bytes=0-1,1-2,-0", ""}, {"GET", "/embed", "", "*", ""},
		{"POST", "/unsubscribe/" + token, form, "a=b; c=\"d", "List-Unsubscribe=One-Click"},
		{"POST", "/unsubscribe/" + token, form, "", "undo=1"},
		{"GET", "/unsubscribe/" + strings.Repeat("A", 5000), "", "", ""}, {"GET", "/confirm/%2e%2e%2f", "", "", ""},
		{"POST", "/confirm/" + token, multi, "gzip", "--x"},
		{"POST", "/preferences/" + token, form, "", "do=pause&until=9999-99-99"},
		{"POST", "/vote/" + token + "/2026-W48/x/3/ship", form, "", ""}, {"GET", "/vote/x/2026-W99/%00/1/maybe", "", "", ""},
		{"POST", "/save/" + token + "/x", form, "", "%"}, {"GET", "/saved/%ff/saved.csv", "", "", ""},
		{"POST", "/links/karpathy-coding-skills-vs-smolvlm2", form, "", "email=reader%40example.org"}, {"POST", "/links/%00", form, "", "email=a"},
		{"POST", "/leave", form, "", "email=reader%40example.org"}, {"POST", "/link/" + token, form, "", "email=;&name=%0a"},
		{"GET", "/archive/2026-W54", "", "", ""}, {"GET", "/archive?topic=%00&page=-1", "", "", ""}, {"GET", "/compare/..%2f..%2fetc", "", "", ""},
		{"PUT", "//evil.example/..", "", "", ""}, {"GET", "/a%2f%2e%2e/b?x=%", "", "", ""}, {"TRACE", "/", "", "", ""},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4])
	}
}
