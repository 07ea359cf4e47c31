package subscribers

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// rowReader turns records into rows.
type rowReader struct {
	layout layout
	now    time.Time
	token  func() Token
}

// row parses a record. The error is a row's rejection.
func (p *rowReader) row(record []string, line int) (ImportRow, error) {
	if len(record) != p.layout.fields {
		return ImportRow{}, fmt.Errorf("it has %d fields, the header has %d", len(record), p.layout.fields)
	}
	r := ImportRow{Line: line}
	var err error
	if r.Address, err = ParseAddress(unguard(p.layout.value(record, colEmail))); err != nil {
		return ImportRow{}, err
	}
	r.Name = p.name(record)
	if err := p.standing(&r, record); err != nil {
		return ImportRow{}, err
	}
	if err := p.times(&r, record); err != nil {
		return ImportRow{}, err
	}
	if err := p.categories(&r, record); err != nil {
		return ImportRow{}, err
	}
	if s := p.layout.value(record, colToken); s != "" {
		r.Given.Token = true
		if r.Token, err = ParseToken(s); err != nil {
			return ImportRow{}, errors.New("token: it is not 22 characters of URL-safe base64")
		}
	} else {
		r.Token = p.token()
	}
	return r, nil
}

func (p *rowReader) name(record []string) string {
	if name := CleanName(unguard(p.layout.value(record, colName))); name != "" {
		return name
	}
	if p.layout.at[colFirstName] < 0 && p.layout.at[colLastName] < 0 {
		return ""
	}
	return CleanName(p.layout.value(record, colFirstName) + " " + p.layout.value(record, colLastName))
}

// standing reads the status from whichever columns say it; the one that takes
// the reader off the list wins. A file that says nothing lists active readers.
func (p *rowReader) standing(r *ImportRow, record []string) error {
	r.Status = Active
	if word := p.layout.value(record, colStatus); word != "" {
		s, ok := statusWords[word]
		if !ok {
			s, ok = statusWords[strings.ToLower(word)]
		}
		if !ok {
			return fmt.Errorf("status: %q is not known; it can be active, pending or unsubscribed", clean(word, 40))
		}
		r.Status, r.Suppressed = s.status, s.suppressed
	}
	if p.layout.at[colSubscribed] >= 0 && !yes(p.layout.value(record, colSubscribed)) {
		r.Status = Unsubscribed
	}
	if yes(p.layout.value(record, colMailDisabled)) || p.layout.value(record, colLeft) != "" {
		r.Status = Unsubscribed
	}
	if p.layout.value(record, colBounced) != "" {
		r.Status, r.Suppressed = Unsubscribed, HardBounce
	}
	return nil
}

func yes(s string) bool {
	return strings.EqualFold(s, "true") || strings.EqualFold(s, "yes") || s == "1"
}

func (p *rowReader) times(r *ImportRow, record []string) error {
	var err error
	if r.Created, err = parseTime(p.layout.value(record, colCreated)); err != nil {
		return err
	}
	if r.Confirmed, err = parseTime(p.layout.value(record, colConfirmed)); err != nil {
		return err
	}
	if r.Left, err = parseTime(p.layout.value(record, colLeft)); err != nil {
		return err
	}
	if r.Created.IsZero() {
		r.Created = p.now
	}
	if r.Status == Unsubscribed && r.Left.IsZero() {
		r.Left = p.now
	}
	return nil
}

// timeForms are the forms in which the programs export times; without a zone
// they are UTC.
var timeForms = [...]string{
	time.DateOnly, time.DateTime, time.RFC3339Nano, "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 Z0700 MST", "2006-01-02 15:04:05 MST", "2006-01-02 15:04",
}

// parseTime reads a time to the millisecond; "" is the zero time.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	forms := timeForms[:]
	switch { // a form that fails costs more than the one that fits
	case len(s) == len(time.DateTime):
		forms = forms[1:]
	case len(s) > len(time.DateTime):
		forms = forms[2:]
	}
	for _, form := range forms {
		if t, err := time.Parse(form, s); err == nil && t.Year() >= 1971 && t.Year() < 2200 {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time that can be read; write 2006-01-31 or 2006-01-31T15:04:05Z", clean(s, 40))
}

func (p *rowReader) categories(r *ImportRow, record []string) error {
	if p.layout.at[colCategories] < 0 {
		return nil
	}
	r.Given.Categories = true
	s := unguard(p.layout.value(record, colCategories))
	if s == "" {
		return nil
	}
	var err error
	r.Categories, err = cleanCategories(strings.Split(s, ","))
	return err
}
