package api

import (
	"encoding/hex"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// A Subscriber is a line of subscribers list.
type Subscriber struct {
	Email          string     `json:"email"`
	Name           string     `json:"name"`
	Status         string     `json:"status"`
	Categories     []string   `json:"categories"`
	CreatedAt      time.Time  `json:"created_at"`
	ConfirmedAt    *time.Time `json:"confirmed_at"`
	UnsubscribeURL string     `json:"unsubscribe_url"`
}

// NewSubscriber makes the row of s; base is the site's address.
func NewSubscriber(s subscribers.Subscriber, base string) Subscriber {
	row := Subscriber{
		Email: s.Email, Name: s.Name, Status: string(s.Standing()), Categories: append([]string{}, s.Categories...),
		CreatedAt: s.CreatedAt, UnsubscribeURL: base + "/unsubscribe/" + s.Token.String(),
	}
	if !s.ConfirmedAt.IsZero() {
		row.ConfirmedAt = &s.ConfirmedAt
	}
	return row
}

// A SubscriberRecord is subscribers show: the row, and what was recorded.
type SubscriberRecord struct {
	Subscriber
	Source  string  `json:"source"`
	History []Event `json:"history"`
}

// An Event is one entry of a subscriber's record.
type Event struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Detail string    `json:"detail"`
	// Wording is the version of what a sign-up agreed to.
	Wording string `json:"wording,omitempty"`
}

// A Consent is a line of subscribers show --consent: the proof that a reader
// asked for the digest.
type Consent struct {
	AskedAt     time.Time  `json:"asked_at"`
	ConfirmedAt *time.Time `json:"confirmed_at"` // null: an operator answers for it
	Source      string     `json:"source"`
	Wording     string     `json:"wording"` // its version
	Text        string     `json:"text"`    // what it said
}

// NewConsent makes the row of c, times in the list's zone.
func NewConsent(c subscribers.Proof, zone *time.Location) Consent {
	row := Consent{AskedAt: c.AskedAt.In(zone), Source: c.Source, Wording: c.Wording, Text: c.Text}
	if !c.ConfirmedAt.IsZero() {
		at := c.ConfirmedAt.In(zone)
		row.ConfirmedAt = &at
	}
	return row
}

// Events makes the rows of events.
func Events(events []subscribers.Event) []Event {
	rows := make([]Event, len(events))
	for i, e := range events {
		rows[i] = Event(e)
	}
	return rows
}

// A Suppressed is a line of subscribers list --suppressed: an address that is
// never mailed.
type Suppressed struct {
	Email  string    `json:"email"`  // "" when it is not on the list
	SHA256 string    `json:"sha256"` // of the address in lower case
	Reason string    `json:"reason"` // bounced, bouncing, complained, suppressed or erased
	Detail string    `json:"detail"`
	At     time.Time `json:"at"`
}

// NewSuppressed makes the row of a.
func NewSuppressed(a subscribers.SuppressedAddress) Suppressed {
	return Suppressed{Email: a.Email, SHA256: hex.EncodeToString(a.SHA256[:]), Reason: a.Word(), Detail: a.Detail, At: a.At}
}

// An About is what is known about a reader, as they may read and keep it.
type About struct {
	Email       string     `json:"email"`
	Name        string     `json:"name"`
	Status      string     `json:"status"`
	Topics      []string   `json:"topics"` // empty: all
	PausedUntil *time.Time `json:"paused_until"`
	CreatedAt   time.Time  `json:"created_at"`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	Source      string     `json:"source"`
	Consents    []Consent  `json:"consents"`
	History     []Event    `json:"history"`
	Votes       []Vote     `json:"votes"`
	Saved       []Kept     `json:"saved"`
	Digests     []Digest   `json:"digests"`
}

// A Digest is an edition that a reader was to get.
type Digest struct {
	Week    string    `json:"week"`
	Subject string    `json:"subject"`
	Mailed  bool      `json:"mailed"` // a mail server took it
	At      time.Time `json:"at"`
}

// Digests makes the rows of list, times in the list's zone.
func Digests(list []edition.Mailed, zone *time.Location) []Digest {
	rows := []Digest{}
	for _, m := range list {
		rows = append(rows, Digest{Week: m.Week.String(), Subject: m.Subject, Mailed: m.Accepted, At: m.At.In(zone)})
	}
	return rows
}

// A Kept is a comparison that a reader saved.
type Kept struct {
	Slug string    `json:"slug"`
	At   time.Time `json:"at"`
}

// A Vote is one of a reader's.
type Vote struct {
	Slug string    `json:"slug"`
	Tool int       `json:"tool"` // 1 or 2
	Vote string    `json:"vote"` // ship or skip
	At   time.Time `json:"at"`
}

// NewAbout makes the row of a, times in the list's zone.
func NewAbout(a subscribers.About, cast []votes.Vote, kept []saved.Item, zone *time.Location) About {
	s := a.Subscriber
	row := About{
		Email: s.Email, Name: s.Name, Status: string(s.Standing()), Topics: append([]string{}, s.Categories...),
		CreatedAt: s.CreatedAt.In(zone), Source: s.Source, Consents: []Consent{}, History: Events(a.Events), Votes: []Vote{}, Saved: []Kept{}, Digests: []Digest{},
	}
	for _, v := range cast {
		row.Votes = append(row.Votes, Vote{Slug: v.Slug, Tool: v.Tool + 1, Vote: v.Choice.String(), At: v.At.In(zone)})
	}
	for _, it := range kept {
		row.Saved = append(row.Saved, Kept{Slug: it.Slug, At: it.At.In(zone)})
	}
	row.PausedUntil, row.ConfirmedAt = known(s.PausedUntil, zone), known(s.ConfirmedAt, zone)
	for _, c := range a.Consents {
		row.Consents = append(row.Consents, NewConsent(c, zone))
	}
	for i := range row.History {
		row.History[i].At = row.History[i].At.In(zone)
	}
	return row
}

// known gives a time in a zone, nil for none.
func known(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}
