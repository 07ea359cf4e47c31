package inbound

import (
	"fmt"
	"strings"
	"testing"
)

// plainTags reads tags that are written out: "m.2026-W47.7" and "v.2026-W47.7".
type plainTags struct{}

func plainTag(purpose, s string) (week string, id int64, ok bool) {
	local, _, _ := strings.Cut(s, "@")
	n, err := fmt.Sscanf(strings.ReplaceAll(local, ".", " "), purpose+" %s %d", &week, &id)
	return week, id, err == nil && n == 2
}

func (plainTags) ParseVERP(a string) (string, int64, bool)      { return plainTag("v", a) }
func (plainTags) ParseMessageID(m string) (string, int64, bool) { return plainTag("m", m) }

func TestReadRelayLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		log  string
		want string
	}{
		"postfix": {`Nov 29 10:00:01 mx postfix/cleanup[12]: 4ABC1: message-id=<m.2026-W47.1@example.org>
Nov 29 10:00:01 mx postfix/qmgr[13]: 4ABC1: from=<verdicts@example.org>, size=9000, nrcpt=1 (queue active)
Nov 29 10:00:02 mx postfix/smtp[14]: 4ABC1: to=<ada@reader.example>, relay=mx.reader.example[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 OK)
2026-11-29T10:00:03Z mx postfix/cleanup[12]: 4ABC2: message-id=<m.2026-W47.2@example.org>
2026-11-29T10:00:03Z mx postfix/cleanup[12]: 4ABC2: message-id=<somebody@else.example>
2026-11-29T10:00:03Z mx postfix/qmgr[13]: 4ABC2: from=<kim@else.example>, size=1, nrcpt=1 (queue active)
2026-11-29T10:00:03Z mx postfix/qmgr[13]: 4ABC3: from=<v.2026-W47.3@bounces.example.org>, size=9000, nrcpt=1 (queue active)
2026-11-29T10:00:03Z mx postfix/smtp[14]: 4ABC3: to=<bea@reader.example>, relay=none, dsn=5.1.1, status=bounced (550 5.1.1 no such user)`,
			"1 4ABC1 sent (250 2.0.0 OK); 3 4ABC3 bounced (550 5.1.1 no such user)"},
		"exim": {`2026-11-29 10:00:01 1tGabc-000000001Ab-2Xyz <= v.2026-W47.4@bounces.example.org H=app [192.0.2.2] P=esmtp S=9000 id=m.2026-W47.4@example.org
2026-11-29 10:00:02 1tGabc-000000001Ab-2Xyz => ada@reader.example R=dns T=smtp C="250 OK"
2026-11-29 10:00:03 1tGabd-0000Ab-2X <= verdicts@example.org H=app P=esmtp S=9000 id=m.2026-W47.5@example.org`,
			`4 1tGabc-000000001Ab-2Xyz => ada@reader.example R=dns T=smtp C="250 OK"; 5 1tGabd-0000Ab-2X `},
		"opensmtpd": {`Nov 29 10:00:01 mx smtpd[9]: 3f smtp envelope evpid=9ab1 from=<v.2026-W47.6@bounces.example.org> to=<ada@reader.example>
Nov 29 10:00:02 mx smtpd[9]: 40 mta delivery evpid=9ab1 from=<v.2026-W47.6@bounces.example.org> to=<ada@reader.example> rcpt=<-> source="192.0.2.2" relay="mx" delay=1s result="Ok" stat="250 OK"`,
			`6 9ab1 result="Ok" stat="250 OK"`},
		"kumomta": {`{"type":"Reception","id":"k1","sender":"verdicts@example.org","headers":{"Message-ID":"<m.2026-W47.7@example.org>"},"response":{"code":250,"content":""}}
{"type":"Delivery","id":"k1","sender":"verdicts@example.org","response":{"code":250,"content":"OK"}}`,
			"7 k1 Delivery: OK"},
		"of others": {`Nov 29 10:00:01 mx postfix/qmgr[13]: 4AAAA: from=<v.2026-W47.99@bounces.example.org>, size=1, nrcpt=1 (queue active)
Nov 29 10:00:01 mx postfix/qmgr[13]: 4AAAB: from=<bounce+forged@bounces.example.org>, size=1, nrcpt=1 (queue active)
{"type":
` + strings.Repeat("x", 3*maxLogLine), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := ReadRelayLog(strings.NewReader(c.log), plainTags{}, func(d Delivery) bool { return d.Subscriber < 90 })
			var got []string
			for _, x := range list {
				got = append(got, fmt.Sprintf("%d %s %s", x.Subscriber, x.Queue, x.Words))
			}
			if err != nil || strings.Join(got, "; ") != c.want {
				t.Errorf("got  %q, %v\nwant %q", strings.Join(got, "; "), err, c.want)
			}
		})
	}
}
