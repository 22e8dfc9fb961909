package conformance

import (
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// playKilledAfterClaim: what a dead node has claimed stays claimed. Its occurrence is
// lost: a node that comes to it later cannot know whether it was run.
func playKilledAfterClaim(s *stage) error {
	specs := s.cluster(3, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	specs[1].Offset = -1500 * time.Millisecond
	specs[2].Offset, specs[2].HangAfterClaim = 300*time.Millisecond, true
	others, err := s.startAll(0, specs[:2]...)
	if err != nil {
		return err
	}
	victim, err := s.start(specs[2])
	if err != nil {
		return err
	}
	claimed, err := s.event("a claim", func(e event) bool { return e.is(runClaimed, "job", victim.name) })
	if err != nil {
		return err
	}
	victim.kill()
	w := window{claimed.Scheduled, 4, time.Second}
	err = s.past(w, "job", others...)
	s.figures = w.tally(s.all(), "job")
	again := window{claimed.Scheduled, 1, time.Second}.tally(s.all(), "job")
	s.expect(again.Runs == 0, "what the dead node had claimed was run")
	s.expect(s.figures.Duplicates == 0 && s.figures.Missed == 1, "not one run of each of the others: %v", s.figures)
	return err
}

// led is a cluster with an elector. The job "held" runs for as long as its node leads;
// "job" is claimed as well.
func (s *stage) led() []nodeSpec {
	specs := s.cluster(3,
		jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond},
		jobSpec{Name: "held", Cron: everySecond, Task: -1, Single: true})
	for i := range specs {
		specs[i].Config.Elector, specs[i].Elect = true, true
	}
	return specs
}

// leader returns the node that runs jobs, when there is one.
func (s *stage) leader(nodes []*process) (p *process, began event, err error) {
	began, err = s.event("a leader to run jobs", func(e event) bool { return e.is(runBegan, "held", "") })
	for _, n := range nodes {
		if n.name == began.Node {
			p = n
		}
	}
	return p, began, err
}

// succeeded returns when another node than the leader that began runs jobs, and the
// other nodes have been done with three more occurrences. Those from the one that began
// on are counted; until the dead leader's term is over nobody runs them.
func (s *stage) succeeded(began event, leader *process, nodes []*process) error {
	if _, err := s.event("another leader", func(e event) bool {
		return e.is(runBegan, "held", "") && e.Node != leader.name && e.Scheduled.After(began.Scheduled)
	}); err != nil {
		return err
	}
	var others []*process
	for _, n := range nodes {
		if n != leader {
			others = append(others, n)
		}
	}
	after := s.ahead(0, 3)
	err := s.past(after, "job", others...)
	s.expect(after.tally(s.all(), "job").Runs > 0, "the other nodes run nothing")
	w := window{from: began.Scheduled, every: time.Second}
	w.n = int(after.from.Sub(w.from)/time.Second) + after.n
	s.figures = w.tally(s.all(), "job")
	s.expect(s.figures.Duplicates == 0, "%d duplicates", s.figures.Duplicates)
	return err
}

// playLeaderKilled: another one takes over when the term is over.
func playLeaderKilled(s *stage) error {
	nodes, err := s.startAll(0, s.led()...)
	if err != nil {
		return err
	}
	leader, began, err := s.leader(nodes)
	if err != nil {
		return err
	}
	leader.kill()
	err = s.succeeded(began, leader, nodes)
	s.oneLeader()
	return err
}

// playLeaderCutOff: a leader that nobody hears must stop on its own, before another one
// can lead.
func playLeaderCutOff(s *stage) error {
	specs := s.led()
	relays := make(map[string]*relay)
	for i := range specs {
		r, err := s.relay()
		if err != nil {
			return err
		}
		c := &specs[i].Config
		c.Addr, c.Timeout = r.addr(), shortTimeout
		relays[c.Name] = r
	}
	return s.playLeaderAway(specs, func(leader *process) (back func() error, err error) {
		relays[leader.name].cut()
		_, err = s.event("the old leader's run to end", ended(leader))
		return func() error { relays[leader.name].heal(); return nil }, err
	})
}

// playLeaderSuspended: a leader whose process stands still for longer than its term must
// know so when it goes on.
func playLeaderSuspended(s *stage) error {
	return s.playLeaderAway(s.led(), func(leader *process) (back func() error, err error) {
		return leader.resume, leader.suspend()
	})
}

// playLeaderAway takes the leader away for three TTLs at least.
func (s *stage) playLeaderAway(specs []nodeSpec, takeAway func(*process) (back func() error, err error)) error {
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	leader, began, err := s.leader(nodes)
	if err != nil {
		return err
	}
	over := time.After(3 * specs[0].Config.TTL)
	back, err := takeAway(leader)
	if err != nil {
		return err
	}
	if err := s.succeeded(began, leader, nodes); err != nil {
		return err
	}
	<-over
	again := time.Now()
	if err := back(); err != nil {
		return err
	}
	if _, err := s.event("the old leader's run to end", ended(leader)); err != nil {
		return err
	}
	_, err = s.event("the old leader to follow", func(e event) bool {
		return e.is(runFinished, "", leader.name) && e.Outcome == gocron.OutcomeNotLeader.String() && e.Scheduled.After(again)
	})
	s.oneLeader()
	s.figures.Note = "1 leader at a time"
	return err
}

// ended matches the end of a run that was ended with its leader's term.
func ended(leader *process) func(event) bool {
	return func(e event) bool {
		return e.is(runEnded, "held", leader.name) && e.Err == gocron.ErrTermEnded.Error()
	}
}

// playNodeCutOff: a node that cannot ask does not run; the others do.
func playNodeCutOff(s *stage) error {
	specs := s.cluster(3, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	r, err := s.relay()
	if err != nil {
		return err
	}
	specs[0].Config.Addr, specs[0].Config.Timeout = r.addr(), shortTimeout
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	if _, err := s.event("the node to ask", func(e event) bool { return e.is(runFinished, "job", "a") }); err != nil {
		return err
	}
	r.cut()
	w := s.ahead(0, int(3*specs[0].Config.TTL/time.Second))
	if err := s.past(w, "job", nodes...); err != nil {
		return err
	}
	healed := time.Now()
	r.heal()
	_, err = s.event("the node to take part again", func(e event) bool {
		return e.is(runFinished, "job", "a") && e.Scheduled.After(healed) &&
			(e.Outcome == gocron.OutcomeSucceeded.String() || e.Outcome == gocron.OutcomeLockedElsewhere.String())
	})
	s.figures = w.tally(s.all(), "job")
	s.exact(s.figures)
	down := count(s.all(), func(e event) bool { return e.is(runFinished, "job", "a") && w.has(e) && e.isDown() })
	s.expect(down == w.n, "%d of %d runs of the node that was cut off are engine-down", down, w.n)
	s.figures.Note = fmt.Sprintf("%d engine-down", down)
	return err
}

func (e event) isDown() bool { return e.Outcome == gocron.OutcomeEngineDown.String() }
