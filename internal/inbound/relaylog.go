package inbound

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

// A Delivery names one by its week and reader.
type Delivery struct {
	Week       string
	Subscriber int64
}

// A Logged is what a relay's log says of a delivery: that the relay took it, and
// what came of it.
type Logged struct {
	Delivery
	Queue string // the relay's queue id
	Words string // the log's, about the outcome; "" while there is none
}

// Tags tells deliveries by the two names that only this list can have made.
type Tags interface {
	ParseVERP(address string) (week string, id int64, ok bool)
	ParseMessageID(messageID string) (week string, id int64, ok bool)
}

// maxLogLine is how much of a line is looked at.
const maxLogLine = 64 << 10

// A RelayLog finds the deliveries that are asked for in a relay's log: of
// Postfix, Exim and OpenSMTPD as syslog writes it, with a line's head in any
// form, or of KumoMTA in JSON. A delivery is found when the log shows that the
// relay had taken a message with its Message-ID or its envelope sender, both of
// which carry an HMAC; anything less decides nothing.
type RelayLog struct {
	tags   Tags
	asked  func(Delivery) bool
	queued map[string]Delivery // by queue id: a message of ours, perhaps not whole yet
	taken  map[Delivery]*Logged
	order  []Delivery
	part   []byte // a line whose end was not written yet
}

// NewRelayLog begins a log.
func NewRelayLog(tags Tags, asked func(Delivery) bool) *RelayLog {
	return &RelayLog{tags: tags, asked: asked, queued: map[string]Delivery{}, taken: map[Delivery]*Logged{}}
}

