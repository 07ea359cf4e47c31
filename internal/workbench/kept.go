package workbench

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// A keptForm is what was typed for something that was not done, on a page of its
// own: nobody types it twice because a session ended or the database was away.
type keptForm struct {
	Action string
	Hidden []keptValue
	Fields []keptValue
	Do     keptValue // the button that was pressed
}

type keptValue struct{ Name, Label, Value string }

// Long reports whether a value has more than a line, or may have.
func (v keptValue) Long() bool {
	return len(v.Value) > 80 || slices.Contains([]string{"note", "source", "page"}, v.Name) || strings.HasSuffix(v.Name, ".take") || strings.HasSuffix(v.Name, ".description")
}

// ID is the input's.
func (v keptValue) ID() string { return "k-" + v.Name }

// keep gives what a request typed; nil when that is nothing.
func (s *server) keep(r *http.Request) *keptForm {
	if r.Method != http.MethodPost || len(r.PostForm) == 0 {
		return nil
	}
	k := &keptForm{Action: s.Base + r.URL.Path}
	for _, name := range sortedKeys(r.PostForm) {
		for _, value := range r.PostForm[name] {
			v := keptValue{name, typedLabel(name, r.PostForm), strings.ReplaceAll(value, "\r\n", "\n")}
			switch {
			case name == "do":
				k.Do = v
			case isTyped(name, value, r.PostForm):
				k.Fields = append(k.Fields, v)
			default:
				k.Hidden = append(k.Hidden, v)
			}
		}
	}
	if len(k.Fields) == 0 && !r.PostForm.Has("mine") { // which has all that is typed before a conflict
		return nil
	}
	return k
}

func sortedKeys(form url.Values) []string {
	return slices.SortedFunc(maps.Keys(form), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(words(), a), slices.Index(words(), b)), strings.Compare(a, b))
	})
}

// isTyped reports whether a value is somebody's words, and not what the form had.
func isTyped(name, value string, form url.Values) bool {
	switch {
	case strings.TrimSpace(value) == "":
		return false
	case strings.HasPrefix(name, "f-"):
		return plain(value) != plain(form.Get("w-"+strings.TrimPrefix(name, "f-")))
	case strings.HasPrefix(name, "quote."):
		return true
	}
	return slices.Contains(words(), name)
}

// words are the inputs that take somebody's words, in the order of their forms.
func words() []string {
	return []string{"subject", "preheader", "note", "text", "to", "email", "source", "page"}
}

// typedLabel names an input for the page that keeps it.
func typedLabel(name string, form url.Values) string {
	var c comparison.Comparison
	for i := range c.Tools {
		c.Tools[i].Name = form.Get(fmt.Sprintf("w-tools[%d].name", i))
	}
	if field, ok := strings.CutPrefix(name, "f-"); ok {
		return capital(c.Label(field))
	}
	if quote, ok := strings.CutPrefix(name, "quote."); ok {
		slug, side, _ := strings.Cut(quote, ".")
		return "Quote of " + slug + ", tool " + side
	}
	return map[string]string{
		"subject": "Subject", "preheader": "Preheader", "note": "Note above the comparisons", "text": "Note", "to": "Test mail to",
		"email": "Your address", "source": "The whole file", "page": "The page",
	}[name]
}

// capital begins a sentence with a capital, but not with a file's or a
// comparison's name.
func capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first == "" || strings.ContainsAny(first, "-./:_") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
