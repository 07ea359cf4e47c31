package subscribers

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// rowReader turns records into rows.
type rowReader struct {
	layout layout
	as     standing // what the operator says of every row
	now    time.Time
	token  func() Token
	note   func(line int, reason string) // of a value that a row had to do without
}

// row parses a record. The error is a row's rejection: only an address, or a
// consent, that cannot be read costs a reader. Another value that cannot is left
// out and noted.
func (p *rowReader) row(record []string, line int) (ImportRow, error) {
	if err := p.checkFields(record); err != nil {
		return ImportRow{}, err
	}
	r := ImportRow{Line: line}
	s, err := p.layout.standing(record)
	if err != nil {
		return ImportRow{}, err
	}
	s = s.worse(p.as)
	r.Status, r.Suppressed = s.status, s.suppressed
	email := unguard(p.layout.value(record, colEmail))
	if hash := p.layout.value(record, colSHA256); email == "" && hash != "" {
		return p.hashed(r, record, hash)
	}
	if r.Suppressed == Erased {
		return ImportRow{}, errors.New("status: an erased reader has no address")
	}
	if email != "" && columnName(email) == p.layout.email {
		return ImportRow{}, errors.New("the header again; if two files were joined, import each by itself, because their columns may differ")
	}
	if r.Address, err = ParseAddress(email); err != nil {
		return ImportRow{}, err
	}
	r.Name = p.name(record)
	p.times(&r, record)
	p.categories(&r, record)
	p.giveToken(&r, record)
	return r, nil
}

// checkFields refuses a record whose values may be in the wrong columns, or that
// ends before the last column that matters.
func (p *rowReader) checkFields(record []string) error {
	for len(record) > p.layout.fields && strings.TrimSpace(record[len(record)-1]) == "" {
		record = record[:len(record)-1]
	}
	if n := len(record); n > p.layout.fields || n < p.layout.needed {
		noun := "fields"
		if n == 1 {
			noun = "field"
		}
		return fmt.Errorf("it has %d %s, the header has %d", n, noun, p.layout.fields)
	}
	return nil
}

// hashed reads a suppression without an address.
func (p *rowReader) hashed(r ImportRow, record []string, hash string) (ImportRow, error) {
	b, err := hex.DecodeString(hash)
	if err != nil || len(b) != len(r.Address.SHA256) {
		return ImportRow{}, errors.New("email_sha256: it is not 64 hexadecimal digits")
	}
	copy(r.Address.SHA256[:], b)
	r.Address.Hash = int64(binary.BigEndian.Uint64(b)) // the bits are what counts
	if r.Suppressed == NotSuppressed {
		r.Status, r.Suppressed = Unsubscribed, Manual // a list of hashes lists whom not to mail
	}
	p.times(&r, record)
	return r, nil
}

func (p *rowReader) name(record []string) string {
	if name := CleanName(unguard(p.layout.value(record, colName))); name != "" {
		return name
	}
	if p.layout.at[colFirstName] < 0 && p.layout.at[colLastName] < 0 {
		return ""
	}
	return CleanName(unguard(p.layout.value(record, colFirstName)) + " " + unguard(p.layout.value(record, colLastName)))
}

func (p *rowReader) times(r *ImportRow, record []string) {
	for c, t := range map[column]*time.Time{colCreated: &r.Created, colConfirmed: &r.Confirmed, colLeft: &r.Left} {
		var err error
		if *t, err = parseTime(p.layout.value(record, c)); err != nil {
			p.note(r.Line, err.Error())
		}
	}
	if r.Created.IsZero() {
		r.Created = p.now
	}
	switch {
	case r.Status != Unsubscribed:
		r.Left = time.Time{}
	case r.Left.IsZero():
		r.Left = p.now
	}
}

// timeForms are the forms in which the programs export times; without a zone
// they are UTC.
var timeForms = [...]string{
	time.DateOnly, time.DateTime, time.RFC3339Nano, "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 Z0700 MST", "2006-01-02 15:04:05 MST", "2006-01-02 15:04",
	"2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999 -0700 -0700",
	"2006-01-02 15:04:05.999999999 -0700", "2006-01-02T15:04", "2006/01/02 15:04:05", "2006/01/02",
	"2006-01-02 15:04:05.999999999Z07", "2006-01-02T15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999 -0700 -07", "2006-01-02T15:04Z07:00", "2006-01-02 15:04 MST",
	"2006-1-2", "2006-01-02 3:04 PM", "2006-01-02 3:04:05 PM", time.RFC1123, time.RFC1123Z,
	"Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "2 Jan 2006", "2 January 2006", "Jan 2, 2006 3:04 PM", "January 2, 2006 3:04 PM", "Jan 2, 2006, 3:04 PM", "January 2, 2006, 3:04 PM",
}

// parseTime reads a time to the millisecond; "" is the zero time.
func parseTime(s string) (time.Time, error) {
	if s == "" || isNo(s) {
		return time.Time{}, nil
	}
	forms := timeForms[:]
	if len(s) == len(time.DateTime) && s[0] <= '9' { // a form that fails costs more than the one that fits
		forms = forms[1:]
	} else if len(s) > len(time.DateTime) {
		forms = forms[2:]
	}
	for _, form := range forms {
		if t, err := time.Parse(form, s); err == nil && t.Year() >= 1971 && t.Year() < 2200 {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date or a time; write 2006-01-31 or 2006-01-31T15:04:05Z", clean(s, 40))
}

func (p *rowReader) categories(r *ImportRow, record []string) {
	if p.layout.at[colCategories] < 0 {
		return
	}
	r.Given.Categories = true
	s := unguard(p.layout.value(record, colCategories))
	if s == "" {
		return
	}
	var err error
	if r.Categories, err = cleanCategories(strings.Split(s, ",")); err != nil {
		r.Given.Categories = false
		p.note(r.Line, err.Error())
	}
}

func (p *rowReader) giveToken(r *ImportRow, record []string) {
	r.Token = p.token()
	s := p.layout.value(record, colToken)
	if s == "" {
		return
	}
	given, err := ParseToken(s)
	if err != nil {
		p.note(r.Line, "token: it is not 22 characters of URL-safe base64; a new one is made, and old unsubscribe links do not work")
		return
	}
	r.Token, r.Given.Token = given, true
}
