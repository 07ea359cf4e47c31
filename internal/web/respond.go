package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"verdicts.example/digest/internal/page"
)

func (s *server) writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // only maps of strings come here
		status, body = http.StatusInternalServerError, []byte(`{"error":"internal error"}`)
	}
	page.Write(w, status, "application/json", append(body, '\n'))
}

// wantsJSON reports whether the client speaks JSON: it sent some, or it accepts
// that and not a page.
func wantsJSON(r *http.Request) bool {
	if isJSON(mediaType(r)) {
		return true
	}
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
