package meter

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Counting shows on a terminal how many of a number of rows are done, until stop
// is called. Elsewhere, and with quiet, it shows nothing: progress is nil.
func Counting(stderr *Stream, quiet bool) (progress func(rows, of int64), stop func()) {
	terminal := stderr.terminal()
	if terminal == nil || quiet {
		return nil, func() {}
	}
	var done, total atomic.Int64
	bars := mpb.New(mpb.WithOutput(terminal), mpb.WithRefreshRate(drawEvery), mpb.WithWidth(barCells))
	bar := bars.New(1, barStyle(os.Getenv), mpb.BarFillerTrim(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf(" %d of %d rows", done.Load(), total.Load()) })))
	stderr.above(bars)
	progress = func(rows, of int64) {
		done.Store(rows)
		total.Store(of)
		bar.SetTotal(of+1, false) // its end is the caller's, not the count's
		bar.SetCurrent(rows)
	}
	return progress, func() {
		bar.Abort(true)
		bars.Wait()
		stderr.above(nil)
	}
}
