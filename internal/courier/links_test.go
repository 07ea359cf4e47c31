package courier_test

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// A reader who asks on a comparison's page is mailed links that are theirs, each
// for one thing.
func TestReaderLinks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	secret, err := o.db.Secret(t.Context())
	fatal(t, err)
	o.Links = subscribers.NewLinks(secret)
	sub, err := o.list.Add(t.Context(), subscribers.NewReader{Email: "ada@example.com"})
	fatal(t, err)
	page := subscribers.Page{Slug: "a-vs-b", Title: "A vs B", Week: "2026-W47"}
	fatal(t, o.list.RequestLinks(t.Context(), "ada@example.com", page, netip.Addr{}))
	_, err = o.list.Process(t.Context())
	fatal(t, err)
	o.deliver(1)
	text := decoded(t, o.sink.Messages()[0].Data)
	for purpose, link := range map[subscribers.Purpose]string{
		subscribers.PurposeVote: `/vote/([\w-]+)/2026-W47/a-vs-b`, subscribers.PurposeSave: `/save/([\w-]+)/a-vs-b`, subscribers.PurposeSaved: `/saved/([\w-]+)`,
	} {
		token := regexp.MustCompile(base + link).FindStringSubmatch(text)
		if token == nil {
			t.Errorf("got no link to %s in %s", purpose, text)
			continue
		}
		if id, err := o.Links.Subscriber(purpose, token[1]); err != nil || id != sub.ID {
			t.Errorf("got reader %d, %v from the link to %s, want %d", id, err, purpose, sub.ID)
		}
	}
	if !strings.Contains(text, "A vs B") {
		t.Error("got no title in the mail")
	}
}
