package intake

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// Webhooks takes what providers post. A provider has to prove who it is: its word
// for an address is believed then, where a mail's is not.
type Webhooks struct {
	Taker Taker
	Log   *slog.Logger
	Now   func() time.Time
	Fetch func(ctx context.Context, url string) ([]byte, error) // of Amazon's certificate

	Topic              string // of SNS; "": no webhook of SES
	Username, Password string // of Postmark; "": no webhook

	slots chan struct{}
}

// maxBody bounds what is posted: SNS brings 256 KB, in JSON. And maxPosts is how
// many bodies are read at once.
const (
	maxBody  = 1 << 20
	maxPosts = 16
)

// Handler serves /ses and /postmark, those that are set; nil for none.
func (h Webhooks) Handler() http.Handler {
	mux := http.NewServeMux()
	h.slots = make(chan struct{}, maxPosts)
	if h.Topic != "" {
		topic := newSNS(h.Topic, h.Fetch, h.Now)
		mux.HandleFunc("POST /ses", h.posted(func(r *http.Request, body []byte) error { return h.ses(r.Context(), topic, body) }))
	}
	if h.Username != "" {
		mux.HandleFunc("POST /postmark", h.posted(h.postmark))
	}
	if h.Topic == "" && h.Username == "" {
		return nil
	}
	return mux
}

// posted reads a bounded body, and answers: 200 for what was dealt with, 401 or
// 403 for what proves nothing, 503 for what is to be posted again.
func (h Webhooks) posted(take func(*http.Request, []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case h.slots <- struct{}{}:
			defer func() { <-h.slots }()
		default:
			w.Header().Set("Retry-After", "60")
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		switch err := take(r, body); {
		case err == nil:
			w.WriteHeader(http.StatusOK)
		case errors.Is(err, errForged):
			h.Log.Warn("a webhook was refused", "route", r.Pattern, "error", err)
			http.Error(w, "not signed for this list", http.StatusForbidden)
		case errors.Is(err, errUnknown):
			w.Header().Set("WWW-Authenticate", `Basic realm="digest"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
		default:
			h.Log.Error("a webhook's events could not be recorded; the provider was told to post them again", "route", r.Pattern, "error", err)
			w.Header().Set("Retry-After", "60")
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		}
	}
}

func (h Webhooks) ses(ctx context.Context, topic *sns, body []byte) error {
	m, err := topic.verify(ctx, body)
	if err != nil {
		return err
	}
	switch m.Type {
	case snsSubscribe:
		if err := topic.confirm(ctx, m); err != nil {
			return err
		}
		h.Log.Info("the SNS topic was subscribed to", "topic", m.TopicArn)
		return nil
	case snsUnsubscribe:
		h.Log.Warn("the subscription to the SNS topic was ended: no more bounces will arrive", "topic", m.TopicArn)
		return nil
	}
	return h.take(ctx, "ses", inbound.ReadSES([]byte(m.Message)), []byte(m.Message))
}

var errUnknown = errors.New("wrong name or password")

// postmark asks for basic authentication: Postmark signs nothing.
func (h Webhooks) postmark(r *http.Request, body []byte) error {
	name, password, _ := r.BasicAuth()
	if !same(name, h.Username) || !same(password, h.Password) {
		return errUnknown
	}
	return h.take(r.Context(), "postmark", inbound.ReadPostmark(body), body)
}

// same compares in a time that tells nothing.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (h Webhooks) take(ctx context.Context, way string, r inbound.Report, raw []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeTime)
	defer cancel()
	taken, err := h.Taker.TakeReport(ctx, r, raw)
	if err == nil {
		told(h.Log, way, taken)
	}
	return err
}
