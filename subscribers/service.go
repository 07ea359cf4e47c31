package subscribers

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// QueueLimit is how many sign-ups may wait to be decided on, unless Options say
// otherwise.
const QueueLimit = 100_000

// batch is how many sign-ups one transaction decides on.
const batch = 50

// Options are a Service's; the zero value is complete.
type Options struct {
	Now        func() time.Time // time.Now
	Log        *slog.Logger     // discards
	QueueLimit int              // QueueLimit
	Left       func(via string) // told of each reader who leaves by their own link, once; nil: nobody is
	Surge      SurgeRule        // the zero rule never begins a surge
	// Surged is told that a surge began, again and again while it lasts: once for
	// each Episode is enough. nil: nobody is told.
	Surged func(context.Context, SurgeState) error
}

// A Service is the list with its rules. It is safe for concurrent use.
type Service struct {
	list    List
	signUps SignUps
	now     func() time.Time
	log     *slog.Logger
	limit   int
	left    func(via string)
	surge   surgeWatch

	wordings struct {
		mu    sync.Mutex
		texts []string // in use, not kept yet
	}
}

// New gives the service over what keeps the list and its sign-ups.
func New(list List, signUps SignUps, o Options) *Service {
	s := &Service{list: list, signUps: signUps, now: o.Now, log: o.Log, limit: o.QueueLimit, left: o.Left}
	s.surge.rule, s.surge.told = o.Surge, o.Surged
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.left == nil {
		s.left = func(string) {}
	}
	if s.limit <= 0 {
		s.limit = QueueLimit
	}
	return s
}

// A SignUp is what a visitor sent.
type SignUp struct {
	Email      string
	Name       string // cleaned, cut at 100 characters
	Categories []string
	Source     string     // where the form was: its page
	Wording    string     // the version of what it said, from Wording; "": not known
	IP         netip.Addr // zero: unknown
	Question   string     // the token of the question that was answered; "": none was
	Answer     string
}

// SignUp queues a sign-up. Its work is the same for every address that can be
// one, so that its time does not tell who is on the list; Process decides later.
// It fails with an *AddressError for what can be no address, with ErrLimited
// while the queue is full, and in a surge with a *QuestionError unless a question
// was answered.
func (s *Service) SignUp(ctx context.Context, in SignUp) error {
	a, err := ParseAddress(in.Email)
	if err != nil {
		return err
	}
	categories, err := cleanCategories(in.Categories)
	if err != nil {
		return err
	}
	answered, err := s.answered(ctx, a, in)
	if err != nil {
		return err
	}
	d := Details{Name: CleanName(in.Name), Categories: categories, Source: clean(in.Source, maxSource), Wording: clean(in.Wording, maxWording)}
	return s.queueSignUp(ctx, QueuedSignUp{Wish: WishJoin, Address: a, IP: in.IP, Details: d, Answered: answered})
}

// RequestLeave queues the wish for a fresh link to leave. Like SignUp, it does
// the same for every address; Process mails the link to who gets the digest.
func (s *Service) RequestLeave(ctx context.Context, email string, ip netip.Addr) error {
	a, err := ParseAddress(email)
	if err != nil {
		return err
	}
	return s.queue(ctx, WishLeave, a, ip, Details{})
}

// RequestLinks queues the wish for links to vote on a page's comparison and to
// save it. Like RequestLeave, it does the same for every address.
func (s *Service) RequestLinks(ctx context.Context, email string, p Page, ip netip.Addr) error {
	a, err := ParseAddress(email)
	if err != nil {
		return err
	}
	return s.queue(ctx, WishLinks, a, ip, Details{Page: p})
}

// Rejoin queues the wish of the link's reader, who has left, to come back: a
// fresh confirmation goes to their address. It does nothing for who is on the
// list.
func (s *Service) Rejoin(ctx context.Context, token string, ip netip.Addr) error {
	sub, err := s.ByToken(ctx, token)
	if err != nil || sub.Status == Active {
		return err
	}
	a, err := ParseAddress(sub.Email)
	if err != nil {
		return err
	}
	return s.queue(ctx, WishRejoin, a, ip, Details{Name: sub.Name, Categories: sub.Categories, Source: "undo"})
}

func (s *Service) queue(ctx context.Context, w Wish, a Address, ip netip.Addr, d Details) error {
	return s.queueSignUp(ctx, QueuedSignUp{Address: a, Details: d, IP: ip, Wish: w})
}

