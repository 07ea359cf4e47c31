package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HTML is the type of a page.
const HTML = "text/html; charset=utf-8"

// Caching, as Cache-Control says it (RFC 9111 §5.2.2).
const (
	Immutable = "public, max-age=31536000, immutable"
	NoStore   = "no-store"
)

// An Answer is a whole answer to a GET, made once and given to many: they share
// its bytes.
type Answer struct {
	Type   string
	Cache  string // Cache-Control
	Policy Policy // in place of the surface's; zero: the surface's
	Of     string // the address of the page that this is another form of (RFC 6596); "" where it is none
	Body   []byte
	tag    string

	pack   sync.Once
	packed []byte // Body compressed; see compressed
}

// NewAnswer makes an answer with an entity tag of its content.
//
// It is compressed for whoever takes that: it is the same for everybody and repeats
// nothing that a visitor typed, so that its length tells nothing of a secret
// (breachattack.com). What Write writes may have both, and is never compressed.
func NewAnswer(contentType, cache string, body []byte) *Answer {
	return &Answer{Type: contentType, Cache: cache, Body: body, tag: `"` + hash(body) + `"`}
}

// ServeHTTP answers, with 304 to a client that has the content.
func (a *Answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Cache-Control", a.Cache)
	h.Set("ETag", a.tag)
	body := a.Body
	if packed := a.compressed(); packed != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			body = packed
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves it out of what is encoded
			h.Set("ETag", strings.TrimSuffix(a.tag, `"`)+`-gzip"`)
		}
	}
	if a.Policy != (Policy{}) {
		SetPolicy(w, a.Policy)
	}
	if a.Of != "" {
		h.Set("Link", "<"+a.Of+`>; rel="canonical"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// Write answers with a body.
func Write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error here is the client's leaving
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
