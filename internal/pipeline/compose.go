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
	data, err := p.parts.Archive.Message(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("read the frozen message of %s: %w", w, err)
	}
	frozen, err := message.Unfreeze(data)
	if err != nil {
		return nil, fmt.Errorf("read the frozen message of %s: %w", w, err)
	}
	sealed, err := p.parts.Signer.Seal(frozen)
	if err != nil {
		return nil, fmt.Errorf("prepare the signature of %s: %w", w, err)
	}
	return &composer{frozen: frozen, sealed: sealed, tagger: p.parts.Tagger}, nil
}

// MessageIDs gives the Message-ID, in angle brackets, that the frozen edition of
// week w has for a subscriber: what a relay's log knows a message by.
func (p *Pipeline) MessageIDs(ctx context.Context, w edition.Week) (func(subscriber int64) string, error) {
	c, err := p.composer(ctx, w)
	if err != nil {
		return nil, err
	}
	return func(id int64) string { return "<" + c.tagger.MessageID(c.frozen, id) + ">" }, nil
}

// Writer gives a worker its own buffers.
func (c *composer) Writer() delivery.Writer { return &writer{composer: c} }

// A writer splices for one worker.
type writer struct {
	*composer
	parts message.Parts
}

// Compose gives one reader's signed message; no line of it starts with ".".
func (w *writer) Compose(r *delivery.Recipient) (delivery.Message, delivery.Envelope, error) {
	reader := message.Reader{
		ID:        r.ID,
		Email:     r.Email,
		Name:      r.Name,
		Token:     r.Token.String(),
		MessageID: w.tagger.MessageID(w.frozen, r.ID),
	}
	env := delivery.Envelope{From: w.tagger.EnvelopeSender(w.frozen, r.ID), To: r.Email}
	err := w.sealed.Split(&w.parts, &reader)
	return delivery.Message{Pieces: w.parts.Pieces, DotSafe: true}, env, err
}
