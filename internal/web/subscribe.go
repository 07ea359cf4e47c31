package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

// trap is a field that people don't see and leave empty; scripts that fill in
// every field give themselves away.
const trap = "leave_empty"

// The outcomes of a sign-up that are counted.
const (
	signUpTaken   = "taken"
	signUpInvalid = "invalid"
	signUpLimited = "limited"
	signUpTrapped = "trapped"
	signUpFailed  = "failed"
	signUpAsked   = "asked" // a question, in a surge
)

func (s *server) subscribePage(_ *http.Request, now *shown) (string, recipe, error) {
	return "/subscribe", func(context.Context) (*page.Answer, error) {
		form := formView{Source: "subscribe", Topics: topicsOf(s.topics(now), nil)}
		return s.answer("subscribe", content{Title: "Subscribe", Path: "/subscribe", Form: form})
	}, nil
}

func (s *server) subscribedPage(*http.Request, *shown) (string, recipe, error) {
	return "/subscribed", func(context.Context) (*page.Answer, error) {
		return s.answer("subscribed", content{Title: "Check your mailbox", NoIndex: true})
	}, nil
}

// readForm reads what a visitor typed into a form with an address. Nobody keeps
// the answer to it.
func readForm(w http.ResponseWriter, r *http.Request) (in signUpInput, err error) {
	w.Header().Set("Cache-Control", "no-store")
	body, err := readBody(w, r)
	if err != nil {
		return in, err
	}
	return parseSignUp(r, body)
}

// subscribe takes a sign-up in. What the list knows of the address changes
// neither the answer nor the work that is done before it.
func (s *server) subscribe(w http.ResponseWriter, r *http.Request) error {
	in, err := readForm(w, r)
	if err != nil {
		return err
	}
	in.Source = s.sourceOf(r, in.Source)
	if in.Trap != "" {
		s.Recorder.SignUp(signUpTrapped)
		return s.signedUp(w, r)
	}
	address, err := subscribers.ParseAddress(in.Email)
	if err != nil {
		return s.signUpFailed(w, r, in, err)
	}
	if meant, ok := address.Meant(); ok && in.Ask && !in.AsTyped {
		s.askTypo(w, r, in, meant)
		return nil
	}
	ip := s.clientIP(r)
	if err := s.limits.signUp(ip, address.Domain); err != nil {
		s.Recorder.SignUp(signUpLimited)
		return err
	}
	topics := []string(in.Categories)
	if len(topics) > 0 {
		if now, err := s.shown(r.Context()); err == nil { // else they are kept as they were ticked
			topics = s.orAll(now, topics)
		}
	}
	err = s.List.SignUp(r.Context(), subscribers.SignUp{
		Email: in.Email, Name: in.Name, Categories: topics, Source: in.Source, Wording: agreedTo(in.Wording), IP: ip,
		Question: in.Question, Answer: in.Answer,
	})
	if err != nil {
		return s.signUpFailed(w, r, in, err)
	}
	s.Recorder.SignUp(signUpTaken)
	return s.signedUp(w, r)
}

// askTypo asks about an address that looks misspelt, whoever can be asked.
func (s *server) askTypo(w http.ResponseWriter, r *http.Request, in signUpInput, meant string) {
	if wantsJSON(r) {
		s.writeJSON(w, http.StatusUnprocessableEntity, map[string]string{
			"error": "Did you mean " + meant + "?", "field": "email", "meant": meant,
		})
		return
	}
	s.showForm(w, r, http.StatusUnprocessableEntity, "Is that right?", in, formView{Meant: meant})
}

// signUpFailed says what the visitor can correct, on the form that they filled in.
func (s *server) signUpFailed(w http.ResponseWriter, r *http.Request, in signUpInput, err error) error {
	var bad *subscribers.AddressError
	var asked *subscribers.QuestionError
	switch {
	case errors.As(err, &asked):
		s.Recorder.SignUp(signUpAsked)
		return s.ask(w, r, in, asked)
	case errors.As(err, &bad):
		s.Recorder.SignUp(signUpInvalid)
		return s.refuse(w, r, in, bad.Field, sentence(in.Email, bad))
	case errors.Is(err, subscribers.ErrAddress):
		s.Recorder.SignUp(signUpInvalid)
		return s.refuse(w, r, in, "email", "This is not an address that mail can be sent to.")
	case errors.Is(err, subscribers.ErrLimited):
		s.Recorder.SignUp(signUpLimited)
		return statusError{status: http.StatusTooManyRequests}
	case errors.Is(err, ErrClosed):
		s.Recorder.SignUp(signUpFailed)
		return err
	case isBusy(err) && !wantsJSON(r):
		s.Recorder.SignUp(signUpFailed)
		w.Header().Set("Retry-After", retryAfter(err))
		s.showForm(w, r, http.StatusServiceUnavailable, "One moment, please", in, formView{Later: true})
		return nil
	case isBusy(err):
		s.Recorder.SignUp(signUpFailed)
		return statusError{status: http.StatusServiceUnavailable}
	default:
		s.Recorder.SignUp(signUpFailed)
		return errors.New("sign up: " + redact(err.Error(), in.Email))
	}
}

