package bench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/smtpsink"
)

// sinkEnv makes the test binary a sink: a process of its own, so that the
// senders' CPU time can be told from the sink's.
const sinkEnv = "DIGEST_BENCH_SINK"

func TestMain(m *testing.M) {
	if kind := os.Getenv(sinkEnv); kind != "" {
		if err := runSink(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runSink serves until standard input ends.
func runSink(kind string) error {
	opts := smtpsink.Options{Discard: true, Pipelining: strings.Contains(kind, "pipelining"), Chunking: strings.Contains(kind, "chunking")}
	if strings.Contains(kind, "rtt") {
		opts.RTT = 20 * time.Millisecond
	}
	s, err := smtpsink.Start(opts)
	if err != nil {
		return err
	}
	fmt.Println(s.Addr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return s.Close()
}

// startSink starts a sink process and gives its address.
func startSink(tb testing.TB, kind string) string {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkEnv+"="+kind)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(addr)
}
