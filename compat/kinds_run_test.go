package compat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A kindRun is this side of a case.
type kindRun struct {
	*kindCase
	clock *clockwork.FakeClock
	s     gocron.Scheduler
	j     gocron.Job

	mu   sync.Mutex
	runs []nominalTime
}

// runOurs says what this side does otherwise than some runs at once and those at the given times, which
// are all that there are or only the first.
func (k *kindCase) runOurs(times []nominalTime, all bool, early int) string {
	p := &kindRun{kindCase: k, clock: clockwork.NewFakeClockAt(k.Now.Time())}
	s, err := gocron.NewScheduler(gocron.WithClock(p.clock), gocron.WithLocation(spec.Location(k.Now.Zone)), gocron.WithHistory(1))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = s.Shutdown() }()
	p.s = s
	never := all && len(times) == 0 && early == 0
	if k.limited > 0 && early > k.limited {
		early = k.limited
	}
	if k.Late {
		s.Start()
	}
	p.j, err = s.NewJob(k.definition, gocron.NewTask(p.note), p.jobOptions()...)
	if k.Late && never && errors.Is(err, gocron.ErrJobNeverRuns) {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	if !k.Late {
		s.Start()
	}
	if never {
		return wanted(p.gone, "the job has no run, and is listed")
	}
	if !p.await(early) {
		return "the job does not run at the start"
	}
	if why := p.nextRuns(times, all); why != "" {
		return why
	}
	return p.fire(times, all, early)
}

func (p *kindRun) jobOptions() []gocron.JobOption {
	all := p.options
	if p.limited > 0 {
		all = append(all[:len(all):len(all)], gocron.WithLimitedRuns(uint(p.limited)))
	}
	if p.Start != nil {
		start := gocron.WithStartImmediately()
		switch p.Start.How {
		case spec.StartAt:
			start = gocron.WithStartDateTime(p.Start.At.Time())
		case spec.StartPast:
			start = gocron.WithStartDateTimePast(p.Start.At.Time())
		}
		all = append(all[:len(all):len(all)], gocron.WithStartAt(start))
	}
	if p.Stop != nil {
		all = append(all[:len(all):len(all)], gocron.WithStopAt(gocron.WithStopDateTime(p.Stop.Time())))
	}
	return all
}

// note is the task.
func (p *kindRun) note(ctx context.Context) {
	info, _ := gocron.RunFromContext(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs = append(p.runs, nominalTime{p.clock.Now(), info.ScheduledAt})
}

// count is how many runs there were.
func (p *kindRun) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.runs)
}

// await waits until there were n runs.
func (p *kindRun) await(n int) bool { return eventually(func() bool { return p.count() >= n }) }

// eventually waits until something is so.
func eventually(is func() bool) bool {
	for limit := time.Now().Add(10 * time.Second); !is(); time.Sleep(50 * time.Microsecond) {
		if time.Now().After(limit) {
			return false
		}
	}
	return true
}

func wanted(is func() bool, why string) string {
	if eventually(is) {
		return ""
	}
	return why
}

func (p *kindRun) gone() bool { return len(p.s.Jobs()) == 0 }

// nextRuns compares NextRuns. A job that has used up its limited runs has none.
func (p *kindRun) nextRuns(times []nominalTime, all bool) string {
	if p.limited > 0 && p.limited <= p.count() {
		return ""
	}
	if !p.isNext(times, 0, all) {
		return fmt.Sprintf("the next run is another one than %v", shownNominal(times, 0))
	}
	got, err := p.j.NextRuns(len(times) + 1)
	if err != nil && !(all && len(times) == 0) { // else it has left
		return err.Error()
	}
	if all && len(got) > len(times) {
		return fmt.Sprintf("there is one more run: %v", got[len(times)])
	}
	for i := range times {
		if i >= len(got) || !got[i].Equal(times[i].due) {
			return fmt.Sprintf("run %d of %v is not at %v", i, got, shownNominal(times, i))
		}
	}
	return ""
}

func shownNominal(times []nominalTime, i int) string {
	if i >= len(times) {
		return "never"
	}
	return times[i].due.String()
}

// isNext waits until NextRun is the i-th of the times.
func (p *kindRun) isNext(times []nominalTime, i int, all bool) bool {
	return eventually(func() bool {
		next, err := p.j.NextRun()
		switch {
		case i < len(times):
			return err == nil && next.Equal(times[i].due)
		case all:
			return err != nil || next.IsZero()
		default: // how it goes on is not known
			return true
		}
	})
}

// mostFired is how many runs are watched.
const mostFired = 4

// fire watches the first runs after those that there were at once.
func (p *kindRun) fire(times []nominalTime, all bool, runs int) string {
	for i := 0; i < len(times) && i < mostFired && !p.usedUp(runs); i++ {
		p.clock.Advance(times[i].due.Sub(p.clock.Now()))
		if runs++; !p.await(runs) {
			return fmt.Sprintf("no run at %v", times[i].due)
		}
		p.mu.Lock()
		got := p.runs[runs-1]
		p.mu.Unlock()
		if !got.due.Equal(times[i].due) || !got.nominal.Equal(times[i].nominal) {
			return fmt.Sprintf("a run at %v for %v, want %v", got.due, got.nominal, times[i])
		}
		if !p.usedUp(runs) && !p.isNext(times, i+1, all) {
			return fmt.Sprintf("after %d runs the next is another one than %v", runs, shownNominal(times, i+1))
		}
	}
	if p.usedUp(runs) && !eventually(p.gone) {
		return fmt.Sprintf("the job has had its %d runs, and is listed", runs)
	}
	if n := p.count(); n != runs {
		return fmt.Sprintf("%d runs, want %d", n, runs)
	}
	return ""
}

func (p *kindRun) usedUp(runs int) bool { return p.limited > 0 && runs >= p.limited }
