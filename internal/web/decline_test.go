package web

import (
	"net/http"
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// Whose address a stranger typed says so by the link in the mail: a look changes
// nothing, the button has it forgotten, and no page shows the address.
func TestDecline(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	confirm := "/confirm/" + r.link(t, "reader@example.org")
	sub, err := r.Get(t.Context(), "reader@example.org")
	if err != nil {
		t.Fatal(err)
	}
	decline := "/decline/" + r.own(t, subscribers.PurposeDecline, sub.ID)
	before := r.dump(t)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		a := s.send(t, method, decline, nil, "")
		wantStatus(t, a, http.StatusOK)
		if method == http.MethodGet && (!strings.Contains(a.body, "It was not me") || !strings.Contains(a.body, `name="robots" content="noindex`)) {
			t.Errorf("got %s, want a button on a page that is not indexed", a.body)
		}
	}
	if r.dump(t) != before {
		t.Error("a look changed the list")
	}
	for range 2 {
		a := s.form(t, decline, "")
		wantStatus(t, a, http.StatusOK)
		if !strings.Contains(a.body, "It is forgotten") || strings.Contains(a.body, "reader@") {
			t.Errorf("got %s, want it said, without the address", a.body)
		}
	}
	if strings.Contains(r.dump(t), "reader@") {
		t.Errorf("got the list %s, want nobody", r.dump(t))
	}
	wantStatus(t, s.form(t, confirm, ""), http.StatusNotFound)
	wantStatus(t, s.form(t, "/decline/"+subscribers.NewToken().String(), ""), http.StatusNotFound)
}

// Who has confirmed stays: a link that was forwarded with the confirmation mail takes
// nobody off the list.
func TestDeclineAfterConfirming(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	sub := r.active(t, "reader@example.org")
	decline := "/decline/" + r.own(t, subscribers.PurposeDecline, sub.ID)
	for _, a := range []answer{s.get(t, decline), s.form(t, decline, "")} {
		wantStatus(t, a, http.StatusOK)
		if !strings.Contains(a.body, `href="/leave"`) || strings.Contains(a.body, "<form") {
			t.Errorf("got %s, want the way to leave and no button", a.body)
		}
	}
	r.wantStatus(t, "reader@example.org", subscribers.Active)
}
