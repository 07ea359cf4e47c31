package render

import (
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
)

// samples are data for every mail, for the rehearsal in New. Each field is set,
// so that a template meets all its branches' fields at least once.
func samples() map[string]any {
	week := edition.Week{Year: 2026, Number: 48}
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	const base = "https://example.org"
	const subject = "Ship Quill, skip Inkwell; Pagefern splits the panel"
	const hash = "35cf12b38a42c7d0"
	featured := []EditionItem{{Title: "Quill vs Inkwell", Reason: "new since the cutoff of 2026-W47 (2026-11-16 09:00 UTC)"}, {Title: "Pagefern vs Margin", Reason: "carried over from 2026-W47"}}
	left := []EditionItem{{Title: "Lumen vs Harrow", Reason: "6 compete for 5 places (edition.max); a first candidate of the next edition"}}
	return map[string]any{
		"digest":          sampleDigest(week, at),
		"confirm":         ConfirmData{ConfirmURL: base + "/confirm/" + string(mergefield.Token), DeclineURL: base + "/decline/" + string(mergefield.Token), Email: string(mergefield.Email), ExpiresIn: 7 * 24 * time.Hour},
		"welcome":         WelcomeData{Email: string(mergefield.Email), UnsubscribeURL: base + "/unsubscribe/" + string(mergefield.Token), ArchiveURL: base + "/archive", Next: at},
		"goodbye":         GoodbyeData{Email: string(mergefield.Email), SignUpURL: base + "/", ReturnURL: base + "/unsubscribe/" + string(mergefield.Token)},
		"leave":           LeaveData{Email: string(mergefield.Email), UnsubscribeURL: base + "/unsubscribe/" + string(mergefield.Token)},
		"fresh_link":      FreshLinkData{Email: string(mergefield.Email), Purpose: "address", URL: base + "/link/" + string(mergefield.Token), ExpiresIn: time.Hour},
		"address_changed": AddressChangedData{Email: string(mergefield.Email), SignUpURL: base + "/"},
		"login":           LoginData{Email: string(mergefield.Email), URL: base + "/desk/login/" + string(mergefield.Token), ExpiresIn: 15 * time.Minute},
		"reader_links": ReaderLinksData{Email: string(mergefield.Email), Title: "Quill vs Inkwell", VoteURL: base + "/vote/" + string(mergefield.Vote) + "/2026-W48/a",
			SaveURL: base + "/save/" + string(mergefield.Save) + "/a", SavedURL: base + "/saved/" + string(mergefield.Saved)},
		"draft_ready": DraftReadyData{Week: week, Subject: subject, Slot: at, Hash: hash, ApprovalRequired: true, Recipients: 1204, Preheader: "Up against Margin. Prices, reviewer splits and the panel's reasons, side by side.", Below: true, DeskURL: base + "/desk/approve/2026-W48/" + hash,
			Featured: featured, LeftOut: left, Problems: []string{"tidepool-vs-ebb.yaml:7: score: is 120, but must be 0 to 100"}, Warnings: []string{"content.price: Inkwell in quill-vs-inkwell has no price"}, Notes: []string{"quill-vs-inkwell: pricing shortened to 120 characters"}},
		"held":     HeldData{Week: week, Subject: subject, Slot: at, Reason: "Held at the desk.", ByHand: true, DeskURL: base + "/desk/week/2026-W48"},
		"missed":   MissedData{Week: week, Slot: at, CatchUp: 36 * time.Hour, Now: at.Add(48 * time.Hour), Why: "It was on hold, and nobody approved it in time.", DeskURL: base + "/desk/week/2026-W48"},
		"returned": ReturnedData{Week: week, Reply: "550 5.7.26 the sender is unauthenticated", At: at, InSession: true, Explained: Explained{Meaning: "Gmail: neither SPF nor DKIM passed", Action: "publish an SPF record for the envelope sender's domain, and the DKIM key that signs", Checks: "spf, dkim"}},
		"checkup": CheckupData{Host: "mail.example.org", At: at, Settled: []string{"disk"}, Findings: []CheckupFinding{
			{Check: "spf", Fails: true, Detail: "example.org has no SPF record", Fix: "publish a TXT record at example.org, such as v=spf1 ip4:192.0.2.25 -all", New: true}, {Check: "ptr", Detail: "192.0.2.25 has no name in DNS", Fix: "have whoever runs the address give it the name mail.example.org"}}},
		MailCorrection: CorrectionData{Week: week, Title: subject, Words: "Inkwell is *not* free: it starts at $8 a month.", ArchiveURL: base + "/archive/2026-W48",
			Email: string(mergefield.Email), UnsubscribeURL: base + "/unsubscribe/" + string(mergefield.Token)},
		"surge":   SurgeData{Since: at, Domains: "example.com", Asked: 512, Confirmed: 3, Held: 40},
		"refused": RefusedData{What: "a confirmation", Reply: "554 5.7.1 sender address rejected: not owned by user digest", Explained: Explained{Meaning: "Postfix: the login may not send as this envelope sender", Action: "add the bounce domain to the login's addresses (smtpd_sender_login_maps)", Checks: "smtp"}, At: at, Waiting: 3, Kept: 72 * time.Hour},
		"report": ReportData{Week: week, Subject: subject, StartedAt: at, FinishedAt: at.Add(4*time.Minute + 12*time.Second), Total: 1204, Accepted: 1189, Deferred: 6,
			Failed: 5, Unknown: 1, Suppressed: 3, Failures: []string{"550 5.1.1 no such user: 4", "552 5.2.2 mailbox full: 1"}, Unread: []string{"tidepool-vs-ebb.yaml"}, Proof: "9b1f64d2a7f8e5b935cf12b38a42c7d00c3d1a6e4f7b2c8d5a09e1f3b6c7d8e4", FirstPart: "50 readers: 50 accepted; nothing came back", DeskURL: base + "/desk/outcome", ArchiveURL: base + "/archive/2026-W48"},
	}
}

