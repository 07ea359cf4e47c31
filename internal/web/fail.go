package web

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/subscribers"
)

// A handler answers a request, or returns why it could not before it wrote
// anything; fail turns the error into a page.
type handler func(w http.ResponseWriter, r *http.Request) error

// writeFor is how long a visitor waits for the database to take something down.
const writeFor = 4 * time.Second

func (s *server) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if r.Method == http.MethodPost {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, writeFor)
			defer cancel()
		}
		if err := h(w, r.WithContext(ctx)); err != nil {
			s.showError(w, r, err)
		}
	})
}

// statusError is an answer that is known by its status alone.
type statusError struct {
	status     int
	retryAfter time.Duration // for 429 and 503; 0: a minute
	text       page.Notice   // what the page says; the zero Notice: what the status says
}

func (e statusError) Error() string { return strconv.Itoa(e.status) + " " + http.StatusText(e.status) }

// ErrClosed is a sign-up at a list that takes none yet, because no readers can be
// mailed.
var ErrClosed = errors.New("the list takes no sign-ups yet")

// statusOf is the one place where errors become statuses.
func statusOf(err error) int {
	var se statusError
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &se):
		return se.status
	case isBusy(err), errors.Is(err, ErrClosed):
		return http.StatusServiceUnavailable
	case errors.As(err, &tooBig):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, errNotFound), errors.Is(err, subscribers.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, subscribers.ErrExpired), errors.Is(err, subscribers.ErrUsed):
		return http.StatusGone
	case errors.Is(err, subscribers.ErrLimited):
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// isBusy reports whether the same may be tried again: another process writes to
// the database for long, the database did not answer in time, or its disk is full.
func isBusy(err error) bool {
	return errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrDisk) || errors.Is(err, context.DeadlineExceeded)
}

// showError answers with the page (or JSON) of an error. It says nothing of the
// request: no path, no token, no address.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) {
		w.WriteHeader(http.StatusBadRequest) // for the log; a page for nobody would be thousands a second under attack
		return
	}
	status := statusOf(err)
	if r.Context().Err() != nil && status == http.StatusInternalServerError {
		return // the client has gone; there is nobody to answer and nothing to report
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if errors.Is(err, ErrClosed) {
			break // nobody knows until when
		}
		w.Header().Set("Retry-After", retryAfter(err))
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout, http.StatusUnsupportedMediaType:
		w.Header().Set("Connection", "close") // the rest of the body is not wanted
	}
	if status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "request failed",
			slog.String("route", route(r)), slog.String("error", redact(err.Error(), r.PathValue("token"))))
	}
	w.Header().Set("Cache-Control", "no-store")
	text := failureTexts(err, status)
	if wantsJSON(r) {
		s.writeJSON(w, status, map[string]string{"error": text.Text})
		return
	}
	s.writePage(w, status, "message", content{Title: text.Heading, NoIndex: true, Data: text})
}

// retryAfter is in whole seconds, as RFC 9110 §10.2.3 has it.
func retryAfter(err error) string {
	var se statusError
	if errors.As(err, &se) && se.retryAfter > 0 {
		return strconv.Itoa(int(math.Ceil(se.retryAfter.Seconds())))
	}
	return "60"
}

// redact takes a secret out of an error that a lower layer made with it.
func redact(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, "[redacted]")
}

// failureTexts is what an error page says.
func failureTexts(err error, status int) page.Notice {
	var se statusError
	switch {
	case errors.As(err, &se) && se.text != page.Notice{}:
		return se.text
	case errors.Is(err, ErrClosed):
		return page.Notice{Heading: "Sign-ups are not open yet", Text: "This list is still being set up and takes no sign-ups yet. Please come back another day."}
	case errors.Is(err, subscribers.ErrExpired):
		return page.Notice{Heading: "This link has expired", Text: "A confirmation link works for seven days. Sign up again to get a new one."}
	case errors.Is(err, subscribers.ErrUsed):
		return page.Notice{Heading: "This link was used before", Text: "A confirmation link works once. If you have confirmed, there is nothing left to do. To come back after leaving, sign up again."}
	}
	switch status {
	case http.StatusNotFound:
		return page.Notice{Heading: "There is nothing here", Text: "The link may be incomplete: mail programs sometimes cut long links in two. Try copying all of it, or start from the front page."}
	case http.StatusMethodNotAllowed:
		return page.Notice{Heading: "That does not work here", Text: "This page does not accept that kind of request."}
	case http.StatusForbidden:
		return page.Notice{Heading: "Not from that site", Text: "This list accepts sign-ups from its own form and from sites that its editor has allowed."}
	case http.StatusRequestTimeout:
		return page.Notice{Heading: "That took too long", Text: "The request did not arrive in time. Please try again."}
	case http.StatusRequestEntityTooLarge:
		return page.Notice{Heading: "That is too much", Text: "The request is larger than this page accepts."}
	case http.StatusUnsupportedMediaType:
		return page.Notice{Heading: "That format is not understood", Text: "Send a form (application/x-www-form-urlencoded or multipart/form-data) or JSON (application/json), not compressed."}
	case http.StatusBadRequest:
		return page.Notice{Heading: "That could not be read", Text: "The request is not well formed."}
	case http.StatusTooManyRequests:
		return page.Notice{Heading: "A little too fast", Text: "There were many requests from your network. Please wait a minute and try again."}
	case http.StatusServiceUnavailable:
		return page.Notice{Heading: "One moment, please", Text: "We could not save that just now. Please try again in a minute."}
	default:
		return page.Notice{Heading: "Something went wrong on our side", Text: "The error has been logged. Please try again in a while."}
	}
}
