package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const passed = `{"Action":"run","Package":"a","Test":"TestSkipped"}
{"Action":"output","Package":"a","Test":"TestSkipped","Output":"=== RUN   TestSkipped\n"}
{"Action":"output","Package":"a","Test":"TestSkipped","Output":"    a_test.go:9: strace is not installed\n"}
{"Action":"output","Package":"a","Test":"TestSkipped","Output":"--- SKIP: TestSkipped (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestSkipped"}
{"Action":"run","Package":"a","Test":"TestPart"}
{"Action":"output","Package":"a","Test":"TestPart","Output":"    a_test.go:20: left out: there is no Chromium\n"}
{"Action":"pass","Package":"a","Test":"TestPart"}
{"Action":"run","Package":"a","Test":"TestWhole"}
{"Action":"output","Package":"a","Test":"TestWhole","Output":"    a_test.go:30: a note\n"}
{"Action":"output","Package":"a","Test":"TestWhole","Output":"        > [!root] skip 'left out: only root can'\n"}
{"Action":"pass","Package":"a","Test":"TestWhole"}
{"Action":"output","Package":"a","Output":"PASS\n"}
{"Action":"output","Package":"a","Output":"ok  \ta\t0.1s\n"}
{"Action":"pass","Package":"a"}
`
	const failed = `{"Action":"run","Package":"b","Test":"TestWrong"}
{"Action":"output","Package":"b","Test":"TestWrong","Output":"    b_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"b","Test":"TestWrong"}
{"Action":"fail","Package":"b"}
`
	const timedOut = `{"Action":"run","Package":"c","Test":"TestHangs"}
{"Action":"output","Package":"c","Test":"TestHangs","Output":"=== RUN   TestHangs\n"}
{"Action":"output","Package":"c","Test":"TestHangs","Output":"panic: test timed out after 2s\n"}
{"Action":"output","Package":"c","Output":"FAIL\tc\t2.082s\n"}
{"Action":"fail","Package":"c"}
`
	left := "ok  \ta\t0.1s\n\n2 left out:\n  a TestSkipped: strace is not installed\n  a TestPart: there is no Chromium\n"
	for name, tt := range map[string]struct {
		in, want string
		code     int
	}{
		"passed":             {passed, left, 0},
		"failed":             {passed + failed, strings.Replace(left, "0.1s\n", "0.1s\n    b_test.go:7: got 1, want 2\n", 1), 1},
		"hangs":              {timedOut, "FAIL\tc\t2.082s\nc TestHangs did not end:\npanic: test timed out after 2s\n\n", 1},
		"does not build":     {`{"Action":"build-output","Output":"a.go:1: wrong\n"}` + "\n" + `{"Action":"build-fail"}`, "a.go:1: wrong\n", 1},
		"go itself gives up": {"go: go.mod is damaged\n", "go: go.mod is damaged\n", 1},
		"nothing came":       {"", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if code := run(strings.NewReader(tt.in), &out); code != tt.code || out.String() != tt.want {
				t.Errorf("got %d and\n%s\nwant %d and\n%s", code, out.String(), tt.code, tt.want)
			}
		})
	}
}
