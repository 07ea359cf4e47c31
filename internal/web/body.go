package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the largest body, in bytes, that any route reads. A sign-up is
// well below 1 KiB.
const maxBody = 16 << 10

// readBody reads a whole body. Compressed bodies are refused and not decoded,
// so that a small one cannot become a large one.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, statusError{status: http.StatusUnsupportedMediaType}
	}
	if r.ContentLength > maxBody {
		return nil, statusError{status: http.StatusRequestEntityTooLarge}
	}
	b, err := readSoon(w, r)
	switch {
	case err == nil:
		return b, nil
	case isGone(err):
		return nil, errGone
	case statusOf(err) != http.StatusInternalServerError:
		return nil, fmt.Errorf("read body: %w", err)
	default: // broken chunks, a body that ended too early
		return nil, statusError{status: http.StatusBadRequest}
	}
}

// readSoon reads the body within the server's patience for one. Meanwhile the
// connection is one that the server waits for.
func readSoon(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	conn := connOf(r)
	conn.waits()
	defer conn.works()
	if conn.body > 0 {
		rc := http.NewResponseController(w)
		if err := rc.SetReadDeadline(time.Now().Add(conn.body)); err != nil {
			return nil, fmt.Errorf("set a deadline: %w", err)
		}
	}
	b, err := readTwice(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil && conn.body > 0 { // the next request sets its own; what failed is not read on after the answer
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	return b, err
}

// usualBody is more than nearly every body has, in bytes.
const usualBody = 1 << 10

// readTwice reads a body into a small buffer and, should there be more, into one that
// takes the largest: a buffer that doubles would cost a slow client's body twice.
func readTwice(body io.Reader) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, usualBody+bytes.MinRead))
	if _, err := io.CopyN(b, body, usualBody); err == io.EOF {
		return b.Bytes(), nil
	} else if err != nil {
		return nil, err
	}
	b.Grow(maxBody - usualBody + bytes.MinRead)
	_, err := io.Copy(b, body)
	return b.Bytes(), err
}

// errGone is a connection that ended while its body was read: nobody takes an answer.
var errGone = errors.New("the connection has ended")

// isGone reports whether the connection that was read from has ended, by the client
// or because it was one too many. A deadline that passed has not ended it.
func isGone(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// errForm is a body that is not the form it says it is.
var errForm = errors.New("not a form")

// parseForm reads the text fields of an urlencoded or multipart form (RFC 7578).
func parseForm(r *http.Request, body []byte) (url.Values, error) {
	mt, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errForm
	}
	switch mt {
	case "application/x-www-form-urlencoded":
		v, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errForm
		}
		return v, nil
	case "multipart/form-data":
		f, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody)
		if err != nil {
			return nil, errForm
		}
		defer func() { _ = f.RemoveAll() }() // nothing is on disk: a file is at most maxBody and stays in memory
		return f.Value, nil
	}
	return nil, errForm
}

// mediaType is the body's type without its parameters, "" when not stated.
func mediaType(r *http.Request) string {
	mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return mt
}

func isJSON(mt string) bool { return mt == "application/json" }

func isForm(mt string) bool {
	return mt == "application/x-www-form-urlencoded" || mt == "multipart/form-data"
}
