package server

import (
	"runtime/debug"
	"testing"
)

// A GOGC that the operator has set stays.
func TestCollectOften(t *testing.T) { // not parallel: the setting is the process's
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	for set, want := range map[int]int{100: 50, 80: 80, 400: 400, -1: -1} {
		debug.SetGCPercent(set)
		CollectOften(ServeGrowth)
		if got := debug.SetGCPercent(100); got != want {
			t.Errorf("GOGC=%d: got %d, want %d", set, got, want)
		}
	}
}
