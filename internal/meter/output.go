package meter

import "io"

// Output is standard output. It keeps the first error of writing to it, for
// those who print many lines and look at none.
type Output struct {
	io.Writer
	Err error
}

func (o *Output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.Err == nil {
		o.Err = err
	}
	return n, err
}
