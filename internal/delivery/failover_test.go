//go:build unix

package delivery_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store/postgrestest"
)

// TestFailover promotes an asynchronous standby that has not got what two nodes
// sent last. What it has forgotten is unknown by their journals; nobody sends before
// both have compared them, and nobody from the former primary, once it is started
// again. Of a node whose disk is gone an operator says so.
func TestFailover(t *testing.T) {
	t.Parallel()
	s := newFailover(t)
	s.send("a", 20)
	s.send("b", 20)
	s.lag()
	s.send("a", 20)
	s.send("b", 20)
	former := s.c.Primary
	s.failOver()
	if got := s.f.Counts()[delivery.Accepted]; got != 40 {
		t.Fatalf("got %d accepted on the promoted standby, want it to have forgotten 40 of 80", got)
	}

	s.refused("a", delivery.ErrServerMoved, "these nodes have compared their journals: b")
	if got := s.f.Counts()[delivery.Unknown]; got != 20 {
		t.Errorf("a has compared its journal: got %d unknown, want its 20", got)
	}
	s.send("b", 20) // it compares by itself, and goes on
	s.send("a", 20)

	s.startAgain(former)
	_, err := s.run(s.open(postgrestest.FleetURL("postgres", former.Port)), "a", 0)
	if !errors.Is(err, delivery.ErrFormerServer) {
		t.Errorf("the former primary: got %v, want %v", err, delivery.ErrFormerServer)
	}
	// Where the URL names both, the next one is tried.
	both := postgrestest.FleetURL("postgres", s.c.Primary.Port, former.Port)
	if _, err := s.run(s.open(both), "a", 10); err != nil {
		t.Errorf("both servers are in the URL: got %v, want it to go on", err)
	}

	s.failOver()
	s.refused("a", delivery.ErrServerMoved, "b")
	s.send("b", 10)
	s.send("a", 0)
	s.finished()
}

// TestFailoverAndLostDisk loses a node's disk together with commits: the node
// itself, and the others, stop until an operator has said so.
func TestFailoverAndLostDisk(t *testing.T) {
	t.Parallel()
	s := newFailover(t)
	s.send("a", 20)
	s.send("b", 20)
	s.lag()
	s.send("a", 20)
	s.failOver()
	if err := os.Remove(s.f.Journals.Path(journal.Name{Week: deliverytest.Week, Node: "b"})); err != nil {
		t.Fatal(err)
	}
	s.refused("a", delivery.ErrServerMoved, "these nodes have compared their journals: b")
	s.refused("b", delivery.ErrJournalLost, "compare the journal with the database's new server")
	s.f.Node = "a"
	if err := s.f.AcceptJournalLoss(t.Context(), s.f.Edition, time.Now(), "c"); !errors.Is(err, delivery.ErrNoSuchNode) {
		t.Errorf("an unknown node: got %v, want %v", err, delivery.ErrNoSuchNode)
	}
	if err := s.f.AcceptJournalLoss(t.Context(), s.f.Edition, time.Now(), "b"); err != nil {
		t.Fatal(err)
	}
	s.send("a", 20)
	s.refused("b", delivery.ErrJournalLost, "b.journal is missing")
	s.f.Node = "b" // the host has a new disk
	if err := s.f.AcceptJournalLoss(t.Context(), s.f.Edition, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.send("b", 20)
	s.send("a", 0)
	s.finished()
}
