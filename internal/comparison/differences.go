package comparison

import (
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/spelling"
)

// A Difference is a field that two versions of a comparison have otherwise; "" is
// one that is absent.
type Difference struct {
	Label    string // "price to start of Cursor"
	Was, Now string
}

// String says it in words: "price to start of Cursor: “Free” → “$7 a month”".
func (d Difference) String() string {
	return d.Label + ": " + spelling.Changed(d.Was, d.Now, "nothing")
}

// Differences gives what is different in now, in the order of a file. A review is
// known by its reviewer, so that one that is taken out moves no other.
func Differences(was, now Comparison) []Difference {
	names := [2]string{was.Tools[0].Name, was.Tools[1].Name}
	a, b := was.named(names), now.named(names)
	var out []Difference
	for _, f := range a {
		if value, _ := b.value(f.label); f.in(b) {
			out = differ(out, f.label, f.value, value)
		}
	}
	for _, f := range b {
		if _, ok := a.value(f.label); !ok && f.in(a) {
			out = differ(out, f.label, "", f.value)
		}
	}
	return out
}

func differ(list []Difference, label, was, now string) []Difference {
	if was == now {
		return list
	}
	return append(list, Difference{label, was, now})
}

// A namedValue is a field's value with the field in words. What a review has beside
// its take goes and comes with that.
type namedValue struct {
	label, value string
	take         string // the label of that; "" of what is no part of a review
}

// in reports whether a field is one of a comparison: that of a review which it has
// not is none.
func (v namedValue) in(list namedValues) bool {
	_, ok := list.value(v.take)
	return ok || v.take == ""
}

type namedValues []namedValue

func (list namedValues) value(label string) (value string, ok bool) {
	i := slices.IndexFunc(list, func(v namedValue) bool { return v.label == label })
	if i < 0 {
		return "", false
	}
	return list[i].value, true
}

// named gives a comparison's fields with their names in words; the tools have
// these names.
func (c Comparison) named(tools [2]string) (out namedValues) {
	for i := range tools {
		c.Tools[i].Name, tools[i] = tools[i], c.Tools[i].Name
	}
	for _, f := range c.values() {
		v := namedValue{label: c.Label(f.Field), value: f.Value}
		if review, key, ok := cutLast(f.Field, "."); ok && strings.Contains(review, "].reviews[") && key != "take" {
			v.take = c.Label(review + ".take")
		}
		for i := range tools {
			if f.Field == fmt.Sprintf("tools[%d].name", i) {
				v.value = tools[i] // its own
			}
		}
		out = append(out, v)
	}
	return out
}

// Label names a field of a comparison in words, with the tool and the reviewer that
// it is of: "price to start of Cursor", "Skeptic's score of Cursor".
func (c Comparison) Label(field string) string {
	path, key, ok := cutLast(field, ".")
	if !ok {
		return wordsOf(field)
	}
	var tool, review int
	if _, err := fmt.Sscanf(path, "tools[%d]", &tool); err != nil || tool < 0 || tool >= len(c.Tools) {
		return wordsOf(key)
	}
	t := c.Tools[tool]
	name := t.Name
	if name == "" {
		name = fmt.Sprintf("tool %d", tool+1)
	}
	if group := path[strings.LastIndexByte(path, '.')+1:]; group == "panel" || group == "community" {
		key = group + "." + key
	}
	if key == "best_for" {
		return "what " + name + " is best for"
	}
	_, rest, _ := strings.Cut(path, "].reviews")
	if _, err := fmt.Sscanf(rest, "[%d]", &review); err != nil {
		return wordsOf(key) + " of " + name
	}
	who := fmt.Sprintf("review %d", review+1)
	if review < len(t.Reviews) && t.Reviews[review].Reviewer != "" {
		who = string(t.Reviews[review].Reviewer)
	}
	return who + "'s " + wordsOf(key) + " on " + name
}

// cutLast cuts a text around the last separator.
func cutLast(s, sep string) (before, after string, ok bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return "", s, false
	}
	return s[:at], s[at+len(sep):], true
}

// wordsOf names a key of a comparison's file.
func wordsOf(key string) string {
	words := map[string]string{
		"entry": "price to start", "url": "address", "panel.ship": "panel's ship count", "panel.skip": "panel's skip count",
		"panel.percent": "panel's share of ship", "community.ship": "readers' ship votes", "community.skip": "readers' skip votes",
	}
	if w, ok := words[key]; ok {
		return w
	}
	return key
}
