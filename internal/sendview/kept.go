package sendview

import (
	"sync"
	"time"
)

// An answer is kept for keptLeast and for dutyShare times as long as it took,
// so that asking anew takes at most a dutyShare-th of one core. One that took
// slowAfter is kept for slowLeast at least, if the question is of the kind that
// a long list makes expensive.
const (
	keptLeast = time.Second
	dutyShare = 10
	slowAfter = 50 * time.Millisecond
	slowLeast = 10 * time.Second
)

// kepts keeps answers of the database by key. Of several who ask for the same
// one at once, one goes and the others wait for its answer.
type kepts[K comparable, V any] struct {
	now       func() time.Time
	expensive bool // see slowLeast

	mu    sync.Mutex
	byKey map[K]*kept[V]
}

type kept[V any] struct {
	mu    sync.Mutex
	value V
	at    time.Time // when it was got
	until time.Time // zero: there is none
}

func newKepts[K comparable, V any](now func() time.Time, expensive bool) *kepts[K, V] {
	return &kepts[K, V]{now: now, expensive: expensive, byKey: map[K]*kept[V]{}}
}

// get gives the kept answer with when it was got, or asks when it is too old or
// there is none. An error is not kept.
func (k *kepts[K, V]) get(key K, ask func() (V, error)) (V, time.Time, error) {
	e := k.entry(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	began := k.now()
	if began.Before(e.until) {
		return e.value, e.at, nil
	}
	v, err := ask()
	if err != nil {
		return v, began, err
	}
	at := k.now()
	e.value, e.at, e.until = v, at, at.Add(k.keep(at.Sub(began)))
	return v, at, nil
}

func (k *kepts[K, V]) keep(took time.Duration) time.Duration {
	least := keptLeast
	if k.expensive && took >= slowAfter {
		least = slowLeast
	}
	return max(least, dutyShare*took)
}

func (k *kepts[K, V]) entry(key K) *kept[V] {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.byKey[key]
	if e == nil {
		e = &kept[V]{}
		k.byKey[key] = e
	}
	return e
}
