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
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

func TestVotes(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	v := db.Votes()
	storetest.RunVotes(t, storetest.Votes{
		Cast: v.Cast, Of: v.Of, Tallies: v.Tallies, ByReader: v.ByReader,
		Reader: func(t *testing.T, email string) int64 {
			t.Helper()
			s, err := list.Add(t.Context(), subscribers.NewReader{Email: email})
			if err != nil {
				t.Fatal(err)
			}
			return s.ID
		},
		Erase: func(t *testing.T, email string) {
			t.Helper()
			if _, err := list.Erase(t.Context(), email); err != nil {
				t.Fatal(err)
			}
		},
	})
}

const voters = 400

// readersWhoVote makes a database with readers numbered from 2: an import leaves
// the first number out.
func readersWhoVote(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	var csv strings.Builder
	csv.WriteString("email\n")
	for i := range voters {
		fmt.Fprintf(&csv, "reader%d@example.com\n", i)
	}
	if _, err := list.Import(context.Background(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "test.csv"}); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestVotesSurviveKill kills a process that takes votes, again and again: each
// vote that was acknowledged counts, once.
func TestVotesSurviveKill(t *testing.T) {
	path := os.Getenv("DIGEST_TEST_VOTES")
	if path != "" {
		castUntilKilled(t, path)
		return
	}
	path = filepath.Join(t.TempDir(), "digest.db")
	if err := readersWhoVote(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	said := map[string]votes.Choice{} // "reader tool": what was acknowledged last
	for round := range 5 {
		for key, c := range killedVotes(t, path, round) {
			said[key] = c
		}
	}
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tallies, err := db.Votes().Tallies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
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
	if tallies["a-vs-b"] != all {
		t.Errorf("got the tally %v, want what the votes come to: %v", tallies["a-vs-b"], all)
	}
	if len(said) < voters/10 {
		t.Errorf("got %d votes acknowledged in all rounds, want at least %d: the test says nothing", len(said), voters/10)
	}
}

// killedVotes runs one process until some votes are acknowledged, and kills it.
func killedVotes(t *testing.T, path string, round int) map[string]votes.Choice {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestVotesSurviveKill$")
	cmd.Env = append(os.Environ(), "DIGEST_TEST_VOTES="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := map[string]votes.Choice{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var reader, tool int
		var choice string
		if n, _ := fmt.Sscanf(lines.Text(), "vote %d %d %s", &reader, &tool, &choice); n != 3 {
			continue
		}
		c, _ := votes.ParseChoice(choice)
		said[strconv.Itoa(reader)+" "+strconv.Itoa(tool)] = c
		if len(said) == 40+30*round { // within a group, at another place each time
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // it was killed
	return said
}

// castUntilKilled says each vote after it was acknowledged.
func castUntilKilled(t *testing.T, path string) {
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var say sync.Mutex
	var all sync.WaitGroup
	for worker := range 20 {
		all.Go(func() {
			for i := 0; ; i++ {
				v := votes.Vote{Reader: int64(2 + (worker*37+i*13)%voters), Slug: "a-vs-b", Tool: i % 2, Choice: votes.Choice((worker + i/2) % 2), At: time.Now()}
				if err := db.Votes().Cast(t.Context(), v); err != nil {
					return
				}
				say.Lock()
				fmt.Printf("vote %d %d %s\n", v.Reader, v.Tool, v.Choice)
				say.Unlock()
			}
		})
	}
	all.Wait()
}

// BenchmarkCast is how many votes a second are durable, from many at once.
func BenchmarkCast(b *testing.B) {
	db := readersWhoVote(b, filepath.Join(b.TempDir(), "digest.db"))
	defer func() { _ = db.Close() }()
	b.SetParallelism(100)
	var n sync.Mutex
	next := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.Lock()
			next++
			i := next
			n.Unlock()
			err := db.Votes().Cast(b.Context(), votes.Vote{Reader: int64(2 + i%voters), Slug: fmt.Sprintf("s%d", i/voters%50), Tool: i % 2, Choice: votes.Choice(i / 7 % 2), At: time.Now()})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "votes/s")
}
