package measure

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
)

// A txMail is a template with the data that strains it.
type txMail struct {
	name, template string
	data           any
	list           bool // a list mail, with unsubscribe fields
}

func transactional() []txMail {
	base := site().BaseURL
	token, email := string(mergefield.Token), string(mergefield.Email)
	odd := []render.EditionItem{
		{Title: "Atlas Notes vs Quillboard", Reason: "new since the last edition"},
		{Title: "מחברת חכמה vs مساعد الكتابة", Reason: "carried over"},
		{Title: "かきくけノート vs 代码助手", Reason: "carried over"},
		{Title: strings.Repeat("Donaudampfschiff", 8) + " vs B", Reason: strings.Repeat("x", 200)},
		{Title: "🚀 Rocket & Sons <script> vs C"},
	}
	return []txMail{
		{"confirm", "confirm", render.ConfirmData{ConfirmURL: base + "/confirm/" + token, DeclineURL: base + "/decline/" + token, Email: email, ExpiresIn: 7 * 24 * time.Hour}, false},
		{"confirm, without end", "confirm", render.ConfirmData{ConfirmURL: base + "/confirm/" + token, DeclineURL: base + "/decline/" + token, Email: email}, false},
		{"welcome", "welcome", render.WelcomeData{Email: email, UnsubscribeURL: base + "/unsubscribe/" + token, ArchiveURL: base + "/archive", Next: slot}, true},
		{"welcome, unscheduled", "welcome", render.WelcomeData{Email: email, UnsubscribeURL: base + "/unsubscribe/" + token, ArchiveURL: base + "/archive"}, true},
		{"goodbye", "goodbye", render.GoodbyeData{Email: email, SignUpURL: base + "/", ReturnURL: base + "/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA"}, false},
		{"draft ready", "draft_ready", render.DraftReadyData{Week: week, Subject: "PocketVision 2 ships 4–0", Slot: slot, Featured: odd[:2], Recipients: 12345}, false},
		{"draft ready, odd", "draft_ready", render.DraftReadyData{
			Week: week, Subject: strings.Repeat("Subject", 12), Slot: slot, ApprovalRequired: true, Featured: odd, LeftOut: odd,
			Problems: []string{"comparisons/a-very-long-file-name-that-goes-on-and-on-and-on.yaml:12: tools[0].panel.percent: 80 is not what 3 ship and 1 skip come to"},
			Notes:    []string{"the last 3 of 12 comparisons are headlines with links, to stay within the size budget"},
		}, false},
		{"held", "held", render.HeldData{Week: week, Subject: "PocketVision 2 ships 4–0", Slot: slot, Reason: "approval is required and nobody approved it", ByHand: false}, false},
		{"held, by hand", "held", render.HeldData{Week: week, Subject: strings.Repeat("Subject", 12), Slot: slot, Reason: strings.Repeat("it was not looked at in time, ", 16), ByHand: true}, false},
		{"held, paused", "held", render.HeldData{Week: week, Subject: "PocketVision 2 ships 4–0", Slot: slot, Reason: "the mail server refused the sender: 550 5.7.1 not permitted", Paused: true}, false},
		{"missed", "missed", render.MissedData{Week: week, Slot: slot, CatchUp: 36 * time.Hour, Now: slot.Add(48 * time.Hour), Why: "An editor held it until it was too late to send it automatically."}, false},
		{"report", "report", render.ReportData{Week: week, Subject: "PocketVision 2 ships 4–0", StartedAt: slot, FinishedAt: slot.Add(4 * time.Minute), Total: 100_000, Accepted: 100_000, ArchiveURL: base + "/archive/2026-W48"}, false},
		{"surge", "surge", render.SurgeData{Since: slot, Asked: 10_412, Confirmed: 31, Held: 1_204}, false},
		{"surge, of domains", "surge", render.SurgeData{Since: slot, Domains: "a-very-long-domain-name-of-a-company.example, example.org", Asked: 41, Held: 11}, false},
		{"refused", "refused", render.RefusedData{What: "a confirmation", Reply: "554 5.7.1 Relay access denied", At: slot, Waiting: 12, Kept: 72 * time.Hour}, false},
		{"checkup", "checkup", render.CheckupData{Host: "mail.example.org", At: slot, Settled: []string{"disk"}, Findings: []render.CheckupFinding{
			{Check: "spf", Fails: true, Detail: "example.org has no SPF record " + strings.Repeat("x", 180), Fix: "publish a TXT record that begins with v=spf1", New: true},
			{Check: "backup", Detail: "no backups are scheduled", Fix: "set backup.dir to a folder"},
		}}, false},
		{"checkup, all well", "checkup", render.CheckupData{Host: "mail.example.org", At: slot, Settled: []string{"spf", "dkim"}}, false},
		{"report, in part", "report", render.ReportData{
			Week: week, Subject: strings.Repeat("Subject", 12), StartedAt: slot, FinishedAt: slot.Add(26 * time.Hour),
			Total: 100_000, Accepted: 99_000, Deferred: 500, Failed: 300, Unknown: 100, Suppressed: 100,
			Failures: []string{"550 5.1.1 user unknown: 290", "554 5.7.1 " + strings.Repeat("x", 180) + ": 10"},
		}, false},
	}
}

func transactionalRaw(t testing.TB, rendered render.Rendered, tx txMail) []byte {
	t.Helper()
	d := message.TxDraft{
		Mail: mailOf(rendered),
		To:   reader(),
	}
	if strings.Contains(rendered.HTML, string(mergefield.Token)) && !tx.list {
		// A confirmation's token is not an unsubscribe token: the courier puts
		// the link into the data, and no merge field is left.
		d.HTML = strings.ReplaceAll(d.HTML, string(mergefield.Token), d.To.Token)
		d.Text = strings.ReplaceAll(d.Text, string(mergefield.Token), d.To.Token)
	}
	if !tx.list {
		d.To.Token = ""
	}
	raw, err := message.Transactional(d)
	if err != nil {
		t.Fatalf("%s: %v", tx.name, err)
	}
	return raw
}
