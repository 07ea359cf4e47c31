package sendview

import (
	"fmt"
	"html/template"
	"strconv"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/refusal"
)

// funcs are what the templates call; times are shown in zone.
func funcs(zone *time.Location) template.FuncMap {
	return template.FuncMap{
		"explain": explain, "n": number, "about": about, "rate": rateText, "took": took,
		"clock":      func(t time.Time) string { return t.In(zone).Format("15:04:05") },
		"date":       func(t time.Time) string { return t.In(zone).Format("2 January 2006, 15:04 MST") },
		"accepted":   func() delivery.State { return delivery.Accepted },
		"failed":     func() delivery.State { return delivery.Failed },
		"unknown":    func() delivery.State { return delivery.Unknown },
		"deferred":   func() delivery.State { return delivery.Deferred },
		"suppressed": func() delivery.State { return delivery.Suppressed },
	}
}

// explain says what a provider's refusal means and what to do; "" when it is not
// known.
func explain(reply string) string {
	row, ok := refusal.ExplainLine(reply)
	if !ok {
		return ""
	}
	return row.String()
}

// number writes an int or an int64 with its digits grouped: 12,345.
func number(v any) string {
	s := fmt.Sprint(v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// rateText words messages a second; below ten a decimal tells more.
func rateText(r float64) string {
	if r > 0 && r < 9.95 {
		return strconv.FormatFloat(r, 'f', 1, 64)
	}
	return number(int64(r + 0.5))
}

// about words how long something will take, in steps that suit an estimate.
func about(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a moment"
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int64(d.Round(time.Second)/time.Second))
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int64(d.Round(time.Minute)/time.Minute))
	case d < 1000*time.Hour:
		m := int64(d.Round(time.Minute) / time.Minute)
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	}
	return "many days"
}

// took words how long something has taken.
func took(from, to time.Time) string {
	d := to.Sub(from)
	if d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return d.Round(time.Second).String()
}
