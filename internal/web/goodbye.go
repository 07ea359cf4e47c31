package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"verdicts.example/digest/subscribers"
)

// Reasons count why readers left, and keep nothing of who said what.
type Reasons interface {
	// Answer counts a reason of a reader who has left, once a leaving; counted is
	// false where it was counted before, or the reader has not left.
	Answer(ctx context.Context, reader int64, why subscribers.LeaveReason, at time.Time) (counted bool, err error)
	// Answered reports whether the reader has answered since they left last.
	Answered(ctx context.Context, reader int64) (bool, error)
}

// goodbyeView is the page for who has left.
type goodbyeView struct {
	Before bool                      // they had left already
	Thanks bool                      // they have just said why
	Error  string                    // what is wrong with their answer
	Ask    []subscribers.LeaveReason // to choose from; none: they are not asked
}

// showGoodbye asks who has left why, once: the answer is theirs to give, and the
// page is complete without it. They have left: where the database cannot tell
// whether they answered, they are not asked, and not told that it failed.
func (s *server) showGoodbye(w http.ResponseWriter, r *http.Request, sub subscribers.Subscriber, v goodbyeView) error {
	if s.Reasons != nil && !v.Thanks {
		answered, err := s.Reasons.Answered(r.Context(), sub.ID)
		if err != nil {
			s.Logger.WarnContext(r.Context(), "who has left is not asked why", slog.String("error", err.Error()))
		}
		if err == nil && !answered {
			v.Ask = subscribers.LeaveReasons()
		}
	}
	status := http.StatusOK
	if v.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	s.writePage(w, status, "goodbye", content{Title: "Goodbye", NoIndex: true, Data: v})
	return nil
}

// sayWhy takes the goodbye page's answer. It unsubscribes nobody: who is on the
// list (again) sees the page that asks.
func (s *server) sayWhy(w http.ResponseWriter, r *http.Request, value string) error {
	sub, err := s.List.ByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if sub.Status != subscribers.Unsubscribed || s.Reasons == nil {
		return s.showUnsubscribe(w, r, sub)
	}
	why, ok := subscribers.ParseLeaveReason(value)
	if !ok {
		return s.showGoodbye(w, r, sub, goodbyeView{Before: true, Error: "Choose one of these, or leave the page: you don’t have to say."})
	}
	counted, err := s.Reasons.Answer(r.Context(), sub.ID, why, s.Now())
	if err != nil {
		return err
	}
	if counted {
		s.Recorder.LeaveReason(string(why))
	}
	return s.showGoodbye(w, r, sub, goodbyeView{Before: true, Thanks: true})
}
