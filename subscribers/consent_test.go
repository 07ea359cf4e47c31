package subscribers_test

import (
	"reflect"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestConsents(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 11, 16, hour, 0, 0, 0, time.UTC) }
	event := func(hour int, kind, detail, wording string) subscribers.Event {
		return subscribers.Event{At: at(hour), Kind: kind, Detail: detail, Wording: wording}
	}
	const ask, yes, leave, add = subscribers.EventSignUp, subscribers.EventConfirm, subscribers.EventLeave, subscribers.EventAdd
	tests := []struct {
		name   string
		s      subscribers.Subscriber
		events []subscribers.Event
		want   []subscribers.Consent
	}{
		{"never confirmed", subscribers.Subscriber{}, []subscribers.Event{event(1, ask, "form", "a")}, nil},
		{
			"the latest sign-up is confirmed", subscribers.Subscriber{},
			[]subscribers.Event{event(1, ask, "form", "a"), event(2, ask, "page", "b"), event(3, yes, "", "")},
			[]subscribers.Consent{{AskedAt: at(2), ConfirmedAt: at(3), Source: "page", Wording: "b"}},
		},
		{
			"once a wording", subscribers.Subscriber{},
			[]subscribers.Event{event(1, ask, "form", "a"), event(2, yes, "", ""), event(3, ask, "page", "a"), event(4, yes, "", ""), event(5, ask, "form", "b"), event(6, yes, "", "")},
			[]subscribers.Consent{{AskedAt: at(1), ConfirmedAt: at(2), Source: "form", Wording: "a"}, {AskedAt: at(5), ConfirmedAt: at(6), Source: "form", Wording: "b"}},
		},
		{
			"who left consents anew", subscribers.Subscriber{},
			[]subscribers.Event{event(1, ask, "form", "a"), event(2, yes, "", ""), event(3, leave, "page", ""), event(4, ask, "form", "a"), event(5, yes, "", "")},
			[]subscribers.Consent{{AskedAt: at(1), ConfirmedAt: at(2), Source: "form", Wording: "a"}, {AskedAt: at(4), ConfirmedAt: at(5), Source: "form", Wording: "a"}},
		},
		{"by an operator", subscribers.Subscriber{}, []subscribers.Event{event(1, add, "operator", "")}, []subscribers.Consent{{AskedAt: at(1), Source: "operator"}}},
		{
			"imported", subscribers.Subscriber{Source: "import:old.csv", Status: subscribers.Active, CreatedAt: at(1), ConfirmedAt: at(2)}, nil,
			[]subscribers.Consent{{AskedAt: at(1), ConfirmedAt: at(2), Source: "import:old.csv"}},
		},
	}
	for _, tt := range tests {
		if got := subscribers.Consents(tt.s, tt.events); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if a, b := subscribers.WordingVersion("Send me the digest."), subscribers.WordingVersion("Send me all."); a == b || len(a) != 12 {
		t.Errorf("got the versions %q and %q, want two of 12 digits", a, b)
	}
}
