//go:build go1.25

package gocron

import (
	"fmt"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A policyTask is a task that returns one error after another, the last one for
// ever, and notes when it was called.
type policyTask struct {
	mu      sync.Mutex
	now     func() time.Time
	made    time.Time
	answers []error
	called  []time.Duration
}

func answering(answers ...error) *policyTask { return answeringBy(time.Now, answers...) }

// answeringBy makes a task that takes its times from a clock.
func answeringBy(now func() time.Time, answers ...error) *policyTask {
	return &policyTask{now: now, made: now(), answers: answers}
}

func (p *policyTask) task() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.called = append(p.called, p.now().Sub(p.made))
	answer := p.answers[0]
	if len(p.answers) > 1 {
		p.answers = p.answers[1:]
	}
	return answer
}

// calls is when the task was called, since it was made.
func (p *policyTask) calls() []time.Duration {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Duration{}, p.called...)
}

// A policyBook is what became of all runs of a scheduler.
type policyBook struct {
	mu       sync.Mutex
	finished []RunInfo
	atRest   int // goroutines of the bubble when the scheduler had nothing to do
}

// requireAtRest asserts that there is no goroutine for any run.
func (b *policyBook) requireAtRest(t *testing.T) {
	t.Helper()
	require.Equal(t, b.atRest, bubbleGoroutines(), "goroutines")
}

func (b *policyBook) option() SchedulerOption {
	return WithHooks(Hooks{RunFinished: func(info RunInfo) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.finished = append(b.finished, info)
	}})
}

// runs are the finished runs in the order in which they were made.
func (b *policyBook) runs() []RunInfo {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	runs := append([]RunInfo{}, b.finished...)
	sort.Slice(runs, func(i, j int) bool { return runs[i].ID < runs[j].ID })
	return runs
}

// outcomes are the finished runs as "outcome attempts".
func (b *policyBook) outcomes() []string {
	outcomes := []string{}
	for _, info := range b.runs() {
		outcomes = append(outcomes, fmt.Sprint(info.Outcome, " ", info.Attempt))
	}
	return outcomes
}

// results are the outcomes alone.
func (b *policyBook) results() []string {
	results := []string{}
	for _, info := range b.runs() {
		results = append(results, info.Outcome.String())
	}
	return results
}

// newPolicyScheduler makes a scheduler that was started, with a book.
func newPolicyScheduler(t *testing.T, options ...SchedulerOption) (Scheduler, *policyBook) {
	t.Helper()
	b := &policyBook{}
	s := newScheduler(t, append(options, b.option())...)
	s.Start()
	b.atRest = bubbleGoroutines()
	return s, b
}

// retries is WithRetry with a constant wait.
func retries(attempts int, wait time.Duration) JobOption {
	return WithRetry(RetryPolicy{Attempts: attempts, Backoff: ConstantBackoff(wait)})
}

func policyStats(t *testing.T, s Scheduler) Stats {
	t.Helper()
	synctest.Wait()
	stats, err := NewController(s).Stats()
	require.NoError(t, err)
	finished := uint64(0)
	for _, n := range stats.Outcomes {
		finished += n
	}
	require.Equal(t, stats.Made, finished+uint64(stats.Running+stats.Waiting+stats.Retrying))
	return stats
}

// requireRetrying asserts how many runs are between two attempts, and that nothing
// else is going on.
func requireRetrying(t *testing.T, s Scheduler, n int) {
	t.Helper()
	stats := policyStats(t, s)
	require.Equal(t, []int{0, 0, n}, []int{stats.Running, stats.Waiting, stats.Retrying}, "running, waiting, retrying")
	require.Zero(t, s.JobsWaitingInQueue())
}

// foreignClock is a clock of a kind that the scheduler does not know.
type foreignClock struct{ clockwork.Clock }
