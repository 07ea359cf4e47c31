package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

// preferencesView is the page behind the link that chooses: it has neither the
// address nor the name, because mails are forwarded.
type preferencesView struct {
	Topics   []topicView
	All      bool      // the reader gets every topic
	Paused   time.Time // zero: not paused
	Next     time.Time // the next send, zero when not known
	Nothing  time.Time // the latest digest's day, where it has nothing on the reader's topics; else zero
	Done     string    // what was just done: a key of the page's notices
	Error    string    // what is wrong with what was sent
	Field    string    // and where
	Until    string    // what was typed there
	Earliest string    // the first and last day that a pause may end on
	Latest   string
}

type topicView struct {
	Name   string
	Chosen bool
}

// preferencesPage shows what the reader has chosen, and the forms to change it.
func (s *server) preferencesPage(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.List.ByLink(r.Context(), subscribers.PurposePreferences, r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.showPreferences(w, r, http.StatusOK, sub, preferencesView{Done: r.URL.Query().Get("done")})
}

func (s *server) showPreferences(w http.ResponseWriter, r *http.Request, status int, sub subscribers.Subscriber, v preferencesView) error {
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	today := s.Now().In(s.Site.Location)
	v.Topics, v.All, v.Next = topicsOf(s.topics(now), sub.Categories), len(sub.Categories) == 0, now.next
	v.Earliest, v.Latest = today.AddDate(0, 0, 1).Format(time.DateOnly), today.AddDate(1, 0, 0).Format(time.DateOnly)
	v.Nothing = s.nothingOn(now, sub.Categories)
	if sub.Paused(today) {
		v.Paused = sub.PausedUntil.In(s.Site.Location)
	}
	s.writePage(w, status, "preferences", content{Title: "Your digest", NoIndex: true, Data: v})
	return nil
}

// nothingOn is the day of the latest digest if it has nothing on a reader's topics:
// none came to them. What is not in the library any more may have been on one.
func (s *server) nothingOn(now *shown, topics []string) time.Time {
	if len(topics) == 0 || len(now.published) == 0 {
		return time.Time{}
	}
	latest := now.published[0]
	var had []comparison.Comparison
	for _, it := range latest.Items {
		c, err := now.library.Get(it.Slug)
		if err != nil {
			return time.Time{}
		}
		had = append(had, c)
	}
	if len(edition.OnTopics(had, topics)) > 0 {
		return time.Time{}
	}
	return latest.Slot.In(s.Site.Location)
}

// topicsOf marks what a reader has chosen. A topic of theirs that no comparison
// has any more stays on the page, so that saving it takes nothing from them.
func topicsOf(offered, chosen []string) []topicView {
	var out []topicView
	for _, name := range offered {
		out = append(out, topicView{name, containsFold(chosen, name)})
	}
	for _, name := range chosen {
		if !containsFold(offered, name) {
			out = append(out, topicView{name, true})
		}
	}
	return out
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(in string) bool { return strings.EqualFold(in, s) })
}

// prefer does what one of the page's buttons says.
func (s *server) prefer(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	form, err := parseForm(r, body)
	if err != nil {
		return statusError{status: http.StatusBadRequest}
	}
	token, do := r.PathValue("token"), form.Get("do")
	sub, err := s.List.ByLink(r.Context(), subscribers.PurposePreferences, token)
	if err != nil {
		return err
	}
	wrong := preferencesView{Field: do, Until: form.Get("until")}
	switch do {
	case "topics":
		err = s.chooseTopics(r, token, form)
	case "pause":
		var until time.Time
		if until, err = s.pauseEnd(form.Get("until")); err == nil {
			_, err = s.List.Pause(r.Context(), token, until)
		}
	case "resume":
		_, err = s.List.Pause(r.Context(), token, time.Time{})
	case string(subscribers.PurposeAddress), string(subscribers.PurposeAbout), string(subscribers.PurposeErase):
		if err = s.List.AskFreshLink(r.Context(), token, subscribers.Purpose(do)); errors.Is(err, subscribers.ErrLimited) {
			return tooManyLinks()
		}
		do = "link"
	default:
		return statusError{status: http.StatusBadRequest}
	}
	var bad *subscribers.AddressError
	if errors.As(err, &bad) {
		wrong.Error = bad.Message + "."
		if do == "topics" {
			sub.Categories = form["topic"] // as they ticked them
		}
		return s.showPreferences(w, r, http.StatusUnprocessableEntity, sub, wrong)
	}
	if err != nil {
		return err
	}
	s.seeOther(w, "/preferences/"+url.PathEscape(token)+"?done="+do)
	return nil
}

// chooseTopics keeps every topic of a reader who ticks all that there are: a new
// one comes to them too.
func (s *server) chooseTopics(r *http.Request, token string, form url.Values) error {
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	_, err = s.List.SetTopics(r.Context(), token, s.orAll(now, form["topic"]))
	return err
}

// orAll is what was ticked, and nothing, which is every topic, where all were.
func (s *server) orAll(now *shown, ticked []string) []string {
	offered := s.topics(now)
	if len(offered) > 0 && !slices.ContainsFunc(offered, func(name string) bool { return !containsFold(ticked, name) }) {
		return nil
	}
	return ticked
}

// pauseEnd reads the day on which the digest comes again.
func (s *server) pauseEnd(typed string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(typed), s.Site.Location)
	switch {
	case err != nil:
		return time.Time{}, &subscribers.AddressError{Field: "pause", Message: "Write the day as 2026-12-31"}
	case !day.After(s.Now()):
		return time.Time{}, &subscribers.AddressError{Field: "pause", Message: "Choose a day after today"}
	}
	return day, nil
}

func tooManyLinks() error {
	return statusError{status: http.StatusTooManyRequests, retryAfter: time.Hour, text: page.Notice{
		Heading: "That is enough links for today",
		Text:    "We mail at most three such links in 24 hours, so that nobody's mailbox can be filled with them. Look for the latest one, or try again tomorrow.",
	}}
}
