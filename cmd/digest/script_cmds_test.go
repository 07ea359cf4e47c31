package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/postgrestest"
)

// checkExitCode runs a command and checks its exit code: exitcode N digest ...
func checkExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("got exit code %d, want %d", got, want)
	}
}

// makeDatabase makes an empty database and sets a variable to its URL, with a
// password that no answer may show: postgres VARIABLE.
func makeDatabase(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: postgres VARIABLE")
	}
	url, err := postgrestest.Make(postgrestest.Versions()[0])
	ts.Check(err)
	ts.Setenv(args[0], strings.Replace(url, "postgres@", "postgres:hunter2@", 1))
}

// expand replaces $VARIABLES in files in place.
func expand(ts *testscript.TestScript, neg bool, files []string) {
	for _, name := range files {
		path := ts.MkAbs(name)
		data, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, []byte(os.Expand(string(data), ts.Getenv)), 0o644))
	}
}

// serveFiles serves the script's folder on loopback until the script ends, and
// sets a variable to its address: servefiles VARIABLE. A file that is changed is
// served anew.
func serveFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: servefiles VARIABLE")
	}
	srv := httptest.NewServer(http.FileServer(http.Dir(ts.Getenv("WORK"))))
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL)
}

// silentServer runs a mail server that takes messages and does not answer to
// their end, until the script ends, and sets a variable to its port: silentserver
// VARIABLE.
func silentServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silentserver VARIABLE")
	}
	s, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: []smtpsink.Fault{{At: smtpsink.Dot, Do: smtpsink.Stall}}})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() }) // a connection that is cut is what the script is about
	ts.Setenv(args[0], strconv.Itoa(s.Port()))
}

// patience is longer than a busy machine takes for what takes an instant on another.
const patience = 2 * time.Minute

// await waits until a file exists: await FILE.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	path := ts.MkAbs(args[0])
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
	ts.Fatalf("%s: got no such file in %v", args[0], patience)
}

// setClock sets the script's clock: clock 2026-11-20T13:00:00Z.
func setClock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: clock TIME")
	}
	at, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	ts.Setenv(clockAhead, time.Until(at).String())
}

// eventually runs a command until its output matches: eventually PATTERN COMMAND...
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN command args...")
	}
	want := regexp.MustCompile(args[0])
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ts.Exec(args[1], args[2:]...) == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("got no %s in %v", args[0], patience)
}

// freePort sets a variable to a port of loopback that is free now: freeport VARIABLE.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport VARIABLE")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(errors.Join(err, ln.Close()))
	ts.Setenv(args[0], port)
}

// answers waits until a URL answers 200: answers URL.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers URL")
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(args[0])
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	ts.Fatalf("%s: got no answer in %v", args[0], patience)
}

// startRelay runs a mail server until the script ends, and sets a variable to its
// port. It answers the first RCPT to an address with a reply of its own, and drops
// the connection at the end of the first message to another:
// relay VARIABLE refused@example.com REPLY lost@example.com.
func startRelay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: relay VARIABLE REFUSED REPLY LOST")
	}
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: []smtpsink.Fault{
		{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: args[2], To: args[1], Nth: 1},
		{At: smtpsink.Dot, Do: smtpsink.DropSilent, To: args[3], Nth: 1},
	}})
	ts.Check(err)
	ts.Defer(func() { _ = sink.Close() })
	ts.Setenv(args[0], strconv.Itoa(sink.Port()))
}
