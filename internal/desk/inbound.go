package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// TakeMail acts on a mail that came back; to is where it was brought to, as far
// as the way in knows.
func (d *Desk) TakeMail(ctx context.Context, raw []byte, to ...string) (inbound.Taken, error) {
	if d.in.Inbox == nil {
		return inbound.Taken{}, ErrNoDatabase
	}
	return d.in.Inbox.Take(ctx, raw, to...)
}

// A Returned is what came back lately.
type Returned struct {
	Since   time.Time
	Tallies []inbound.Tally
	Kept    []inbound.Kept
	DMARC   []inbound.DMARC
}

// returnedFor is how far back Returned counts.
const returnedFor = 30 * 24 * time.Hour

// Returned shows what came back in the last 30 days.
func (d *Desk) Returned(ctx context.Context) (r Returned, err error) {
	if d.in.Shelf == nil {
		return r, ErrNoDatabase
	}
	r.Since = d.in.Now().Add(-returnedFor)
	if r.Tallies, err = d.in.Shelf.Tallies(ctx, r.Since); err != nil {
		return r, err
	}
	if r.Kept, err = d.in.Shelf.Kept(ctx); err != nil {
		return r, err
	}
	r.DMARC, err = d.in.Shelf.DMARC(ctx)
	return r, err
}

// KeptMail gives a kept mail by its id, or the beginning of one that no other
// kept mail has.
func (d *Desk) KeptMail(ctx context.Context, id string) (inbound.Kept, error) {
	if d.in.Shelf == nil {
		return inbound.Kept{}, ErrNoDatabase
	}
	list, err := d.in.Shelf.Kept(ctx)
	if err != nil {
		return inbound.Kept{}, err
	}
	var found []inbound.Kept
	for _, k := range list {
		if id != "" && strings.HasPrefix(hex.EncodeToString(k.Mail[:]), strings.ToLower(id)) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return inbound.Kept{}, fmt.Errorf("%d kept mails have an id that begins with %q", len(found), id)
	}
	return found[0], nil
}
