package conformance

import (
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// playEngineDown: while the server is down nothing is run, except what is to run in any
// case; a run that holds a run lock is ended when it can no longer be renewed; and when
// the server is back it goes on as before.
func playEngineDown(s *stage) error {
	specs := s.cluster(2,
		jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond},
		jobSpec{Name: "always", Cron: everySecond, Task: 5 * time.Millisecond, Always: true},
		jobSpec{Name: "held", Cron: everySecond, Task: -1, Single: true})
	for i := range specs {
		c := &specs[i].Config
		c.RunLock, c.Timeout = s.engine.RunLock, shortTimeout
	}
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	first, err := s.event("a run", func(e event) bool { return e.is(runBegan, "job", "") })
	if err != nil {
		return err
	}
	if _, err := s.event("a long run", func(e event) bool { return e.is(runBegan, "held", "") }); err != nil {
		return err
	}
	down, err := s.whileDown(func(from time.Time) error { return s.seenDown(from, nodes) })
	if err != nil {
		return err
	}
	if err := s.backAgain(nodes); err != nil {
		return err
	}
	after := s.ahead(0, 3)
	err = s.past(after, "job", nodes...)
	s.exact(after.tally(s.all(), "job"))
	w := window{from: first.Scheduled, every: time.Second}
	w.n = int(after.from.Sub(w.from)/time.Second) + after.n
	s.figures = w.tally(s.all(), "job")
	s.expect(s.figures.Duplicates == 0, "%d duplicates", s.figures.Duplicates)
	s.figures.Note = fmt.Sprintf("%d engine-down", down)
	return err
}

// whileDown stops the server and starts it again when everything has been seen that is
// to be seen in the meantime. It returns how many runs were not made.
func (s *stage) whileDown(seen func(from time.Time) error) (int, error) {
	if err := s.engine.Stop(s.ctx); err != nil {
		return 0, fmt.Errorf("stopping the server: %w", err)
	}
	from := time.Now()
	err := seen(from)
	until := time.Now()
	if started := s.engine.Start(s.ctx); started != nil {
		return 0, fmt.Errorf("starting the server: %w", started)
	}
	if err != nil {
		return 0, err
	}
	runs := count(s.all(), func(e event) bool {
		return e.is(runBegan, "job", "") && e.Scheduled.After(from) && e.At.Before(until)
	})
	s.expect(runs == 0, "%d runs began while the server was down", runs)
	return count(s.all(), func(e event) bool { return e.is(runFinished, "job", "") && e.isDown() }), nil
}

// skipped returns when the nodes have skipped runs since from.
func (s *stage) skipped(from time.Time, nodes []*process) error {
	for _, n := range nodes {
		if _, err := s.event("runs to be skipped", func(e event) bool {
			return e.is(runFinished, "job", n.name) && e.isDown() && e.Scheduled.After(from)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) seenDown(from time.Time, nodes []*process) error {
	if err := s.skipped(from, nodes); err != nil {
		return err
	}
	for _, n := range nodes {
		if _, err := s.event("runs to be made all the same", func(e event) bool {
			return e.is(runBegan, "always", n.name) && e.Scheduled.After(from)
		}); err != nil {
			return err
		}
	}
	if !s.engine.RunLock {
		return nil
	}
	_, err := s.event("the long run to end", func(e event) bool {
		return e.is(runEnded, "held", "") && e.Err == gocron.ErrLockLost.Error()
	})
	return err
}

// backAgain returns when all nodes have found the server again, and the job runs: a run
// lock that could not be given back has to expire first.
func (s *stage) backAgain(nodes []*process) error {
	from := time.Now()
	for _, n := range nodes {
		if _, err := s.event("node "+n.name+" to find the server again", func(e event) bool {
			return e.is(runFinished, "job", n.name) && e.Scheduled.After(from) && !e.isDown()
		}); err != nil {
			return err
		}
	}
	_, err := s.event("runs to go on", func(e event) bool { return e.is(runBegan, "job", "") && e.Scheduled.After(from) })
	return err
}

// playEngineDownLed: a leader that cannot ask stops to lead, and its runs end. When the
// server is back somebody leads again.
func playEngineDownLed(s *stage) error {
	specs := s.led()
	for i := range specs {
		specs[i].Config.Timeout = shortTimeout
	}
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	leader, began, err := s.leader(nodes)
	if err != nil {
		return err
	}
	down, err := s.whileDown(func(from time.Time) error {
		if _, err := s.event("the leader's run to end", ended(leader)); err != nil {
			return err
		}
		return s.skipped(from, nodes)
	})
	if err != nil {
		return err
	}
	back := time.Now()
	again, err := s.event("a leader to run jobs again", func(e event) bool {
		return e.is(runBegan, "job", "") && e.Scheduled.After(back)
	})
	s.oneLeader()
	w := window{from: began.Scheduled, every: time.Second}
	w.n = int(again.Scheduled.Sub(w.from)/time.Second) + 1
	s.figures = w.tally(s.all(), "job")
	s.expect(s.figures.Duplicates == 0, "%d duplicates", s.figures.Duplicates)
	s.figures.Note = fmt.Sprintf("%d engine-down", down)
	return err
}
