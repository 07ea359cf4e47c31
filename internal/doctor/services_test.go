package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// program answers as the site does; a test wraps what is in front of it.
func program(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/healthz":
		_, _ = w.Write([]byte("ok\n"))
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/unsubscribe/") && r.FormValue("List-Unsubscribe") == "One-Click":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":"The link may be incomplete"}`))
	default:
		http.NotFound(w, r)
	}
}

// site starts a server with TLS whose certificate is for example.com, and a site
// at that name, which the test's DNS server knows. Only the dialler knows that
// the public address is this machine's.
func site(t *testing.T, h http.HandlerFunc, records ...string) Site {
	t.Helper()
	srv := httptest.NewTLSServer(h)
	t.Cleanup(srv.Close)
	if records == nil {
		records = []string{"example.com. A 192.0.2.80", "example.com. A 10.0.0.1"}
	}
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	tr := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
		},
	}
	t.Cleanup(tr.CloseIdleConnections)
	return Site{BaseURL: "https://example.com", Client: NewClient(tr), DNS: zone(records).serve(t), Nobody: "AAAAAAAAAAAAAAAAAAAAAA", Now: time.Now}
}

func TestSite(t *testing.T) {
	t.Parallel()
	in := func(path string, front http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, path) {
				front(w, r)
				return
			}
			program(w, r)
		}
	}
	status := func(n int) http.HandlerFunc { return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) } }
	for name, tc := range map[string]struct {
		front   http.HandlerFunc
		records []string
		change  func(*Site)
		base    Level
		click   Level
		want    string
	}{
		"in order": {front: program, base: Pass, click: Pass, want: "public address 192.0.2.80"},
		"a redirect": {front: in("/unsubscribe", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.example.com/", http.StatusMovedPermanently)
		}), base: Pass, click: Fail, want: "redirected to https://www.example.com/"},
		"a filter":                   {front: in("/unsubscribe", status(403)), base: Pass, click: Fail, want: "403 Forbidden, and not by the program"},
		"another server's 404":       {front: in("/unsubscribe", status(404)), base: Pass, click: Fail, want: "not by the program"},
		"a challenge":                {front: in("/unsubscribe", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Are you human?")) }), base: Pass, click: Fail, want: "200 OK, and not by the program"},
		"a cookie":                   {front: in("/unsubscribe", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Set-Cookie", "lb=1"); program(w, r) }), base: Pass, click: Warn, want: "cookie"},
		"a gateway without program":  {front: status(502), base: Fail, click: Fail, want: "502 Bad Gateway"},
		"another site":               {front: in("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>It works!</h1>")) }), base: Fail, click: Pass, want: "not as the program does"},
		"no address":                 {front: program, records: []string{"other.example. A 192.0.2.1"}, base: Fail, click: Pass, want: "address record"},
		"private address only":       {front: program, records: []string{"example.com. A 10.0.0.1"}, base: Warn, click: Pass, want: "no public address (10.0.0.1)"},
		"certificate soon at an end": {front: program, change: func(s *Site) { s.Now = ends(s, 10) }, base: Warn, click: Pass, want: "ends in 10 days"},
		"certificate almost ended":   {front: program, change: func(s *Site) { s.Now = ends(s, 2) }, base: Fail, click: Pass, want: "ends in 2 days"},
		"a certificate of another":   {front: program, change: func(s *Site) { s.BaseURL = "https://news.example" }, records: []string{"news.example. A 192.0.2.80"}, base: Fail, click: Fail, want: "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site(t, tc.front, tc.records...)
			if tc.change != nil {
				tc.change(&s)
			}
			found := look(t, s.Checks())
			base, click := found["base-url"], found["one-click"]
			if base.Level != tc.base || click.Level != tc.click {
				t.Errorf("got base-url %s: %s, one-click %s: %s, want %s, %s", base.Level, base.Detail, click.Level, click.Detail, tc.base, tc.click)
			}
			if all := base.Detail + base.Fix + click.Detail + click.Fix; !strings.Contains(all, tc.want) {
				t.Errorf("got %s, want %q in it", all, tc.want)
			}
		})
	}
}

// ends is a clock so many days before the end of the test server's certificate.
func ends(s *Site, days int) func() time.Time {
	resp, err := s.Client.Get(s.BaseURL + "/healthz")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	at := resp.TLS.PeerCertificates[0].NotAfter.Add(-time.Duration(days)*24*time.Hour - time.Hour)
	return func() time.Time { return at }
}

func TestPlainSite(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(program))
	defer srv.Close()
	s := Site{BaseURL: srv.URL, Client: NewClient(http.DefaultTransport), DNS: zone{}.serve(t), Nobody: "A", Now: time.Now}
	found := look(t, s.Checks())
	if f := found["base-url"]; f.Level != Fail || !strings.Contains(f.Detail, "not https") {
		t.Errorf("got %s: %s, want a failure: not https", f.Level, f.Detail)
	}
	if f := found["one-click"]; f.Level != Pass {
		t.Errorf("got %s: %s, want a pass", f.Level, f.Detail)
	}
}

func TestRelay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)
	until := func(days int) *x509.Certificate {
		return &x509.Certificate{NotAfter: now.Add(time.Duration(days)*24*time.Hour + time.Hour)}
	}
	for name, tc := range map[string]struct {
		cert *x509.Certificate
		err  error
		want Level
		text string
	}{
		"in order":       {until(60), nil, Pass, "takes the login"},
		"no TLS":         {nil, nil, Pass, "without TLS"},
		"two weeks":      {until(13), nil, Warn, "ends in 13 days, on 2026-11-29"},
		"two days":       {until(2), nil, Fail, "ends in 2 days"},
		"login refused":  {nil, errors.New("535 5.7.8 no"), Fail, "535 5.7.8"},
		"nobody listens": {nil, errors.New("connection refused"), Fail, "refused"},
		"just in time":   {until(14), nil, Pass, "ends in 14 days"},
	} {
		r := Relay{Name: "mx.example", Login: true, Now: func() time.Time { return now },
			Greet: func(context.Context) (*x509.Certificate, error) { return tc.cert, tc.err }}
		f := look(t, r.Checks())["smtp"]
		if name == "just in time" {
			tc.text = "takes the login; the certificate of mx.example ends in 14 days"
		}
		if f.Level != tc.want || !strings.Contains(f.Detail, tc.text) {
			t.Errorf("%s: got %s: %s, want %s with %q", name, f.Level, f.Detail, tc.want, tc.text)
		}
	}
}
