package comparison

import "testing"

func TestPanelOutcome(t *testing.T) {
	t.Parallel()
	n := func(i int) *int { return &i }
	for name, tc := range map[string]struct {
		panel *Panel
		want  Outcome
		shown int
		known bool
	}{
		"nobody":            {nil, OutcomeUnknown, 0, false},
		"empty":             {&Panel{}, OutcomeUnknown, 0, false},
		"no votes":          {&Panel{Ship: n(0), Skip: n(0)}, OutcomeUnknown, 0, false},
		"one side only":     {&Panel{Ship: n(3)}, OutcomeUnknown, 0, false},
		"counts":            {&Panel{Ship: n(2), Skip: n(1)}, OutcomeShip, 67, true},
		"per cent":          {&Panel{Percent: n(45)}, OutcomeSplit, 45, true},
		"below":             {&Panel{Percent: n(44)}, OutcomeSkip, 44, true},
		"counts are exact":  {&Panel{Ship: n(1), Skip: n(2), Percent: n(34)}, OutcomeSkip, 34, true},
		"not quite all":     {&Panel{Ship: n(199), Skip: n(1)}, OutcomeShip, 99, true},
		"hardly anybody":    {&Panel{Ship: n(1), Skip: n(299)}, OutcomeSkip, 1, true},
		"as stated, but":    {&Panel{Ship: n(199), Skip: n(1), Percent: n(100)}, OutcomeShip, 99, true},
		"all, as stated":    {&Panel{Percent: n(100)}, OutcomeShip, 100, true},
		"nobody would ship": {&Panel{Ship: n(0), Skip: n(4)}, OutcomeSkip, 0, true},
	} {
		shown, known := tc.panel.Shown()
		if got := tc.panel.Outcome(); got != tc.want || shown != tc.shown || known != tc.known {
			t.Errorf("%s: got %q, %d%%, %v, want %q, %d%%, %v", name, got, shown, known, tc.want, tc.shown, tc.known)
		}
	}
}
