package journal

import "bytes"

// WithoutBoot gives the content of a journal as a system writes it that does not
// say which run of the machine it is: for tests of what a power cut leaves.
func WithoutBoot(content []byte) ([]byte, error) {
	first := bytes.IndexByte(content, '\n') + 1
	out, rest := bytes.Clone(content[:first]), content[first:]
	for len(rest) > 0 {
		f, n, err := readFrame(rest)
		if err != nil {
			return nil, err
		}
		f.boot = nil
		out, rest = appendFrame(out, f), rest[n:]
	}
	return out, nil
}
