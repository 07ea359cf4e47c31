//go:build !race

package schedule_test

const proofYears = 10
