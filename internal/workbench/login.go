package workbench

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/page"
)

// doorRoutes are the pages for whoever is not logged in.
func (s *server) doorRoutes(mux *http.ServeMux) {
	outside := func(pattern string, h handler) {
		mux.Handle(pattern, s.handle(func(w http.ResponseWriter, r *http.Request) error {
			if err := s.Door.enter(r); err != nil {
				return err
			}
			w.Header().Set("X-Robots-Tag", "noindex, nofollow")
			return h(w, r)
		}))
	}
	outside("GET /login", s.loginPage)
	outside("POST /login", s.writes(s.askLogin))
	outside("GET /login/sent", s.asked)
	outside("GET /login/{token}", s.guessable(s.enterPage))
	outside("POST /login/{token}", s.guessable(s.writes(s.logIn)))
	outside("GET /share/{token}", s.guessable(s.openShare))
}

// guessable counts the links that there are not, and refuses whoever tries many.
func (s *server) guessable(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if errors.Is(err, editors.ErrNotFound) {
			if tooMany := s.limits.guess(s.Now(), s.Door.Visitor(r)); tooMany != nil {
				return tooMany
			}
		}
		return err
	}
}

// A loginView asks for an address.
type loginView struct {
	chrome
	Next  string
	Email string // as it was typed
	Wrong string // why no link was mailed; "" at first
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	v := loginView{chrome: s.outer(), Next: inDesk(r.URL.Query().Get("next"))}
	s.pages.Show(w, http.StatusOK, "login", page.View{Title: "Log in at the desk", Data: v})
	return nil
}

// outer is the chrome of a page for whoever is not logged in.
func (s *server) outer() chrome { return chrome{Base: s.Base, Outside: true} }

// inDesk gives an address of the desk as it is asked for, "" for any other.
func inDesk(next string) string {
	const most = 500
	u, err := url.Parse(next)
	if err != nil || len(next) > most || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || path.Clean(u.Path) != u.Path || strings.ContainsAny(next, "\\\r\n") {
		return ""
	}
	return u.RequestURI()
}

// askLogin has a link mailed. The answer is the same for every address.
func (s *server) askLogin(w http.ResponseWriter, r *http.Request) error {
	email, next := r.PostForm.Get("email"), inDesk(r.PostForm.Get("next"))
	err := s.limits.ask(s.Now(), s.Door.Visitor(r))
	if err == nil {
		err = s.Door.Editors.Ask(email, next)
	}
	if err != nil {
		s.pages.Show(w, statusOf(err), "login", page.View{Title: "Log in at the desk", Data: loginView{s.outer(), next, email, s.inWords(err).Text}})
		return nil
	}
	http.Redirect(w, r, s.Base+"/login/sent", http.StatusSeeOther)
	return nil
}

func (s *server) asked(w http.ResponseWriter, _ *http.Request) error {
	s.pages.Show(w, http.StatusOK, "asked", page.View{Title: "Look into your mailbox", Data: s.outer()})
	return nil
}

// An enterView asks once more before a link is used.
type enterView struct {
	chrome
	Token string
	As    string
}

func (s *server) enterPage(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	link, err := s.Door.Editors.Link(r.Context(), token)
	if err != nil {
		return err
	}
	s.pages.Show(w, http.StatusOK, "enter", page.View{Title: "Log in at the desk", Data: enterView{s.outer(), token, link.Editor}})
	return nil
}

// logIn uses the link. The session's token is new, whatever cookie came with the
// request, and the session that the browser had until now ends.
func (s *server) logIn(w http.ResponseWriter, r *http.Request) error {
	before, _ := s.Door.comer(r)
	key, link, err := s.Door.Editors.LogIn(r.Context(), r.PathValue("token"), r.UserAgent())
	if err != nil {
		return err
	}
	if before.session != 0 {
		if err := s.Door.Editors.EndSession(r.Context(), before.Name, before.session); err != nil {
			return err
		}
	}
	s.Door.setCookie(w, sessionCookie, key.String(), editors.SessionFor)
	s.Door.setCookie(w, reviewCookie, "", 0)
	next := inDesk(link.Next)
	if next == "" {
		next = "/"
	}
	http.Redirect(w, r, s.Base+next, http.StatusSeeOther)
	return nil
}

