package pipeline_test

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/subscribers"
)

// topical is a desk whose week has three comparisons of different categories.
func topical(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.add("audio-a-vs-audio-b", "Alpha", "Beta", "2026-11-18")
	d.add("video-a-vs-video-b", "Gamma", "Delta", "2026-11-18")
	for i, category := range []string{"Writing", "Audio", "Video"} {
		for side := range d.lib.Comparisons[i].Tools {
			d.lib.Comparisons[i].Tools[side].Category = category
		}
	}
	return d
}

// wanting adds a reader with topics.
func (d *desk) wanting(email string, topics ...string) subscribers.Subscriber {
	d.t.Helper()
	return must(subscribers.New(d.db.Subscribers(), d.db.SignUps(), subscribers.Options{}).Add(d.t.Context(), subscribers.NewReader{Email: email, Categories: topics}))
}

// mails are the subject and the body of what was sent, by reader.
func (d *desk) mails() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	for _, m := range d.sink.Messages() {
		msg := must(mail.ReadMessage(bytes.NewReader(m.Data)))
		subject := must(new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")))
		out[m.To] += subject + "\n" + string(must(io.ReadAll(msg.Body)))
	}
	return out
}

// A reader with topics gets the digest of those, with a subject and a lead of its
// own; nothing of theirs, no mail.
func TestDigestByTopics(t *testing.T) {
	t.Parallel()
	d := topical(t)
	ctx := t.Context()
	d.wanting("all@example.com")
	d.wanting("audio@example.com", "audio")
	d.wanting("two@example.com", "Video", "Audio")
	d.wanting("every@example.com", "Video", "Audio", "Writing", "Robots")
	d.wanting("robots@example.com", "Robots")
	d.now = monday
	l, err := d.Look(ctx, week48)
	fatal(t, err)
	if l.Cuts.Whole != 2 || l.Cuts.None != 1 || len(l.Cuts.Groups) != 2 || l.Cuts.Readers() != 4 {
		t.Errorf("got %+v, want two with all, one with nothing and two groups", l.Cuts.Audience)
	}
	_, frozen, err := d.Release(ctx, l)
	if err != nil || frozen.Recipients != 4 {
		t.Fatalf("got %+v, %v, want four recipients", frozen, err)
	}
	if _, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{}); err != nil {
		t.Fatal(err)
	}
	got := d.mails()
	for email, want := range map[string][]string{
		"all@example.com":   {"Quill", "Alpha", "Gamma"},
		"every@example.com": {"Quill", "Alpha", "Gamma"},
		"audio@example.com": {"Alpha", "1 of this week's 3 comparisons"},
		"two@example.com":   {"Alpha", "Gamma", "2 of this week's 3 comparisons"},
	} {
		for _, words := range want {
			if !strings.Contains(got[email], words) {
				t.Errorf("%s: got a mail without %q", email, words)
			}
		}
	}
	for _, email := range []string{"audio@example.com", "two@example.com"} {
		if strings.Contains(got[email], "Quill") || strings.Contains(got[email], "Inkwell") {
			t.Errorf("%s: got what is of no topic of theirs", email)
		}
	}
	if subject, _, _ := strings.Cut(got["audio@example.com"], "\n"); !strings.Contains(subject, "Alpha") && !strings.Contains(subject, "Beta") {
		t.Errorf("got the subject %q, want one of what is in the mail", subject)
	}
	if _, ok := got["robots@example.com"]; ok || len(got) != 4 {
		t.Errorf("got %d mails, want none to who chose other topics", len(got))
	}
	proof, err := delivery.Verify(ctx, d.in.Transport.Store, d.in.Transport.Journals, 1)
	if err != nil || len(proof.Problems()) > 0 {
		t.Errorf("got %v, %v, want the proof to hold", proof.Problems(), err)
	}
}

// Whoever chooses other topics between the look and the freeze gets what they
// chose.
func TestTopicsChangeMeanwhile(t *testing.T) {
	t.Parallel()
	d := topical(t)
	ctx := t.Context()
	ada := d.wanting("ada@example.com")
	d.now = monday
	l, err := d.Look(ctx, week48)
	fatal(t, err)
	must(d.db.Subscribers().Change(ctx, ada.ID, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
		s.Categories = []string{"Video"}
		return s, nil
	}))
	_, _, err = d.Release(ctx, l)
	fatal(t, err)
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	fatal(t, err)
	if got := d.mails()["ada@example.com"]; !strings.Contains(got, "Gamma") || strings.Contains(got, "Alpha") {
		t.Error("got another digest than of the topic chosen last")
	}
}

// A correction reaches who waits in the part that they get.
func TestAmendByTopics(t *testing.T) {
	t.Parallel()
	d := topical(t)
	ctx := t.Context()
	d.wanting("all@example.com")
	d.wanting("audio@example.com", "Audio")
	d.wanting("video@example.com", "Video")
	d.now = monday
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	must(d.db.Editions().Change(ctx, week48, func(e edition.Edition) (edition.Edition, error) { return e.Pause("a mistake") }))
	d.lib.Comparisons[1].Tools[0].Reviews[0].Take = "It does rather less than it says."
	draft, err := d.DraftAmendment(ctx, week48, "ada")
	fatal(t, err)
	amended, err := d.Amend(ctx, draft, "ada")
	if err != nil || amended.Waiting != 3 {
		t.Fatalf("got %d, %v, want all three corrected", amended.Waiting, err)
	}
	must(d.db.Editions().Change(ctx, week48, edition.Edition.Resume))
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	fatal(t, err)
	for email, want := range map[string]bool{"all@example.com": true, "audio@example.com": true, "video@example.com": false} {
		if got := strings.Contains(d.mails()[email], "rather less"); got != want {
			t.Errorf("%s: got the correction: %t, want %t", email, got, want)
		}
	}
	if got := d.mails()["video@example.com"]; !strings.Contains(got, "Gamma") || strings.Contains(got, "Alpha") {
		t.Error("got another part after the correction, want the same")
	}
}
