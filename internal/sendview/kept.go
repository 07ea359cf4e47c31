package sendview

import (
	"sync"
	"time"
)

// dutyShare is the most of one core, as a fraction's denominator, that asking
// anew may take: an answer is kept for dutyShare times as long as it took.
const dutyShare = 20

// kepts keeps answers of the database by key. Of several who ask for the same
// one at once, one goes and the others wait for its answer.
type kepts[K comparable, V any] struct {
	now func() time.Time

	mu    sync.Mutex
	byKey map[K]*kept[V]
}

type kept[V any] struct {
	mu    sync.Mutex
	value V
	at    time.Time // when it was got
	until time.Time // zero: there is none
}

func newKepts[K comparable, V any](now func() time.Time) *kepts[K, V] {
	return &kepts[K, V]{now: now, byKey: map[K]*kept[V]{}}
}

// get gives the kept answer, or asks when it is older than least or there is
// none. An error is not kept.
func (k *kepts[K, V]) get(key K, least time.Duration, ask func() (V, error)) (V, time.Time, error) {
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
	e.value, e.at, e.until = v, at, at.Add(max(least, dutyShare*at.Sub(began)))
	return v, at, nil
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
