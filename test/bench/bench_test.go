package bench

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/store/postgrestest"
)

const (
	readers     = 20_000
	connections = 128
	sessions    = 32 // of smtp-source: here it is fastest with so many
	rounds      = 3
)

// BenchmarkSend runs the senders in turn, three rounds, and reports the medians
// and their ratios. Run it with -benchtime 1x.
func BenchmarkSend(b *testing.B) {
	addr := startSink(b, "pipelining")
	chunking := startSink(b, "pipelining chunking")
	for b.Loop() {
		var data, bdat, source, usual, clients []cost
		for range rounds {
			d := ours(b, addr, readers, connections)
			data = append(data, d)
			bdat = append(bdat, ours(b, chunking, readers, connections))
			s, err := smtpSource(b, addr, readers, sessions, d.Size)
			if errors.Is(err, errNoSMTPSource) {
				b.Log(err)
			} else {
				fatal(b, err)
				source = append(source, s)
			}
			usual = append(usual, goMail(b, addr, 1_000))
			clients = append(clients, goMailClients(b, addr, 2_000, connections))
		}
		show(b, "ours, DATA", data)
		show(b, "ours, CHUNKING", bdat)
		show(b, "smtp-source", source)
		show(b, "go-mail's usual way, one client", usual)
		show(b, "go-mail, a client a connection", clients)
		ratio(b, "DATA/smtp-source", data, source)
		ratio(b, "CHUNKING/smtp-source", bdat, source)
		ratio(b, "DATA/go-mail", data, usual)
		ratio(b, "CHUNKING/go-mail", bdat, usual)
		ratio(b, "DATA/go-mail-clients", data, clients)
		ratio(b, "CHUNKING/go-mail-clients", bdat, clients)
		b.ReportMetric(float64(median(data).cpuPerMessage().Microseconds()), "µs-CPU/msg")
	}
}

// BenchmarkConnections sends over few connections and many, with the records in SQLite
// and in PostgreSQL, which both sync, each beside smtp-source at its best in the same
// run.
func BenchmarkConnections(b *testing.B) {
	addr := startSink(b, "pipelining chunking")
	for _, n := range []int{8, 16, 64, 128} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				connectionsRounds(b, addr, n)
			}
		})
	}
}

// operators are the settings that docs/scaling.md has an operator make: memory for what is
// being sent, and room in the log for checkpoints that are minutes apart. Every commit is
// synced.
var operators = []string{"shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=15min", "wal_compression=lz4", "wal_buffers=16MB"}

// startPostgreSQL starts a server, if there is one on this machine; else nil.
func startPostgreSQL(b *testing.B) *postgrestest.Server {
	b.Helper()
	bin := postgrestest.Find("15")
	if bin == "" {
		b.Log("PostgreSQL 15 is not installed")
		return nil
	}
	server, err := postgrestest.Start(bin, filepath.Join(b.TempDir(), "server"), operators...)
	fatal(b, err)
	b.Cleanup(func() { _ = server.Stop("immediate") })
	return server
}

func connectionsRounds(b *testing.B, addr string, n int) {
	b.Helper()
	var own, shared, source []cost
	for range rounds {
		o := ours(b, addr, readers, n)
		own = append(own, o)
		// The server is there for its own round only: beside the others it would vacuum what
		// the round before has left, on their processors and their disk.
		if server := startPostgreSQL(b); server != nil {
			shared = append(shared, oursOn(b, onPostgreSQL(server, "bench"), addr, readers, n))
			fatal(b, server.Stop("immediate"))
		}
		s, err := smtpSource(b, addr, readers, sessions, o.Size)
		if errors.Is(err, errNoSMTPSource) {
			b.Log(err)
			continue
		}
		fatal(b, err)
		source = append(source, s)
	}
	show(b, fmt.Sprintf("ours, SQLite, %d connections", n), own)
	show(b, fmt.Sprintf("ours, PostgreSQL, %d connections", n), shared)
	show(b, "smtp-source", source)
	ratio(b, "SQLite/smtp-source", own, source)
	ratio(b, "PostgreSQL/smtp-source", shared, source)
	ratio(b, "PostgreSQL/SQLite", shared, own)
	b.ReportMetric(float64(median(own).cpuPerMessage())/float64(time.Microsecond), "µs-CPU/msg")
}

// BenchmarkDKIM shows what a signature costs.
func BenchmarkDKIM(b *testing.B) {
	addr := startSink(b, "pipelining chunking")
	for _, kind := range []message.KeyKind{message.Ed25519, message.RSA} {
		b.Run(string(kind), func(b *testing.B) {
			key, err := message.GenerateKey(kind)
			fatal(b, err)
			for b.Loop() {
				c := ours(b, addr, 5_000, connections, message.DKIMKey{Domain: "example.com", Selector: "s", Key: key})
				show(b, "signed with "+string(kind), []cost{c})
			}
		})
	}
}

// BenchmarkLatency sends over 20 ms round trips with 50 connections.
func BenchmarkLatency(b *testing.B) {
	addr := startSink(b, "pipelining rtt")
	for b.Loop() {
		c := ours(b, addr, 5_000, 50)
		show(b, "20 ms round trip, 50 connections", []cost{c})
		b.ReportMetric(c.rate(), "msg/s")
	}
}

func median(list []cost) cost {
	sorted := slices.SortedFunc(slices.Values(list), func(x, y cost) int { return int(x.rate() - y.rate()) })
	return sorted[len(sorted)/2]
}

func show(b *testing.B, name string, list []cost) {
	b.Helper()
	if len(list) == 0 {
		return
	}
	m := median(list)
	var all string
	for _, c := range list {
		all += fmt.Sprintf(" %.0f", c.rate())
	}
	served := ""
	if m.Server > 0 {
		served = fmt.Sprintf("  + %.1f of the server", float64(m.Server.Microseconds())/float64(m.Messages))
	}
	b.Logf("%-34s %7.0f msg/s (%s )  %6.1f µs CPU/msg%s  %d bytes", name, m.rate(), all, float64(m.cpuPerMessage())/float64(time.Microsecond), served, m.Size)
}

func ratio(b *testing.B, name string, x, y []cost) {
	b.Helper()
	if len(x) > 0 && len(y) > 0 {
		b.ReportMetric(median(x).rate()/median(y).rate(), name)
	}
}

// BenchmarkProfile sends once in each dialect, over many connections and few, for
// -cpuprofile; and with the records in PostgreSQL.
func BenchmarkProfile(b *testing.B) {
	for name, offers := range map[string]string{"DATA": "pipelining", "CHUNKING": "pipelining chunking"} {
		for _, n := range []int{8, connections} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				addr := startSink(b, offers)
				for b.Loop() {
					show(b, fmt.Sprintf("ours, %s, %d", name, n), []cost{ours(b, addr, 60_000, n)})
				}
			})
		}
	}
	for _, n := range []int{8, connections} {
		b.Run(fmt.Sprintf("PostgreSQL/%d", n), func(b *testing.B) {
			addr, server := startSink(b, "pipelining chunking"), startPostgreSQL(b)
			if server == nil {
				b.Skip("there is no server")
			}
			for i := 0; b.Loop(); i++ {
				on := onPostgreSQL(server, fmt.Sprintf("p%d_%d", n, i))
				show(b, fmt.Sprintf("ours, PostgreSQL, %d", n), []cost{oursOn(b, on, addr, 60_000, n)})
			}
		})
	}
}