func sampleDigest(week edition.Week, at time.Time) DigestData {
	v := &viewer{site: Site{BaseURL: "https://example.org"}, limit: quoteLimit}
	score, percent := 80, 100
	tool := comparison.Tool{
		Name: "First", Tagline: "A tool", Category: "Category", URL: "https://example.org", Entry: "Free", Pricing: "Free", BestFor: "Samples",
		Panel:   &comparison.Panel{Percent: &percent},
		Reviews: []comparison.Review{{Reviewer: comparison.Builder, Score: &score, Verdict: comparison.Ship, Take: "It works."}, {Take: "So it does."}},
	}
	bare := comparison.Tool{Name: "Second"}
	full := v.item(1, comparison.Comparison{Slug: "a", Tools: [2]comparison.Tool{tool, bare}}, false)
	blank := v.item(2, comparison.Comparison{Slug: "b", URL: "https://example.org/b", Tools: [2]comparison.Tool{bare, bare}}, true)
	full.Update = "Updated since 2026-W40."
	data := DigestData{
		Week: week, Date: at, Lede: "Lede.", Part: Part{Shown: 1, Total: 2}, Note: parseNote("Note."), Items: []Item{full, blank}, Briefs: []Item{full, blank}, Headlines: []Item{full, blank},
		SubscribeURL:   "https://example.org/subscribe",
		ArchiveURL:     "https://example.org/archive/2026-W48",
		UnsubscribeURL: "https://example.org/unsubscribe/" + string(mergefield.Token), PreferencesURL: "https://example.org/preferences/" + string(mergefield.Preferences), SavedURL: "https://example.org/saved/" + string(mergefield.Saved), Changes: changesBlock(), Email: string(mergefield.Email),
	}
	data.Answers = []Answer{{Comparison: full.Comparison, URL: "https://example.org/compare/a", VoteURL: full.VoteURL}}
	data.Tally.count(full)
	data.Tally.count(blank)
	return data
}

// SampleNames lists the mails that are no digest, for an editor to look at.
func SampleNames() []string {
	return slices.DeleteFunc(mailNames(), func(n string) bool { return n == "digest" })
}

// Sample renders a mail with a sample's words.
func (r *Renderer) Sample(name string) (Rendered, error) {
	data, ok := samples()[name]
	if !ok || name == "digest" {
		return Rendered{}, fmt.Errorf("there is no mail %q", name)
	}
	out, err := r.Mail(name, data)
	reader := mergefield.Values{Email: "reader@example.com", Token: "preview-without-effect"}
	out.HTML, out.Uninlined, out.Text = reader.HTML(out.HTML), reader.HTML(out.Uninlined), reader.Text(out.Text)
	return out, err
}
