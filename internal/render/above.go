package render

import "strings"

// Above puts a mail above another one, of which it speaks: the editors read a
// draft below what is said of it, in any mail program. Both have the frame of
// layout.html.tmpl, and so the same rules for dark and narrow screens.
func (r Rendered) Above(html, text string) Rendered {
	_, body, found := strings.Cut(html, "<body")
	_, body, open := strings.Cut(body, ">")
	body, _, closed := strings.Cut(body, "</body>")
	if i := strings.LastIndex(r.HTML, "</body>"); found && open && closed && i >= 0 {
		r.HTML = r.HTML[:i] + withoutPreheader(body) + r.HTML[i:]
	}
	r.Text = strings.TrimRight(r.Text, "\n") + "\n\n\n" + text
	return r
}

// withoutPreheader drops what only an inbox's list shows: the first block of a
// body. It belongs to the upper mail.
func withoutPreheader(body string) string {
	if before, after, ok := strings.Cut(body, "</div>"); ok && !strings.Contains(before, "<table") {
		return after
	}
	return body
}
