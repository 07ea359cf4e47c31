package fetch

import "net/http"

// A Version is what a server says of a body, for asking later whether there is
// a newer one (RFC 9110 section 13: conditional requests). The zero Version
// means that nothing was said.
type Version struct {
	ETag         string
	LastModified string
}

// ask makes a request conditional. A server that knows the tag ignores the date
// (RFC 9110 section 13.1.3).
func (v Version) ask(h http.Header) {
	if v.ETag != "" {
		h.Set("If-None-Match", v.ETag)
	}
	if v.LastModified != "" {
		h.Set("If-Modified-Since", v.LastModified)
	}
}

func versionOf(h http.Header) Version {
	return Version{ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified")}
}