// askedAgain is when a client without a form may try again, in a surge.
const askedAgain = 10 * time.Minute

// ask puts the question of a surge to the visitor, on the form that they filled
// in. Who sends JSON has no form: they come again later, or lead the visitor to it.
func (s *server) ask(w http.ResponseWriter, r *http.Request, in signUpInput, q *subscribers.QuestionError) error {
	if wantsJSON(r) {
		return statusError{status: http.StatusTooManyRequests, retryAfter: askedAgain, text: page.Notice{
			Heading: "Many people are signing up", Text: "There are unusually many sign-ups right now. Try again in ten minutes, or use the form at " + s.Site.BaseURL + "/subscribe.",
		}}
	}
	s.showForm(w, r, http.StatusUnprocessableEntity, "One more question", in, formView{Question: q.Text, Asked: q.Token, Again: q.Again, AsTyped: in.AsTyped})
	return nil
}

// signedUp is the one answer to every address that can be one.
func (s *server) signedUp(w http.ResponseWriter, r *http.Request) error {
	if wantsJSON(r) {
		s.writeJSON(w, http.StatusAccepted, map[string]string{
			"status":  "accepted",
			"message": "Check your mailbox: the link in our mail completes the sign-up.",
		})
		return nil
	}
	s.seeOther(w, "/subscribed")
	return nil
}

// seeOther leads a form to a page of this site.
func (s *server) seeOther(w http.ResponseWriter, path string) {
	w.Header().Set("Location", s.root+path)
	w.WriteHeader(http.StatusSeeOther)
}

// refuse shows the form again with the field's error. It gives what was typed
// back to who typed it, in the field only, and no cache keeps it.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, in signUpInput, field, message string) error {
	if wantsJSON(r) {
		s.writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": message, "field": field})
		return nil
	}
	s.showForm(w, r, http.StatusUnprocessableEntity, "Please check your address", in, formView{Error: message})
	return nil
}

// sentence says what is wrong with an address to who typed it.
func sentence(typed string, bad *subscribers.AddressError) string {
	if strings.TrimSpace(typed) == "" && bad.Field == "email" {
		return "Type your address, such as name@example.org."
	}
	return bad.Message + "."
}

// showForm shows the form again with all that the visitor filled in.
func (s *server) showForm(w http.ResponseWriter, r *http.Request, status int, title string, in signUpInput, f formView) {
	f.Email, f.Name, f.Categories, f.Source, f.Wording = in.Email, in.Name, in.Categories, in.Source, agreedTo(in.Wording)
	if now, err := s.shown(r.Context()); err == nil { // the form works without
		f.Topics = topicsOf(s.topics(now), in.Categories)
	}
	s.writePage(w, status, "subscribe", content{Title: title, NoIndex: true, Form: f})
}

// signUpInput is a sign-up as the visitor wrote it.
type signUpInput struct {
	Email      string     `json:"email"`
	Name       string     `json:"name"`
	Categories stringList `json:"categories"`
	Source     string     `json:"source"`
	Trap       string     `json:"leave_empty"`
	Wording    string     `json:"wording"`
	Ask        bool       `json:"ask"`      // whoever sends it can answer a question about the address
	AsTyped    bool       `json:"as_typed"` // the visitor was asked about it, and says that it is right
	Question   string     `json:"question"` // the token of the question of a surge, and its answer
	Answer     string     `json:"answer"`
}

func parseSignUp(r *http.Request, body []byte) (signUpInput, error) {
	var in signUpInput
	switch mt := mediaType(r); {
	case isJSON(mt):
		if err := json.Unmarshal(body, &in); err != nil {
			return in, statusError{status: http.StatusBadRequest}
		}
		return in, nil
	case !isForm(mt):
		return in, statusError{status: http.StatusUnsupportedMediaType}
	}
	f, err := parseForm(r, body)
	if err != nil {
		return in, statusError{status: http.StatusBadRequest}
	}
	in = signUpInput{Email: f.Get("email"), Name: f.Get("name"), Source: f.Get("source"), Trap: f.Get(trap), Wording: f.Get("wording"), AsTyped: f.Get("as_typed") != "", Question: f.Get("question"), Answer: f.Get("answer")}
	in.Ask = !wantsJSON(r) || f.Get("ask") != ""
	in.Categories = splitList(f["categories"])
	return in, nil
}

// stringList reads a JSON array of strings or one comma-separated string.
type stringList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *stringList) UnmarshalJSON(b []byte) error {
	var many []string
	if err := json.Unmarshal(b, &many); err == nil {
		*l = splitList(many)
		return nil
	}
	var one string
	if err := json.Unmarshal(b, &one); err != nil {
		return fmt.Errorf("neither a list of strings nor a string: %w", err)
	}
	*l = splitList([]string{one})
	return nil
}

func splitList(values []string) []string {
	var out []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

// maxSource is the longest source that is kept, in bytes.
const maxSource = 100

// cleanSource keeps what a page or a site would name itself: it is stored
// beside the consent and shown to operators.
func cleanSource(s string) string {
	if len(s) > maxSource || strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:", c))
	}) {
		return "form"
	}
	if s == "" {
		return "form"
	}
	return s
}
