package main

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/delivery"
)

func snapshot() delivery.Snapshot {
	return delivery.Snapshot{
		Counts: delivery.Counts{delivery.Queued: 450, delivery.Claimed: 50, delivery.Accepted: 480, delivery.Failed: 12, delivery.Deferred: 7, delivery.Unknown: 1},
		Rate:   123.4, Left: 4*time.Second + 52*time.Millisecond,
		Domains: []delivery.DomainCounts{
			{Domain: "one.example", Counts: delivery.Counts{delivery.Accepted: 300, delivery.Failed: 12}},
			{Domain: "two.example", Counts: delivery.Counts{delivery.Accepted: 180}},
		},
	}
}

func TestProgressText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		s    delivery.Snapshot
		want string
	}{
		{"empty", delivery.Snapshot{}, "0/0  0 accepted"},
		{"running", snapshot(), "493/1000  480 accepted, 12 failed, 7 deferred, 1 unknown  123/s  4s left  one.example 300, 12 failed; two.example 180"},
		{"slow", delivery.Snapshot{Counts: delivery.Counts{delivery.Queued: 9, delivery.Accepted: 1}, Rate: 0.25, Left: 36 * time.Second}, "1/10  1 accepted  0.2/s  36s left"},
		{"no rate", delivery.Snapshot{Counts: delivery.Counts{delivery.Queued: 9}, Rate: 0.001, Left: 9000 * time.Hour}, "0/9  0 accepted"},
	} {
		if got := progressText(tc.s); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	ascii, colour := barStyle{full: "#", empty: "."}, barStyle{full: "█", empty: "░", colour: true}
	const outcome, hosts = "480 accepted, 12 failed, 7 deferred, 1 unknown", "one.example 300, 12 failed; two.example 180"
	for _, tc := range []struct {
		width int
		style barStyle
		first string
	}{
		{100, ascii, "###################.....................   49 %  493/1000  123/s  4s left"},
		{60, ascii, "############..............   49 %  493/1000  123/s  4s left"},
		{60, colour, "\x1b[32m████████████\x1b[0m░░░░░░░░░░░░░░   49 %  493/1000  123/s  4s left"},
		{40, ascii, " 49 %  493/1000  123/s  4s left"},
		{10, ascii, " 49 %  493/1000  123/s  4s left"}, // the screen cuts it
	} {
		got := strings.Join(progressLines(snapshot(), tc.width, tc.style), "\n")
		if want := strings.Join([]string{tc.first, outcome, hosts}, "\n"); got != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", tc.width, got, want)
		}
	}
}

// The bar is full when all is done and not before, whatever the numbers.
func TestBarIsHonest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 10_000_000).Draw(t, "total")
		done := rapid.Int64Range(0, total).Draw(t, "done")
		cells := rapid.IntRange(8, 40).Draw(t, "cells")
		got := bar(done, total, cells, barStyle{full: "#", empty: "."})
		if len(got) != cells || strings.Contains(got, ".") == (done == total) {
			t.Fatalf("%d of %d: got %s in %d cells", done, total, got, cells)
		}
	})
}

func TestBarStyleFollowsTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env  map[string]string
		want barStyle
	}{
		{nil, barStyle{"#", ".", true}},
		{map[string]string{"LANG": "de_DE.UTF-8"}, barStyle{"█", "░", true}},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, barStyle{"#", ".", true}},
		{map[string]string{"LC_CTYPE": "C.utf8", "NO_COLOR": "1"}, barStyle{"█", "░", false}},
	} {
		if got := barStyleOf(func(name string) string { return tc.env[name] }); got != tc.want {
			t.Errorf("%v: got %v, want %v", tc.env, got, tc.want)
		}
	}
}
