package outbox_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

var (
	week = edition.Week{Year: 2026, Number: 48}
	slot = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
)

// payloads has one of each kind, every field set.
func payloads() []outbox.Payload {
	items := []outbox.Item{{Title: "A vs B", Reason: "new"}}
	return []outbox.Payload{
		outbox.Confirm{Details: subscribers.Details{Name: "Ada", Categories: []string{"Agents"}, Source: "form"}},
		outbox.Welcome{},
		outbox.Goodbye{},
		outbox.LeaveLink{},
		outbox.FreshLink{Purpose: subscribers.PurposeErase},
		outbox.ReaderLinks{Page: subscribers.Page{Slug: "a-vs-b", Title: "A vs B", Week: "2026-W48"}},
		outbox.AddressChanged{},
		outbox.Login{Next: "/week/2026-W48"},
		outbox.DraftReady{
			Week: week, Subject: "A subject", Slot: slot, Hash: "abc", ApprovalRequired: true, Readers: 12, Preheader: "Before all",
			Featured: items, LeftOut: items, Problems: []string{"p"}, Warnings: []string{"w"}, Notes: []string{"n"},
			HTML: "<p>x</p>", Text: "x",
		},
		outbox.Held{Week: week, Subject: "A subject", Slot: slot, Reason: "why", ByHand: true, Paused: true},
		outbox.Missed{Week: week, Slot: slot, CatchUpSeconds: 3600, Noticed: slot.Add(2 * time.Hour), Because: outbox.BecauseHeld},
		outbox.Report{
			Week: week, Subject: "A subject", StartedAt: slot, FinishedAt: slot.Add(time.Minute),
			Total: 15, Accepted: 1, Deferred: 2, Failed: 3, Unknown: 4, Suppressed: 5,
			Failures: []string{"f"}, ArchiveURL: "https://digest.example.com/archive/2026-W48",
		},
		outbox.Checkup{
			Host: "mail.example.org", At: slot, Settled: []string{"disk"},
			Findings: []outbox.Finding{{Check: "spf", Fails: true, Detail: "no record", Fix: "publish one", New: true}},
		},
		outbox.Surge{Since: slot, Domains: []string{"example.com"}, Asked: 512, Confirmed: 3, Held: 40},
		outbox.Refused{Mail: outbox.KindConfirm, Reply: "554 5.7.1 Relay access denied", At: slot, Waiting: 3},
	}
}

// The files in testdata are what earlier programs stored: they are added to, and
// never changed.
func TestStoredPayloadsAreRead(t *testing.T) {
	t.Parallel()
	for _, want := range payloads() {
		data, err := os.ReadFile(filepath.Join("testdata", "v1", string(want.Kind())+".json"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := outbox.Decode(want.Kind(), 1, data)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, version 1: got %+v, %v, want %+v", want.Kind(), got, err, want)
		}
	}
}

// What is stored has the names of the files in testdata: a field of Go that is
// renamed changes nothing, a name of JSON that is changed is a new version.
func TestEncode(t *testing.T) {
	t.Parallel()
	for _, p := range payloads() {
		v, data, err := outbox.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := os.ReadFile(filepath.Join("testdata", "v1", string(p.Kind())+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := errors.Join(json.Unmarshal(data, &got), json.Unmarshal(stored, &want)); err != nil {
			t.Fatal(err)
		}
		if v != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got version %d: %s, want version 1: %s", p.Kind(), v, data, stored)
		}
	}
}

// Every field of every payload names itself for JSON.
func TestEveryFieldHasItsName(t *testing.T) {
	t.Parallel()
	var check func(at string, typ reflect.Type)
	check = func(at string, typ reflect.Type) {
		for typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || !strings.Contains(typ.PkgPath(), "digest/") || typ == reflect.TypeFor[edition.Week]() {
			return
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Tag.Get("json") == "" && !f.Anonymous {
				t.Errorf("%s.%s: got no json tag, want one: its name is stored", at, f.Name)
			}
			check(at+"."+f.Name, f.Type)
		}
	}
	for _, p := range payloads() {
		check(string(p.Kind()), reflect.TypeOf(p))
	}
}

func TestWhatANewerProgramWrote(t *testing.T) {
	t.Parallel()
	for _, e := range []outbox.Event{
		{Kind: outbox.KindHeld, Version: 99, Data: []byte(`{}`)},
		{Kind: outbox.KindHeld, Version: 0, Data: []byte(`{}`)},
		{Kind: "birthday", Version: 1, Data: []byte(`{}`)},
	} {
		if p, err := e.Payload(); !errors.Is(err, outbox.ErrUnknown) {
			t.Errorf("%s, version %d: got %v, %v, want ErrUnknown", e.Kind, e.Version, p, err)
		}
	}
	if _, err := outbox.Decode(outbox.KindHeld, 1, []byte(`{"week":"soon"}`)); err == nil || errors.Is(err, outbox.ErrUnknown) {
		t.Errorf("damaged: got %v, want an error that is not ErrUnknown", err)
	}
}

// Attempts grow apart, none is later than four hours after the one before, and
// the last one is within three days of the event.
func TestRetry(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := outbox.Event{CreatedAt: slot, Attempts: 1}
		at, n := slot, 0
		for ; ; n++ {
			next, ok := e.Retry(at, rapid.Float64Range(0, 1).Draw(t, "chance"))
			if wait := next.Sub(at); wait < 15*time.Second || wait > 4*time.Hour {
				t.Fatalf("attempt %d: got a wait of %s, want 15 s to 4 h", e.Attempts, wait)
			}
			if !ok {
				if late := next.Sub(slot); late <= outbox.KeepFor {
					t.Fatalf("got it given up %s after it began, want %s", late, outbox.KeepFor)
				}
				break
			}
			at = next
			e.Attempts++
		}
		if n < 20 || n > 60 {
			t.Fatalf("got %d attempts in three days, want 20 to 60", n)
		}
	})
}

func TestFirstRetryIsSoon(t *testing.T) {
	t.Parallel()
	e := outbox.Event{CreatedAt: slot, Attempts: 1}
	if next, ok := e.Retry(slot, 1); !ok || next.Sub(slot) != 30*time.Second {
		t.Errorf("got %s, %v, want half a minute", next.Sub(slot), ok)
	}
}

func TestLinkKind(t *testing.T) {
	t.Parallel()
	for wish, want := range map[subscribers.Wish]outbox.Kind{subscribers.WishLinks: outbox.KindLinks, subscribers.WishLeave: outbox.KindLeaveLink} {
		if got := outbox.LinkKind(wish); got != want {
			t.Errorf("%s: got %s, want %s", wish, got, want)
		}
	}
}