func (s *server) logOut(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	if err := s.Door.Editors.EndSession(r.Context(), who.Name, who.session); err != nil {
		return err
	}
	s.Door.setCookie(w, sessionCookie, "", 0)
	http.Redirect(w, r, s.Base+"/login", http.StatusSeeOther)
	return nil
}

// A sessionsView lists where an editor is logged in.
type sessionsView struct {
	chrome
	Sessions []sessionRow
}

type sessionRow struct {
	editors.Session
	Where string
	This  bool
}

func (s *server) sessions(w http.ResponseWriter, r *http.Request) error {
	v := sessionsView{chrome: s.chrome(r)}
	list, err := s.Door.Editors.Sessions(r.Context(), v.Editor.Name)
	if err != nil {
		return err
	}
	for _, x := range list {
		v.Sessions = append(v.Sessions, sessionRow{x, browserName(x.Browser), x.ID == v.Editor.session})
	}
	s.pages.Show(w, http.StatusOK, "sessions", page.View{Title: "Where you are logged in", Data: v})
	return nil
}

// endSession ends one session, or all others.
func (s *server) endSession(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	list, err := s.Door.Editors.Sessions(r.Context(), who.Name)
	if err != nil {
		return err
	}
	end := r.PostForm.Get("end")
	for _, x := range list {
		if end == "others" && x.ID == who.session || end != "others" && end != strconv.FormatInt(x.ID, 10) {
			continue
		}
		if err := s.Door.Editors.EndSession(r.Context(), who.Name, x.ID); err != nil {
			return err
		}
	}
	s.done(w, r, "/sessions", "ended", "")
	return nil
}

// browserName says in a few words what a browser calls itself.
func browserName(agent string) string {
	pick := func(otherwise string, pairs ...[2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return otherwise
	}
	browser := pick("A browser", [2]string{"Edg/", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := pick("", [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"}, [2]string{"Mac OS", "a Mac"}, [2]string{"Linux", "Linux"})
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

// reviewFor is how long a browser keeps a reviewer's link; the link ends with
// its edition.
const reviewFor = 60 * 24 * time.Hour

// openShare lets a reviewer in: the browser keeps the link, so that it is in no
// other address.
func (s *server) openShare(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	share, err := s.Door.Editors.Reviewer(r.Context(), token)
	if err != nil {
		return err
	}
	s.Door.setCookie(w, reviewCookie, token, reviewFor)
	http.Redirect(w, r, s.Base+"/week/"+share.Week.String(), http.StatusSeeOther)
	return nil
}

// A sharedView shows a link for a reviewer, once.
type sharedView struct {
	chrome
	Week string
	Link string
}

// share makes a link for a reviewer, or ends one.
func (s *server) share(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	who := s.who(r).Name
	if id, err := strconv.ParseInt(r.PostForm.Get("end"), 10, 64); err == nil {
		if err := s.Door.Editors.EndShare(r.Context(), week, id, who); err != nil {
			return err
		}
		if err := s.desk(r).Record(r.Context(), week, "ended a reviewer's link", ""); err != nil {
			return err
		}
		s.done(w, r, "/week/"+week.String(), "unshared", fmt.Sprintf("s-%d", id))
		return nil
	}
	token, err := s.Door.Editors.Share(r.Context(), week, who)
	if err != nil {
		return err
	}
	if err := s.desk(r).Record(r.Context(), week, "made a link for a reviewer", ""); err != nil {
		return err
	}
	link := strings.TrimRight(s.Door.Site.String(), "/") + "/desk/share/" + token.String()
	s.pages.Show(w, http.StatusOK, "share", page.View{Title: "A link for a reviewer", Data: sharedView{s.chrome(r), week.String(), link}})
	return nil
}
