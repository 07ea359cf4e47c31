//go:build unix

package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/transfer"
)

// killedEnv tells the test binary to move a list, and after which write to die:
// "FILE URL N".
const killedEnv = "DIGEST_TEST_MOVE"

func TestMain(m *testing.M) {
	if args := strings.Fields(os.Getenv(killedEnv)); len(args) == 3 {
		os.Exit(moveAndDie(args[0], args[1], args[2]))
	}
	os.Exit(postgrestest.Main(m))
}

// moveAndDie is a process that is killed in mid-move.
func moveAndDie(file, url, n string) int {
	left, err := strconv.Atoi(n)
	if err != nil {
		return 2
	}
	from, err := sqlite.OpenToMove(context.Background(), file, false)
	if err != nil {
		return 2
	}
	to, err := postgres.OpenToMove(context.Background(), postgres.Options{URL: url}, true)
	if err != nil {
		return 2
	}
	if _, err := transfer.Run(context.Background(), from.Transfer(), mortal{to.Transfer(), &left}, transfer.Options{}); err != nil {
		return 1
	}
	return 0
}

// mortal kills its process after a number of writes, committed or not.
type mortal struct {
	transfer.Store
	left *int
}

func (m mortal) Write(ctx context.Context, t transfer.Table, columns []string, rows [][]any, at transfer.Progress) error {
	if *m.left--; *m.left < 0 {
		go func() { _ = m.Store.Write(ctx, t, columns, rows, at) }()
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return m.Store.Write(ctx, t, columns, rows, at)
}

// A move whose process is killed again and again goes on, and ends with every row
// once.
func TestMoveIsKilled(t *testing.T) {
	t.Parallel()
	version := postgrestest.Versions()[0]
	url := postgrestest.Database(t, version)
	f := sent(t)
	killed := 0
	for n := 1; ; n += 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", killedEnv, deliverytest.Path(f.Dir), url, n))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			killed++
			if _, err := postgres.OpenExisting(t.Context(), postgres.Options{URL: url}); !errors.Is(err, store.ErrMoving) {
				t.Fatalf("after kill %d: got %v, want ErrMoving", killed, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("after %d kills: got %v: %s", killed, err, out)
		}
		break
	}
	if killed < 2 {
		t.Errorf("got %d kills, want at least 2: the test says nothing", killed)
	}
	db, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f.Store, f.Leases = db.Deliveries(), db.Leases()
	f.Verify()
	if c := f.Counts(); c[delivery.Accepted] != 1187 || c[delivery.Failed] != 12 || c[delivery.Unknown] != 1 {
		t.Errorf("got %v, want every delivery as it was", c)
	}
}

// answers refuses some readers for good, loses the connection at the end of one
// message and takes the others.
func answers(env delivery.Envelope, _ int) delivery.Result {
	switch id := strings.TrimSuffix(strings.TrimPrefix(env.To, "reader"), env.To[strings.Index(env.To, "@"):]); {
	case id == "7":
		return deliverytest.Cut(delivery.PhaseDot)
	case strings.HasSuffix(id, "99"):
		return deliverytest.Reply(delivery.PhaseRcpt, 554, "5.7.1", "Relay access denied")
	}
	return deliverytest.Accepted()
}

// sent is a database whose edition was sent to 1,200 readers, and closed.
func sent(t *testing.T) *deliverytest.Fixture {
	t.Helper()
	f := deliverytest.New(t, 1200)
	f.Freeze()
	if _, err := delivery.Run(t.Context(), f.Options(&deliverytest.Server{Answer: answers})); err != nil {
		t.Fatal(err)
	}
	f.Verify()
	f.Close()
	return f
}

func moveAll(t *testing.T, from, to transfer.Store) transfer.Report {
	t.Helper()
	r, err := transfer.Run(t.Context(), from, to, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func moving(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.OpenToMove(t.Context(), postgres.Options{URL: url}, true)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// A list that has sent moves to PostgreSQL and back, with its proof: the journals
// beside it belong to it before, there and afterwards.
func TestMoveWithASend(t *testing.T) {
	t.Parallel()
	for _, version := range postgrestest.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			url := postgrestest.Database(t, version)
			f := sent(t)
			file := openFile(t, deliverytest.Path(f.Dir))
			want, err := file.Deliveries().Counts(t.Context(), f.Edition)
			if err != nil {
				t.Fatal(err)
			}
			db := moving(t, url)
			moveAll(t, file.Transfer(), db.Transfer())
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db, err = postgres.Open(t.Context(), postgres.Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			f.Store, f.Leases = db.Deliveries(), db.Leases()
			wantProof(t, f, want)
			resend(t, f, db)
			if want, err = db.Deliveries().Counts(t.Context(), f.Edition); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}

			back := openFile(t, filepath.Join(t.TempDir(), "back.db"))
			db = moving(t, url)
			moveAll(t, db.Transfer(), back.Transfer())
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			f.Store, f.Leases = back.Deliveries(), back.Leases()
			wantProof(t, f, want)
			if _, err := postgres.Open(t.Context(), postgres.Options{URL: url}); !errors.Is(err, store.ErrElsewhere) {
				t.Errorf("the server's after the move back: got %v, want ErrElsewhere", err)
			}
		})
	}
}

// wantProof checks counts, proof and the unknown reader of a send.
func wantProof(t *testing.T, f *deliverytest.Fixture, want delivery.Counts) {
	t.Helper()
	got, err := f.Store.Counts(t.Context(), f.Edition)
	if err != nil || got != want {
		t.Errorf("got the counts %v, %v, want %v", got, err, want)
	}
	f.Verify()
	list, err := f.Store.List(t.Context(), f.Edition, delivery.Unknown, 0, 10)
	if err != nil || len(list) != 1 || list[0].ID != 7 || list[0].Reply == "" || strings.HasSuffix(list[0].Reply, " ") {
		t.Errorf("got %+v, %v, want reader 7 unknown with what was said", list, err)
	}
}

// resend sends to those again whom the server refused, as 'resolve --failed'.
func resend(t *testing.T, f *deliverytest.Fixture, db *postgres.DB) {
	t.Helper()
	n, err := db.Deliveries().Resolve(t.Context(), f.Edition, delivery.ResendFailed, time.Now())
	if err != nil || n != 12 {
		t.Fatalf("resend: got %d, %v, want the 12 refused", n, err)
	}
	opt := f.Options(&deliverytest.Server{})
	opt.Ledger = delivery.Ledger{Store: db.Deliveries(), Leases: db.Leases(), Journals: f.Journals}
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	c, err := db.Deliveries().Counts(t.Context(), f.Edition)
	if err != nil || c[delivery.Accepted] != 1199 || c[delivery.Unknown] != 1 {
		t.Errorf("after the resend: got %v, %v, want all but one accepted", c, err)
	}
}

// Nothing begins while a send is open, and no list is overwritten.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	version := postgrestest.Versions()[0]
	postgrestest.Bin(t, version)
	f := deliverytest.New(t, 20)
	f.Freeze()
	f.Close()
	file := openFile(t, deliverytest.Path(f.Dir))
	db := moving(t, postgrestest.Database(t, version))
	defer db.Close()
	if _, err := transfer.Run(t.Context(), file.Transfer(), db.Transfer(), transfer.Options{}); !errors.Is(err, transfer.ErrSending) {
		t.Errorf("with an open send: got %v, want ErrSending", err)
	}
	if _, err := sqlite.Open(t.Context(), deliverytest.Path(f.Dir)); err != nil {
		t.Errorf("after the refusal: got %v, want the list open as before", err)
	}

	other := openFile(t, filepath.Join(t.TempDir(), "other.db"))
	third := openFile(t, filepath.Join(t.TempDir(), "third.db"))
	moveAll(t, other.Transfer(), db.Transfer())
	full := sent(t)
	source := openFile(t, deliverytest.Path(full.Dir))
	moveAll(t, source.Transfer(), third.Transfer())
	if _, err := transfer.Run(t.Context(), db.Transfer(), third.Transfer(), transfer.Options{}); !errors.Is(err, transfer.ErrTaken) {
		t.Errorf("into a list: got %v, want ErrTaken", err)
	}
}

