package subscribers_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestMayAdd(t *testing.T) {
	t.Parallel()
	left := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	known := func(st subscribers.Status, why subscribers.Reason) subscribers.Known {
		return subscribers.Known{Found: true, Subscriber: subscribers.Subscriber{Status: st, Suppressed: why, UnsubscribedAt: left}}
	}
	tests := []struct {
		name string
		k    subscribers.Known
		want error
	}{
		{"unknown", subscribers.Known{}, nil},
		{"pending", known(subscribers.Pending, 0), nil},
		{"active", known(subscribers.Active, 0), subscribers.ErrExists},
		{"left", known(subscribers.Unsubscribed, 0), subscribers.ErrLeft},
		{"suppressed", known(subscribers.Active, subscribers.HardBounce), subscribers.ErrSuppressed},
		{"suppressed by its hash alone", subscribers.Known{Suppressed: subscribers.Complaint}, subscribers.ErrSuppressed},
		{"erased", subscribers.Known{Suppressed: subscribers.Erased}, subscribers.ErrSuppressed},
	}
	for _, tt := range tests {
		if got := tt.k.MayAdd(); !errors.Is(got, tt.want) || (got == nil) != (tt.want == nil) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSuppressionAfter(t *testing.T) {
	t.Parallel()
	const none, hard, soft, complaint, manual, erased = subscribers.NotSuppressed, subscribers.HardBounce, subscribers.SoftBounces,
		subscribers.Complaint, subscribers.Manual, subscribers.Erased
	tests := []struct {
		standing, next, want subscribers.Reason
		detail               string
	}{
		{none, hard, hard, "new"},
		{none, erased, erased, "new"},
		{hard, soft, hard, "old"},
		{soft, hard, soft, "old"},
		{hard, manual, hard, "old"},
		{hard, complaint, complaint, "new"},
		{soft, complaint, complaint, "new"},
		{manual, complaint, complaint, "new"},
		{complaint, hard, complaint, "old"},
		{complaint, manual, complaint, "old"},
		{complaint, erased, complaint, ""},
		{hard, erased, hard, ""},
		{erased, hard, hard, "new"},
		{erased, complaint, complaint, "new"},
		{erased, erased, erased, ""},
	}
	for _, tt := range tests {
		got := subscribers.Suppression{Reason: tt.next, Detail: "new"}.After(subscribers.Suppression{Reason: tt.standing, Detail: "old"})
		if got.Reason != tt.want || got.Detail != tt.detail {
			t.Errorf("%s after %s: got %s %q, want %s %q", tt.next, tt.standing, got.Reason, got.Detail, tt.want, tt.detail)
		}
	}
}

func TestEraseLeavesNothingPersonal(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	s := subscribers.Subscriber{
		ID: 7, Email: "ada@example.com", Name: "Ada", Status: subscribers.Active, Token: subscribers.NewToken(),
		Categories: []string{"Design"}, Source: "form", CreatedAt: at, ConfirmedAt: at,
	}
	fresh := subscribers.NewToken()
	want := subscribers.Subscriber{
		ID: 7, Status: subscribers.Unsubscribed, Suppressed: subscribers.Erased, Token: fresh, CreatedAt: at, UnsubscribedAt: at.Add(time.Hour),
	}
	if got := s.Erase(at.Add(time.Hour), fresh); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLeaveAndActivate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	s := subscribers.Subscriber{Name: "Ada", Source: "old"}.Activate(subscribers.Details{Categories: []string{"Design"}, Source: "form"}, at)
	if !s.Mailable() || s.Name != "Ada" || s.Source != "form" || !s.ConfirmedAt.Equal(at) {
		t.Errorf("got %+v, want Ada active from the form", s)
	}
	s = s.Leave(at.Add(time.Hour)).Leave(at.Add(2 * time.Hour))
	if s.Status != subscribers.Unsubscribed || !s.UnsubscribedAt.Equal(at.Add(time.Hour)) {
		t.Errorf("got %+v, want the first leave kept", s)
	}
	if s = s.Activate(subscribers.Details{Name: "Countess"}, at.Add(3*time.Hour)); s.Name != "Countess" || !s.UnsubscribedAt.IsZero() {
		t.Errorf("got %+v, want her back under the new name", s)
	}
}
