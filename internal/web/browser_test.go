package web

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/subscribers"
)

// A reader's whole way in a real browser: sign up, confirm, leave.
func TestBrowser(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	p := browsertest.New(t).Page(t)

	p.Navigate(s.url + "/")
	submit(p, `document.getElementById("email").value = "reader@localhost.localhost_"`)
	wantHeading(t, p, "Please check your address")
	submit(p, `document.getElementById("email").value = "reader@example.org"`)
	wantHeading(t, p, "Check your mailbox")

	tokens := r.links(t)
	if len(tokens) != 1 {
		t.Fatalf("got %d confirmation mails, want 1", len(tokens))
	}
	p.Navigate(s.url + "/confirm/" + tokens[0])
	r.wantStatus(t, "reader@example.org", subscribers.Pending)
	p.Follow(".act button")
	wantHeading(t, p, "You are on the list")
	r.wantStatus(t, "reader@example.org", subscribers.Active)

	sub, err := r.Get(t.Context(), "reader@example.org")
	if err != nil {
		t.Fatal(err)
	}
	p.Navigate(s.url + "/unsubscribe/" + sub.Token.String())
	wantHeading(t, p, "Unsubscribe?")
	p.Follow(".act button")
	wantHeading(t, p, "You are unsubscribed")
	r.wantStatus(t, "reader@example.org", subscribers.Unsubscribed)
}

// submit prepares the sign-up form and sends it the way its button does, but
// without the browser's own check of the address, which a script would not meet.
func submit(p *browsertest.Page, prepare string) {
	browsertest.Eval[bool](p, prepare+`, document.getElementById("signup").noValidate = true`)
	p.Follow("#signup button")
}

func wantHeading(t *testing.T, p *browsertest.Page, want string) {
	t.Helper()
	if got := browsertest.Eval[string](p, `document.querySelector("h1").textContent`); got != want {
		t.Fatalf("got the page %q, want %q", got, want)
	}
}

// The embedded form and script work on an allowed site's page and on no other.
func TestEmbeddedForm(t *testing.T) {
	t.Parallel()
	allowed, other := blog(t), blog(t)
	r := newReaders(t)
	s := serve(t, r, func(d *Deps) { d.AllowedOrigins = []string{allowed} })
	p := browsertest.New(t).Page(t)
	post := func(kind, body string) string {
		return fmt.Sprintf(`fetch("%s/subscribe", {method: "POST", headers: {"Content-Type": "%s"}, body: %s}).then(r => String(r.status), () => "refused")`, s.url, kind, body)
	}
	for _, c := range []struct{ site, want string }{{allowed, "202"}, {other, "refused"}} {
		p.Navigate(c.site)
		if got := browsertest.Eval[string](p, post("application/json", `JSON.stringify({email: "json@example.org"})`)); got != c.want {
			t.Errorf("script on %s: got %s, want %s", c.site, got, c.want)
		}
	}
	for _, c := range []struct{ site, want string }{{allowed, "Check your mailbox"}, {other, "Not from that site"}} {
		p.Navigate(c.site)
		browsertest.Eval[bool](p, `document.body.innerHTML = '<form class="act" method="post" action="`+s.url+`/subscribe"><input name="email" value="form@example.org"><button>Go</button></form>', true`)
		p.Follow(".act button")
		wantHeading(t, p, c.want)
	}
	if got := len(r.links(t)); got != 2 {
		t.Errorf("got %d confirmation mails, want 2: one from the script, one from the form", got)
	}
}

// blog is another site: its own port is its own origin.
func blog(t *testing.T) (origin string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = strings.NewReader("<!DOCTYPE html><title>blog</title><h1>blog</h1>").WriteTo(w)
	})}
	var done sync.WaitGroup
	done.Go(func() { _ = srv.Serve(ln) })
	t.Cleanup(func() {
		_ = srv.Close()
		done.Wait()
	})
	return "http://" + ln.Addr().String()
}
