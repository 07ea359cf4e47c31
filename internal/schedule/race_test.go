//go:build race

package schedule_test

// The race detector makes ten years take minutes, and finds races in two.
const proofYears = 2
