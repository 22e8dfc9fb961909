package conformance

import (
	"fmt"
	"time"
)

const everySecond = "* * * * * *"

// cluster is count nodes with the same jobs, called a, b, c…
func (s *stage) cluster(count int, jobs ...jobSpec) []nodeSpec {
	specs := make([]nodeSpec, count)
	for i := range specs {
		specs[i] = nodeSpec{Config: s.config(string(rune('a' + i))), Jobs: jobs}
	}
	return specs
}

// playSkewedCron: a node that is late asks for an occurrence when its run elsewhere is
// long over.
func playSkewedCron(s *stage) error {
	specs := s.cluster(3, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	for i := range specs {
		specs[i].Offset = -time.Duration(i) * 80 * time.Millisecond
	}
	return s.playExact(0, 10, specs)
}

// playSkewedInterval: the nodes must agree on the times of an interval.
func playSkewedInterval(s *stage) error {
	return s.playExact(600*time.Millisecond, 6, s.cluster(3, jobSpec{Name: "job", Every: time.Second, Task: 5 * time.Millisecond}))
}

// playLongTask: claims outlive their runs, however long these take. Each node asks when
// the TTL has passed since the one before it did, and that one's run goes on.
func playLongTask(s *stage) error {
	ttl := max(s.engine.MinTTL, time.Second)
	apart, task := ttl+200*time.Millisecond, longTask(ttl)
	specs := s.cluster(3, jobSpec{Name: "job", Every: task.Round(time.Second), Task: task})
	for i := range specs {
		specs[i].Config.TTL = ttl
		specs[i].Offset = -time.Duration(i) * apart
	}
	return s.playExact(apart, 2, specs)
}

// longTask is how long a task takes that outlives the TTL.
func longTask(ttl time.Duration) time.Duration { return ttl + 2500*time.Millisecond }

// playExact has the nodes run n occurrences, and expects one run of each.
func (s *stage) playExact(apart time.Duration, n int, specs []nodeSpec) error {
	nodes, err := s.startAll(apart, specs...)
	if err != nil {
		return err
	}
	w := s.ahead(0, n)
	if every := specs[0].Jobs[0].Every; every > w.every {
		w.from, w.every = w.from.Add(every).Truncate(every), every
	}
	err = s.past(w, "job", nodes...)
	s.figures = w.tally(s.all(), "job")
	s.exact(s.figures)
	return err
}

func playHourFast(s *stage) error { return s.playHourOff(time.Hour) }
func playHourSlow(s *stage) error { return s.playHourOff(-time.Hour) }

// playHourOff: the times of a node whose clock is an hour off are an hour off as well.
// Whoever comes to the same times later, here after two seconds and not an hour, finds
// them claimed.
func (s *stage) playHourOff(offset time.Duration) error {
	specs := s.cluster(4, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	specs[2].Offset = offset
	specs[3].Offset = offset - 2*time.Second
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	right, wrong := s.ahead(0, 4), s.ahead(offset, 4)
	err = s.past(right, "job", nodes[:2]...)
	if err == nil {
		err = s.past(wrong, "job", nodes[2:]...)
	}
	events := s.all()
	s.figures = right.tally(events, "job").plus(wrong.tally(events, "job"))
	s.exact(s.figures)
	return err
}

// playWrongClock: times that are further off than claims are kept cannot be claimed, or
// they could be claimed again later.
func playWrongClock(s *stage) error {
	specs := s.cluster(4, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	for i := range specs {
		specs[i].Config.Keep = max(s.engine.keep(), 20*time.Second)
	}
	specs[2].Offset, specs[3].Offset = time.Hour, -time.Hour
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	right, fast, slow := s.ahead(0, 4), s.ahead(time.Hour, 4), s.ahead(-time.Hour, 4)
	err = s.past(right, "job", nodes[:2]...)
	for i, w := range []window{fast, slow} {
		if err == nil {
			err = s.past(w, "job", nodes[2+i])
		}
	}
	events := s.all()
	s.figures = right.tally(events, "job")
	s.exact(s.figures)
	harm := fast.tally(events, "job").Runs + slow.tally(events, "job").Runs
	s.expect(harm == 0, "nodes with a wrong clock made %d runs", harm)
	down := count(events, func(e event) bool { return e.is(runFinished, "", "") && e.Outcome == "engine-down" })
	s.expect(down == 0, "%d runs were refused as if the engine were down", down)
	s.figures.Note = fmt.Sprintf("%d by wrong clocks", harm)
	return err
}
