package smtpsink

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, opt Options) *Sink {
	t.Helper()
	s, err := Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// script writes all at once, and no more, and returns every line that comes
// back until the sink closes the connection.
func script(t *testing.T, s *Sink, input string) []string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Minute))
	if _, err := c.Write([]byte(input)); err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).CloseWrite()
	var out []string
	for sc := bufio.NewScanner(c); sc.Scan(); {
		out = append(out, sc.Text())
	}
	return out
}

func codes(lines []string) string {
	var out []string
	for _, l := range lines {
		out = append(out, l[:min(3, len(l))])
	}
	return strings.Join(out, " ")
}

const envelope = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"

func TestDialogue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a message":            {envelope + "DATA\r\nx: y\r\n\r\n..a\r\n.\r\nQUIT\r\n", "220 250 250 354 250 221"},
		"an empty message":     {envelope + "DATA\r\n.\r\nQUIT\r\n", "220 250 250 354 250 221"},
		"two in one write":     {strings.Repeat(envelope+"DATA\r\na\r\n.\r\n", 2) + "QUIT\r\n", "220 250 250 354 250 250 250 354 250 221"},
		"two chunks":           {envelope + "BDAT 3\r\na\r\nBDAT 2 LAST\r\nb\nQUIT\r\n", "220 250 250 250 250 221"},
		"nested MAIL":          {envelope + "MAIL FROM:<x@y>\r\nQUIT\r\n", "220 250 250 503 221"},
		"no recipient":         {"MAIL FROM:<a@b>\r\nDATA\r\nQUIT\r\n", "220 250 554 221"},
		"a chunk for nobody":   {"MAIL FROM:<a@b>\r\nBDAT 4\r\nQUITQUIT\r\n", "220 250 503 221"},
		"MAIL after a chunk":   {"BDAT 1\r\naMAIL FROM:<a@b>\r\nRSET\r\nMAIL FROM:<a@b>\r\nQUIT\r\n", "220 503 503 250 250 221"},
		"DATA after BDAT":      {envelope + "BDAT 1\r\naDATA\r\nQUIT\r\n", "220 250 250 250 503 221"},
		"RSET":                 {envelope + "RSET\r\nRCPT TO:<c@d>\r\nQUIT\r\n", "220 250 250 250 503 221"},
		"nonsense":             {"HALLO\r\nMAIL x\r\nRCPT TO:c\r\nQUIT\r\n", "220 500 501 501 221"},
		"a cut message":        {envelope + "DATA\r\nx", "220 250 250 354"},
		"beyond the size":      {envelope + "DATA\r\n" + strings.Repeat("a", 200) + "\r\n.\r\nQUIT\r\n", "220 250 250 354 552 221"},
		"declared beyond it":   {"MAIL FROM:<a@b> SIZE=101\r\nQUIT\r\n", "220 552 221"},
		"a chunk beyond it":    {envelope + "BDAT 200 LAST\r\n" + strings.Repeat("a", 200) + "QUIT\r\n", "220 250 250 552 221"},
		"a chunk of no length": {envelope + "BDAT x\r\n", "220 250 250 501"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Size: 100, Chunking: true})
			if got := codes(script(t, s, c.in)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The terminator is found wherever the reads cut it.
func TestDotSplitOverWrites(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	body := "x: y\r\n\r\n" + strings.Repeat("line\r\n..dot\r\n", 50) + "end\r\n"
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Minute))
	c.Write([]byte(envelope + "DATA\r\n"))
	for _, b := range []byte(body + ".\r\nQUIT\r\n") {
		if _, err := c.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for sc := bufio.NewScanner(c); sc.Scan(); {
		got = append(got, sc.Text())
	}
	if codes(got) != "220 250 250 354 250 221" {
		t.Errorf("got %q", got)
	}
	want := strings.ReplaceAll(body, "\r\n..", "\r\n.")
	if m := s.Messages(); len(m) != 1 || string(m[0].Data) != want {
		t.Errorf("got %d messages, want the one that was sent", len(m))
	}
}

