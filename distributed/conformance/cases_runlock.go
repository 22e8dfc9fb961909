package conformance

import (
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// locked is a cluster whose lockers keep the runs of the job apart.
func (s *stage) locked(count int, ttl time.Duration, job jobSpec) []nodeSpec {
	specs := s.cluster(count, job)
	for i := range specs {
		c := &specs[i].Config
		c.RunLock, c.TTL = true, max(ttl, s.engine.ttl())
	}
	return specs
}

// playLongTaskLocked: a run lock is renewed for as long as the run takes.
func playLongTaskLocked(s *stage) error {
	task := longTask(s.engine.ttl())
	nodes, err := s.startAll(0, s.locked(3, 0, jobSpec{Name: "job", Cron: everySecond, Task: task})...)
	if err != nil {
		return err
	}
	w := s.ahead(0, int(5*task/(2*time.Second)))
	if err := s.past(w, "job", nodes...); err != nil {
		return err
	}
	events := s.all()
	s.figures = w.tally(events, "job")
	s.expect(s.figures.Duplicates == 0, "%d duplicates", s.figures.Duplicates)
	whole := count(events, func(e event) bool { return e.is(runEnded, "job", "") && e.Err == "" })
	s.expect(whole > 0, "no run was left to finish")
	most, a, b := overlap(runSpans(events, "job"))
	s.expect(most == 1, "%d runs at once: %v and %v", most, a, b)
	s.figures.Missed, s.figures.Note = 0, fmt.Sprintf("%d at once", most) // those between are skipped, as is meant
	return nil
}

// playRemoved: the context of a run whose job is removed has ended when its lock is given
// back.
func playRemoved(s *stage) error { return s.playGivenBack("remove job") }

func playShutdown(s *stage) error { return s.playGivenBack("close") }

// playGivenBack expects another node to get the run lock, of a TTL that does not pass,
// when the command has been obeyed in mid-run.
func (s *stage) playGivenBack(command string) error {
	specs := s.locked(1, 2*patience, jobSpec{Name: "job", Cron: everySecond, Task: -1})
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	began, err := s.event("a run", func(e event) bool { return e.is(runBegan, "job", "") })
	if err != nil {
		return err
	}
	other := specs[0].Config
	other.Name = "other"
	claimer, err := s.claimer(other)
	if err != nil {
		return err
	}
	_, err = claimer.Claim(s.ctx, "job", began.Scheduled.Add(time.Hour))
	s.expect(err != nil && !isDown(err), "while the run is under way another gets its lock: %v", err)
	if err := s.tell(nodes[0], command); err != nil {
		return err
	}
	if _, err := s.event("the run to finish", func(e event) bool {
		return e.is(runFinished, "job", "") && e.Scheduled.Equal(began.Scheduled) && e.Outcome == gocron.OutcomeCancelled.String()
	}); err != nil {
		return err
	}
	lock, err := claimer.Claim(s.ctx, "job", began.Scheduled.Add(time.Hour+time.Second))
	if err != nil {
		return fmt.Errorf("the run lock was not given back: %w", err)
	}
	s.figures.Note = "free at once"
	return lock.Unlock(s.ctx)
}

// playKilledInRun: a run lock whose holder is dead is free when its TTL has passed; the
// occurrence it was taken for is not run again.
func playKilledInRun(s *stage) error {
	nodes, err := s.startAll(0, s.locked(2, 0, jobSpec{Name: "job", Cron: everySecond, Task: -1})...)
	if err != nil {
		return err
	}
	first, err := s.event("a run", func(e event) bool { return e.is(runBegan, "job", "") })
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if n.name == first.Node {
			n.kill()
		}
	}
	next, err := s.event("a run elsewhere", func(e event) bool { return e.is(runBegan, "job", "") && e.Node != first.Node })
	s.expect(err != nil || next.Scheduled.After(first.Scheduled), "the occurrence of the dead node's run was run again")
	s.figures.Note = "free after the TTL"
	return err
}
