package inbound

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"verdicts.example/digest/internal/refusal/refusaltest"
	"verdicts.example/digest/subscribers"
)

// INBOUND_INPUTS says how many mangled mails TestMangledMails reads, 20,000 where it is
// not set, and INBOUND_FROM with which it begins: a failure names its number.
const (
	inputsVar = "INBOUND_INPUTS"
	fromVar   = "INBOUND_FROM"
)

// TestMangledMails reads mails that were mangled as nature and malice do: cut, joined,
// with parts of others in them, with bytes and words where none belong. Nothing
// panics, and no report breaks what the package promises.
func TestMangledMails(t *testing.T) {
	t.Parallel()
	inputs, from := number(t, inputsVar, 20_000), number(t, fromVar, 0)
	m := mangler{whole: mangleable(t)}
	for _, raw := range m.whole {
		m.lines = append(m.lines, bytes.SplitAfter(raw, []byte("\n"))...)
	}
	var next, failed atomic.Int64
	next.Store(int64(from))
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for failed.Load() < 10 {
				i := next.Add(1) - 1
				if i >= int64(from+inputs) {
					return
				}
				raw := m.mail(uint64(i))
				if wrong := readSafely(raw); wrong != "" {
					failed.Add(1)
					t.Errorf("%s=%d: %s, of\n%.4000q", fromVar, i, wrong, raw)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d inputs", inputs)
}

func number(t *testing.T, name string, n int) int {
	t.Helper()
	if s := os.Getenv(name); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return n
}

// mangleable are the mails to begin with: the fixtures, what providers post, and a
// bounce for each reply that is known.
func mangleable(t *testing.T) (list [][]byte) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d fixtures, %v", len(names), err)
	}
	for _, name := range names {
		list = append(list, readFile(t, filepath.Base(name)))
	}
	list = append(list, []byte(aggregate), dmarcMail("application/gzip", "p!example.org!1!2.xml.gz", gzipped(t, []byte(aggregate))),
		dmarcMail("application/zip", "p!example.org!1!2.zip", zipped(t, []byte(aggregate))),
		[]byte(`{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"a@b.example","status":"5.1.1"}]},"mail":{"source":"x@y.example"}}`),
		[]byte(`{"RecordType":"Bounce","Type":"HardBounce","Email":"a@b.example","Details":"550 5.1.1","Content":"Return-Path: <>\r\n\r\n"}`))
	for _, reply := range refusaltest.Replies() {
		list = append(list, statusMail("failed", reply))
	}
	return list
}

// readSafely reads a mail, as one and as what a provider posts, and says what is wrong
// with that; "" is nothing.
func readSafely(raw []byte) (wrong string) {
	defer func() {
		if p := recover(); p != nil {
			wrong = fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	reports := []Report{Read(raw)}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		reports = append(reports, ReadSES(raw), ReadPostmark(raw))
	}
	for _, r := range reports {
		if wrong := breaks(r); wrong != "" {
			return wrong
		}
	}
	return ""
}

var (
	aStatus = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)
	kinds   = []Kind{KindBounce, KindDelay, KindComplaint, KindUnsubscribe, KindDMARC, KindAutoreply, KindNone}
	classes = []subscribers.BounceClass{"", subscribers.BounceComplaint, subscribers.BounceHard, subscribers.BounceSoft, subscribers.BouncePolicy, subscribers.BounceSender, subscribers.BouncePath, subscribers.BounceDelayed}
)

// breaks says which promise a report breaks.
func breaks(r Report) string {
	switch {
	case !contains(kinds, r.Kind):
		return fmt.Sprintf("kind %q", r.Kind)
	case len(r.Recipients) > maxRecipients, len(r.Addresses) > 2*maxRecipients:
		return fmt.Sprintf("%d recipients, %d addresses", len(r.Recipients), len(r.Addresses))
	case r.Kind == KindNone && len(r.Recipients) > 0:
		return fmt.Sprintf("it says something of somebody, and of nothing: %s", summary(r))
	case r.Kind == KindBounce && len(r.Recipients) == 0:
		return "a bounce of nobody's"
	}
	for _, x := range r.Recipients {
		switch {
		case !strings.Contains(x.Email, "@"), len(x.Reply) > maxReply, !utf8.ValidString(x.Reply), !contains(classes, x.Class),
			x.Status != "" && !aStatus.MatchString(x.Status), r.Kind == KindAutoreply && x.Class != "":
			return fmt.Sprintf("%+v", x)
		}
	}
	return ""
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// A mangler makes mails of others.
type mangler struct{ whole, lines [][]byte }

// words are what parsers look for, where it does not belong.
var words = []string{
	"\n\n", "\r\n", "\r", "\x00", "\xff\xfe", "--", "--b--\n", "Content-Type: multipart/report; boundary=b\n\n--b\n", "Content-Type: message/rfc822\n\n",
	"Content-Type: message/global-delivery-status\n\n", "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "charset=iso-2022-jp", "charset=utf-7",
	"=?utf-8?B?", "=?iso-8859-1?Q?=", "?=", "Final-Recipient: rfc822;", "Original-Recipient: utf-8; \\x{110000}", "\\x{", "Status: 5.1.1", "Status: 999.999.999", "Action: failed\n",
	"Diagnostic-Code: smtp; 550", "X-Failed-Recipients: a@b.example, ", "<a@b.example>", "@", "\"@\"@x", "rcpt to:<", ">>> ", "550-5.1.1", "4.2.2", "user unknown", "mailbox full",
	"Auto-Submitted: auto-replied\n", "Feedback-Type: abuse\n", "Return-Path: <>\n", "PK\x03\x04", "\x1f\x8b\x08", "<record>", "&#x110000;", "<!--", "\u202e", "満杯",
}

// mail is the nth mangled mail: the same each time.
func (m mangler) mail(n uint64) []byte {
	rng := rand.New(rand.NewPCG(n, 0x1b0))
	raw := bytes.Clone(m.pick(rng, m.whole))
	for range 1 + rng.IntN(6) {
		at := rng.IntN(len(raw) + 1)
		end := min(len(raw), at+1+rng.IntN(200))
		switch rng.IntN(9) {
		case 0: // cut
			raw = raw[:at]
		case 1: // a piece is gone
			raw = append(raw[:at], raw[end:]...)
		case 2: // a piece twice
			raw = spliced(raw, at, bytes.Clone(raw[at:end]))
		case 3: // another byte
			if at < len(raw) {
				raw[at] = byte(rng.IntN(256))
			}
		case 4: // a word
			raw = spliced(raw, at, []byte(words[rng.IntN(len(words))]))
		case 5: // a line of another mail
			raw = spliced(raw, at, m.pick(rng, m.lines))
		case 6: // the end of another mail
			other := m.pick(rng, m.whole)
			raw = append(raw[:at:at], other[rng.IntN(len(other)):]...)
		case 7: // line ends
			raw = bytes.ReplaceAll(raw, []byte("\n"), []byte([]string{"\r\n", "\r", "\n\n", "\n "}[rng.IntN(4)]))
		case 8: // a piece elsewhere
			piece := bytes.Clone(raw[at:end])
			raw = append(raw[:at], raw[end:]...)
			raw = spliced(raw, rng.IntN(len(raw)+1), piece)
		}
		raw = raw[:min(len(raw), 32<<10)]
	}
	return raw
}

func (mangler) pick(rng *rand.Rand, from [][]byte) []byte { return from[rng.IntN(len(from))] }

func spliced(raw []byte, at int, piece []byte) []byte {
	return append(raw[:at:at], append(bytes.Clone(piece), raw[at:]...)...)
}
