package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
)

// Editors is a store of what logs editors in, with the outbox that mails it.
type Editors struct {
	editors.Store
	Take         func(ctx context.Context, now time.Time) (outbox.Event, bool, error)
	ComposeLogin func(ctx context.Context, e outbox.Event, next string, at time.Time) (string, error)
}

// RunEditors runs the suite; open gives an empty store for one test.
func RunEditors(t *testing.T, open func(t *testing.T) Editors) {
	for name, test := range map[string]func(Editors, *testing.T){
		"LogIn":       Editors.logIn,
		"LogInAtOnce": Editors.logInAtOnce,
		"Limit":       Editors.limit,
		"Stale":       Editors.stale,
		"Sessions":    Editors.sessions,
		"Shares":      Editors.shares,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(open(t), t)
		})
	}
}

// bob is another editor than ada.
const bob = "bob@example.com"

// mailed asks for a link and gives the token that its mail would have.
func (s Editors) mailed(t *testing.T, editor, next string, at time.Time) editors.Token {
	t.Helper()
	ctx := t.Context()
	if err := s.Ask(ctx, editor, next, at); err != nil {
		t.Fatal(err)
	}
	e, ok, err := s.Take(ctx, at)
	if err != nil || !ok || e.Kind != outbox.KindLogin || e.Recipient != editor {
		t.Fatalf("got the event %+v, %v, %v, want a login of %s", e, ok, err, editor)
	}
	p, err := e.Payload()
	if err != nil || p != (outbox.Login{Next: next}) {
		t.Fatalf("got the payload %+v, %v, want one that leads to %s", p, err, next)
	}
	text, err := s.ComposeLogin(ctx, e, next, at)
	if err != nil {
		t.Fatal(err)
	}
	token, err := editors.ParseToken(text)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s Editors) begin(t *testing.T, editor string, at time.Time) (editors.Session, editors.Token) {
	t.Helper()
	key := editors.NewToken()
	x, err := s.LogIn(t.Context(), s.mailed(t, editor, "", at).Hash(),
		editors.Session{Browser: "Firefox", BeganAt: at, SeenAt: at, ExpiresAt: at.Add(editors.SessionFor)}, key.Hash(), at)
	if err != nil {
		t.Fatal(err)
	}
	return x, key
}

func (s Editors) logIn(t *testing.T) {
	ctx, at := t.Context(), monday()
	token := s.mailed(t, ada, "/week/2026-W48", at)
	if _, err := s.Link(ctx, editors.NewToken().Hash()); !errors.Is(err, editors.ErrNotFound) {
		t.Errorf("an unknown link: got %v, want ErrNotFound", err)
	}
	for range 2 { // looking uses nothing
		l, err := s.Link(ctx, token.Hash())
		if err != nil || l.Editor != ada || l.Next != "/week/2026-W48" || !l.ExpiresAt.Equal(at.Add(editors.LinkFor)) || !l.UsedAt.IsZero() {
			t.Fatalf("got the link %+v, %v, want %s's for a quarter of an hour", l, err, ada)
		}
	}
	late := editors.Session{ExpiresAt: at.Add(time.Hour)}
	if _, err := s.LogIn(ctx, token.Hash(), late, editors.NewToken().Hash(), at.Add(editors.LinkFor)); !errors.Is(err, editors.ErrExpired) {
		t.Errorf("after a quarter of an hour: got %v, want ErrExpired", err)
	}
	key := editors.NewToken()
	want := editors.Session{Editor: ada, Browser: "Firefox", BeganAt: at, SeenAt: at, ExpiresAt: at.Add(editors.SessionFor)}
	got, err := s.LogIn(ctx, token.Hash(), want, key.Hash(), at)
	if err != nil || got.ID == 0 {
		t.Fatalf("log in: got %+v, %v", got, err)
	}
	want.ID = got.ID
	if kept, err := s.Session(ctx, key.Hash()); err != nil || !sameSession(kept, want) {
		t.Errorf("got the session %+v, %v, want %+v", kept, err, want)
	}
	if _, err := s.LogIn(ctx, token.Hash(), want, editors.NewToken().Hash(), at); !errors.Is(err, editors.ErrUsed) {
		t.Errorf("a second time: got %v, want ErrUsed", err)
	}
}

func sameSession(a, b editors.Session) bool {
	same := a.BeganAt.Equal(b.BeganAt) && a.SeenAt.Equal(b.SeenAt) && a.ExpiresAt.Equal(b.ExpiresAt)
	a.BeganAt, a.SeenAt, a.ExpiresAt = b.BeganAt, b.SeenAt, b.ExpiresAt
	return same && a == b
}

// Of several who use a link at once, one gets in.
func (s Editors) logInAtOnce(t *testing.T) {
	at := monday()
	token := s.mailed(t, ada, "", at)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = s.LogIn(t.Context(), token.Hash(), editors.Session{BeganAt: at, ExpiresAt: at.Add(time.Hour)}, editors.NewToken().Hash(), at)
		})
	}
	wg.Wait()
	in := 0
	for _, err := range errs {
		switch {
		case err == nil:
			in++
		case !errors.Is(err, editors.ErrUsed):
			t.Errorf("got %v, want ErrUsed", err)
		}
	}
	if list, err := s.Sessions(t.Context(), ada, at); err != nil || in != 1 || len(list) != 1 {
		t.Errorf("got %d in, %d sessions, %v, want 1 and 1", in, len(list), err)
	}
}

