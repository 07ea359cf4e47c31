package web

import (
	"net/http"

	"verdicts.example/digest/subscribers"
)

// unsubscribePage asks; only its button unsubscribes, because mail scanners
// open links.
func (s *server) unsubscribePage(w http.ResponseWriter, r *http.Request) error {
	sub, err := s.List.ByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.showUnsubscribe(w, r, sub)
}

func (s *server) showUnsubscribe(w http.ResponseWriter, r *http.Request, sub subscribers.Subscriber) error {
	if sub.Status == subscribers.Unsubscribed {
		return s.showGoodbye(w, r, sub, goodbyeView{Before: true})
	}
	s.writePage(w, http.StatusOK, "unsubscribe", content{Title: "Unsubscribe", NoIndex: true, Data: readerView{Address: someAddress}})
	return nil
}

// unsubscribe acts at once. It takes mail programs' one-click requests (RFC
// 8058 §3.2: no cookie, no Origin, any of the two form encodings, and no
// redirect back) and the page's own button. The token alone is the authority,
// so a body that says nothing is taken too: the reader wants to leave.
func (s *server) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	via := subscribers.ViaPage
	switch form, err := parseForm(r, body); {
	case err != nil:
	case form.Get("List-Unsubscribe") == "One-Click":
		via = subscribers.ViaOneClick
	case form.Get("undo") != "":
		return s.rejoin(w, r)
	case form.Has("why") || form.Has("answer"):
		return s.sayWhy(w, r, form.Get("why"))
	}
	sub, err := s.List.Unsubscribe(r.Context(), r.PathValue("token"), via)
	if err != nil {
		return err
	}
	if via == subscribers.ViaOneClick {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("You are unsubscribed.\n"))
		return nil
	}
	return s.showGoodbye(w, r, sub, goodbyeView{})
}

// rejoin is the way back for who left by mistake: a fresh confirmation goes to
// their address, which no page shows.
func (s *server) rejoin(w http.ResponseWriter, r *http.Request) error {
	if err := s.List.Rejoin(r.Context(), r.PathValue("token"), s.clientIP(r)); err != nil {
		return err
	}
	s.seeOther(w, "/subscribed")
	return nil
}
