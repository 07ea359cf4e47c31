package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A vt is a terminal that knows what a screen uses: return, line feed, cursor
// up and erase below.
type vt struct {
	rows []string
	row  int
	col  int
}

func (v *vt) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		switch {
		case strings.HasPrefix(text, "\x1b["):
			i := strings.IndexAny(text, "AJm")
			switch arg := text[2:i]; text[i] {
			case 'A':
				n, err := strconv.Atoi(arg)
				if err != nil {
					return 0, fmt.Errorf("cursor up by %q", arg)
				}
				v.row = max(v.row-n, 0)
			case 'J':
				v.rows = v.rows[:min(v.row+1, len(v.rows))]
				if v.row < len(v.rows) {
					v.rows[v.row] = v.rows[v.row][:min(v.col, len(v.rows[v.row]))]
				}
			}
			text = text[i+1:]
			continue
		case text[0] == '\r':
			v.col = 0
		case text[0] == '\n':
			v.row, v.col = v.row+1, 0
		default:
			for len(v.rows) <= v.row {
				v.rows = append(v.rows, "")
			}
			v.rows[v.row] = v.rows[v.row][:v.col] + text[:1]
			v.col++
		}
		text = text[1:]
	}
	return len(p), nil
}

func (v *vt) String() string { return strings.Join(v.rows, "\n") }

// Whatever is drawn and written in whatever pieces: every written line stands
// once, in its order, above the last lines drawn.
func TestScreenKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		term := &vt{}
		s := newScreen(term, func() int { return 20 })
		var written strings.Builder
		var lines []string
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				lines = rapid.SliceOfN(rapid.StringMatching("[a-z]{1,19}"), 0, 4).Draw(t, "lines")
				s.show(append([]string(nil), lines...))
			case 1:
				fmt.Fprintf(s, "warning %d\n", i)
				fmt.Fprintf(&written, "warning %d\n", i)
			case 2:
				fmt.Fprintf(s, "part %d, ", i)
				fmt.Fprintf(&written, "part %d, ", i)
			case 3:
				fmt.Fprintf(s, "two %d\nlines\n", i)
				fmt.Fprintf(&written, "two %d\nlines\n", i)
			}
			whole := written.String()[:strings.LastIndexByte(written.String(), '\n')+1]
			if got, want := strings.TrimRight(term.String(), "\n"), strings.TrimRight(whole+strings.Join(lines, "\n"), "\n"); got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		}
		s.clear()
		if got, want := strings.TrimRight(term.String(), "\n"), strings.TrimRight(written.String(), "\n"); got != want {
			t.Fatalf("at the end: got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestCutLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		line    string
		columns int
		want    string
	}{
		{"short", 10, "short"},
		{"exact", 5, "exact"},
		{"longer", 5, "long…"},
		{"\x1b[32m███\x1b[0m░░░", 4, "\x1b[32m███\x1b[0m…"},
		{"\x1b[32m███\x1b[0m", 3, "\x1b[32m███\x1b[0m"},
		{"\x1b[32m███\x1b[0m", 1, "\x1b[32m…\x1b[0m"},
		{"any", 0, ""},
		{"any", -1, ""},
	} {
		if got := cutLine(tc.line, tc.columns); got != tc.want {
			t.Errorf("%q to %d: got %q, want %q", tc.line, tc.columns, got, tc.want)
		}
	}
}
