package workbench

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// frame is the mail itself, as a kind of client shows it, with what the page
// around it points to outlined.
func (s *server) frame(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p, err := s.previewOf(r.Context(), week, s.audienceOf(r), q.Get("hash"))
	if err != nil && p.Rendered.HTML == "" {
		return err
	}
	marked := matcher(q.Get("mark"))
	if against := q.Get("against"); against != "" && q.Get("mark") == "" {
		old, err := s.against(r, week, against, p.Build.Hash)
		if err != nil && !errors.Is(err, errNothingToCompare) {
			return err
		}
		if err == nil { // else the page around it says that there is nothing
			marked = changedSince(p.Reader.Fields().HTML(old.HTML)) // both as this reader gets them
		}
	}
	// It is marked first: a look may leave elements out.
	shown := annotated(p.Rendered.HTML, marked, p.Part, !s.who(r).ReadOnly)
	writeFrame(w, s.lookOf(q.Get("look")).change(shown))
	return nil
}

// writeFrame answers with a mail in which nothing can run.
func writeFrame(w http.ResponseWriter, mail string) {
	page.SetPolicy(w, page.Policy{
		Script: "'none'", Style: page.StyleHashes(mail), StyleAttr: "'unsafe-inline'", Img: "https: data:",
		Ancestors: "'self'", Sandbox: "allow-same-origin",
	})
	page.Write(w, http.StatusOK, page.HTML, []byte(mail))
}

// lookOf is the look of a name; the first where there is none of that name.
func (s *server) lookOf(name string) look {
	for _, l := range looks() {
		if l.Name == name {
			return l
		}
	}
	if l, ok := clientLook(s.support, name); ok {
		return l
	}
	return looks()[0]
}

// errNothingToCompare: there is no such other mail.
var errNothingToCompare = errors.New("there is nothing to compare with")

// against is the mail that another is compared with: "approved", "seen" or "sent".
func (s *server) against(r *http.Request, w edition.Week, what, hash string) (edition.Build, error) {
	var b edition.Build
	var err error
	switch what {
	case "approved":
		b, err = s.Desk.Approved(r.Context(), w)
	case "sent":
		_, b, err = s.Desk.LastSent(r.Context(), w)
	case "seen":
		b, err = s.before(r.Context(), w, s.who(r).Name, hash)
	default:
		err = edition.ErrNotFound
	}
	if err != nil {
		return b, fmt.Errorf("%w: %w", errNothingToCompare, errors.Join(errNoPage, err))
	}
	return b, nil
}

// message is the whole message, for another mail program.
func (s *server) message(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	p, err := s.build(r.Context(), week, s.audienceOf(r), "")
	if err != nil {
		return err
	}
	if p.Frozen == nil {
		return fmt.Errorf("edition %s: %w", week, edition.ErrNothing)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+week.String()+`.eml"`)
	page.Write(w, http.StatusOK, "message/rfc822", p.Message())
	return nil
}

// A match tells of an element whether it is meant.
type match func(*html.Node) bool

// matcher reads a mark: "id:c2", or "nth:57", the element at that place of the
// document.
func matcher(mark string) match {
	kind, value, _ := strings.Cut(mark, ":")
	switch kind {
	case "id":
		return func(n *html.Node) bool { return attr(n, "id") == value }
	case "nth":
		left, err := strconv.Atoi(value)
		if err != nil {
			break
		}
		return func(*html.Node) bool { // asked of each element in its order
			left--
			return left == 0
		}
	}
	return func(*html.Node) bool { return false }
}

// changedSince matches the blocks whose words are not in an older mail.
func changedSince(old string) match {
	known := map[string]bool{}
	if root, err := html.Parse(strings.NewReader(old)); err == nil {
		for n := range root.Descendants() {
			if isBlock(n) {
				known[textOf(n)] = true
			}
		}
	}
	return func(n *html.Node) bool { return isBlock(n) && textOf(n) != "" && !known[textOf(n)] }
}

// isBlock is for an element that holds words and no other block.
func isBlock(n *html.Node) bool {
	if n.Type != html.ElementNode || !holdsBlocks(n.Data) {
		return false
	}
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && holdsBlocks(c.Data) {
			return false
		}
	}
	return true
}

func holdsBlocks(tag string) bool {
	return slices.Contains([]string{"p", "h1", "h2", "h3", "td", "th", "li", "blockquote", "div"}, tag)
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

const outlined = ";outline:3px solid #b3261e;outline-offset:3px"

// hints show what can be clicked; the mail itself has none of it.
const hints = "[data-spot]{cursor:pointer}[data-spot]:hover{outline:1px dashed;outline-offset:2px}"

// annotated is a mail with a line around what is marked, the first of it by the
// name "marked". For who may edit each element has its number, and what shows a
// field of a comparison says so.
func annotated(mail string, marked match, list []comparison.Comparison, edits bool) string {
	root, err := html.Parse(strings.NewReader(mail))
	if err != nil {
		return mail
	}
	if edits {
		for _, x := range spots(root, list) {
			setAttr(x.node, "data-spot", "")
		}
	}
	first, n := true, 0
	for x := range root.Descendants() {
		if x.Type != html.ElementNode {
			continue
		}
		n++
		if edits {
			setAttr(x, "data-at", strconv.Itoa(n))
		}
		if !marked(x) {
			continue
		}
		setAttr(x, "style", attr(x, "style")+outlined)
		if first {
			setAttr(x, "id", "marked")
			first = false
		}
	}
	var b strings.Builder
	if html.Render(&b, root) != nil {
		return mail
	}
	if !edits {
		return b.String()
	}
	return addStyle(b.String(), hints)
}

func setAttr(n *html.Node, key, value string) {
	for i, a := range n.Attr {
		if a.Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}
