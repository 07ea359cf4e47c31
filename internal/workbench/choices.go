package workbench

import (
	"net/url"

	"verdicts.example/digest/internal/check/caniemail"
)

// A choice is one of several views; its link leads to it.
type choice struct {
	Name, Label, Href string
	Current           bool
}

// at gives the address of this page with some of its query changed.
func (v weekView) at(q url.Values, change ...string) string {
	next := url.Values{}
	for _, key := range views() {
		if q.Get(key) != "" {
			next.Set(key, q.Get(key))
		}
	}
	next["topic"] = v.Topics
	if len(v.Topics) == 0 {
		delete(next, "topic")
	}
	for i := 0; i+1 < len(change); i += 2 {
		if next.Del(change[i]); change[i+1] != "" {
			next.Set(change[i], change[i+1])
		}
	}
	address := v.Base + "/week/" + v.Week.String()
	if len(next) > 0 {
		address += "?" + next.Encode()
	}
	return address
}

// choose reads what is to be seen.
func (v *weekView) choose(s *server, q url.Values) {
	v.Look = s.lookOf(q.Get("look"))
	for _, l := range looks() {
		v.Looks = append(v.Looks, choice{l.Name, l.Label, v.at(q, "look", l.Name, "view", ""), l.Name == v.Look.Name})
	}
	for _, c := range caniemail.Clients() {
		v.Clients = append(v.Clients, choice{string(c), clientName(c), v.at(q, "look", string(c), "view", ""), string(c) == v.Look.Name})
	}
	v.Width = oneOf(q.Get("width"), "free", "desk", "tablet", "phone")
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 700 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], v.at(q, "width", x[0], "view", ""), x[0] == v.Width})
	}
	v.View = oneOf(q.Get("view"), "mail", "page", "text", "headers", "source", "before", "places")
	if s.Site == nil && v.View == "page" || v.Editor.ReadOnly && v.View == "places" {
		v.View = "mail"
	}
	for _, x := range [][2]string{{"mail", "Mail"}, {"page", "Archive page"}, {"text", "Text part"}, {"headers", "Headers"}, {"source", "Source"}, {"before", "Before inlining"}, {"places", "Where it comes from"}} {
		if x[0] == "places" && v.Editor.ReadOnly {
			continue
		}
		if x[0] != "page" || s.Site != nil {
			v.Views = append(v.Views, choice{x[0], x[1], v.at(q, "view", x[0]), x[0] == v.View})
		}
	}
	if v.View == "page" {
		v.choosePage(s, q)
		return
	}
	frame := url.Values{"look": {v.Look.Name}, "as": {v.AsShown()}, "hash": {v.Build.Hash}}
	if len(v.Topics) > 0 {
		frame["topic"] = v.Topics
	}
	for _, key := range []string{"mark", "against"} {
		if q.Get(key) != "" {
			frame.Set(key, q.Get(key))
		}
	}
	v.Frame = v.Base + "/week/" + v.Week.String() + "/frame?" + frame.Encode()
	if q.Get("mark") != "" || q.Get("against") != "" {
		v.Frame += "#marked"
	}
}

// choosePage has the archive page shown in place of the mail: a browser's window
// has its own light and dark.
func (v *weekView) choosePage(s *server, q url.Values) {
	v.Looks, v.Widths = nil, nil
	v.Look = looks()[0]
	if q.Get("look") == "dark" {
		v.Look = looks()[1]
	}
	v.Look.Stands = "The page of this edition in the archive, as visitors of the site will see it once it is out."
	for _, x := range [][2]string{{"light", "Light"}, {"dark", "Dark"}} {
		v.Looks = append(v.Looks, choice{x[0], x[1], v.at(q, "look", x[0]), x[0] == v.Look.Name})
	}
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 1,100 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], v.at(q, "width", x[0]), x[0] == v.Width})
	}
	v.Frame = s.sitePath(v.Week) + "/archive/" + v.Week.String() + "?hash=" + url.QueryEscape(v.Build.Hash)
}

// oneOf gives a name that there is; the first is the default.
func oneOf(name string, names ...string) string {
	for _, n := range names {
		if n == name {
			return n
		}
	}
	return names[0]
}

// MarkHref leads to the mail with a place outlined.
func (v weekView) MarkHref(mark string) string {
	return v.at(url.Values{"as": {v.AsShown()}, "width": {v.Width}, "look": {v.Look.Name}}, "mark", mark) + "#mail"
}

// SpotHref is where it is said what an element of the mail comes from.
func (v weekView) SpotHref() string {
	q := url.Values{"as": {v.AsShown()}, "hash": {v.Build.Hash}}
	if len(v.Topics) > 0 {
		q["topic"] = v.Topics
	}
	return v.Base + "/week/" + v.Week.String() + "/spot?" + q.Encode()
}
