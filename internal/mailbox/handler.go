package mailbox

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"verdicts.example/digest/internal/page"
)

//go:embed pages
var pageFiles embed.FS

// perPage is the length of the list's pages; maxShown is how much of a source
// is put on a page, in bytes.
const (
	perPage  = 50
	maxShown = 1 << 20
)

// mailPolicy holds for the mail's HTML also where it is opened alone: no script,
// nothing loaded, an origin of its own.
func mailPolicy() page.Policy {
	return page.Policy{
		Style: "'unsafe-inline'", Img: "data:", Ancestors: "'self'",
		Sandbox: "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
	}
}

type handler struct {
	dir   string
	pages *page.Tool
}

// Handler serves the pages of the mailbox in dir under /mailbox: the list, the
// messages, their HTML and their source. It changes nothing, and works whether
// or not a server runs in this process.
func Handler(dir string, log *slog.Logger) (http.Handler, error) {
	pages, err := page.NewTool(
		page.Sources{
			FS: pageFiles, Pages: map[string]string{"list": "pages/list.html", "message": "pages/message.html"},
			Funcs: template.FuncMap{"when": when, "size": size, "unsubscribe": unsubscribe},
		},
		"/mailbox/style.", []page.File{{FS: pageFiles, Name: "pages/style.css"}},
		page.Policy{Frame: "'self'", Form: "'self'"}, log)
	if err != nil {
		return nil, fmt.Errorf("mailbox's pages: %w", err)
	}
	h := &handler{dir: dir, pages: pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mailbox", h.list)
	mux.HandleFunc("GET /mailbox/{$}", h.list)
	mux.HandleFunc("GET /mailbox/{id}", h.message)
	mux.HandleFunc("GET /mailbox/{id}/html", h.html)
	mux.HandleFunc("GET /mailbox/{id}/source", h.source)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { h.showError(w, ErrNotFound) })
	return pages.Handler(mux), nil
}

func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("to")
	at, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || at < 1 || at > 1_000_000 {
		at = 1
	}
	msgs, total, err := List(h.dir, (at-1)*perPage, perPage, query)
	if err != nil {
		h.showError(w, err)
		return
	}
	link := func(p int) string {
		return "/mailbox?" + url.Values{"to": {query}, "page": {strconv.Itoa(p)}}.Encode()
	}
	data := map[string]any{"Messages": msgs, "Total": total, "Query": query,
		"Page": at, "Pages": (total + perPage - 1) / perPage, "Newer": "", "Older": ""}
	if at > 1 {
		data["Newer"] = link(at - 1)
	}
	if at*perPage < total {
		data["Older"] = link(at + 1)
	}
	h.pages.Show(w, http.StatusOK, "list", page.View{Title: "Mailbox", Data: data})
}

// tab is one view of a message.
type tab struct {
	Key, Name string
	On        bool
}

func (h *handler) message(w http.ResponseWriter, r *http.Request) {
	m, err := Open(h.dir, r.PathValue("id"))
	if err != nil {
		h.showError(w, err)
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
	data := map[string]any{"Message": m, "Tabs": tabs, "View": tabs[at].Key, "Width": 0, "Cut": 0}
	if wd := r.URL.Query().Get("width"); wd == "600" || wd == "375" {
		data["Width"], _ = strconv.Atoi(wd)
	}
	if tabs[at].Key == "source" {
		data["Source"] = valid(m.Source[:min(len(m.Source), maxShown)])
		if len(m.Source) > maxShown {
			data["Cut"] = maxShown
		}
	}
	h.pages.Show(w, http.StatusOK, "message", page.View{Title: title(m), Data: data})
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
		h.showError(w, err)
		return
	}
	page.SetPolicy(w, mailPolicy())
	page.Write(w, http.StatusOK, page.HTML, []byte(withBlankTarget(m.HTML)))
}

func (h *handler) source(w http.ResponseWriter, r *http.Request) {
	m, err := Open(h.dir, r.PathValue("id"))
	if err != nil {
		h.showError(w, err)
		return
	}
	page.SetPolicy(w, page.Policy{Sandbox: "-"})
	w.Header().Set("Content-Disposition", "attachment; filename="+m.ID+suffix)
	page.Write(w, http.StatusOK, "message/rfc822", m.Source)
}

func (h *handler) showError(w http.ResponseWriter, err error) {
	n := page.Notice{Heading: "The mailbox can't be read", Text: err.Error(), Back: "/mailbox", BackTo: "All messages"}
	status := http.StatusInternalServerError
	if errors.Is(err, ErrNotFound) {
		status, n.Heading, n.Text = http.StatusNotFound, "No such message", "It may have been deleted from the mailbox's folder."
	}
	h.pages.Notice(w, status, n)
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
