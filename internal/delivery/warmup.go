package delivery

import "time"

// A Warmup raises a new sending address's volume day by day (in the zone of
// Start): PerDay[0] messages on Start's day, PerDay[1] on the next; after the
// last there is no limit.
type Warmup struct {
	Start  time.Time
	PerDay []int64
}

// day numbers t's calendar day in the warm-up's zone: days since 1970-01-01.
func (w Warmup) day(t time.Time) int64 {
	y, m, d := t.In(w.Start.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// allowed is how many messages may leave on t's day; ok is false for no limit.
// Before Start's day nothing is limited.
func (w Warmup) allowed(t time.Time) (n int64, ok bool) {
	i := w.day(t) - w.day(w.Start)
	if i < 0 || i >= int64(len(w.PerDay)) {
		return 0, false
	}
	return w.PerDay[i], true
}

// nextDay is the first instant of the day after t's.
func (w Warmup) nextDay(t time.Time) time.Time {
	y, m, d := t.In(w.Start.Location()).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, w.Start.Location())
}

// A DayRequest asks for a part of a warm-up's day.
type DayRequest struct {
	Day   int64 // see Warmup
	Most  int64 // that may leave on it
	Holds int64 // readers whom the sender has claimed: their messages may leave yet
	More  int64 // wanted beside them
	At    time.Time
}

// Grant is how many of More there are. sent: how many messages were intended on the
// day; reserved: how many may be yet by the other senders.
func (r DayRequest) Grant(sent, reserved int64) int64 {
	return max(min(r.More, r.Most-sent-reserved-r.Holds), 0)
}
