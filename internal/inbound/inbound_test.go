package inbound

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/growthtest"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// summary is a report in a line.
func summary(r Report) string {
	out := string(r.Kind)
	for _, x := range r.Recipients {
		out += fmt.Sprintf(" | %s %s %s (%s)", x.Email, x.Class, x.Status, x.Reason)
	}
	return out
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"bounce-rfc3464":    "bounce | ada@reader.example hard 5.1.1 (no such mailbox)",
		"bounce-rfc6533":    "bounce | zoë@leser.example soft 5.2.2 (mailbox full) | josé@leser.example hard 5.1.2 (no such domain or host)",
		"bounce-qmail":      "bounce | bea@reader.example hard  (no such mailbox) | cleo@reader.example soft  (mailbox full)",
		"bounce-auth":       "bounce | dan@gmail.example sender 5.7.26 (not authenticated)",
		"delay":             "delay | eve@reader.example delayed 4.4.1 (not reached)",
		"delivered":         "none",
		"complaint":         "complaint | fay@reader.example complaint  (abuse)",
		"vacation":          "autoreply | gus@reader.example   (automatic reply)",
		"challenge":         "autoreply | hal@reader.example   (automatic reply)",
		"unsubscribe":       "unsubscribe | ivy@reader.example   (asked to leave)",
		"unsubscribe-apple": "unsubscribe | jo@icloud.example   (asked to leave)",
		"letter":            "none",
	} {
		for ending, newline := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
			t.Run(name+" "+ending, func(t *testing.T) {
				t.Parallel()
				raw := bytes.ReplaceAll(readFile(t, name+".eml"), []byte("\n"), []byte(newline))
				if got := summary(Read(raw)); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			})
		}
	}
}

func TestReadFindsTheEnvelopeSender(t *testing.T) {
	t.Parallel()
	const verp = "bounce+2026-w47.abcdefghijklmnopqrstuvwxyz234@bounces.example.org"
	for _, name := range []string{"bounce-rfc3464", "complaint", "vacation"} {
		if r := Read(readFile(t, name+".eml")); !containsFold(r.Addresses, verp) {
			t.Errorf("%s: got addresses %q, want %s among them", name, r.Addresses, verp)
		}
	}
	if got, want := Read(readFile(t, "complaint.eml")).MessageID, "2026-w47.zzzz@example.org"; got != want {
		t.Errorf("got Message-ID %q, want %q", got, want)
	}
}

const aggregate = `<?xml version="1.0"?><feedback>
<report_metadata><org_name>provider.example</org_name><report_id>42</report_id>
<date_range><begin>1794787200</begin><end>1794873599</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><p>reject</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>900</count><policy_evaluated><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row></record>
<record><row><source_ip>192.0.2.9</source_ip><count>7</count><policy_evaluated><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row></record>
</feedback>`

func dmarcMail(kind, name string, body []byte) []byte {
	return fmt.Appendf(nil, "From: dmarc@provider.example\nTo: dmarc@example.org\nSubject: Report Domain: example.org Submitter: provider.example\n"+
		"Content-Type: %s; name=%q\nContent-Transfer-Encoding: base64\n\n%s\n", kind, name, base64.StdEncoding.EncodeToString(body))
}

func TestReadAggregate(t *testing.T) {
	t.Parallel()
	want := DMARC{Org: "provider.example", ReportID: "42", Domain: "example.org", Policy: "reject", Messages: 907, Failed: 7,
		Begin: time.Unix(1794787200, 0).UTC(), End: time.Unix(1794873599, 0).UTC(),
		Sources: []DMARCSource{{IP: "192.0.2.9", Failed: 7, DKIM: "fail", SPF: "fail"}}}
	for name, raw := range map[string][]byte{
		"gzip": dmarcMail("application/gzip", "p!example.org!1!2.xml.gz", gzipped(t, []byte(aggregate))),
		"zip":  dmarcMail("application/zip", "p!example.org!1!2.zip", zipped(t, []byte(aggregate))),
		"xml":  dmarcMail("text/xml", "p!example.org!1!2.xml", []byte(aggregate)),
	} {
		r := Read(raw)
		if r.Kind != KindDMARC || r.DMARC == nil || fmt.Sprint(*r.DMARC) != fmt.Sprint(want) {
			t.Errorf("%s: got %s %+v, want %+v", name, r.Kind, r.DMARC, want)
		}
	}
	bomb := gzipped(t, bytes.Repeat([]byte("<record>"), 8<<20))
	if r := Read(dmarcMail("application/gzip", "p!example.org!1!2.xml.gz", bomb)); r.Kind != KindDMARC || r.DMARC != nil {
		t.Errorf("a report of 64 MiB: got %s %+v, want dmarc, not read", r.Kind, r.DMARC)
	}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create("report.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever its size or shape, a mail is read in bounded time.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	const head = "Return-Path: <>\nFrom: MAILER-DAEMON@a.example\nSubject: failure notice\n"
	nested := func(levels int) string {
		var b strings.Builder
		for i := range levels {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	}
	lines := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<reader%d@reader.example>: 550 user unknown\n", i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		most int // the size that is read once
		mail func(n int) string
	}{
		"MB of text": {50, func(n int) string {
			return head + "\n" + strings.Repeat("could not be delivered to a@b.example and so on\n", n<<20/48)
		}},
		"parts": {10_000, func(n int) string {
			return head + "Content-Type: multipart/report; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain\n\nuser unknown\n", n)
		}},
		"levels":        {10_000, func(n int) string { return head + nested(n) }},
		"readers":       {20_000, func(n int) string { return head + "\nundeliverable:\n\n" + lines(n) }},
		"MB in a line":  {50, func(n int) string { return head + "\n" + strings.Repeat("<@", n<<20/2) }},
		"MB in a field": {12, func(n int) string { return head + "To: " + strings.Repeat("a@b.example, ", n<<20/13) + "\n\n" }},
		"groups": {20_000, func(n int) string {
			return head + "Content-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: rfc822; a@b.example\nStatus: 5.1.1\n\n", n)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := len(Read([]byte(c.mail(c.most))).Recipients); n > maxRecipients {
				t.Errorf("got %d recipients, want at most %d", n, maxRecipients)
			}
			growthtest.Linear(t, c.most/10, func(n int) func() {
				raw := []byte(c.mail(n))
				return func() { Read(raw) }
			})
		})
	}
}

func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		f.Add(readFile(f, filepath.Base(name)))
	}
	f.Add([]byte(aggregate))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if wrong := breaks(Read(raw)); wrong != "" {
			t.Error(wrong)
		}
	})
}
