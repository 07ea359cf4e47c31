package fetch

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestGetNewer(t *testing.T) {
	t.Parallel()
	published := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tag":
			w.Header().Set("ETag", `"v1"`)
			http.ServeContent(w, r, "feed.json", time.Time{}, strings.NewReader("feed"))
		case "/date":
			http.ServeContent(w, r, "feed.json", published, strings.NewReader("feed"))
		case "/neither":
			_, _ = w.Write([]byte("feed"))
		default: // 304 to whoever did not ask
			w.WriteHeader(http.StatusNotModified)
		}
	})
	c := New(Options{AllowPrivate: true})
	for path, want := range map[string]error{"/tag": ErrNotModified, "/date": ErrNotModified, "/neither": nil} {
		body, v, err := c.GetNewer(t.Context(), s.URL+path, Version{})
		if err != nil || string(body) != "feed" {
			t.Errorf("GetNewer(%s): got %q, %v, want the feed", path, body, err)
		}
		if _, again, err := c.GetNewer(t.Context(), s.URL+path, v); !errors.Is(err, want) || again != v {
			t.Errorf("GetNewer(%s) again: got version %v, %v, want %v, %v", path, again, err, v, want)
		}
	}
	if _, _, err := c.GetNewer(t.Context(), s.URL+"/wrong", Version{}); !errors.Is(err, ErrStatus) {
		t.Errorf("304 without a condition: got %v, want ErrStatus", err)
	}
	body, v, err := c.GetNewer(t.Context(), s.URL+"/tag", Version{ETag: `"v0"`})
	if err != nil || string(body) != "feed" || v.ETag != `"v1"` {
		t.Errorf("GetNewer of an old version: got %q, %v, %v, want the feed, tag v1", body, v, err)
	}
}
