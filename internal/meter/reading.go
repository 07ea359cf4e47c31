package meter

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Reading follows the reading of a file on a terminal: how much of it was
// read, and the rows. Elsewhere, and with --quiet, it shows nothing. stop ends it.
func Reading(stderr *Stream, quiet bool, file *os.File) (progress func(rows int), stop func()) {
	info, err := file.Stat()
	terminal := stderr.terminal()
	if err != nil || terminal == nil || quiet {
		return nil, func() {}
	}
	var rows atomic.Int64
	bars := mpb.New(mpb.WithOutput(terminal), mpb.WithRefreshRate(drawEvery), mpb.WithWidth(barCells))
	bar := bars.New(info.Size()+1, barStyle(os.Getenv), mpb.BarFillerTrim(), // its end is the bar's, not the file's
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf(" %d rows", rows.Load()) })))
	stderr.above(bars)
	progress = func(n int) {
		rows.Store(int64(n))
		if at, err := file.Seek(0, io.SeekCurrent); err == nil {
			bar.SetCurrent(at)
		}
	}
	return progress, func() {
		bar.Abort(true)
		bars.Wait()
		stderr.above(nil)
	}
}
