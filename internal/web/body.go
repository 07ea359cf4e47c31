package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
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
	case statusOf(err) != http.StatusInternalServerError:
		return nil, fmt.Errorf("read body: %w", err)
	default: // broken chunks, a connection that ended
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
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil && conn.body > 0 { // the next request sets its own; what failed is not read on after the answer
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	return b, err
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
