package message

import (
	"math/rand/v2"
	"net/mail"
	"strconv"
	"strings"
	"testing"
)

// pythonCase is a message and what Python's email package must see in it.
type pythonCase struct {
	Raw  []byte         `json:"raw"`
	Want map[string]any `json:"want"`
}

// TestPythonReadsTheSame: 10,000 random messages, read by an implementation
// that has nothing in common with ours, say what was meant.
func TestPythonReadsTheSame(t *testing.T) {
	t.Parallel()
	needPeer(t, "Python's email package", systemPython)
	const messages = 10_000
	g := generator{rand.New(rand.NewPCG(2026, 47)).IntN}
	cases := make([]pythonCase, 0, messages)
	for range messages {
		d, r := g.draft(), g.reader()
		f, err := Freeze(d)
		if err != nil {
			t.Fatalf("freeze: got %v, want no error", err)
		}
		msg := f.Append(nil, &r)
		checkWire(t, msg)
		cases = append(cases, pythonCase{msg, pythonWant(d, r)})
	}
	out := runPeer(t, cases, systemPython, "testdata/parse_mail.py")
	found, ok := strings.CutSuffix(strings.TrimSpace(out), strconv.Itoa(messages))
	if !ok || found != "" {
		t.Errorf("got %.4000s, want %d messages and no difference", out, messages)
	}
}

func pythonWant(d Draft, r Reader) map[string]any {
	link := strings.TrimRight(d.BaseURL, "/") + "/unsubscribe/" + r.Token
	unsubscribe := "<" + link + ">"
	if d.UnsubscribeMailto != "" {
		local, domain, _ := strings.Cut(strings.ReplaceAll(d.UnsubscribeMailto, "&", "%26"), "@")
		unsubscribe += ", <mailto:" + local + "+" + r.Leave + "@" + domain + "?subject=unsubscribe>"
	}
	w := map[string]any{
		"from":                  mailboxOf(d.From),
		"to":                    mailboxOf(mail.Address{Name: r.Name, Address: r.Email}),
		"subject":               shown(d.Subject),
		"date":                  d.Date.Unix(),
		"message-id":            "<" + r.MessageID + ">",
		"list-unsubscribe":      unsubscribe,
		"list-unsubscribe-post": "List-Unsubscribe=One-Click",
		"precedence":            "bulk",
		"mime-version":          "1.0",
		"text":                  wantPart(d.Text, d.NameFallback, r, false),
		"html":                  wantPart(d.HTML, d.NameFallback, r, true),
	}
	order := []string{"from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "list-id",
		"list-unsubscribe", "list-unsubscribe-post", "list-archive", "feedback-id", "precedence", "content-type"}
	for field, value := range map[string]any{
		"reply-to": mailboxOf(d.ReplyTo), "list-archive": "<" + d.ListArchive + ">", "feedback-id": d.FeedbackID,
	} {
		if d.ReplyTo.Address != "" { // the generator gives all three or none
			w[field] = value
			continue
		}
		order = without(order, field)
	}
	w["order"] = order
	return w
}

func mailboxOf(a mail.Address) []string { return []string{shown(a.Name), a.Address} }

func without(list []string, gone string) []string {
	kept := make([]string, 0, len(list))
	for _, s := range list {
		if s != gone {
			kept = append(kept, s)
		}
	}
	return kept
}
