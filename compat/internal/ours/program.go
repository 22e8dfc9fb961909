// Package ours and package theirs hold the same program, one linked with each
// scheduler. Only the one in package ours is written by hand.
package ours

import (
	"fmt"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// Run does what the case says and reports what it saw.
func Run(c spec.Case) (res spec.Result) {
	res.ID = c.ID
	p := &program{c: c, fired: make(chan struct{}, 1000)}
	defer func() {
		if r := recover(); r != nil {
			res = spec.Result{ID: c.ID, Panic: fmt.Sprint(r)}
		}
		p.close()
	}()
	p.run(&res)
	return res
}

type program struct {
	c         spec.Case
	clock     *clockwork.FakeClock
	scheduler gocron.Scheduler
	job       gocron.Job
	fired     chan struct{}
}

func (p *program) run(res *spec.Result) {
	p.clock = clockwork.NewFakeClockAt(p.c.Now.Time())
	s, err := gocron.NewScheduler(p.schedulerOptions()...)
	if err != nil {
		fail(res, err)
		return
	}
	p.scheduler = s
	if p.c.Late {
		s.Start()
	}
	p.job, err = s.NewJob(Definition(p.c), p.task(), p.jobOptions()...)
	if err != nil {
		fail(res, err)
		return
	}
	res.Schedule = p.schedule()
	if p.c.Refusal {
		return
	}
	if p.c.RunNow {
		res.RunNow = bareName(p.job.RunNow())
	}
	if p.c.Idle > 0 {
		p.clock.Advance(p.c.Idle)
	}
	if !p.c.Late {
		s.Start()
	}
	p.observe(res)
	for i := 0; i < p.c.Steps && p.step(res); i++ {
	}
}

func (p *program) close() {
	if p.scheduler != nil {
		_ = p.scheduler.Shutdown()
	}
}