func TestLedgerHasWhatWasAnswered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger")
	s := start(t, Options{Ledger: path, Faults: []Fault{{At: Body, Do: DropBefore, Offset: 10, To: "cut@*"}}})
	body := "Message-ID: <1@b.example>\r\n\r\nhello\r\n"
	for i := range 20 {
		script(t, s, envelope+"DATA\r\n"+body+".\r\nQUIT\r\n")
		recs, err := ReadLedger(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(recs) != i+1 {
			t.Fatalf("records: got %d, want %d", len(recs), i+1)
		}
	}
	script(t, s, strings.Replace(envelope, "c@d", "cut@d", 1)+"DATA\r\n"+body+".\r\n")
	s.Close()
	recs, err := ReadLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	first, last := recs[0], recs[len(recs)-1]
	if first.SHA256 != hex.EncodeToString(sum[:]) || first.MessageID != "<1@b.example>" || !first.Complete || first.To != "c@d.example" {
		t.Errorf("got %+v, want the message", first)
	}
	if last.Complete || last.To != "cut@d.example" || last.Size != 10 || len(recs) != 21 {
		t.Errorf("got %+v of %d, want 10 bytes that are incomplete", last, len(recs))
	}
}

func TestChanceIsRepeatable(t *testing.T) {
	t.Parallel()
	roll := func(seed uint64) string {
		s := start(t, Options{Seed: seed, Faults: []Fault{{At: NOOP, Reply: "450 no", Chance: 0.5}}})
		return codes(script(t, s, strings.Repeat("NOOP\r\n", 64)+"QUIT\r\n"))
	}
	a, b, c := roll(1), roll(1), roll(2)
	if a != b || a == c {
		t.Errorf("got %q, %q with the same seed and %q with another", a, b, c)
	}
	if n := strings.Count(a, "450"); n < 16 || n > 48 {
		t.Errorf("faults of 64 at one half: got %d", n)
	}
}

func TestRTTDelaysButDoesNotSerialise(t *testing.T) {
	t.Parallel()
	for rtt := 40 * time.Millisecond; ; rtt *= 4 { // one after the other 100 take 100 times as long
		s := start(t, Options{RTT: rtt, Pipelining: true})
		begin := time.Now()
		got := codes(script(t, s, "EHLO x\r\n"+strings.Repeat("NOOP\r\n", 100)+"QUIT\r\n"))
		took := time.Since(begin)
		if took < rtt || !strings.HasSuffix(got, "250 221") {
			t.Errorf("took %v and got %s, want at least %v", took, got, rtt)
		}
		if took <= 20*rtt {
			return
		}
		if rtt > time.Second {
			t.Fatalf("took %v, want about %v", took, rtt)
		}
	}
}

func TestDiscardCountsAsMuchAsIsKept(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("0123456789 not a dot\r\n"), 50_000) // beyond the buffer
	for _, discard := range []bool{true, false} {
		s := start(t, Options{Discard: discard, Chunking: true})
		in := envelope + "DATA\r\n" + string(body) + ".\r\n" + envelope + fmt.Sprintf("BDAT %d LAST\r\n%s", len(body), body) + "QUIT\r\n"
		if got, want := codes(script(t, s, in)), "220 250 250 354 250 250 250 250 221"; got != want {
			t.Errorf("discard %t: got %s, want %s", discard, got, want)
		}
		if s.Count() != 2 {
			t.Errorf("discard %t: got %d messages, want 2", discard, s.Count())
		}
		for _, m := range s.Messages() {
			if !bytes.Equal(m.Data, body) {
				t.Errorf("got %d bytes, want %d", len(m.Data), len(body))
			}
		}
	}
}

// Faults that may happen at the same command are counted each for itself.
func TestFaultsCountEachForItself(t *testing.T) {
	t.Parallel()
	d := newDice([]Fault{
		{At: NOOP, Nth: 2, Reply: "450 second"},
		{At: NOOP, Nth: 3, Reply: "450 third"},
		{At: NOOP, After: 4, Reply: "450 later"},
	}, 1)
	var got []string
	for range 6 {
		reply := ""
		if f := d.at(NOOP, "", ""); f != nil {
			reply = f.Reply
		}
		got = append(got, reply)
	}
	if want := []string{"", "450 second", "450 third", "", "450 later", "450 later"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
