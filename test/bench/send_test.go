package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// A cost is what a send came to.
type cost struct {
	Froze    time.Duration // rendering, checking and freezing the edition
	Took     time.Duration
	CPU      time.Duration // of the sender's process
	Server   time.Duration // of the database's server, where there is one
	Messages int
	Size     int // bytes of one message
}

func (c cost) rate() float64 { return float64(c.Messages) / c.Took.Seconds() }

func (c cost) cpuPerMessage() time.Duration { return c.CPU / time.Duration(max(c.Messages, 1)) }

// ours sends an edition of the sample comparisons to so many readers, with every
// record kept at synchronous=FULL.
func ours(tb testing.TB, addr string, readers, connections int, keys ...message.DKIMKey) cost {
	tb.Helper()
	return oursOn(tb, onSQLite, addr, readers, connections, keys...)
}

// oursOn is ours on a database.
func oursOn(tb testing.TB, on func(testing.TB) records, addr string, readers, connections int, keys ...message.DKIMKey) cost {
	tb.Helper()
	return send(tb, outing{on: on, addr: addr, readers: readers, connections: connections, keys: keys, library: sample, most: 5})
}

// An outing is an edition and its readers.
type outing struct {
	on                   func(testing.TB) records // nil: SQLite
	addr                 string
	readers, connections int
	keys                 []message.DKIMKey
	library              func() (comparison.Library, error)
	most                 int              // comparisons
	topics               func(int) string // that reader i chose, in a CSV's form; nil: nobody chose
}

func send(tb testing.TB, o outing) cost {
	tb.Helper()
	ctx := context.Background()
	p, db := newPipeline(tb, o)
	importReaders(tb, db, o.readers, o.topics)
	w := p.CurrentWeek()
	freezing := time.Now()
	look, err := p.Look(ctx, w)
	fatal(tb, err)
	_, _, err = p.Release(ctx, look)
	fatal(tb, err)
	froze := time.Since(freezing)
	size := messageSize(tb, db, w)
	server, cpu, start := serverTime(tb, db), cpuTime(tb), time.Now()
	sum, err := p.Deliver(ctx, w, pipeline.DeliverOptions{})
	took, used, served := time.Since(start), cpuTime(tb)-cpu, serverTime(tb, db)-server
	fatal(tb, err)
	if got := sum.Counts[delivery.Accepted]; got != int64(o.readers) {
		tb.Fatalf("got %d accepted, want %d", got, o.readers)
	}
	return cost{Froze: froze, Took: took, CPU: used, Server: served, Messages: o.readers, Size: size}
}

func messageSize(tb testing.TB, db records, w edition.Week) int {
	tb.Helper()
	variants, err := db.editions.Frozen(context.Background(), w)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := message.Unfreeze(variants[0].Message)
	if err != nil {
		tb.Fatal(err)
	}
	return len(f.Append(nil, pipeline.SampleReader(f.From())))
}

func newPipeline(tb testing.TB, o outing) (*pipeline.Pipeline, records) {
	tb.Helper()
	if o.on == nil {
		o.on = onSQLite
	}
	db := o.on(tb)
	log := slog.New(slog.DiscardHandler)
	site := render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://digest.example.com", PostalAddress: "1 Example Street, Exampleton"}
	renderer, err := render.New(rendertest.Templates(), site)
	fatal(tb, err)
	tagger, err := message.NewTagger(db.secret)
	fatal(tb, err)
	signer, err := message.NewSigner(time.Now, o.keys...)
	fatal(tb, err)
	journals, err := journal.OpenFolder(filepath.Join(tb.TempDir(), "journal"))
	fatal(tb, err)
	host, portText, err := net.SplitHostPort(o.addr)
	fatal(tb, err)
	port, err := strconv.Atoi(portText)
	fatal(tb, err)
	dialer, err := mailer.New(mailer.Config{Host: host, Port: port, TLS: mailer.NoTLS, From: "verdicts@example.com", MaxMessages: 1000}, log)
	fatal(tb, err)
	return pipeline.New(pipeline.Parts{
		Settings: pipeline.Settings{
			Site:    site,
			Headers: pipeline.Headers{From: mail.Address{Name: site.Name, Address: "verdicts@example.com"}, BounceDomain: "bounces.example.com"},
			Calendar: edition.Calendar{Zone: time.UTC, SlotIn: func(edition.Week) (time.Time, bool) {
				return time.Time{}, false
			}},
			Options: edition.Options{Max: o.most, Min: 1}, Detail: render.DetailFull, // 67 KB
		},
		Library: o.library, Renderer: renderer, Archive: db.editions, Freezer: db.deliveries, Notices: db.outbox, Tagger: tagger, Signer: signer,
		Now: time.Now, Log: log,
		Transport: pipeline.Transport{
			Ledger:  delivery.Ledger{Store: db.deliveries, Leases: db.leases, Journals: journals, Node: db.node},
			Notices: db.notices, Dialer: dialer, Single: dialer,
			Pacing: delivery.Pacing{Connections: o.connections, GiveUp: time.Minute},
		},
	}), db
}

// sample is the shipped comparisons as of today.
func sample() (comparison.Library, error) {
	lib, err := comparison.LoadFS(comparisons.FS)
	for i := range lib.Comparisons {
		lib.Comparisons[i].Published = rendertest.PublishedAt(time.Now().Add(-time.Hour))
	}
	return lib, err
}

func importReaders(tb testing.TB, db records, n int, topics func(int) string) {
	tb.Helper()
	var csv strings.Builder
	csv.WriteString("email,name,categories\n")
	for i := range n {
		chosen := ""
		if topics != nil {
			chosen = topics(i)
		}
		fmt.Fprintf(&csv, "reader%d@example%d.com,Reader Number %d,%q\n", i, i%50, i, chosen)
	}
	list := subscribers.New(db.readers, db.signUps, subscribers.Options{})
	report, err := list.Import(context.Background(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "bench"})
	fatal(tb, err)
	if report.Added != n {
		tb.Fatalf("got %d readers, want %d", report.Added, n)
	}
}

func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	fatal(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func serverTime(tb testing.TB, db records) time.Duration {
	tb.Helper()
	if db.server == nil {
		return 0
	}
	used, err := db.server()
	fatal(tb, err)
	return used
}

func fatal(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
