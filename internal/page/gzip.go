package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// gzipLeast is the smallest body, in bytes, that is compressed: below it the
// answer takes one packet either way.
const gzipLeast = 1400

// compressed gives the body compressed, made once; nil where that saves little.
func (a *Answer) compressed() []byte {
	a.pack.Do(func() {
		if len(a.Body) < gzipLeast || !compressible(a.Type) {
			return
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(a.Body); err != nil || w.Close() != nil || b.Len() > len(a.Body)*9/10 {
			return
		}
		a.packed = bytes.Clone(b.Bytes())
	})
	return a.packed
}

// compressible reports whether a media type is text: pictures are compressed by
// themselves.
func compressible(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, ";")
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml")
}

// takesGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip is taken where it, or
// "*", is named with a weight above 0.
func takesGzip(r *http.Request) bool {
	weight := map[string]float64{}
	for _, entry := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(entry, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64) // 0 for what is no number
		}
		weight[strings.ToLower(strings.TrimSpace(coding))] = q
	}
	if q, named := weight["gzip"]; named {
		return q > 0
	}
	return weight["*"] > 0
}
