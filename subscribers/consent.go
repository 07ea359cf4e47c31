package subscribers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// A Consent is the proof that a reader asked for the digest: once for each
// wording that they agreed to.
type Consent struct {
	AskedAt     time.Time
	ConfirmedAt time.Time // zero: the operator answers for it
	Source      string    // the page of the form and the IP address, or who vouched
	Wording     string    // the wording's version; "" when it is not known
}

// WordingVersion is the version of a text that readers agree to.
func WordingVersion(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:6])
}

// Consents reads the proofs out of a subscriber's events, which are in order. A
// confirmation proves the latest sign-up before it; of several with one wording
// the first counts, until the reader left.
func Consents(s Subscriber, events []Event) []Consent {
	var out []Consent
	var asked *Event
	since := 0 // the proofs before are of an earlier stay
	seen := func(wording string) bool {
		for _, c := range out[since:] {
			if c.Wording == wording && !c.ConfirmedAt.IsZero() {
				return true
			}
		}
		return false
	}
	for i, e := range events {
		switch {
		case e.Kind == EventSignUp:
			asked = &events[i]
		case e.Kind == EventLeave:
			since = len(out)
		case e.Kind == EventAdd:
			out = append(out, Consent{AskedAt: e.At, Source: e.Detail})
		case e.Kind == EventConfirm && asked != nil && !seen(asked.Wording):
			out = append(out, Consent{AskedAt: asked.At, ConfirmedAt: e.At, Source: asked.Detail, Wording: asked.Wording})
		}
	}
	if len(out) == 0 && strings.HasPrefix(s.Source, "import:") && s.Status != Pending {
		out = append(out, Consent{AskedAt: s.CreatedAt, ConfirmedAt: s.ConfirmedAt, Source: s.Source})
	}
	return out
}

// A Proof is a consent with the words that were agreed to, "" where they are not
// known.
type Proof struct {
	Consent
	Text string
}

// Consents gives the proofs of a subscriber's consent.
func (s *Service) Consents(ctx context.Context, reader Subscriber) ([]Proof, error) {
	events, err := s.History(ctx, reader.ID)
	if err != nil {
		return nil, err
	}
	var out []Proof
	for _, c := range Consents(reader, events) {
		p := Proof{Consent: c}
		if c.Wording != "" {
			if p.Text, err = s.WordingText(ctx, c.Wording); err != nil && !errors.Is(err, ErrNotFound) {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// UseWording has a text that readers agree to kept, once, under the version that
// SignUp.Wording names: before the first sign-up is decided on.
func (s *Service) UseWording(text string) {
	s.wordings.mu.Lock()
	defer s.wordings.mu.Unlock()
	s.wordings.texts = append(s.wordings.texts, text)
}

// keepWordings keeps the texts in use that are not kept yet.
func (s *Service) keepWordings(ctx context.Context) error {
	s.wordings.mu.Lock()
	defer s.wordings.mu.Unlock()
	for len(s.wordings.texts) > 0 {
		text := s.wordings.texts[0]
		if err := s.signUps.KeepWording(ctx, WordingVersion(text), text, s.now()); err != nil {
			return err
		}
		s.wordings.texts = s.wordings.texts[1:]
	}
	return nil
}

// WordingText gives the text of a version, or ErrNotFound.
func (s *Service) WordingText(ctx context.Context, version string) (string, error) {
	return s.signUps.WordingText(ctx, version)
}