// While 'serve' has the list open, it does not move.
func TestMoveNeedsTheListAlone(t *testing.T) {
	t.Parallel()
	version := postgrestest.Versions()[0]
	url := postgrestest.Database(t, version)
	serving, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	from, to := moving(t, url), openFile(t, filepath.Join(t.TempDir(), "to.db"))
	defer from.Close()
	if _, err := transfer.Run(t.Context(), from.Transfer(), to.Transfer(), transfer.Options{}); !errors.Is(err, transfer.ErrOpen) {
		t.Errorf("while it is served: got %v, want ErrOpen", err)
	}
	if err := serving.Close(); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); ; { // the server takes a moment to see a connection end
		_, err := transfer.Run(t.Context(), from.Transfer(), to.Transfer(), transfer.Options{})
		if err == nil {
			return
		}
		if !errors.Is(err, transfer.ErrOpen) || time.Since(begun) > time.Minute {
			t.Fatalf("afterwards: got %v, want it moved", err)
		}
	}
}

// Every table of either store is moved, or it is said why not; every column is in
// both stores, or is one that only one of them keeps.
func TestEveryTableMoves(t *testing.T) {
	t.Parallel()
	file := openFile(t, filepath.Join(t.TempDir(), "a.db")).Transfer()
	db := moving(t, postgrestest.Database(t, postgrestest.Versions()[0]))
	defer db.Close()
	moved := map[string]bool{}
	for _, table := range transfer.Tables() {
		moved[table.Name] = true
	}
	for _, s := range []transfer.Store{file, db.Transfer()} {
		tables, err := s.Tables(context.Background())
		if err != nil || len(tables) < 30 {
			t.Fatalf("%s: got %v, %v", s.Name(), tables, err)
		}
		for _, name := range tables {
			if _, stays := left()[name]; !stays && !moved[name] {
				t.Errorf("%s: table %s is neither moved nor in left", s.Name(), name)
			}
		}
	}
	for _, table := range transfer.Tables() {
		a, err := file.Columns(t.Context(), table.Name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := db.Transfer().Columns(t.Context(), table.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(diff(a, b), diff(b, a)); got != "[] []" && got != onlyOne[table.Name] {
			t.Errorf("%s: got columns that one store has and the other lacks: %s, want %q", table.Name, got, onlyOne[table.Name])
		}
	}
}

// onlyOne are the columns that SQLite alone and PostgreSQL alone has.
var onlyOne = map[string]string{
	"schedule_slots": "[lease_until] []",
	"send_journals":  "[] [last_group server]",
}

func diff(a, b []string) []string {
	out := []string{}
	for _, x := range a {
		if !strings.Contains(" "+strings.Join(b, " ")+" ", " "+x+" ") {
			out = append(out, x)
		}
	}
	return out
}

// left are the tables that stay behind, each with the reason.
func left() map[string]string {
	return map[string]string{
		"meta":             "the secret alone is carried",
		"send_leases":      "nothing is moved while a send is open, and a lease is its host's",
		"day_reservations": "nothing is moved while a send is open",
		"send_quotas":      "as day_reservations",
		"send_rests":       "as day_reservations",
		"relay_stands":     "as day_reservations",
		"nodes":            "the processes of the server's list; they say it anew",
		"servers":          "the servers that it was on",
		"desk_seen":        "what editors saw last; it is seen again",
		"vote_tallies":     "the votes bring them about",
		"send_counts":      "kept by state and sender; see Store.Complete",
		"send_shards":      "the send's parts; see Store.Complete",
		"address_locks":    "the rows are the schema's",
		"schema_versions":  "the schema's own",
		"sqlite_sequence":  "set from the rows",
	}
}
