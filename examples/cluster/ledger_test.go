package main

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	second = job{name: "tick", every: time.Second}
)

// ledgerOf is a ledger of one job, of nodes a, b and so on that are ready.
func ledgerOf(j job, nodes ...string) *ledger {
	l := newLedger([]job{j})
	for _, name := range nodes {
		l.addNode(name, 0)
		l.add(event{Kind: nodeReady, Node: name}, noon)
	}
	return l
}

// due is the event of a run of the job that is due so many seconds after noon.
func due(kind, node string, seconds float64, outcome gocron.Outcome) event {
	at := noon.Add(time.Duration(seconds * float64(time.Second)))
	return event{Kind: kind, Node: node, Job: second.name, Scheduled: at, Outcome: outcome}
}

// run has the node run an occurrence to its end.
func (l *ledger) run(node string, seconds float64) {
	l.add(due(runBegan, node, seconds, gocron.OutcomePending), noon)
	l.add(due(runFinished, node, seconds, gocron.OutcomeSucceeded), noon)
}

func (l *ledger) refuse(node string, seconds float64) {
	l.add(due(runFinished, node, seconds, gocron.OutcomeLockedElsewhere), noon)
}

func TestStates(t *testing.T) {
	l := ledgerOf(second, "a", "b", "c")
	if l.leader() != nil || !l.all((*page).lives) {
		t.Error("want three nodes that live and no leader")
	}
	l.add(event{Kind: nodeLeads, Node: "b"}, noon)
	if p := l.leader(); p == nil || p.name != "b" {
		t.Errorf("leader %v", p)
	}
	l.add(event{Kind: nodeFollows, Node: "b"}, noon)
	if l.leader() != nil {
		t.Error("it leads no longer")
	}
	l.page("c").state = nodeKilled
	l.add(event{Kind: nodeEnded, Node: "c"}, noon)
	if l.page("c").state != nodeKilled || l.all((*page).lives) {
		t.Error("want c killed")
	}
}

func TestLatest(t *testing.T) {
	l := ledgerOf(second, "a", "b", "c")
	for i, node := range []string{"a", "b", "c"} {
		l.add(due(runBegan, node, float64(i), gocron.OutcomePending), noon.Add(time.Duration(i)))
	}
	l.page("c").state = nodeKilled
	if p := l.latest(); p.name != "b" {
		t.Errorf("got %s", p.name)
	}
}

func TestSettled(t *testing.T) {
	l := ledgerOf(second, "a", "b", "c")
	w := window{noon, noon.Add(2 * time.Second)}
	for _, at := range []float64{0, 1} {
		l.run("a", at)
		l.refuse("b", at)
		l.refuse("c", at)
	}
	if !l.settled(w) {
		t.Error("all have told of both")
	}
	if l.settled(window{noon, noon.Add(3 * time.Second)}) {
		t.Error("nobody has told of the third")
	}
	l.add(due(runBegan, "b", 2, gocron.OutcomePending), noon)
	l.refuse("a", 2)
	l.refuse("c", 2)
	w.until = noon.Add(3 * time.Second)
	if l.settled(w) {
		t.Error("b has not ended")
	}
	l.page("b").state = nodeKilled
	if !l.settled(w) {
		t.Error("b will not tell any more")
	}
}
