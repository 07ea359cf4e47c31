package subscribers_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/subscribers"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"Ada Lovelace", "Ada Lovelace"},
		{"  Ada \t\r\n Lovelace ", "Ada Lovelace"},
		{"Ada\x00\x1b[31m", "Ada[31m"},
		{"Ada\u2028Lovelace", "Ada Lovelace"},
		{"\u202eadA", "adA"},
		{"Zoë Łukasz 李", "Zoë Łukasz 李"},
		{"\xffAda", "Ada"},
		{strings.Repeat("é", 150), strings.Repeat("é", 100)},
		{strings.Repeat("x", 99) + " yz", strings.Repeat("x", 99) + "y"},
		{"\x00 \x01", ""},
	}
	for _, tt := range tests {
		if got := subscribers.CleanName(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("Ada  Lovelace")
	f.Add("a\u2028b\x00\xff")
	f.Add(strings.Repeat("x", 99) + " y")
	f.Fuzz(func(t *testing.T, in string) {
		got := subscribers.CleanName(in)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 100 || strings.ContainsFunc(got, unicode.IsControl) || strings.TrimSpace(got) != got {
			t.Fatalf("%q: got %q, want one clean line of at most 100 characters", in, got)
		}
		if again := subscribers.CleanName(got); again != got {
			t.Fatalf("%q: got %q when cleaned again, want %q", in, again, got)
		}
	})
}

func TestCategoriesSurviveStorage(t *testing.T) {
	t.Parallel()
	for _, want := range [][]string{nil, {"Design"}, {"Design", "Developer Tools"}} {
		if got := subscribers.SplitCategories(subscribers.JoinCategories(want)); len(got) != len(want) || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
