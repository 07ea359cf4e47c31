package delivery

// verdict turns a result into the delivery's outcome.
func (s *sender) verdict(r Recipient, res Result, v Verdict, ended bool) {
	o := Outcome{
		ID: r.ID, State: v.State, Dotted: ended, Attempt: v.State != Queued,
		Suppression: v.Suppression, Reply: reply(res),
	}
	aboutReader := res.Phase == PhaseRcpt || ended
	now := s.opt.Now()
	switch {
	case v.Operator && r.Refused && aboutReader:
		// The operator resumed after this reader's server had refused us: it is
		// this server's policy, and the others shall not wait for it.
		o.State, o.Attempt = Failed, true
	case v.Operator:
		if !aboutReader {
			o.Reply = ""
		}
		s.pause(reply(res))
	case v.State == Deferred:
		o.NextAttempt = retryAt(now, r.Since, r.Attempts+1)
		if o.NextAttempt.IsZero() {
			o.State, o.Suppression = Failed, CountSoft
		}
	}
	s.outcome(r, o)
}

// outcome records an outcome and pulls the brake where it is time.
func (s *sender) outcome(r Recipient, o Outcome) {
	s.recorder.record(o)
	s.opt.Progress.end(r.Domain(), o.State)
	if reason := s.brake.note(o); reason != "" {
		s.pause(reason)
	}
}

// pause rests the edition for a reason of ours: the next commit records it and
// refuses every intent from then on.
func (s *sender) pause(reason string) {
	s.paused.Do(func() { // the first reason counts
		reason = WithoutAddresses(reason)
		s.opt.Log.Warn("the edition is paused", "edition", s.opt.Edition, "reason", reason)
		s.recorder.pause(reason)
	})
	s.dispatch.close()
}
