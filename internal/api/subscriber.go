package api

import (
	"time"

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
}

// Events makes the rows of events.
func Events(events []subscribers.Event) []Event {
	rows := make([]Event, len(events))
	for i, e := range events {
		rows[i] = Event(e)
	}
	return rows
}
