// Package column is how the stores keep values in columns and read them again:
// the forms are the same whatever keeps the data, so that a list can move from
// one store to the other as it is. The SQL around them is each store's own.
//
// Times are Unix milliseconds in UTC, 0 for none; a token is its 16 bytes;
// categories are one text with commas between them.
package column

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"verdicts.example/digest/subscribers"
)

// Millis is the form of a time; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time reads what Millis gave, in UTC.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Token scans a token's 16 bytes.
type Token subscribers.Token

// Scan implements sql.Scanner.
func (t *Token) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(t) {
		return fmt.Errorf("a token of %T with %d bytes", v, len(b))
	}
	copy(t[:], b)
	return nil
}

// Subscriber scans a row of, in this order: id, email, name, status, suppressed,
// token, categories, source, created_at, confirmed_at, left_at, paused_until; and
// then more.
func Subscriber(scan func(...any) error, more ...any) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	var categories string
	var created, confirmed, left, paused int64
	into := []any{
		&s.ID,
		&s.Email,
		&s.Name,
		&s.Status,
		&s.Suppressed,
		(*Token)(&s.Token),
		&categories,
		&s.Source,
		&created,
		&confirmed,
		&left,
		&paused,
	}
	if err := scan(append(into, more...)...); err != nil {
		return subscribers.Subscriber{}, err
	}
	s.Categories = subscribers.SplitCategories(categories)
	s.CreatedAt, s.ConfirmedAt = Time(created), Time(confirmed)
	s.UnsubscribedAt, s.PausedUntil = Time(left), Time(paused)
	return s, nil
}

// A SignUp is a row of the queue of sign-ups.
type SignUp struct {
	ID                 int64
	Email, Details, IP string // IP "" when unknown
	At                 int64
	Wish               subscribers.Wish
}

// queuedDetails are a sign-up's details with what only the queue needs.
type queuedDetails struct {
	subscribers.Details
	Answered bool `json:"answered,omitempty"`
}

// FromSignUp gives a sign-up's row, with no number yet.
func FromSignUp(s subscribers.QueuedSignUp) (SignUp, error) {
	details, err := json.Marshal(queuedDetails{s.Details, s.Answered})
	row := SignUp{Email: s.Address.Email, Details: string(details), At: Millis(s.At), Wish: s.Wish}
	if s.IP.IsValid() {
		row.IP = s.IP.String()
	}
	return row, err
}

// SignUp gives what the row says.
func (r SignUp) SignUp() (q subscribers.QueuedSignUp, err error) {
	var d queuedDetails
	if q.Address, err = subscribers.ParseAddress(r.Email); err == nil {
		err = json.Unmarshal([]byte(r.Details), &d)
	}
	q.Details, q.Answered = d.Details, d.Answered
	if err == nil && r.IP != "" {
		q.IP, err = netip.ParseAddr(r.IP)
	}
	if err != nil {
		return q, fmt.Errorf("read sign-up %d: %w", r.ID, err)
	}
	q.At, q.Wish = Time(r.At), r.Wish
	return q, nil
}
