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
	Name  string
	About string // to whom it goes, and when
	// The mails: those to readers, and those to editors.
	ToReaders, ToEditors []choice

	Looks  []choice
	Widths []choice
	Look   look
	Width  string
	Mail   render.Rendered
	Err    string // why it cannot be made; the mail is then the last good one
	Frame  string
	Cut    cut
	See    string // how it is looked at, for what a form leads back to
	// Refused is a test mail that was not sent; nil: none was.
	Refused *refusal
}

func (s *server) mail(w http.ResponseWriter, r *http.Request) error {
	v, err := s.mailView(r, r.URL.Query())
	if err != nil {
		return err
	}
	s.pages.Show(w, http.StatusOK, "mail", page.View{Title: mailLabel(v.Name), Data: v})
	return nil
}

func (s *server) mailView(r *http.Request, q url.Values) (mailView, error) {
	name := r.PathValue("name")
	mail, names, err := s.sample(name)
	if err != nil && mail.HTML == "" {
		return mailView{}, err
	}
	v := mailView{chrome: s.chrome(r), Name: name, About: mailAbout(name), Mail: mail, Look: s.lookOf(q.Get("look")), Width: oneOf(q.Get("width"), "free", "desk", "tablet", "phone"), Cut: gmailCuts(mail.HTML), See: only(q, views()...).Encode()}
	if err != nil {
		v.Err = err.Error()
	}
	at := func(name, look, width string) string {
		return s.Base + "/mails/" + name + "?" + url.Values{"look": {look}, "width": {width}}.Encode()
	}
	for _, n := range names {
		list := &v.ToReaders
		if strings.HasPrefix(mailAbout(n), "To the editors") || n == render.MailLogin {
			list = &v.ToEditors
		}
		*list = append(*list, choice{n, mailLabel(n), at(n, v.Look.Name, v.Width), n == name})
	}
	for _, l := range looks() {
		v.Looks = append(v.Looks, choice{l.Name, l.Label, at(name, l.Name, v.Width), l.Name == v.Look.Name})
	}
	for _, x := range [][2]string{{"free", "As wide as here"}, {"desk", "Desktop, 700 px"}, {"tablet", "Tablet, 600 px"}, {"phone", "Phone, 375 px"}} {
		v.Widths = append(v.Widths, choice{x[0], x[1], at(name, v.Look.Name, x[0]), x[0] == v.Width})
	}
	v.Frame = s.Base + "/mails/" + name + "/frame?" + url.Values{"look": {v.Look.Name}, "sum": {sum([]byte(mail.HTML))[:16]}}.Encode()
	return v, nil
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
		v, broken := s.mailView(r, looked(r.PostForm))
		if broken != nil {
			return err
		}
		v.Refused = &refusal{Why: s.inWords(fmt.Errorf("the test mail was not sent: %w", err)).Text, Form: "test", Field: "to", typed: r.PostForm}
		s.pages.Show(w, statusOf(err), "mail", page.View{Title: "Not sent: " + mailLabel(v.Name), Data: v})
		return nil
	}
	s.done(w, r, "/mails/"+r.PathValue("name"), "sent", "to")
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

// mailAbout says to whom a mail goes, and when.
func mailAbout(name string) string {
	return map[string]string{
		"confirm":             "To whoever signed up: nobody is on the list before the link in it is used.",
		"welcome":             "To a new reader, once they have confirmed.",
		"goodbye":             "To a reader who has left: the last one.",
		"leave":               "To a reader who asked for a link to leave, because no mail with one was at hand.",
		"fresh_link":          "To a reader who wants to change their address, to know what is kept of them, or to be erased.",
		"reader_links":        "To a reader who asked for their own links on a comparison's page.",
		"address_changed":     "To the address that a reader moved away from.",
		render.MailCorrection: "To those who got an edition before it was corrected. It goes only when somebody sends it.",
		render.MailDraftReady: "To the editors: a draft is built, or has changed. The draft itself stands below it.",
		render.MailHeld:       "To the editors: an edition is on hold, or its send is paused.",
		render.MailMissed:     "To the editors: a slot passed and nothing was sent.",
		render.MailReport:     "To the editors: a send has ended.",
		render.MailRefused:    "To the editors: the mail server refuses what is mailed outside of editions, such as confirmations.",
		render.MailSurge:      "To the editors: many more sign-ups are asked for than are confirmed.",
		render.MailReturned:   "To the editors: a receiver does not believe that the mail is from here.",
		render.MailCheckup:    "To the editors: something that 'digest doctor' checks has changed.",
		render.MailLogin:      "To an editor who asked for a link to the desk.",
	}[name]
}
