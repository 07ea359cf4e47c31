package sendview

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKepts[string, int](time.Now, true)
		asked := 0
		ask := func(takes time.Duration, err error) (int, time.Time) {
			v, at, gotErr := k.get("a", func() (int, error) {
				asked++
				time.Sleep(takes)
				return asked, err
			})
			if err != nil && !errors.Is(gotErr, err) {
				t.Errorf("got %v, want %v", gotErr, err)
			}
			return v, at
		}
		expect := func(what string, want int) {
			t.Helper()
			if asked != want {
				t.Errorf("%s: asked %d times, want %d", what, asked, want)
			}
		}
		ask(0, errors.New("disk gone"))
		ask(0, nil)
		expect("an error is not kept", 2)
		if v, at := ask(0, nil); v != 2 || !at.Equal(time.Now()) {
			t.Errorf("got %d at %v, want the kept 2", v, at)
		}
		time.Sleep(time.Second)
		ask(500*time.Millisecond, nil)
		expect("after a second", 3)
		time.Sleep(9 * time.Second)
		ask(0, nil)
		expect("what took 0.5 s is kept for 10", 3)
		time.Sleep(time.Second)
		ask(60*time.Millisecond, nil)
		expect("after ten seconds", 4)
		time.Sleep(9 * time.Second)
		ask(0, nil)
		expect("what took 60 ms is kept for 10 s", 4)
		time.Sleep(time.Second)
		var both sync.WaitGroup
		for range 5 {
			both.Go(func() { ask(0, nil) })
		}
		both.Wait()
		expect("five at once", 5)
	})
}
