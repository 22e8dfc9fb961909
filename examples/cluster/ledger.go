package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// ledger keeps the books of all nodes. One goroutine uses it.
type ledger struct {
	jobs    []job
	nodes   []*page
	records map[occurrence]*record
}

// A page is what is known of a node.
type page struct {
	name    string
	offset  time.Duration
	state   string // what it has said last of itself, or what was done to it
	lastRun event
	lastAt  time.Time // when it was told of
}

// The states of a node, in addition to nodeReady, nodeLeads and nodeEnded.
const (
	nodeStarting = "starting"
	nodeKilled   = "killed"
)

// An occurrence of a job is told by the time at which it is due, in nanoseconds since
// the Unix epoch.
type occurrence struct {
	job string
	at  int64
}

func (o occurrence) time() time.Time { return time.Unix(0, o.at) }

// A record is what the nodes have said of an occurrence.
type record struct {
	began    []string // the nodes that ran it
	outcomes map[string]gocron.Outcome
}

func newLedger(jobs []job) *ledger {
	return &ledger{jobs: jobs, records: make(map[occurrence]*record)}
}

func (l *ledger) addNode(name string, offset time.Duration) {
	l.nodes = append(l.nodes, &page{name: name, offset: offset, state: nodeStarting})
}

func (l *ledger) page(node string) *page {
	for _, p := range l.nodes {
		if p.name == node {
			return p
		}
	}
	return nil
}

// add notes an event that was told of at that time.
func (l *ledger) add(e event, at time.Time) {
	p := l.page(e.Node)
	switch e.Kind {
	case runBegan:
		r := l.record(e)
		r.began = append(r.began, e.Node)
		p.lastRun, p.lastAt = e, at
	case runFinished:
		l.record(e).outcomes[e.Node] = e.Outcome
	case nodeEnded:
		if p.state != nodeKilled {
			p.state = nodeEnded
		}
	case nodeFollows:
		p.state = nodeReady
	default:
		p.state = e.Kind
	}
}

func (l *ledger) record(e event) *record {
	o := occurrence{e.Job, e.Scheduled.UnixNano()}
	r := l.records[o]
	if r == nil {
		r = &record{outcomes: make(map[string]gocron.Outcome)}
		l.records[o] = r
	}
	return r
}

func (p *page) lives() bool { return p.state == nodeReady || p.state == nodeLeads }

// all reports whether every node is as asked.
func (l *ledger) all(is func(*page) bool) bool {
	return !slices.ContainsFunc(l.nodes, func(p *page) bool { return !is(p) })
}

// leader is the node that leads, nil for none. For a moment two may say so: one has told
// that it leads before the other has told that it does not.
func (l *ledger) leader() *page {
	for _, p := range l.nodes {
		if p.state == nodeLeads {
			return p
		}
	}
	return nil
}

// latest is the node that ran most recently, of those that live.
func (l *ledger) latest() *page {
	return slices.MaxFunc(l.nodes, func(a, b *page) int {
		if a.lives() != b.lives() {
			if a.lives() {
				return 1
			}
			return -1
		}
		return a.lastAt.Compare(b.lastAt)
	})
}

// settled reports whether every node that lives has told how every occurrence ended
// in the window.
func (l *ledger) settled(w window) bool {
	for _, j := range l.jobs {
		for _, o := range w.occurrences(j) {
			for _, p := range l.nodes {
				if !p.lives() {
					continue
				}
				if r := l.records[o]; r == nil || r.outcomes[p.name] == gocron.OutcomePending {
					return false
				}
			}
		}
	}
	return true
}

// sorted are those occurrences of the jobs in the window that are as asked, by time.
func (l *ledger) sorted(w window, is func(*record) bool) []occurrence {
	var list []occurrence
	for _, j := range l.jobs {
		for _, o := range w.occurrences(j) {
			r := l.records[o]
			if r == nil {
				r = &record{}
			}
			if is(r) {
				list = append(list, o)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b occurrence) int { return cmp.Compare(a.at, b.at) })
	return list
}
