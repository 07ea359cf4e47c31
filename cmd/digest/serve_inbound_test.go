package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Providers post to the site, below the base address's path too; without a setting
// nothing is there.
func TestServeTakesWebhooks(t *testing.T) {
	t.Parallel()
	const settings = "site: {base_url: \"https://example.org/news\"}\n"
	on, log := newService(t, settings+"inbound: {postmark: {username: postmark, password: a long password of ours}, ses: {topic: \"arn:aws:sns:eu-west-1:123456789012:bounces\"}}\n")
	off, _ := newService(t, settings)
	post := func(h http.Handler, path, password string) int {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{"RecordType":"Bounce","Type":"HardBounce","Email":"ada@example.com"}`))
		r.Header.Set("Content-Type", "application/json")
		if password != "" {
			r.SetBasicAuth("postmark", password)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		path, password string
		want           int
	}{
		{"/inbound/postmark", "", 401}, {"/inbound/postmark", "a guess", 401}, {"/inbound/postmark", "a long password of ours", 200},
		{"/news/inbound/postmark", "a long password of ours", 200}, {"/inbound/ses", "", 403}, {"/inbound/mailgun", "", 404},
	} {
		if got := post(on.Pages.Site, c.path, c.password); got != c.want {
			t.Errorf("POST %s: got %d, want %d", c.path, got, c.want)
		}
	}
	if got := post(off.Pages.Site, "/inbound/postmark", "a long password of ours"); got != 404 {
		t.Errorf("without a setting: got %d, want 404", got)
	}
	if got := log.String(); !strings.Contains(got, "way=postmark kind=bounce outcome=kept") || !strings.Contains(got, "route=/inbound/{provider}") || strings.Contains(got, "ada@example.com") || strings.Contains(got, "a long password") {
		t.Errorf("got the log %s, want what was done, without an address", got)
	}
}