func (s *Service) queueSignUp(ctx context.Context, q QueuedSignUp) error {
	q.IP, q.At = q.IP.Unmap().WithZone(""), s.now()
	return s.signUps.Queue(ctx, q, s.limit)
}

// Process decides on a batch of queued sign-ups and wishes to leave and puts the
// mails that are due into the outbox. It returns how many it worked off: 0 when
// none was waiting.
func (s *Service) Process(ctx context.Context) (int, error) {
	if err := s.keepWordings(ctx); err != nil {
		return 0, err
	}
	at, refused := s.now(), s.surge.take()
	var gate *Gate
	done, err := s.signUps.Decide(ctx, Batch{Limit: batch, At: at, Always: len(refused) > 0}, func(t Traffic) *Gate {
		gate = s.surge.rule.Gate(t, refused)
		return gate
	})
	if err != nil {
		s.surge.giveBack(refused)
		return done, err
	}
	if gate != nil && (done > 0 || gate.Mails > 0) {
		s.log.InfoContext(ctx, "sign-ups decided", "signups", done, "mails", gate.Mails, "held", gate.Holds)
	}
	return done, s.follow(ctx, gate, at)
}

// ConfirmInfo tells whose confirmation link it is and changes nothing. It fails
// like Confirm.
func (s *Service) ConfirmInfo(ctx context.Context, raw string) (Subscriber, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return Subscriber{}, err
	}
	c, err := s.signUps.Confirmation(ctx, t.Hash())
	if err != nil {
		return Subscriber{}, err
	}
	return c.Subscriber, c.Check(s.now())
}

// Confirm makes the link's subscriber active. It fails with ErrNotFound, or,
// with the subscriber beside the error, with ErrUsed or ErrExpired; an active
// subscriber beside ErrUsed has most likely clicked twice.
func (s *Service) Confirm(ctx context.Context, raw string) (Subscriber, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return Subscriber{}, err
	}
	sub, err := s.signUps.Confirm(ctx, t.Hash(), s.now())
	if err == nil {
		s.log.InfoContext(ctx, "subscriber confirmed", "subscriber", sub.ID)
	}
	return sub, err
}

// ByToken finds whose unsubscribe token it is, or ErrNotFound.
func (s *Service) ByToken(ctx context.Context, token string) (Subscriber, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Subscriber{}, err
	}
	return s.list.ByToken(ctx, t)
}

// Unsubscribe takes the token's reader off the list at once, out of running
// editions too. Repeated it does nothing more. Via says which way they left, and
// SaysGoodbye whether a last mail says so.
func (s *Service) Unsubscribe(ctx context.Context, token, via string) (Subscriber, error) {
	sub, err := s.ByToken(ctx, token)
	if err != nil {
		return Subscriber{}, err
	}
	return s.leave(ctx, sub, via)
}

// UnsubscribeReader is Unsubscribe by a reader's number, for whom their own mail
// names by its unsubscribe address.
func (s *Service) UnsubscribeReader(ctx context.Context, id int64, via string) (Subscriber, error) {
	sub, err := s.list.ByID(ctx, id)
	if err != nil {
		return Subscriber{}, err
	}
	return s.leave(ctx, sub, via)
}

func (s *Service) leave(ctx context.Context, sub Subscriber, via string) (_ Subscriber, err error) {
	before, at := sub.Status, s.now()
	if sub, err = s.list.Leave(ctx, sub.ID, clean(via, maxSource), SaysGoodbye(via), at); err != nil {
		return Subscriber{}, err
	}
	if before == Unsubscribed || sub.UnsubscribedAt.UnixMilli() != at.UnixMilli() {
		return sub, nil // they had left before, or another request was faster
	}
	s.left(via)
	s.log.InfoContext(ctx, "subscriber left", "subscriber", sub.ID, "via", via)
	return sub, nil
}

// find parses an address and finds it on the list.
func (s *Service) find(ctx context.Context, email string) (Address, Subscriber, error) {
	a, err := ParseAddress(email)
	if err != nil {
		return Address{}, Subscriber{}, err
	}
	sub, err := s.list.ByKey(ctx, a.Key)
	return a, sub, err
}

// refine names the address in an operator's error.
func refine(a Address, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", a.Email, err)
}
