package courier_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
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

// The mails about a week lead to the desk, where there is one.
func TestMailsLeadToTheDesk(t *testing.T) {
	t.Parallel()
	week := edition.Week{Year: 2026, Number: 48}
	slot := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	about := []struct {
		what outbox.Payload
		page string
	}{
		{outbox.Held{Week: week, Slot: slot, Reason: "waits for approval"}, "/desk/week/2026-W48"},
		{outbox.Missed{Week: week, Slot: slot, CatchUpSeconds: 3600, Noticed: slot.Add(2 * time.Hour)}, "/desk/week/2026-W48"},
		{outbox.Report{Week: week, Subject: "A subject", StartedAt: slot, FinishedAt: slot.Add(time.Minute), Total: 3, Accepted: 3}, "/desk/outcome"},
	}
	for _, has := range []bool{true, false} {
		o := newOffice(t)
		o.Sheet.Desk = has
		for i, x := range about {
			fatal(t, o.db.Outbox().Tell(t.Context(), []string{"editor@example.com"}, x.what, fmt.Sprint(i), o.now))
		}
		o.deliver(len(about))
		for i, m := range o.sink.Messages() {
			got := strings.Contains(decoded(t, m.Data), base+"/desk/")
			if got != has {
				t.Errorf("mail %d, with a desk %v: got a link to it %v", i+1, has, got)
			}
		}
		for _, x := range about {
			found := 0
			for _, m := range o.sink.Messages() {
				found += strings.Count(decoded(t, m.Data), base+x.page)
			}
			if has && found < 2 {
				t.Errorf("%s: got %d links to %s, want one in either part", x.what.Kind(), found, x.page)
			}
		}
	}
}
