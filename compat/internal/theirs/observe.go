package theirs

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

func fail(res *spec.Result, err error) {
	res.Err = err.Error()
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			res.Is = append(res.Is, s.name)
		}
	}
	res.Bare = bareName(err)
}

// bareName is the name of the sentinel that err is, not wrapped.
func bareName(err error) string {
	for _, s := range sentinels {
		if err == s.err {
			return s.name
		}
	}
	return ""
}

// observe waits until the job is booked, then reads its next runs.
func (p *program) observe(res *spec.Result) {
	next := p.settle()
	res.Ran = p.ran()
	res.Gone = len(p.scheduler.Jobs()) == 0
	res.Next = spec.Show(next)
	runs, err := p.job.NextRuns(p.c.Count)
	if err != nil && !errors.Is(err, gocron.ErrJobNotFound) {
		fail(res, err)
	}
	for _, t := range runs {
		res.Runs = append(res.Runs, spec.Show(t))
	}
}

// settle polls NextRun until it lies ahead of the clock. A schedule with nothing
// ahead says so for a while before it is believed.
func (p *program) settle() time.Time {
	patience := time.Duration(p.c.Patience + 1)
	zero := time.Now().Add(10 * patience * time.Millisecond)
	past := time.Now().Add(50 * patience * time.Millisecond)
	for {
		next, err := p.job.NextRun()
		now := time.Now()
		switch {
		case err != nil: // the job is gone
			return time.Time{}
		case next.After(p.clock.Now()):
			return next
		case next.IsZero() && now.After(zero), now.After(past):
			return next
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// ran tells whether the task has run since the last call, and waits a little
// where a run is likely.
func (p *program) ran() bool {
	wait := time.Duration(0)
	if p.c.Start != nil || p.c.Instant {
		wait = 5 * time.Duration(p.c.Patience+1) * time.Millisecond
	}
	return p.await(wait)
}

func (p *program) await(wait time.Duration) bool {
	got := false
	select {
	case <-p.fired:
		got = true
	case <-time.After(wait):
	}
	for {
		select {
		case <-p.fired:
			got = true
		default:
			return got
		}
	}
}

// step advances the clock to the next run and watches it happen.
func (p *program) step(res *spec.Result) bool {
	next, err := p.job.NextRun()
	if err != nil || !next.After(p.clock.Now()) {
		return false
	}
	p.clock.Advance(next.Sub(p.clock.Now()))
	ran := p.await(200 * time.Duration(p.c.Patience+1) * time.Millisecond)
	after := p.settle()
	res.Fired = append(res.Fired, fmt.Sprintf("%s ran=%v then %s", spec.Show(next), ran, spec.Show(after)))
	return ran
}

// schedule writes the public schedule; the package name differs.
func (p *program) schedule() string {
	switch s := p.job.Schedule().(type) {
	case gocron.CronJobSchedule:
		return fmt.Sprintf("cron %d %+v", s.JobType(), s)
	case gocron.DurationJobSchedule:
		return fmt.Sprintf("duration %d %+v", s.JobType(), s)
	case gocron.DurationRandomJobSchedule:
		return fmt.Sprintf("random %d %+v", s.JobType(), s)
	case gocron.DailyJobSchedule:
		return fmt.Sprintf("daily %d %d %v", s.JobType(), s.Interval, show(s.AtTimes))
	case gocron.WeeklyJobSchedule:
		return fmt.Sprintf("weekly %d %d %v %v", s.JobType(), s.Interval, s.DaysOfWeek, show(s.AtTimes))
	case gocron.MonthlyJobSchedule:
		return fmt.Sprintf("monthly %d %d %v %v %v", s.JobType(), s.Interval, s.Days, s.DaysFromEnd, show(s.AtTimes))
	case gocron.OneTimeJobSchedule:
		return fmt.Sprintf("onetime %d %v", s.JobType(), show(s.StartAt))
	default:
		return fmt.Sprintf("%T", s)
	}
}

func show(times []time.Time) []string {
	out := make([]string, len(times))
	for i, t := range times {
		out[i] = spec.Show(t)
	}
	return out
}
