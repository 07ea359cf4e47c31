package delivery

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestCanaryPicker(t *testing.T) {
	t.Parallel()
	c := Canary{Readers: 20, Editors: []string{"Ada@Example.org", "nobody@example.org"}}
	pick := func(week string) []int64 {
		p := NewCanaryPicker(c, week)
		for id := int64(1); id <= 5000; id++ {
			domain := fmt.Sprintf("d%d.example", id%300)
			switch {
			case id == 4000:
				domain = "gmail.com"
			case id == 4001:
				domain = "hotmail.co.uk"
			case id == 4002:
				domain = "yahoo.fr"
			case id == 4003:
				domain = "me.com"
			}
			email := fmt.Sprintf("r%d@%s", id, domain)
			if id == 77 {
				email = "ada@example.org"
			}
			p.Offer(id, email)
		}
		return p.Pick()
	}
	got := pick("2026-W47")
	if len(got) != 20 || !slices.IsSorted(got) || !slices.Equal(got, pick("2026-W47")) {
		t.Fatalf("got %v, want the same 20 each time", got)
	}
	for _, id := range []int64{77, 4000, 4001, 4002, 4003} {
		if !slices.Contains(got, id) {
			t.Errorf("got %v, want the editor and a reader of each large provider: %d", got, id)
		}
	}
	other := pick("2026-W48")
	same := 0
	for _, id := range other {
		if slices.Contains(got, id) {
			same++
		}
	}
	if same > 8 {
		t.Errorf("got %d of 20 the same in another week, want others", same)
	}
	c.Readers = 1
	if one := pick("2026-W47"); !slices.Equal(one, []int64{77}) {
		t.Errorf("got %v, want the editor first", one)
	}
}

func TestCanaryObjection(t *testing.T) {
	t.Parallel()
	back := func(class subscribers.BounceClass, reply string, readers ...int64) (out []ReturnedMail) {
		for _, r := range readers {
			out = append(out, ReturnedMail{Reader: r, Class: class, Reply: reply})
		}
		return out
	}
	for name, tt := range map[string]struct {
		r    CanaryRecord
		want string // part of the reason; "": none
	}{
		"all accepted":           {CanaryRecord{Counts: Counts{Accepted: 50}}, ""},
		"one unknown user":       {CanaryRecord{Counts: Counts{Accepted: 49, Failed: 1}, Refused: "550 5.1.1 no"}, ""},
		"too many refused":       {CanaryRecord{Counts: Counts{Accepted: 40, Failed: 10}, Refused: "550 5.7.1 no"}, "10 did not get it"},
		"too many came back":     {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceHard, "550 5.1.1 no", 1, 2, 3, 4, 5, 6, 7)}, "7 did not get it"},
		"one reader's twice":     {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceHard, "550 5.1.1 no", 1, 1, 1, 1, 1, 1, 1)}, ""},
		"a delay":                {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceDelayed, "450 4.4.1 later", 1, 2, 3, 4, 5, 6, 7)}, ""},
		"one complaint":          {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceComplaint, "", 1, 1)}, ""},
		"two complaints":         {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceComplaint, "", 1, 2)}, "2 of the 50 readers of the first part called it spam"},
		"unauthenticated":        {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BouncePolicy, "550 5.7.26 unauthenticated", 1)}, "publish SPF"},
		"the sender's fault":     {CanaryRecord{Counts: Counts{Accepted: 50}, Returned: back(subscribers.BounceSender, "550 x", 1)}, "550 x"},
		"a first part of nobody": {CanaryRecord{}, ""},
	} {
		if got := tt.r.Objection(); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestCanaryPending(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		c    CanaryStand
		want bool
	}{{CanaryStand{}, false}, {CanaryStand{Until: now.Add(time.Hour)}, false}, {CanaryStand{IDs: []int64{1}}, true},
		{CanaryStand{IDs: []int64{1}, Until: now.Add(time.Second)}, true}, {CanaryStand{IDs: []int64{1}, Until: now}, false}} {
		if got := tt.c.Pending(now); got != tt.want {
			t.Errorf("%+v: got pending %v, want %v", tt.c, got, tt.want)
		}
	}
}

// What became of a first part stands in the report.
func TestFirstPartInWords(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]CanaryRecord{
		"1 reader: 1 accepted; nothing came back": {Counts: Counts{Accepted: 1}},
		"9 readers: 6 accepted, 1 deferred, 2 failed; 1 bounce, 2 complaints": {Counts: Counts{Accepted: 6, Deferred: 1, Failed: 2}, Returned: []ReturnedMail{
			{Class: subscribers.BounceComplaint}, {Class: subscribers.BounceComplaint}, {Class: subscribers.BounceHard}}},
	} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
