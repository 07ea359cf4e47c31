package inbound

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"verdicts.example/digest/subscribers"
)

// An expectation is what is published of a mail of a collection.
type expectation struct {
	Recipients []string          `json:"recipients"`
	Aliases    map[string]string `json:"aliases"` // other addresses that are as good
	Hard       map[string]bool   `json:"hard"`    // by recipient; "*": any of them
	None       bool              `json:"none"`    // it is no bounce and no complaint
}

// TestCollection measures Read on a collection of mails that is not part of this
// project: DIGEST_INBOUND_MAILS is its folder of .eml files,
// DIGEST_INBOUND_EXPECTED a JSON object from file name to expectation. It fails
// below 97 % of right recipients or 95 % of right verdicts, and when it takes a mail
// for a bounce that is none; -v prints both for
// each vendor, which is the file's name without its number, and what was wrong.
func TestCollection(t *testing.T) {
	t.Parallel()
	dir, published := os.Getenv("DIGEST_INBOUND_MAILS"), os.Getenv("DIGEST_INBOUND_EXPECTED")
	if dir == "" || published == "" {
		t.Skip("DIGEST_INBOUND_MAILS and DIGEST_INBOUND_EXPECTED name no collection")
	}
	var expected map[string]expectation
	raw, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	vendors := map[string]*tally{}
	all := &tally{}
	none := 0
	for name, want := range expected {
		mail, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue // of another folder
		}
		r := Read(mail)
		if want.None {
			if none++; r.Kind == KindBounce || r.Kind == KindDelay || r.Kind == KindComplaint {
				t.Errorf("%s: got %s, and it is no bounce", name, summary(r))
			}
		}
		if len(want.Recipients) == 0 || want.None {
			continue
		}
		vendor := name[:max(strings.LastIndexByte(name, '-'), 0)]
		if vendors[vendor] == nil {
			vendors[vendor] = &tally{}
		}
		right := sameRecipients(r, want)
		for _, c := range []*tally{all, vendors[vendor]} {
			c.mails++
			if right {
				c.recipients++
			}
		}
		if !right {
			t.Logf("%s: got %s, want %q", name, summary(r), want.Recipients)
		}
		if want.Hard == nil {
			continue
		}
		judged := sameVerdict(r, want)
		for _, c := range []*tally{all, vendors[vendor]} {
			c.published++
			if judged {
				c.verdicts++
			}
		}
		if !judged {
			t.Logf("%s: got %s, want hard %v", name, summary(r), want.Hard)
		}
	}
	for _, v := range slices.Sorted(mapKeys(vendors)) {
		t.Logf("%-24s %s", v, vendors[v])
	}
	t.Logf("%-24s %s; %d are no bounces", "all", all, none)
	if all.mails == 0 || all.recipients*100 < all.mails*97 || all.verdicts*100 < all.published*95 {
		t.Errorf("got %s, want 97 %% of the recipients and 95 %% of the verdicts", all)
	}
}

type tally struct{ mails, recipients, published, verdicts int }

func (c *tally) String() string {
	b, _ := json.Marshal([]int{c.recipients, c.mails, c.verdicts, c.published})
	return "recipients, of mails, verdicts, of published: " + string(b)
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (e expectation) alias(a string) string {
	for alias, of := range e.Aliases {
		if strings.EqualFold(alias, a) {
			return of
		}
	}
	return a
}

func sameRecipients(r Report, want expectation) bool {
	if len(r.Recipients) != len(want.Recipients) {
		return false
	}
	for _, x := range r.Recipients {
		if !containsFold(want.Recipients, x.Email) && !containsFold(want.Recipients, want.alias(x.Email)) {
			return false
		}
	}
	return true
}

func sameVerdict(r Report, want expectation) bool {
	any := false
	for _, x := range r.Recipients {
		hard := x.Class == subscribers.BounceHard
		any = any || hard
		for a, h := range want.Hard {
			if (strings.EqualFold(a, x.Email) || strings.EqualFold(a, want.alias(x.Email))) && h != hard {
				return false
			}
		}
	}
	if h, ok := want.Hard["*"]; ok {
		return any == h
	}
	wanted := false
	for _, h := range want.Hard {
		wanted = wanted || h
	}
	return wanted == any
}
