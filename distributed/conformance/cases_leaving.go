package conformance

import "time"

// playLeaving: a node that is paused, stopped or shut down runs nothing, and does not keep
// another from it: it claims nothing that it will not run. Its clock is fast, so that it
// is the first to ask.
func playLeaving(s *stage) error {
	const ahead = 300 * time.Millisecond
	specs := s.cluster(2, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	specs[1].Offset = ahead
	specs[1].Drain = true
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	healthy, leaving := nodes[0], nodes[1]
	if _, err := s.event("the fast node to run", func(e event) bool { return e.is(runBegan, "job", leaving.name) }); err != nil {
		return err
	}
	w := s.ahead(0, 14)
	for _, command := range []string{"pause job", "resume job", "stop", "start", "pause job", "close"} {
		if err := s.between(w.from, ahead); err != nil {
			return err
		}
		if err := s.tell(leaving, command); err != nil {
			return err
		}
		from := time.Now().Add(ahead)
		if running := command == "resume job" || command == "start"; running {
			if _, err := s.event("the fast node to run again", func(e event) bool {
				return e.is(runBegan, "job", leaving.name) && e.Scheduled.After(from)
			}); err != nil {
				return err
			}
			continue
		}
		if _, err := s.event("the other node to run", func(e event) bool {
			return e.is(runBegan, "job", healthy.name) && e.Scheduled.After(from.Add(time.Second))
		}); err != nil {
			return err
		}
	}
	err = s.past(w, "job", healthy)
	s.figures = w.tally(s.all(), "job")
	s.exact(s.figures)
	return err
}

// between returns when neither node is about to have something due: half way between the
// due times of the fast node and of the other.
func (s *stage) between(due time.Time, ahead time.Duration) error {
	now := time.Now()
	at := due.Add((time.Second - ahead) / 2)
	at = at.Add(now.Sub(at).Truncate(time.Second))
	for !at.After(now) {
		at = at.Add(time.Second)
	}
	return s.pause(at.Sub(now))
}
