package workbench

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render"
)

// A mailView is one of the other mails, filled with a sample's words.
type mailView struct {
	chrome
	Name   string
	Mails  []choice
	Looks  []choice
	Widths []choice
	Look   look
	Width  string
	Mail   render.Rendered
	Err    string // why it cannot be made; the mail is then the last good one
	Frame  string
	Cut    cut
}

func (s *server) mail(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	mail, names, err := s.sample(name)
	if err != nil && mail.HTML == "" {
		return err
	}
	q := r.URL.Query()
	v := mailView{chrome: s.chrome(r), Name: name, Mail: mail, Look: s.lookOf(q.Get("look")), Width: oneOf(q.Get("width"), "free", "desk", "tablet", "phone"), Cut: gmailCuts(mail.HTML)}
	if err != nil {
		v.Err = err.Error()
	}
	at := func(name, look, width string) string {
		return s.Base + "/mails/" + name + "?" + url.Values{"look": {look}, "width": {width}}.Encode()
	}
	for _, n := range names {
		v.Mails = append(v.Mails, choice{n, mailLabel(n), at(n, v.Look.Name, v.Width), n == name})
	}
	for _, l := range looks() {
		v.Looks = append(v.Looks, choice{l.Name, l.Label, at(name, l.Name, v.Width), l.Name == v.Look.Name})
	}
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 700 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], at(name, v.Look.Name, x[0]), x[0] == v.Width})
	}
	v.Frame = s.Base + "/mails/" + name + "/frame?" + url.Values{"look": {v.Look.Name}, "sum": {sum([]byte(mail.HTML))[:16]}}.Encode()
	s.pages.Show(w, http.StatusOK, "mail", page.View{Title: mailLabel(name), Data: v})
	return nil
}

func (s *server) mailFrame(w http.ResponseWriter, r *http.Request) error {
	mail, _, err := s.sample(r.PathValue("name"))
	if err != nil && mail.HTML == "" {
		return err
	}
	writeFrame(w, s.lookOf(r.URL.Query().Get("look")).change(mail.HTML))
	return nil
}

// testOther sends the mail, as it is shown, to one address.
func (s *server) testOther(w http.ResponseWriter, r *http.Request) error {
	mail, _, err := s.sample(r.PathValue("name"))
	if err != nil {
		return err
	}
	if err := s.desk(r).TestOther(r.Context(), mail, oneLine(r.PostForm.Get("to"))); err != nil {
		return fmt.Errorf("the test mail was not sent: %w", err)
	}
	s.done(w, r, "/mails/"+r.PathValue("name"), "sent")
	return nil
}

// samples are the other mails as they were made last.
type samples struct {
	mu   sync.Mutex
	good map[string]render.Rendered
}

// sample renders a mail as the templates are now; with an error it gives the last
// good one, if there is any.
func (s *server) sample(name string) (mail render.Rendered, names []string, err error) {
	names = render.SampleNames()
	if !slices.Contains(names, name) {
		return mail, names, fmt.Errorf("%w: there is no mail %q", errNoPage, name)
	}
	r, err := s.Mails()
	if err == nil {
		mail, err = r.Sample(name)
	}
	s.samples.mu.Lock()
	defer s.samples.mu.Unlock()
	if err != nil {
		return s.samples.good[name], names, err
	}
	s.samples.good[name] = mail
	return mail, names, nil
}

// mailLabel names a mail for editors.
func mailLabel(name string) string {
	switch name {
	case "confirm":
		return "Confirmation"
	case "leave":
		return "Unsubscribe link"
	case render.MailDraftReady:
		return "Draft ready"
	case "":
		return ""
	}
	name = strings.ReplaceAll(name, "_", " ")
	return string(name[0]-'a'+'A') + name[1:]
}
