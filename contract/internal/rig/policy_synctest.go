//go:build go1.25

package rig

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// An AnsweringTask is a task that returns one error after another, the last one for
// ever, and notes when it was called.
type AnsweringTask struct {
	mu      sync.Mutex
	now     func() time.Time
	made    time.Time
	answers []error
	Called  []time.Duration
}

// Answering makes a task that takes its times from package time.
func Answering(answers ...error) *AnsweringTask { return AnsweringBy(time.Now, answers...) }

// AnsweringBy makes a task that takes its times from a clock.
func AnsweringBy(now func() time.Time, answers ...error) *AnsweringTask {
	return &AnsweringTask{now: now, made: now(), answers: answers}
}

// Task is the task.
func (p *AnsweringTask) Task() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Called = append(p.Called, p.now().Sub(p.made))
	answer := p.answers[0]
	if len(p.answers) > 1 {
		p.answers = p.answers[1:]
	}
	return answer
}

// Calls is when the task was called, since it was made.
func (p *AnsweringTask) Calls() []time.Duration {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Duration{}, p.Called...)
}

// A Finished counts the outcomes of all runs of a scheduler.
type Finished struct {
	mu       sync.Mutex
	Finished []gocron.RunInfo
	AtRest   int // goroutines of the bubble when the scheduler had nothing to do
}

// RequireAtRest asserts that there is no goroutine for any run.
func (b *Finished) RequireAtRest(t *testing.T) {
	t.Helper()
	require.Equal(t, b.AtRest, Goroutines(), "goroutines")
}

// Option has a scheduler fill the book.
func (b *Finished) Option() gocron.SchedulerOption {
	return gocron.WithHooks(gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.Finished = append(b.Finished, info)
	}})
}

// Runs are the finished runs in the order in which they were made.
func (b *Finished) Runs() []gocron.RunInfo {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	runs := append([]gocron.RunInfo{}, b.Finished...)
	sort.Slice(runs, func(i, j int) bool { return runs[i].ID < runs[j].ID })
	return runs
}

// Outcomes are the finished runs as "outcome attempts".
func (b *Finished) Outcomes() []string {
	outcomes := []string{}
	for _, info := range b.Runs() {
		outcomes = append(outcomes, fmt.Sprint(info.Outcome, " ", info.Attempt))
	}
	return outcomes
}

// Results are the outcomes alone.
func (b *Finished) Results() []string {
	results := []string{}
	for _, info := range b.Runs() {
		results = append(results, info.Outcome.String())
	}
	return results
}

// NewStarted makes a scheduler that was started, with a book.
func NewStarted(t *testing.T, options ...gocron.SchedulerOption) (gocron.Scheduler, *Finished) {
	t.Helper()
	b := &Finished{}
	s := NewScheduler(t, append(options, b.Option())...)
	s.Start()
	b.AtRest = Goroutines()
	return s, b
}

// StatsAtRest are the Stats once all is quiet. They must add up.
func StatsAtRest(t *testing.T, s gocron.Scheduler) gocron.Stats {
	t.Helper()
	synctest.Wait()
	stats, err := gocron.NewController(s).Stats()
	require.NoError(t, err)
	finished := uint64(0)
	for _, n := range stats.Outcomes {
		finished += n
	}
	require.Equal(t, stats.Made, finished+uint64(stats.Running+stats.Waiting+stats.Retrying))
	return stats
}

// RequireRetrying asserts how many runs are between two attempts, and that nothing
// else is going on.
func RequireRetrying(t *testing.T, s gocron.Scheduler, n int) {
	t.Helper()
	stats := StatsAtRest(t, s)
	require.Equal(t, []int{0, 0, n}, []int{stats.Running, stats.Waiting, stats.Retrying}, "running, waiting, retrying")
	require.Zero(t, s.JobsWaitingInQueue())
}

// A Trace notes what a chain of middleware does, in order.
type Trace struct {
	Made, Notes []string
}

// Layer is middleware that notes when it was made, and when it and what it is
// around were called.
func (p *Trace) Layer(name string) func(gocron.RunFunc) gocron.RunFunc {
	return func(next gocron.RunFunc) gocron.RunFunc {
		p.Made = append(p.Made, name)
		return func(ctx context.Context) error {
			p.Notes = append(p.Notes, name)
			defer func() { p.Notes = append(p.Notes, "/"+name) }()
			return next(ctx)
		}
	}
}

// Task is a task that notes that it was called.
func (p *Trace) Task() { p.Notes = append(p.Notes, "task") }

// Take are the notes since the last Take, as one line.
func (p *Trace) Take() string {
	synctest.Wait()
	notes := strings.Join(p.Notes, " ")
	p.Notes = nil
	return notes
}

// JobEnds are all ways to end the runs of a job.
func JobEnds() map[string]func(s gocron.Scheduler, j gocron.Job, cancel context.CancelFunc) {
	barred := gocron.WithContext(EndedContext()) // has no next run, and no waiter
	return map[string]func(gocron.Scheduler, gocron.Job, context.CancelFunc){
		"stop":     func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) { go s.StopJobs() },
		"shutdown": func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) { go s.Shutdown() },
		"removal":  func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) { _ = s.RemoveJob(j.ID()) },
		"tags":     func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) { s.RemoveByTags("tag") },
		"update": func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) {
			_, _ = s.Update(j.ID(), Ages(), gocron.NewTask(Noop), barred)
		},
		"replacement": func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) {
			_, _ = s.NewJob(Ages(), gocron.NewTask(Noop), gocron.WithIdentifier(j.ID()), barred)
		},
		"user context": func(s gocron.Scheduler, j gocron.Job, cancel context.CancelFunc) { cancel() },
		"cancel": func(s gocron.Scheduler, j gocron.Job, _ context.CancelFunc) {
			_ = gocron.NewController(s).Cancel(j.ID())
		},
	}
}
