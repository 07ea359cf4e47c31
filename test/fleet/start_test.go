//go:build unix

package fleet

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
)

const (
	connections = 8                // of a sender
	lease       = 30 * time.Second // serve's
)

// A fleet is the processes, the database and the mail server.
type fleet struct {
	t       testing.TB
	cluster *postgrestest.Cluster
	sink    *smtpsink.Sink
	ledger  string
	senders []*process
	web     *process
	f       *deliverytest.Fixture // its journals are those of all nodes, once they have ended
	db      *postgres.DB

	readers   int
	forgotten int             // messages that a promoted standby may not have known of
	takeovers []time.Duration // how long dead senders' parts waited
}

// start makes a fleet whose edition is about to be sent, and returns in mid-send.
func start(t testing.TB, readers int) *fleet {
	t.Helper()
	f := &fleet{t: t, cluster: postgrestest.NewCluster(t, postgrestest.Bin(t, "15")), readers: readers}
	dir := t.TempDir()
	f.ledger = filepath.Join(dir, "ledger")
	var err error
	f.sink, err = smtpsink.Start(smtpsink.Options{Pipelining: true, Chunking: true, Ledger: f.ledger, RTT: 20 * time.Millisecond})
	f.must(err)
	bin := filepath.Join(dir, "digest")
	out, err := exec.Command("go", "build", "-o", bin, "../../cmd/digest").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	content := filepath.Join(dir, "comparisons")
	f.must(writeComparisons(content))
	slot := time.Now().UTC().Add(time.Minute).Truncate(time.Minute).Add(time.Minute)
	make := func(name, roles string) *process {
		return f.process(process{t: t, name: name, roles: roles, bin: bin, dir: filepath.Join(dir, name)}, content, slot)
	}
	f.web = make("web", "web,schedule,courier")
	f.addReaders()
	for _, name := range []string{"a", "b", "c"} {
		f.senders = append(f.senders, make(name, "send"))
	}
	for _, n := range append(f.senders, f.web) {
		n.run()
	}
	f.open()
	f.await(10*time.Minute, "the first messages", func() bool { return f.counts()[delivery.Accepted] > 0 })
	return f
}

// process makes a process's folder and its log.
func (f *fleet) process(n process, content string, slot time.Time) *process {
	f.t.Helper()
	f.must(os.MkdirAll(n.dir, 0o755))
	n.links = f.cluster.Links(f.t)
	host, port, err := net.SplitHostPort(f.sink.Addr())
	f.must(err)
	f.must(os.WriteFile(filepath.Join(n.dir, "config.yaml"), fmt.Appendf(nil, `
site: {name: Weekly AI Tool Verdicts, base_url: "https://digest.example.org", postal_address: "12 Harbour Lane, Exampleton"}
listen: 127.0.0.1:0
metrics: ""
database: %q
data: data
comparisons: {dir: %q}
schedule: {draft: "%d %d * * %d", send: "%d %d * * %d", timezone: UTC}
mail: {from: "Weekly AI Tool Verdicts <verdicts@digest.example.org>", bounce_domain: bounces.digest.example.org}
smtp: {host: %s, port: %s, tls: none, connections: %d}
`, postgrestest.FleetURL("postgres", n.links[0].Port, n.links[1].Port), content,
		slot.Add(-time.Minute).Minute(), slot.Add(-time.Minute).Hour(), slot.Add(-time.Minute).Weekday(),
		slot.Minute(), slot.Hour(), slot.Weekday(), host, port, connections), 0o600))
	n.log, err = os.Create(filepath.Join(n.dir, "log"))
	f.must(err)
	made := &n
	f.t.Cleanup(func() {
		if made.cmd != nil {
			made.kill()
		}
		_ = made.log.Close()
	})
	return made
}

var published = regexp.MustCompile(`(?m)^published: .*$`)

// writeComparisons writes the sample content, as of yesterday.
func writeComparisons(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files, err := fs.Glob(comparisons.FS, "*.yaml")
	for _, name := range files {
		b, rerr := comparisons.FS.ReadFile(name)
		if rerr != nil {
			return rerr
		}
		b = published.ReplaceAll(b, []byte("published: "+time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)))
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return err
}

// addReaders imports them, as an operator does.
func (f *fleet) addReaders() {
	f.t.Helper()
	var csv strings.Builder
	csv.WriteString("email,name\n")
	for i := range int64(f.readers) {
		fmt.Fprintf(&csv, "%s,Reader %d\n", deliverytest.Email(i+1), i+1)
	}
	file := filepath.Join(f.web.dir, "readers.csv")
	f.must(os.WriteFile(file, []byte(csv.String()), 0o600))
	if out, err := f.web.digest("subscribers", "import", file, "--yes"); err != nil {
		f.t.Fatalf("import: %v: %s", err, out)
	}
}

// open looks into the database beside the processes.
func (f *fleet) open() {
	f.t.Helper()
	db, err := postgrestest.Open(f.cluster.URL())
	f.must(err)
	f.f, f.db = deliverytest.Over(f.t, f.t.TempDir(), db), db.DB
	f.await(5*time.Minute, "the freeze", func() bool {
		sends, err := f.f.Store.Sends(context.Background())
		for _, id := range sends {
			f.f.Edition = id
		}
		return err == nil && len(sends) == 1
	})
}

func (f *fleet) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// await waits for something that has a deadline only so that a test ends.
func (f *fleet) await(most time.Duration, what string, done func() bool) {
	f.t.Helper()
	for began := time.Now(); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > most {
			for _, n := range append(f.senders, f.web) {
				f.t.Logf("%s: %s", n.name, n.logged())
			}
			f.t.Fatalf("waited %s for %s: %v", most, what, f.counts())
		}
	}
}
