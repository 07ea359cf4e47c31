package walk

import (
	"encoding/json"
	"strings"
)

// suppressed are those whose mailbox does not exist: two by Postfix's report of a
// refusal, one by the report of a server that had taken the mail.
var suppressed = map[string]bool{"gone@far.example": true, "later@far.example": true, "nobody@other.example": true}

// returned waits for what comes back of the first send, and wants exactly those off
// the list whose mailbox does not exist; then one leaves by one-click.
func (k *walk) returned() {
	k.Helper()
	k.m.say("what comes back of it")
	k.m.until("five mails are taken", func() bool {
		k.m.output("postqueue -f") // one that met the service in a restart waits for minutes else
		return strings.Count(k.m.output("grep -c 'relay=127.0.0.1.*:2525.*status=sent' /var/log/postfix.log"), "5") == 1
	})
	k.m.digest("inbound list")
	k.m.digest("subscribers list --suppressed")
	got := map[string]bool{}
	for line := range strings.Lines(k.m.digest("subscribers list --json")) {
		var reader struct{ Email, Status string }
		if err := json.Unmarshal([]byte(line), &reader); err != nil {
			k.Fatalf("%q: %v", line, err)
		}
		if reader.Status != "active" {
			got[reader.Email] = true
		}
	}
	for email := range got {
		if !suppressed[email] {
			k.Errorf("%s gets no more mail, and should", email)
		}
	}
	for email := range suppressed {
		if !got[email] {
			k.Errorf("%s gets more mail, and should not", email)
		}
	}
	k.m.say("the editors are told of the refusal that is theirs to correct")
	k.m.say("      %s", subject(k.m.read(k.w.arrives("editor@reader.example", "5.7.26"))))
	k.m.say("a reader leaves by one-click")
	k.m.run("curl -sS --fail -d List-Unsubscribe=One-Click " + k.link(k.w.arrives("fine@other.example", "List-Unsubscribe-Post"), "unsubscribe"))
	if out := k.m.digest("subscribers show fine@other.example"); !strings.Contains(out, "unsubscribed") {
		k.Errorf("fine@other.example left by one-click: got %s, want unsubscribed", out)
	}
}

// subject is a mail's Subject line.
func subject(mail string) string {
	_, rest, _ := strings.Cut(mail, "\nSubject: ")
	line, _, _ := strings.Cut(rest, "\n")
	return "Subject: " + line
}
