package check

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// ErrSpamd is an answer of spamd that is none, or that it refuses to judge.
var ErrSpamd = errors.New("spamd gave no score")

const (
	spamdTimeout = 20 * time.Second
	spamdAnswer  = 1 << 20 // bytes
	spamdWarn    = 1.0     // points; a newsletter in order has none
)

// A SpamScore is SpamAssassin's judgement of one message.
type SpamScore struct {
	Score     float64
	Threshold float64 // from which on the daemon calls it spam, 5.0 by default
	Rules     []SpamRule
}

// A SpamRule is a test that hit. Points are rounded to a tenth by the daemon.
type SpamRule struct {
	Name   string
	Points float64
}

// Spam asks a SpamAssassin daemon at addr ("127.0.0.1:783", or the path of a
// Unix socket) for the message's score. ok is false when no daemon answers
// there within 20 s: no daemon, no finding. The message goes to addr, so it
// must be a daemon of one's own.
func Spam(ctx context.Context, addr string, raw []byte) (f Finding, ok bool) {
	s, err := AskSpamd(ctx, addr, raw)
	if err != nil {
		return Finding{}, false
	}
	const check, fix = "spam.score", "look at the rules that gave points"
	detail := fmt.Sprintf("SpamAssassin gives %.1f of %.1f points%s", s.Score, s.Threshold, s.guilty())
	switch {
	case s.Score >= s.Threshold:
		return Finding{Check: check, Level: Fail, Detail: detail, Fix: fix}, true
	case s.Score > spamdWarn:
		return Finding{Check: check, Level: Warn, Detail: detail, Fix: fix}, true
	}
	return Finding{Check: check, Level: Pass, Detail: detail}, true
}

// guilty names the rules that cost points.
func (s SpamScore) guilty() string {
	var names []string
	for _, r := range s.Rules {
		if r.Points > 0 {
			names = append(names, fmt.Sprintf("%s %.1f", r.Name, r.Points))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

// AskSpamd speaks SPAMC/1.5 (spamd/PROTOCOL of SpamAssassin): one REPORT
// request a connection. Errors are the network's, ctx's, or wrap ErrSpamd.
func AskSpamd(ctx context.Context, addr string, raw []byte) (SpamScore, error) {
	ctx, cancel := context.WithTimeout(ctx, spamdTimeout)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(addr, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return SpamScore{}, fmt.Errorf("ask spamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	// A daemon that refuses answers before it has read the message, so the
	// answer counts, not the write.
	_, writeErr := fmt.Fprintf(conn, "REPORT SPAMC/1.5\r\nContent-length: %d\r\n\r\n%s", len(raw), raw)
	s, err := readSpamd(io.LimitReader(conn, spamdAnswer))
	if err != nil {
		return SpamScore{}, errors.Join(fmt.Errorf("ask spamd: %w", err), writeErr, ctx.Err())
	}
	return s, nil
}

// readSpamd reads "SPAMD/1.1 0 EX_OK", the fields and the report.
func readSpamd(r io.Reader) (SpamScore, error) {
	tp := textproto.NewReader(bufio.NewReader(r))
	status, err := tp.ReadLine()
	if err != nil {
		return SpamScore{}, err
	}
	words := strings.Fields(status)
	if len(words) < 2 || !strings.HasPrefix(words[0], "SPAMD/") {
		return SpamScore{}, fmt.Errorf("%w: it answered %.80q", ErrSpamd, status)
	}
	if words[1] != "0" {
		return SpamScore{}, fmt.Errorf("%w: it refused with %.80q", ErrSpamd, status)
	}
	head, err := tp.ReadMIMEHeader()
	if err != nil {
		return SpamScore{}, fmt.Errorf("%w: its fields end early: %w", ErrSpamd, err)
	}
	var s SpamScore
	if s.Score, s.Threshold, err = parseVerdict(head.Get("Spam")); err != nil {
		return SpamScore{}, err
	}
	report, err := io.ReadAll(tp.R)
	if err != nil {
		return SpamScore{}, fmt.Errorf("%w: its report ends early: %w", ErrSpamd, err)
	}
	s.Rules = parseRules(string(report))
	return s, nil
}

// parseVerdict reads "False ; -0.1 / 5.0".
func parseVerdict(s string) (score, threshold float64, err error) {
	_, points, _ := strings.Cut(s, ";")
	a, b, ok := strings.Cut(points, "/")
	score, errA := parsePoints(strings.TrimSpace(a))
	threshold, errB := parsePoints(strings.TrimSpace(b))
	if !ok || errA != nil || errB != nil {
		return 0, 0, fmt.Errorf("%w: it says %.80q", ErrSpamd, s)
	}
	return score, threshold, nil
}

// parseRules reads the report's table, below the line of dashes: points, name
// and description; what does not start with points goes on from above.
func parseRules(report string) []SpamRule {
	var rules []SpamRule
	table := false
	for line := range strings.Lines(report) {
		words := strings.Fields(line)
		if len(words) > 1 && strings.HasPrefix(words[0], "----") && strings.HasPrefix(words[1], "----") {
			table = true
			continue
		}
		if !table || len(words) < 2 || words[1] != strings.ToUpper(words[1]) {
			continue
		}
		if points, err := parsePoints(words[0]); err == nil {
			rules = append(rules, SpamRule{Name: words[1], Points: points})
		}
	}
	return rules
}

// parsePoints reads a finite number.
func parsePoints(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = strconv.ErrRange
	}
	return f, err
}
