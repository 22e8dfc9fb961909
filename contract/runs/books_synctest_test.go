//go:build go1.25

package runs_test

import (
	"context"
	"fmt"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A bookkeeping is a busy program whose books are looked at all the time.
type bookkeeping struct {
	t      *testing.T
	s      gocron.Scheduler
	c      *gocron.Controller
	book   rig.RunBook
	random *rand.Rand // the driver's
	calls  atomic.Int64

	mu   sync.Mutex
	last gocron.Stats
}

// look checks that the books add up, and that nothing was ever uncounted.
func (b *bookkeeping) look() {
	b.mu.Lock()
	defer b.mu.Unlock()
	stats, err := b.c.Stats()
	if err != nil {
		b.t.Error(err)
	}
	sum := uint64(stats.Running + stats.Waiting + stats.Retrying)
	for o, n := range stats.Outcomes {
		sum += n
		if n == 0 || o == gocron.OutcomePending || o.String() == "unknown" {
			b.t.Errorf("%d runs have the outcome %v", n, o)
		}
	}
	for o, n := range b.last.Outcomes {
		if stats.Outcomes[o] < n {
			b.t.Errorf("%v runs were %d, and are %d", o, n, stats.Outcomes[o])
		}
	}
	if stats.Made != sum || stats.Made < b.last.Made || stats.Running < 0 || stats.Waiting < 0 {
		b.t.Errorf("made: %d, before %d; accounted for: %d in %+v", stats.Made, b.last.Made, sum, stats)
	}
	b.last = stats
}

// task takes some seconds and ends in one of several ways.
func (b *bookkeeping) task(ctx context.Context) error {
	b.look()
	n := b.calls.Add(1)
	select {
	case <-time.After(time.Duration(n*7%13) * time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	b.look()
	switch n % 7 {
	case 0:
		return rig.ErrTest
	case 1:
		panic("ouch")
	case 2:
		runtime.Goexit()
	}
	return nil
}

// sometimes is an error now and then.
func (b *bookkeeping) sometimes() error {
	b.look()
	switch b.calls.Add(1) % 10 {
	case 0:
		return gocron.ErrEngineDown
	case 5:
		return rig.ErrTest
	}
	return nil
}

func (b *bookkeeping) one(options ...gocron.JobOption) gocron.JobOption {
	return options[b.random.Intn(len(options))]
}

// options are the options of a job: one of each line.
func (b *bookkeeping) options() []gocron.JobOption {
	none := gocron.WithRecover()
	locker := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { b.look(); return nil }), b.sometimes()
	})
	return []gocron.JobOption{
		none, gocron.WithTags([]string{"a", "b"}[b.random.Intn(2)]),
		b.one(none, gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithSingletonMode(gocron.LimitModeWait),
			gocron.WithSingletonMode(gocron.LimitModeQueueOne), gocron.WithSingletonMode(gocron.LimitModeReplace)),
		b.one(none, gocron.InPool("p"), gocron.InPool("q")),
		b.one(none, none, gocron.WithTimeout(5*time.Second)),
		b.one(none, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(4 * time.Second)}), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2})),
		b.one(none, none, gocron.WithLimitedRuns(3)),
		b.one(none, none, gocron.WithStartAt(gocron.WithStartImmediately()), gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute)))),
		b.one(none, gocron.WithIntervalFromCompletion()),
		b.one(none, none, gocron.WithDistributedJobLocker(locker)),
		b.one(none, none, gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return b.sometimes() }))),
	}
}

func (b *bookkeeping) definition() gocron.JobDefinition {
	return gocron.DurationJob(time.Duration(1+b.random.Intn(8)) * time.Second)
}

// act does one thing to one of the jobs, or adds another.
func (b *bookkeeping) act() {
	jobs := b.s.Jobs()
	if len(jobs) < 3 {
		_, _ = b.s.NewJob(b.definition(), gocron.NewTask(b.task), b.options()...)
		return
	}
	j := jobs[b.random.Intn(len(jobs))]
	acts := []func(){
		func() { _ = j.RunNow() },
		func() { _ = j.RunNow(); _ = j.RunNow() },
		func() { _, _ = b.s.NewJob(b.definition(), gocron.NewTask(b.task), b.options()...) },
		func() { _, _ = b.s.Update(j.ID(), b.definition(), gocron.NewTask(b.task), b.options()...) },
		func() { _ = b.s.RemoveJob(j.ID()) },
		func() { _ = b.c.Pause(j.ID()) },
		func() { _ = b.c.ResumeByTags("a", "b") },
		func() { _ = b.c.Cancel(j.ID()) },
		func() { _ = b.c.SetLimit(uint(1 + b.random.Intn(3))) },
		func() { b.s.RemoveByTags("a") },
		func() {
			go b.s.StopJobs()
			time.Sleep(time.Duration(b.random.Intn(3)) * time.Second)
		},
	}
	acts[b.random.Intn(len(acts))]()
	b.s.Start()
}

// newBookkeeping makes a scheduler with one of several sets of options.
func newBookkeeping(t *testing.T, seed int64) *bookkeeping {
	b := &bookkeeping{t: t, random: rand.New(rand.NewSource(seed))}
	b.book.During("", func(gocron.RunInfo) { b.look() })
	mode := gocron.LimitMode(1 + seed%2)
	options := []gocron.SchedulerOption{
		gocron.WithHooks(b.book.Hooks()), gocron.WithStopTimeout(time.Hour),
		gocron.WithPool("p", 1, gocron.LimitModeWait), gocron.WithPool("q", 2, gocron.LimitModeReschedule), gocron.WithQueueLimit(2, "p"),
	}
	for bit, option := range []gocron.SchedulerOption{
		gocron.WithLimitConcurrentJobs(2, mode), gocron.WithDrain(), gocron.WithHistory(2), gocron.WithQueueLimit(5),
		gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return b.sometimes() })),
	} {
		if seed>>bit&1 == 1 {
			options = append(options, option)
		}
	}
	b.s = rig.NewScheduler(t, options...)
	b.c = gocron.NewController(b.s)
	return b
}

// close ends the program and compares the books with what hooks were told.
func (b *bookkeeping) close() {
	require.NoError(b.t, b.s.Shutdown())
	b.look()
	stats := b.last
	require.Zero(b.t, stats.Running+stats.Waiting+stats.Retrying)
	require.EqualValues(b.t, stats.Made-stats.Outcomes[gocron.OutcomeMissed], len(b.book.Told("due")))
	require.EqualValues(b.t, stats.Made, len(b.book.Told("finished")))
	require.Equal(b.t, stats.Outcomes, b.book.Outcomes())
	for id := uint64(1); id <= stats.Made; id++ {
		require.Regexp(b.t, rig.RunStory, b.book.Story(id))
	}
}

func TestSynctestContractMadeIsTheSumOfWhatBecameOfAllRuns(t *testing.T) {
	seen := map[gocron.Outcome]uint64{}
	for seed := int64(0); seed < 32; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBookkeeping(t, seed)
				b.s.Start()
				for i := 0; i < 150; i++ {
					b.act()
					b.look()
					time.Sleep(time.Duration(b.random.Intn(4000)) * time.Millisecond)
					b.look()
				}
				b.close()
				for o, n := range b.last.Outcomes {
					seen[o] += n
				}
			})
		})
	}
	for _, o := range everyOutcome() {
		require.NotZero(t, seen[o], "no run was %v: the programs are too tame", o)
	}
}
