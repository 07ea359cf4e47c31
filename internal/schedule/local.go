package schedule

import "time"

// instant is when the clocks in loc show the civil time that civil has in UTC:
// the first time where they show it twice, and the first instant after the gap
// where they never do.
//
// time.Date gives an instant near it, in one of the offsets around a change of
// the clocks, but does not say in which.
func instant(civil time.Time, loc *time.Location) time.Time {
	y, mo, d := civil.Date()
	near := time.Date(y, mo, d, civil.Hour(), civil.Minute(), 0, 0, loc)
	start, end := near.ZoneBounds()
	var found time.Time
	for _, at := range []time.Time{near, start.Add(-time.Second), end} {
		if at.Year() <= 1 { // no change of the clocks on that side
			continue
		}
		t := civil.Add(-offset(at)).In(loc)
		if offset(t) == offset(at) && (found.IsZero() || t.Before(found)) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	for _, change := range []time.Time{start, end} {
		before, after := offset(change.Add(-time.Second)), offset(change)
		if gap := civil.Sub(change.Add(before).UTC()); !change.IsZero() && gap >= 0 && gap < after-before {
			return change.In(loc)
		}
	}
	return near
}

// offset is how far the clocks at t are ahead of UTC.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
