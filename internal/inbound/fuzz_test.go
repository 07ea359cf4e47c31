package inbound

import (
	"bytes"
	"strings"
	"testing"
)

// What providers post is read as mails are: any bytes, bounded.
func FuzzReadWebhooks(f *testing.F) {
	f.Add([]byte(`{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"a@b.example","status":"5.1.1"}]},"mail":{"source":"x@y.example"}}`))
	f.Add([]byte(`{"RecordType":"Bounce","Type":"HardBounce","Email":"a@b.example","Details":"550 5.1.1","Content":"Return-Path: <>\r\n\r\n"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, r := range []Report{ReadSES(body), ReadPostmark(body)} {
			if len(r.Recipients) > maxRecipients {
				t.Errorf("got %d recipients", len(r.Recipients))
			}
			for _, x := range r.Recipients {
				if len(x.Reply) > maxReply || len(x.Reason) > maxReply {
					t.Errorf("got %+v", x)
				}
			}
		}
	})
}

// A relay's log settles nothing that it does not name by a tag, however its bytes
// come in.
func FuzzReadRelayLog(f *testing.F) {
	f.Add([]byte("Nov 16 10:00:01 mx postfix/cleanup[1]: 4ABC1: message-id=<m.2026-W47.1@x>\nNov 16 mx postfix/qmgr[1]: 4ABC1: from=<>, size=9, nrcpt=1 (queue active)\n"), 7)
	f.Add([]byte("1rABCd-000000-AA <= v.2026-W47.1@x H=x id=1\n{\"type\":\"Delivery\",\"id\":\"1\"}\n"), 1)
	f.Fuzz(func(t *testing.T, log []byte, at int) {
		asked := func(d Delivery) bool { return d.Subscriber == 1 }
		whole, err := ReadRelayLog(bytes.NewReader(log), plainTags{}, asked)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range whole {
			if l.Subscriber != 1 {
				t.Errorf("got %+v, which nobody asked for", l)
			}
		}
		if strings.Count(string(log), "\n") > 100 || len(log) > maxLogLine {
			return
		}
		cut := 0
		if len(log) > 0 {
			cut = int(uint(at) % uint(len(log)))
		}
		in := NewRelayLog(plainTags{}, asked)
		for _, part := range [][]byte{log[:cut], log[cut:]} {
			if err := in.Read(bytes.NewReader(part)); err != nil {
				t.Fatal(err)
			}
		}
		in.End()
		if got := in.Found(); len(got) != len(whole) {
			t.Errorf("in two parts: got %d, want %d", len(got), len(whole))
		}
	})
}
