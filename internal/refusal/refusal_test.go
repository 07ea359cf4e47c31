package refusal

import (
	"slices"
	"strings"
	"testing"

	"verdicts.example/digest/internal/refusal/refusaltest"
)

// What the table says of replies as servers give them, and that each of its rows is
// met by one.
func TestExplain(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, tt := range refusaltest.Replies() {
		r, ok := ExplainLine(tt.Text)
		if !ok {
			r = Row{}
		}
		if r.Provider != tt.Provider || string(r.Fault) != tt.Fault || tt.Check != "" && !slices.Contains(r.Checks, tt.Check) {
			t.Errorf("%q: got %s, %s, %v, want %s, %s, %s", tt.Text, r.Provider, r.Fault, r.Checks, tt.Provider, tt.Fault, tt.Check)
		}
		if again, _ := Explain(tt.Parts()); again.Key() != r.Key() {
			t.Errorf("%q: got %s of its parts, want %s", tt.Text, again.Key(), r.Key())
		}
		met[r.Key()] = true
	}
	for _, r := range Table() {
		if !met[r.Key()] {
			t.Errorf("%s: got no reply in refusaltest/replies.txt, want one as it came", r.Key())
		}
	}
	for _, none := range []string{"", "250 2.0.0 OK [TSS04]", "not a reply [TSS04]", "5.7.30 DKIM", "550 5.7.605 no", "550 5.7.650 no", "550 5.6.611 no"} {
		if r, ok := ExplainLine(none); ok {
			t.Errorf("%q: got %s, want nothing", none, r)
		}
	}
}

// The table is whole: each row says everything, and none is hidden by one before it.
func TestTable(t *testing.T) {
	t.Parallel()
	list, err := parse(table)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 60 {
		t.Errorf("got %d rows, want some 60", len(list))
	}
	faults := []Fault{Setup, Account, Reputation, Rate, Message, Reader, Server}
	checks := []string{"spf", "dkim", "dmarc", "alignment", "bounce-mx", "ptr", "helo", "smtp"}
	keys := map[string]bool{}
	for i, r := range list {
		if r.Meaning == "" || r.Action == "" || !strings.HasPrefix(r.Source, "https://") || len(r.Date) != 7 || strings.HasSuffix(r.Meaning, ".") {
			t.Errorf("%s: got %+v, want all of it", r.Key(), r)
		}
		if !slices.Contains(faults, r.Fault) || !slices.Contains([]Then{Nothing, Tell, Pause}, r.Then) || !strings.ContainsRune("45*", rune(r.class)) {
			t.Errorf("%s: got fault %q, then %q, class %c", r.Key(), r.Fault, r.Then, r.class)
		}
		for _, c := range r.Checks {
			if !slices.Contains(checks, c) {
				t.Errorf("%s: got a check %q that doctor has not", r.Key(), c)
			}
		}
		if r.Fault == Setup && len(r.Checks) == 0 {
			t.Errorf("%s: got no check for what is set up wrong", r.Key())
		}
		if keys[r.Key()] {
			t.Errorf("%s: got the key twice", r.Key())
		}
		keys[r.Key()] = true
		codes := r.codes
		if len(codes) == 0 {
			codes = []string{""}
		}
		for _, code := range codes {
			code, _, _ = strings.Cut(code, "-") // the first of a range
			class := r.class
			if class == '*' {
				class = '5'
			}
			for k := range list {
				if list[k].fits(class, code, strings.Join(r.words, " ")) {
					if k != i && list[k].Provider != "any" {
						t.Errorf("%s: hidden by %s", r.Key(), list[k].Key())
					}
					break
				}
			}
		}
	}
}