// An editor is mailed so many links, and later again; another's asks do not count.
func (s Editors) limit(t *testing.T) {
	ctx, at := t.Context(), monday()
	for range editors.AskMost {
		if err := s.Ask(ctx, ada, "", at); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ask(ctx, ada, "", at.Add(time.Minute)); !errors.Is(err, editors.ErrLimited) {
		t.Errorf("one more: got %v, want ErrLimited", err)
	}
	if err := s.Ask(ctx, bob, "", at); err != nil {
		t.Errorf("another editor: got %v", err)
	}
	if err := s.Ask(ctx, ada, "", at.Add(editors.AskEvery+time.Second)); err != nil {
		t.Errorf("later: got %v", err)
	}
}

// An ask that could not be mailed for long gets no link any more.
func (s Editors) stale(t *testing.T) {
	ctx, at := t.Context(), monday()
	if err := s.Ask(ctx, ada, "", at); err != nil {
		t.Fatal(err)
	}
	later := at.Add(editors.AskStale + time.Second)
	e, ok, err := s.Take(ctx, later)
	if err != nil || !ok {
		t.Fatalf("got no event: %v", err)
	}
	if _, err := s.ComposeLogin(ctx, e, "", later); !errors.Is(err, outbox.ErrWithdrawn) {
		t.Errorf("got %v, want ErrWithdrawn", err)
	}
}

func (s Editors) sessions(t *testing.T) {
	ctx, at := t.Context(), monday()
	one, oneKey := s.begin(t, ada, at)
	two, twoKey := s.begin(t, ada, at.Add(time.Minute))
	his, hisKey := s.begin(t, bob, at)
	if err := s.Seen(ctx, one.ID, at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	ids := func(editor string, at time.Time) (out []int64) {
		t.Helper()
		list, err := s.Sessions(ctx, editor, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out = append(out, x.ID)
		}
		return out
	}
	if got := ids(ada, at); !slices.Equal(got, []int64{one.ID, two.ID}) {
		t.Errorf("got the sessions %v, want %d, seen last, and %d", got, one.ID, two.ID)
	}
	if got := ids(ada, at.Add(editors.SessionFor)); !slices.Equal(got, []int64{two.ID}) {
		t.Errorf("after 30 days: got %v, want the later one", got)
	}
	gone := func(what string, key editors.Token, want bool) {
		t.Helper()
		if _, err := s.Session(ctx, key.Hash()); errors.Is(err, editors.ErrNotFound) != want {
			t.Errorf("%s: got %v, want it gone: %v", what, err, want)
		}
	}
	if err := s.EndSession(ctx, bob, one.ID); err != nil {
		t.Fatal(err)
	}
	gone("another's session", oneKey, false)
	if err := s.EndSession(ctx, ada, one.ID); err != nil {
		t.Fatal(err)
	}
	gone("one's own", oneKey, true)
	if err := s.EndSessions(ctx, []string{"ADA@example.com"}, at); err != nil {
		t.Fatal(err)
	}
	gone("of who is an editor still", twoKey, false)
	gone("of who is none any more", hisKey, true)
	if err := s.EndSession(ctx, bob, his.ID); err != nil {
		t.Errorf("a session that has ended: got %v", err)
	}
	if err := s.EndSessions(ctx, nil, at); err != nil {
		t.Fatal(err)
	}
	gone("when nobody is an editor", twoKey, true)
}

func (s Editors) shares(t *testing.T) {
	ctx, at := t.Context(), monday()
	one, other := editors.NewToken(), editors.NewToken()
	for _, key := range []editors.Token{one, other} {
		if err := s.AddShare(ctx, editors.Share{Week: week(1), By: ada, MadeAt: at}, key.Hash()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Share(ctx, editors.NewToken().Hash()); !errors.Is(err, editors.ErrNotFound) {
		t.Errorf("an unknown link: got %v, want ErrNotFound", err)
	}
	x, err := s.Share(ctx, one.Hash())
	if err != nil || x.Week != week(1) || x.By != ada || !x.MadeAt.Equal(at) || !x.EndedAt.IsZero() {
		t.Fatalf("got %+v, %v, want %s's link to %s", x, err, ada, week(1))
	}
	if err := s.EndShare(ctx, week(2), x.ID, bob, at); err != nil {
		t.Fatal(err)
	}
	if x, _ := s.Share(ctx, one.Hash()); !x.EndedAt.IsZero() {
		t.Error("got it ended as another week's")
	}
	for _, by := range []string{bob, ada} { // who ended it first stays
		if err := s.EndShare(ctx, week(1), x.ID, by, at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	x, err = s.Share(ctx, one.Hash())
	if err != nil || x.EndedBy != bob || !x.EndedAt.Equal(at.Add(time.Hour)) {
		t.Errorf("got %+v, %v, want it ended by %s", x, err, bob)
	}
	list, err := s.Shares(ctx, week(1))
	if err != nil || len(list) != 2 || list[0].ID < list[1].ID || list[1].EndedBy != bob {
		t.Errorf("got %+v, %v, want both, the newest first", list, err)
	}
}
