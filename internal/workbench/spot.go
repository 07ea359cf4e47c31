package workbench

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/page"
)

// A spotRow is a spot as an editor comes from it to the file that it is made of.
type spotRow struct {
	located
	Element int
	Title   string // of the comparison
	Says    string // what the mail says there
}

// rows are the spots of the mail, in its order.
func (l locator) rows() []spotRow {
	var out []spotRow
	for _, x := range l.spots {
		out = append(out, l.rowOf(x.Element, x.node))
	}
	return out
}

// row is where an element comes from: its field is "" when it shows none, its number
// 0 when there is no such element.
func (l locator) row(element int) spotRow {
	list, _ := elementsOf(l.root)
	if element < 1 || element > len(list) {
		return spotRow{}
	}
	return l.rowOf(element, list[element-1])
}

func (l locator) rowOf(element int, n *html.Node) spotRow {
	r := spotRow{Element: element, Says: textOf(n)}
	r.Mark, r.Template = fmt.Sprintf("nth:%d", element), l.templateLine(element)
	if x, ok := l.spotOf(n); ok {
		l.file(&r.located, x.Slug, x.Field)
		if i := l.place(x.Slug); i >= 0 {
			r.Title = l.comparisons[i].Title()
		}
	}
	return r
}

// spotOf is the spot that an element is, or that it is in.
func (l locator) spotOf(n *html.Node) (spot, bool) {
	for ; n != nil; n = n.Parent {
		if i := slices.IndexFunc(l.spots, func(x spot) bool { return x.node == n }); i >= 0 {
			return l.spots[i], true
		}
	}
	return spot{}, false
}

// A spotView says where an element of the mail comes from.
type spotView struct {
	chrome
	weekView
	Spot spotRow
}

// spot tells of the element that an editor clicked in the mail.
func (s *server) spot(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		return fmt.Errorf("%w: %q is not an element of the mail", errNoPage, r.URL.Query().Get("n"))
	}
	p, err := s.previewOf(r.Context(), week, s.audienceOf(r), r.URL.Query().Get("hash"))
	if err != nil && p.Rendered.HTML == "" {
		return err
	}
	v := spotView{chrome: s.chrome(r)}
	v.Week = week
	if v.Spot = s.locatorOf(p).row(n); v.Spot.Element == 0 {
		return fmt.Errorf("%w: the mail has no element %d", errNoPage, n)
	}
	s.pages.Show(w, http.StatusOK, "spot", page.View{Title: week.String() + ": where it comes from", Data: v})
	return nil
}
