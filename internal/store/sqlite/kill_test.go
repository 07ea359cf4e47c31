package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// READERS_KILLS is how many kills; 20 where it is not set.
const readerKillsVar = "READERS_KILLS"

// leavers are those of a round who may leave: each worker has some of its own.
const (
	killWorkers     = 12
	leaversAWorker  = 8
	leaversOfARound = killWorkers * leaversAWorker
)

// acknowledged is what the killed processes said was durable.
type acknowledged struct {
	signUps map[string]bool
	votes   map[string]votes.Choice // "reader tool": whoever said so last
	leaves  map[string]bool
}

// TestReadersSurviveKill kills a process that takes sign-ups, votes and leaves,
// and decides on the sign-ups, again and again: nothing that was acknowledged is
// lost, and nothing counts twice.
func TestReadersSurviveKill(t *testing.T) {
	if path := os.Getenv("DIGEST_TEST_READERS"); path != "" {
		takeUntilKilled(t, path, os.Getenv("DIGEST_TEST_ROUND"))
		return
	}
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv(readerKillsVar)); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "digest.db")
	db := readersWhoVote(t, path)
	addLeavers(t, db, rounds)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	said := acknowledged{signUps: map[string]bool{}, votes: map[string]votes.Choice{}, leaves: map[string]bool{}}
	for round := range rounds {
		killedRound(t, path, round, &said)
	}
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if damage, err := db.Damage(t.Context()); err != nil || len(damage) > 0 {
		t.Errorf("got the database damaged: %v, %v", damage, err)
	}
	wantSignUps(t, db, path, said.signUps)
	wantVotes(t, db, said.votes)
	wantLeaves(t, db, said.leaves)
	t.Logf("%d kills: %d sign-ups, %d votes, %d leaves acknowledged, none lost", rounds, len(said.signUps), len(said.votes), len(said.leaves))
	if min(len(said.signUps), len(said.leaves)) < rounds || len(said.votes) < voters/4 {
		t.Error("got too little acknowledged: the test says nothing")
	}
}

func addLeavers(t *testing.T, db *sqlite.DB, rounds int) {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("email\n")
	for round := range rounds {
		for i := range leaversOfARound {
			fmt.Fprintf(&csv, "leaver-%d-%d@example.com\n", round, i)
		}
	}
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	if _, err := list.Import(t.Context(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "test.csv"}); err != nil {
		t.Fatal(err)
	}
}

// killedRound runs one process until some things are acknowledged, and kills it.
func killedRound(t *testing.T, path string, round int, said *acknowledged) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestReadersSurviveKill$")
	cmd.Env = append(os.Environ(), "DIGEST_TEST_READERS="+path, fmt.Sprint("DIGEST_TEST_ROUND=", round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, n := bufio.NewScanner(out), 0
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) == 2 && f[0] == "signed-up":
			said.signUps[f[1]] = true
		case len(f) == 2 && f[0] == "left":
			said.leaves[f[1]] = true
		case len(f) == 4 && f[0] == "voted":
			c, _ := votes.ParseChoice(f[3])
			said.votes[f[1]+" "+f[2]] = c
		default:
			continue
		}
		if n++; n == 30+7*(round%20) { // within a group, at another place each time
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // it was killed
}

// takeUntilKilled says each thing after it was acknowledged.
func takeUntilKilled(t *testing.T, path, round string) {
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	var say sync.Mutex
	done := func(format string, args ...any) {
		say.Lock()
		defer say.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	go func() {
		for {
			if n, err := list.Process(t.Context()); err != nil || n == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	var all sync.WaitGroup
	for worker := range killWorkers {
		all.Go(func() {
			for i := 0; ; i++ {
				if err := takeOne(t.Context(), db, list, round, worker, i, done); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// takeOne is a sign-up, a vote, and as long as there are any, a leave.
func takeOne(ctx context.Context, db *sqlite.DB, list *subscribers.Service, round string, worker, i int, done func(string, ...any)) error {
	email := fmt.Sprintf("new-%s-%d-%d@example.com", round, worker, i)
	if err := list.SignUp(ctx, subscribers.SignUp{Email: email, Source: "form"}); err != nil {
		return err
	}
	done("signed-up %s", email)
	started, _ := strconv.Atoi(round)
	v := votes.Vote{Reader: int64(2 + (started*101+worker*37+i*13)%voters), Slug: "a-vs-b", Tool: i % 2, Choice: votes.Choice((worker + i/2) % 2), At: time.Now()}
	if err := db.Votes().Cast(ctx, v); err != nil {
		return err
	}
	done("voted %d %d %s", v.Reader, v.Tool, v.Choice)
	if i >= leaversAWorker {
		return nil
	}
	email = fmt.Sprintf("leaver-%s-%d@example.com", round, worker*leaversAWorker+i)
	sub, err := list.Get(ctx, email)
	if err != nil {
		return err
	}
	if _, err := list.Unsubscribe(ctx, sub.Token.String(), "page"); err != nil {
		return err
	}
	done("left %s", email)
	return nil
}

// wantSignUps wants each on the list with one confirmation that waits.
func wantSignUps(t *testing.T, db *sqlite.DB, path string, said map[string]bool) {
	t.Helper()
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	for n := 1; n > 0; {
		var err error
		if n, err = list.Process(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for email := range said {
		if s, err := list.Get(t.Context(), email); err != nil || s.Status != subscribers.Pending {
			t.Errorf("%s: got %v, %v, want it pending: its sign-up was acknowledged", email, s.Status, err)
		}
	}
	var pending, confirmations, readers int
	query(t, path, "SELECT count(*) FROM subscribers WHERE email LIKE 'new-%'", &pending)
	query(t, path, "SELECT count(*) FROM outbox WHERE kind = 'confirm'", &confirmations)
	query(t, path, "SELECT count(DISTINCT subscriber_id) FROM outbox WHERE kind = 'confirm'", &readers)
	if confirmations != pending || readers != pending {
		t.Errorf("got %d confirmations to %d readers, want one to each of %d", confirmations, readers, pending)
	}
}

// wantVotes wants a vote for each, and the tally that they come to.
func wantVotes(t *testing.T, db *sqlite.DB, said map[string]votes.Choice) {
	t.Helper()
	var all [2]votes.Count
	for reader := range int64(voters) {
		got, err := db.Votes().Of(t.Context(), reader+2, "a-vs-b")
		if err != nil {
			t.Fatal(err)
		}
		for tool, c := range got {
			if want, ok := said[fmt.Sprintf("%d %d", reader+2, tool)]; ok && c == votes.None {
				t.Errorf("reader %d, tool %d: got no vote, want %v, which was acknowledged", reader+2, tool, want)
			}
			switch c {
			case votes.Ship:
				all[tool].Ship++
			case votes.Skip:
				all[tool].Skip++
			}
		}
	}
	tallies, err := db.Votes().Tallies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tallies["a-vs-b"] != all {
		t.Errorf("got the tally %v, want what the votes come to: %v", tallies["a-vs-b"], all)
	}
}

func wantLeaves(t *testing.T, db *sqlite.DB, said map[string]bool) {
	t.Helper()
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	for email := range said {
		if s, err := list.Get(t.Context(), email); err != nil || s.Status != subscribers.Unsubscribed {
			t.Errorf("%s: got %v, %v, want them gone: their leave was acknowledged", email, s.Status, err)
		}
	}
}