// Read reads on, to r's end: the log may grow, and its last line be written
// later.
func (l *RelayLog) Read(r io.Reader) error {
	in := bufio.NewReaderSize(r, maxLogLine)
	for {
		line, err := in.ReadSlice('\n')
		whole := len(line) > 0 && line[len(line)-1] == '\n'
		if room := maxLogLine - len(l.part); !whole || len(l.part) > 0 {
			l.part = append(l.part, line[:min(len(line), room)]...)
			line = l.part
		}
		if whole {
			l.line(string(line))
			l.part = l.part[:0]
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// End reads a last line that has no end.
func (l *RelayLog) End() {
	l.line(string(l.part))
	l.part = l.part[:0]
}

// Found gives what was found so far, in the log's order.
func (l *RelayLog) Found() (out []Logged) {
	for _, d := range l.order {
		out = append(out, *l.taken[d])
	}
	return out
}

// ReadRelayLog reads a whole log; see RelayLog.
func ReadRelayLog(r io.Reader, tags Tags, asked func(Delivery) bool) ([]Logged, error) {
	l := NewRelayLog(tags, asked)
	if err := l.Read(r); err != nil {
		return nil, err
	}
	l.End()
	return l.Found(), nil
}

var (
	postfixID      = regexp.MustCompile(`postfix(?:-\w+)?/(?:[\w-]+/)*cleanup\[\d+\]: (\w+): message-id=<([^>]+)>`)
	postfixActive  = regexp.MustCompile(`postfix(?:-\w+)?/(?:[\w-]+/)*qmgr\[\d+\]: (\w+): from=<([^>]*)>, size=\d+, nrcpt=\d+ \(queue active\)`)
	postfixStatus  = regexp.MustCompile(`postfix(?:-\w+)?/[\w/-]+\[\d+\]: (\w+): to=<[^>]*>,.* status=((?:sent|bounced|deferred|expired) \(.*)$`)
	eximTaken      = regexp.MustCompile(`(?:^|\s)(\w{6}-\w{6,11}-\w{2,4}) <= (\S+)(?:.* id=(\S+))?`)
	eximOutcome    = regexp.MustCompile(`(?:^|\s)(\w{6}-\w{6,11}-\w{2,4}) ((?:=>|->|\*\*|==) .*)$`)
	opensmtpdTaken = regexp.MustCompile(`smtp envelope evpid=(\w+) from=<([^>]*)>`)
	opensmtpdEnd   = regexp.MustCompile(`mta delivery evpid=(\w+) from=<([^>]*)>.*?(result=.*)$`)
)

// line reads one line.
func (l *RelayLog) line(s string) {
	s = strings.TrimRight(s, "\r\n")
	if at := strings.IndexByte(s, '{'); at == 0 {
		l.kumo(s)
		return
	}
	switch {
	case strings.Contains(s, "postfix"):
		l.postfix(s)
	case strings.Contains(s, "evpid="):
		l.opensmtpd(s)
	default:
		l.exim(s)
	}
}

// postfix: cleanup names the Message-ID before the message is whole; the queue
// manager speaks only of what was taken.
func (l *RelayLog) postfix(s string) {
	if g := postfixID.FindStringSubmatch(s); g != nil {
		delete(l.queued, g[1]) // queue ids come again
		if d, ok := l.byID(g[2]); ok {
			l.queued[g[1]] = d
		}
	} else if g := postfixActive.FindStringSubmatch(s); g != nil {
		l.take(g[1], g[2], "", "")
	} else if g := postfixStatus.FindStringSubmatch(s); g != nil {
		l.take(g[1], "", "", g[2])
	}
}

func (l *RelayLog) exim(s string) {
	if g := eximTaken.FindStringSubmatch(s); g != nil {
		l.take(g[1], g[2], g[3], "")
	} else if g := eximOutcome.FindStringSubmatch(s); g != nil {
		l.take(g[1], "", "", g[2])
	}
}

func (l *RelayLog) opensmtpd(s string) {
	if g := opensmtpdTaken.FindStringSubmatch(s); g != nil {
		l.take(g[1], g[2], "", "")
	} else if g := opensmtpdEnd.FindStringSubmatch(s); g != nil {
		l.take(g[1], g[2], "", g[3])
	}
}

// kumo reads a record of KumoMTA's log.
func (l *RelayLog) kumo(s string) {
	var rec struct {
		Type     string         `json:"type"`
		ID       string         `json:"id"`
		Sender   string         `json:"sender"`
		Headers  map[string]any `json:"headers"`
		Response struct {
			Code    int    `json:"code"`
			Content string `json:"content"`
		} `json:"response"`
	}
	if json.Unmarshal([]byte(s), &rec) != nil || rec.ID == "" {
		return
	}
	messageID := ""
	for name, v := range rec.Headers {
		if text, ok := v.(string); ok && strings.EqualFold(name, "message-id") {
			messageID = text
		}
	}
	switch rec.Type {
	case "Reception":
		l.take(rec.ID, rec.Sender, messageID, "")
	case "Delivery", "Bounce", "TransientFailure", "Expiration":
		l.take(rec.ID, rec.Sender, messageID, rec.Type+": "+rec.Response.Content)
	}
}

func (l *RelayLog) byID(messageID string) (Delivery, bool) {
	week, id, ok := l.tags.ParseMessageID(strings.Trim(messageID, "<>"))
	d := Delivery{week, id}
	return d, ok && l.asked(d)
}

// take notes that the relay has a message: by its envelope sender, its
// Message-ID, or a queue id that was tied to one before.
func (l *RelayLog) take(queue, sender, messageID, words string) {
	d, ok := l.queued[queue]
	if !ok && messageID != "" {
		d, ok = l.byID(messageID)
	}
	if !ok && sender != "" {
		week, id, tagged := l.tags.ParseVERP(sender)
		d = Delivery{week, id}
		ok = tagged && l.asked(d)
	}
	if !ok {
		return
	}
	l.queued[queue] = d
	if l.taken[d] == nil {
		l.taken[d] = &Logged{Delivery: d}
		l.order = append(l.order, d)
	}
	l.taken[d].Queue = queue
	if words != "" {
		l.taken[d].Words = shorten(words)
	}
}
