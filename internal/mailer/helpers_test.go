package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// dialect is what a sink offers; every rule holds in each.
type dialect struct {
	name string
	opt  smtpsink.Options
}

func dialects() []dialect {
	return []dialect{
		{"plain", smtpsink.Options{}},
		{"pipelining", smtpsink.Options{Pipelining: true, Size: 64 << 20}},
		{"chunking", smtpsink.Options{Chunking: true}},
		{"pipelining+chunking", smtpsink.Options{Pipelining: true, Chunking: true, Size: 64 << 20}},
	}
}

// inDialects runs a test in each dialect, with the faults.
func inDialects(t *testing.T, faults []smtpsink.Fault, test func(t *testing.T, sink *smtpsink.Sink)) {
	t.Helper()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			d.opt.Faults = faults
			test(t, startSink(t, d.opt))
		})
	}
}

func startSink(t testing.TB, opt smtpsink.Options) *smtpsink.Sink {
	t.Helper()
	sink, err := smtpsink.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sink.Close() })
	return sink
}

// patience is longer than a busy machine takes for what takes an instant on another,
// and shorter than the timeouts that end a dialogue where no test has set them.
const patience = time.Minute

// config is for a plaintext sink; only a goodbye is not waited for.
func config(sink *smtpsink.Sink) Config {
	return Config{
		Host: "127.0.0.1", Port: sink.Port(), TLS: NoTLS, HELO: "verdicts.example", MaxMessages: 1 << 20,
		Timeouts: Timeouts{Follow: patience, Quit: 200 * time.Millisecond},
	}
}

// hurry gives up soon on the end of a message that the server never answers, until
// calm is called.
func hurry(d *Dialer, f smtpsink.Fault) (calm func()) {
	patient := d.cfg.Timeouts.Dot
	if f.At == smtpsink.Dot && f.Do == smtpsink.Stall {
		d.cfg.Timeouts.Dot = 500 * time.Millisecond
	}
	return func() { d.cfg.Timeouts.Dot = patient }
}

// withTime tries in each dialect until there was enough time for what must happen
// before the time is up; try reports whether there was.
func withTime(t *testing.T, fault smtpsink.Fault, try func(t *testing.T, sink *smtpsink.Sink, d time.Duration) (enough bool)) {
	t.Helper()
	for _, dialect := range dialects() {
		t.Run(dialect.name, func(t *testing.T) {
			t.Parallel()
			dialect.opt.Faults = []smtpsink.Fault{fault}
			for d := 30 * time.Millisecond; !try(t, startSink(t, dialect.opt), d); d *= 4 {
				if d > patience {
					t.Fatalf("got too little time in %v", d)
				}
			}
		})
	}
}

// taken waits until the sink has taken so many messages: after a cut connection it
// may still read what has come.
func taken(t *testing.T, sink *smtpsink.Sink, want int) {
	t.Helper()
	for end := time.Now().Add(patience); sink.Count() < want && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if got := sink.Count(); got != want {
		t.Errorf("messages taken: got %d, want %d", got, want)
	}
}

func newDialer(t testing.TB, cfg Config) *Dialer {
	t.Helper()
	d, err := New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func dialed(t testing.TB, d *Dialer) *session {
	t.Helper()
	s, err := d.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*session)
}

func envelopeTo(to string) delivery.Envelope {
	return delivery.Envelope{From: "bounce@verdicts.example", To: to}
}

// testMessage is a message of about size bytes as internal/message makes them.
func testMessage(id string, size int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: a@verdicts.example\r\nMessage-ID: <%s@verdicts.example>\r\nSubject: %s\r\n\r\n", id, id)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%06d the quick brown fox jumps over the lazy dog and takes a rest=\r\n", i)
	}
	fmt.Fprintf(&b, "end of %s\r\n", id)
	return b.Bytes()
}

func mailTo(to string, msg []byte) delivery.Mail {
	return delivery.Mail{Envelope: envelopeTo(to), Message: delivery.Whole(msg)}
}

func intent() (*delivery.Mail, error) { return nil, nil }

var errIntent = errors.New("the disk is full")

// sendNext sends one more message, on the same session when it is not broken,
// and demands that it arrives whole: what went before must not touch it.
func sendNext(t *testing.T, d *Dialer, s delivery.Session, broken bool, sink *smtpsink.Sink) {
	t.Helper()
	if broken {
		s = dialed(t, d)
	}
	before := sink.Count()
	msg := testMessage("next", 3000)
	res := s.Send(context.Background(), mailTo("next@example.org", msg), intent)
	if !res.Accepted() {
		t.Fatalf("next reader: got %+v, want accepted", res)
	}
	if got := sink.Count(); got != before+1 {
		t.Errorf("messages taken: got %d, want %d", got, before+1)
	}
	last := complete(sink)
	if got := last[len(last)-1]; !bytes.Equal(got.Data, msg) || got.To != "next@example.org" {
		t.Errorf("next reader's message: got %d bytes to %s, want %d to next@example.org", len(got.Data), got.To, len(msg))
	}
}

func complete(sink *smtpsink.Sink) []smtpsink.Message {
	var out []smtpsink.Message
	for _, m := range sink.Messages() {
		if m.Complete {
			out = append(out, m)
		}
	}
	return out
}
