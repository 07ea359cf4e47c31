package pipeline

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
)

// A composer splices one edition's message for each reader.
type composer struct {
	frozen *message.Frozen
	sealed *message.Sealed
	tagger *message.Tagger
}

var _ delivery.Composer = (*composer)(nil)

// composer reads the frozen message of a week.
func (p *Pipeline) composer(ctx context.Context, w edition.Week) (*composer, error) {
	data, err := p.Archive.EditionMessage(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("read the frozen message of %s: %w", w, err)
	}
	frozen, err := message.Unfreeze(data)
	if err != nil {
		return nil, fmt.Errorf("read the frozen message of %s: %w", w, err)
	}
	sealed, err := p.Signer.Seal(frozen)
	if err != nil {
		return nil, fmt.Errorf("prepare the signature of %s: %w", w, err)
	}
	return &composer{frozen: frozen, sealed: sealed, tagger: p.Tagger}, nil
}

// Compose appends one reader's signed message.
func (c *composer) Compose(dst []byte, r *delivery.Recipient) ([]byte, delivery.Envelope, error) {
	reader := message.Reader{
		ID:        r.ID,
		Email:     r.Email,
		Name:      r.Name,
		Token:     r.Token.String(),
		MessageID: c.tagger.MessageID(c.frozen, r.ID),
	}
	env := delivery.Envelope{From: c.tagger.EnvelopeSender(c.frozen, r.ID), To: r.Email}
	msg, err := c.sealed.Append(dst, &reader)
	return msg, env, err
}
