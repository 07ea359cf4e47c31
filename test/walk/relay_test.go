package walk

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// policyAddr is where Postfix asks what to answer (SMTPD_POLICY_README).
const policyAddr = "127.0.0.1:10031"

// A policy has the machine's own Postfix answer as the test says, by recipient.
type policy struct {
	mu     sync.Mutex
	answer func(recipient string, atEnd bool) string
	wg     sync.WaitGroup
}

// startPolicy has Postfix ask the test at RCPT and after the end of a message.
func (k *walk) startPolicy() *policy {
	k.Helper()
	p := &policy{answer: func(string, bool) string { return "DUNNO" }}
	var ln net.Listener
	k.m.inside(func() (err error) { ln, err = net.Listen("tcp", policyAddr); return err })
	p.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	k.Cleanup(func() { ln.Close() })
	k.m.run("postconf -e smtpd_recipient_restrictions='check_policy_service inet:" + policyAddr + "'\n" +
		"postconf -e smtpd_end_of_data_restrictions='check_policy_service inet:" + policyAddr + "'\nsystemctl restart postfix")
	return p
}

func (p *policy) serve(c net.Conn) {
	defer c.Close()
	asked := map[string]string{}
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			asked[name] = value
			continue
		}
		p.mu.Lock()
		answer := p.answer
		p.mu.Unlock()
		action := answer(asked["recipient"], asked["protocol_state"] == "END-OF-MESSAGE")
		if _, err := fmt.Fprintf(c, "action=%s\n\n", action); err != nil {
			return
		}
	}
}

func (p *policy) set(answer func(recipient string, atEnd bool) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

const unsigned = "451 4.7.30 Gmail requires all senders to authenticate with DKIM. Authentication results: DKIM = did not pass"

// firstPart readers get an edition first, and atGmail are at Gmail.
const (
	firstPart = 8
	atGmail   = 60
)

// canary sends a second edition to a first part; while it goes out, the relay begins to
// answer Gmail's 4.7.30. The send must stop there, in the right words.
func (k *walk) canary() {
	k.Helper()
	k.m.say("a relay that begins to answer Gmail's 4.7.30 while the first part goes out")
	k.more("gmail.com", atGmail)
	k.m.run(fmt.Sprintf("echo 'canary: {readers: %d, wait: 30m}' >>/etc/digest/config.yaml\nsystemctl restart digest", firstPart))
	k.content("faster-whisper-vs-deepgram-nova-3", "notebooklm-vs-perplexity")
	week := thisWeek()
	k.m.digest(passed + "edition build " + week)
	k.policy = k.startPolicy()
	p := k.policy
	var mu sync.Mutex
	taken, refused := 0, 0
	p.set(func(to string, atEnd bool) string {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case atEnd || !strings.HasSuffix(to, "@gmail.com"):
			return "DUNNO"
		case taken < 2:
			taken++
			return "DUNNO"
		}
		refused++
		return unsigned
	})
	out, err := k.m.try("export DIGEST_CONFIG=/etc/digest/config.yaml\nrunuser -u digest -- digest " + passed + "send --week " + week + " --yes")
	if err == nil {
		k.Errorf("send ended well, want it paused:\n%s", out)
	}
	status := k.m.digest("status --week " + week)
	for _, want := range []string{"paused", "4.7.30", "DKIM", "digest doctor"} {
		if !strings.Contains(status, want) {
			k.Errorf("status does not say %q:\n%s", want, status)
		}
	}
	mu.Lock()
	if taken+refused > firstPart {
		k.Errorf("%d readers at Gmail were tried, want at most the first part of %d", taken+refused, firstPart)
	}
	mu.Unlock()
	k.m.say("      %s", subject(k.m.read(k.w.arrives("editor@reader.example", "4.7.30"))))
}

// status is what status says.
func (k *walk) status(week string) string {
	return k.m.output("DIGEST_CONFIG=/etc/digest/config.yaml runuser -u digest -- digest status --week " + week)
}

// more imports readers r1 to rN at a domain.
func (k *walk) more(domain string, n int) {
	k.Helper()
	var csv strings.Builder
	csv.WriteString("email\n")
	for i := range n {
		fmt.Fprintf(&csv, "r%d@%s\n", i+1, domain)
	}
	k.m.write("/usr/src/digest/more.csv", csv.String(), 0o644)
	k.m.digest("subscribers import more.csv --yes")
}

// passed is the flag by which this week's slot has passed unused, whatever day it
// is: its edition may be sent off schedule.
const passed = "--set 'schedule.send=0 0 * * MON' "

// thisWeek is the ISO week of now; the first send took the next.
func thisWeek() string {
	y, w := time.Now().UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}
