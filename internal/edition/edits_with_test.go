package edition_test

import (
	"reflect"
	"testing"

	"verdicts.example/digest/internal/edition"
)

func TestEditsWith(t *testing.T) {
	t.Parallel()
	word := func(s string) *string { return &s }
	list := func(s ...string) *[]string { return &s }
	old := edition.Edits{Version: 3, Order: []string{"a"}, Subject: "Old", Note: "n", Quotes: map[string][2]string{"a": {"w", ""}}}
	for name, tc := range map[string]struct {
		c       edition.Changes
		want    func(e *edition.Edits)
		changed bool
	}{
		"nothing":         {edition.Changes{}, func(*edition.Edits) {}, false},
		"an order":        {edition.Changes{Order: list("b", "a")}, func(e *edition.Edits) { e.Order = []string{"b", "a"} }, true},
		"no order":        {edition.Changes{Order: list()}, func(e *edition.Edits) { e.Order = nil }, true},
		"pinned and out":  {edition.Changes{Pinned: list("b"), LeftOut: list("c")}, func(e *edition.Edits) { e.Pinned, e.LeftOut = []string{"b"}, []string{"c"} }, true},
		"a subject":       {edition.Changes{Subject: word(" New\n one ")}, func(e *edition.Edits) { e.Subject = "New one" }, true},
		"no subject":      {edition.Changes{Subject: word("")}, func(e *edition.Edits) { e.Subject = "" }, true},
		"a note of lines": {edition.Changes{Note: word("a\n\nb")}, func(e *edition.Edits) { e.Note = "a\n\nb" }, true},
		"a quote":         {edition.Changes{Quotes: []string{"b:2=x"}}, func(e *edition.Edits) { e.Quotes = map[string][2]string{"a": {"w", ""}, "b": {"", "x"}} }, true},
		"all dropped":     {edition.Changes{Clear: true, Note: word("m")}, func(e *edition.Edits) { *e = edition.Edits{Version: 3, Note: "m"} }, true},
	} {
		want := old
		tc.want(&want)
		got, changed, err := old.With(tc.c)
		if err != nil || changed != tc.changed {
			t.Errorf("%s: got changed %t, %v, want %t", name, changed, err, tc.changed)
		}
		if len(got.Order) == 0 {
			got.Order = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if old.Quotes["b"] != [2]string{} {
		t.Error("got the old edits changed, want them as they were")
	}
	if _, _, err := old.With(edition.Changes{Quotes: []string{"a"}}); err == nil {
		t.Error("a quote of nothing: got no error")
	}
}

// What is left out has no place and no pin; what was left out is brought back to
// compete, and anything else is pinned.
func TestLeaveBringPin(t *testing.T) {
	t.Parallel()
	kept := edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"a", "c"}, LeftOut: []string{"d"}}
	for name, tc := range map[string]struct{ got, want edition.Edits }{
		"leave":                          {kept.Leave("a"), edition.Edits{Order: []string{"b"}, Pinned: []string{"c"}, LeftOut: []string{"d", "a"}}},
		"bring":                          {kept.Bring("d"), edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"a", "c"}, LeftOut: []string{}}},
		"bring one that is not left out": {kept.Bring("e"), edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"a", "c", "e"}, LeftOut: []string{"d"}}},
		"pin":                            {kept.Pin("d"), edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"a", "c", "d"}, LeftOut: []string{}}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: got %+v, want %+v", name, tc.got, tc.want)
		}
	}
	if len(kept.LeftOut) != 1 || len(kept.Pinned) != 2 || len(kept.Order) != 2 {
		t.Errorf("got %+v, want what was kept unchanged", kept)
	}
}

// What is said of a comparison now takes the place of what was kept of it; two things
// said at once stay, for Check to refuse.
func TestEditsLastWord(t *testing.T) {
	t.Parallel()
	list := func(s ...string) *[]string { return &s }
	kept := edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"a", "c"}, LeftOut: []string{"d", "e"}}
	for name, tc := range map[string]struct {
		c    edition.Changes
		want edition.Edits
	}{
		"leave out what has a place and a pin": {edition.Changes{LeftOut: list("a")}, edition.Edits{Order: []string{"b"}, Pinned: []string{"c"}, LeftOut: []string{"a"}}},
		"pin what is left out":                 {edition.Changes{Pinned: list("d")}, edition.Edits{Order: []string{"a", "b"}, Pinned: []string{"d"}, LeftOut: []string{"e"}}},
		"place what is left out":               {edition.Changes{Order: list("e")}, edition.Edits{Order: []string{"e"}, Pinned: []string{"a", "c"}, LeftOut: []string{"d"}}},
		"pin and leave out at once":            {edition.Changes{Pinned: list("f"), LeftOut: list("f", "b")}, edition.Edits{Order: []string{"a"}, Pinned: []string{"f"}, LeftOut: []string{"f", "b"}}},
	} {
		got, _, err := kept.With(tc.c)
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, tc.want)
		}
	}
	if len(kept.Order) != 2 || len(kept.Pinned) != 2 || len(kept.LeftOut) != 2 {
		t.Errorf("got %+v, want what was kept unchanged", kept)
	}
}

// Of two editors who began from the same edits, each keeps what the other left
// alone; where both decided, the later one's stands.
func TestOnto(t *testing.T) {
	t.Parallel()
	base := edition.Edits{Version: 3, Subject: "S", Preheader: "P", Order: []string{"a", "b"}, Quotes: map[string][2]string{"a": {"x", "y"}, "b": {"z", ""}}}
	theirs := base
	theirs.Version, theirs.Subject, theirs.Note, theirs.Pinned = 4, "Their subject", "Their note", []string{"b"}
	theirs.Quotes = map[string][2]string{"a": {"x", "their y"}}
	mine := base
	mine.Subject, mine.Preheader, mine.Order = "My subject", "", []string{"b", "a"}
	mine.Quotes = map[string][2]string{"a": {"my x", "y"}, "b": {"z", ""}}
	want := edition.Edits{Version: 3, Subject: "My subject", Note: "Their note", Order: []string{"b", "a"}, Pinned: []string{"b"}, Quotes: map[string][2]string{"a": {"my x", "their y"}}}
	if got := mine.Onto(base, theirs); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if got := base.Onto(base, theirs); len(theirs.Differences(got)) > 0 {
		t.Errorf("nothing decided: got %s, want theirs", edition.Words(theirs.Differences(got)))
	}
}
