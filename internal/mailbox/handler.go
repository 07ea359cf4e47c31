package mailbox

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// perPage is the length of the list's pages; maxShown is how much of a source
// is put on a page, in bytes.
const (
	perPage  = 50
	maxShown = 1 << 20
)

const (
	pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// mailPolicy holds for the mail's HTML also where it is opened alone: no
	// script, nothing loaded, an origin of its own.
	mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; " +
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

type handler struct {
	dir   string
	pages *template.Template
	style []byte
}

// Handler serves the pages of the mailbox in dir under /mailbox: the list, the
// messages, their HTML and their source. It changes nothing, and works whether
// or not a server runs in this process.
func Handler(dir string) http.Handler {
	funcs := template.FuncMap{"when": when, "size": size, "unsubscribe": unsubscribe}
	style, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // embedded: a defect of the program
	}
	h := &handler{dir: dir, style: style,
		pages: template.Must(template.New("").Funcs(funcs).ParseFS(pageFiles, "pages/*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mailbox", h.list)
	mux.HandleFunc("GET /mailbox/{$}", h.list)
	mux.HandleFunc("GET /mailbox/style.css", h.css)
	mux.HandleFunc("GET /mailbox/{id}", h.message)
	mux.HandleFunc("GET /mailbox/{id}/html", h.html)
	mux.HandleFunc("GET /mailbox/{id}/source", h.source)
	return mux
}

func (h *handler) css(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=300")
	w.Write(h.style)
}

func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("to")
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 || page > 1_000_000 {
		page = 1
	}
	msgs, total, err := List(h.dir, (page-1)*perPage, perPage, query)
	if err != nil {
		h.fail(w, err)
		return
	}
	link := func(p int) string {
		return "/mailbox?" + url.Values{"to": {query}, "page": {strconv.Itoa(p)}}.Encode()
	}
	data := map[string]any{"Title": "Mailbox", "Messages": msgs, "Total": total, "Query": query,
		"Page": page, "Pages": (total + perPage - 1) / perPage, "Newer": "", "Older": ""}
	if page > 1 {
		data["Newer"] = link(page - 1)
	}
	if page*perPage < total {
		data["Older"] = link(page + 1)
	}
	h.page(w, http.StatusOK, "list.html", data)
}

// tab is one view of a message.
type tab struct {
	Key, Name string
	On        bool
}

func (h *handler) message(w http.ResponseWriter, r *http.Request) {
	m, err := Open(h.dir, r.PathValue("id"))
	if err != nil {
		h.fail(w, err)
		return
	}
	tabs := []tab{{"headers", "Headers", false}, {"source", "Source", false}}
	if m.Text != "" {
		tabs = append([]tab{{"text", "Text", false}}, tabs...)
	}
	if m.HTML != "" {
		tabs = append([]tab{{"html", "HTML", false}}, tabs...)
	}
	at := 0
	for i := range tabs {
		if tabs[i].Key == r.URL.Query().Get("view") {
			at = i
		}
	}
	tabs[at].On = true
	data := map[string]any{"Title": title(m), "Message": m, "Tabs": tabs, "View": tabs[at].Key, "Width": 0, "Cut": 0}
	if wd := r.URL.Query().Get("width"); wd == "600" || wd == "375" {
		data["Width"], _ = strconv.Atoi(wd)
	}
	if tabs[at].Key == "source" {
		data["Source"] = valid(m.Source[:min(len(m.Source), maxShown)])
		if len(m.Source) > maxShown {
			data["Cut"] = maxShown
		}
	}
	h.page(w, http.StatusOK, "message.html", data)
}

func title(m *Message) string {
	if m.Subject == "" {
		return "Mailbox"
	}
	return m.Subject + " · Mailbox"
}

// html serves the mail's HTML for the sandbox. Links are made to open in a
// window of their own, because no site may show itself inside ours.
func (h *handler) html(w http.ResponseWriter, r *http.Request) {
	m, err := Open(h.dir, r.PathValue("id"))
	if err == nil && m.HTML == "" {
		err = ErrNotFound
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	secure(w, mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(withBlankTarget(m.HTML)))
}

func (h *handler) source(w http.ResponseWriter, r *http.Request) {
	m, err := Open(h.dir, r.PathValue("id"))
	if err != nil {
		h.fail(w, err)
		return
	}
	secure(w, "default-src 'none'; sandbox")
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", "attachment; filename="+m.ID+suffix)
	w.Write(m.Source)
}

func (h *handler) fail(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrNotFound) {
		h.page(w, http.StatusNotFound, "error.html", map[string]any{
			"Title": "No such message", "Detail": "It may have been deleted from the mailbox's folder."})
		return
	}
	h.page(w, http.StatusInternalServerError, "error.html", map[string]any{
		"Title": "The mailbox can't be read", "Detail": err.Error()})
}

func (h *handler) page(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := h.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "The page can't be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	secure(w, pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

func secure(w http.ResponseWriter, policy string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// withBlankTarget puts a <base target> where the head begins, or where one
// would.
func withBlankTarget(html string) string {
	const base = `<base target="_blank">`
	at := 0
	lower := lowerASCII(html[:min(len(html), 64<<10)])
	for _, tag := range []string{"<!doctype", "<html", "<head"} {
		i := strings.Index(lower[at:], tag)
		if i < 0 {
			continue
		}
		next := lower[at+i+len(tag):]
		if tag == "<head" && strings.HasPrefix(next, "er") {
			continue // <header>
		}
		if j := strings.IndexByte(next, '>'); j >= 0 {
			at += i + len(tag) + j + 1
		}
	}
	return html[:at] + base + html[at:]
}

// lowerASCII keeps every byte in its place, which strings.ToLower does not.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// unsubscribe is the web link of List-Unsubscribe (RFC 2369), "" without one.
func unsubscribe(fields []Field) string {
	for _, f := range fields {
		if !strings.EqualFold(f.Name, "List-Unsubscribe") {
			continue
		}
		for part := range strings.SplitSeq(f.Value, ",") {
			link := strings.Trim(strings.TrimSpace(part), "<>")
			if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
				return link
			}
		}
	}
	return ""
}

func when(t time.Time) string { return t.Format("2 Jan 2006, 15:04:05 UTC") }

// size words a number of bytes, an int or an int64.
func size(n any) string {
	var v float64
	switch n := n.(type) {
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	}
	switch {
	case v < 1000:
		return fmt.Sprintf("%.0f bytes", v)
	case v < 1e6:
		return fmt.Sprintf("%.1f KB", v/1e3)
	}
	return fmt.Sprintf("%.1f MB", v/1e6)
}
