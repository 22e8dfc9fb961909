//go:build go1.25

package admission_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A poolProgram does everything at random to jobs in three pools.
type poolProgram struct {
	t       *testing.T
	rand    *rand.Rand
	s       gocron.Scheduler
	limits  map[string]int
	running map[string]*atomic.Int64
	jobs    []gocron.Job
	started bool
}

func newPoolProgram(t *testing.T, seed int64) *poolProgram {
	p := &poolProgram{t: t, rand: rand.New(rand.NewSource(seed)), limits: map[string]int{}, running: map[string]*atomic.Int64{}}
	mode := func() gocron.LimitMode { return gocron.LimitMode(1 + p.rand.Intn(2)) }
	for _, pool := range []string{"", "a", "b"} {
		p.limits[pool], p.running[pool] = 1+p.rand.Intn(3), &atomic.Int64{}
	}
	options := []gocron.SchedulerOption{
		// The nanosecond keeps a stop from timing out at the moment when a run ends.
		gocron.WithLimitConcurrentJobs(uint(p.limits[""]), mode()), gocron.WithStopTimeout(5*time.Second + time.Nanosecond),
		gocron.WithPool("a", uint(p.limits["a"]), mode()), gocron.WithPool("b", uint(p.limits["b"]), mode()),
	}
	if seed%2 == 0 {
		options = append(options, gocron.WithDrain())
	}
	p.s = rig.NewScheduler(t, options...)
	for i := 0; i < 5; i++ {
		j, err := p.s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop))
		require.NoError(t, err)
		p.jobs = append(p.jobs, j)
	}
	return p
}

func (p *poolProgram) step() {
	j := p.jobs[p.rand.Intn(len(p.jobs))]
	switch n := p.rand.Intn(100); {
	case n < 50:
		_ = j.RunNow() // it may be removed, or the scheduler stopped
	case n < 75:
		p.move(j)
	case n < 80:
		_ = p.s.RemoveJob(j.ID())
	case n < 85 && p.started:
		p.stop()
	case n < 95:
		p.s.Start()
		p.started = true
	default:
		time.Sleep(time.Duration(p.rand.Intn(4000)) * time.Millisecond)
	}
}

// stop stops the scheduler. Nothing waits after that, and what it says of runs in
// progress is so.
func (p *poolProgram) stop() {
	err := p.s.StopJobs()
	p.started = false
	stats := balance(p.t, p.s)
	require.Zero(p.t, stats.Waiting+stats.Retrying)
	var cut *gocron.StopError
	if errors.As(err, &cut) {
		require.Len(p.t, cut.Unfinished, stats.Running)
		require.NotEmpty(p.t, append(cut.Unfinished, cut.Dropped...))
	} else {
		require.Equal(p.t, err == nil, stats.Running == 0)
	}
}

// move puts a job, which may have been removed, in a pool.
func (p *poolProgram) move(j gocron.Job) {
	pool := []string{"", "a", "b"}[p.rand.Intn(3)]
	running, limit := p.running[pool], int64(p.limits[pool])
	takes := time.Duration(p.rand.Intn(5000)) * time.Millisecond
	options := []gocron.JobOption{gocron.InPool(pool)}
	var fails error
	if p.rand.Intn(4) == 0 {
		fails = rig.ErrTest
		options = append(options, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Second)}))
	}
	if mode := gocron.LimitMode(p.rand.Intn(5)); mode != 0 {
		options = append(options, gocron.WithSingletonMode(mode))
	}
	_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Duration(1+p.rand.Intn(5))*time.Second), gocron.NewTask(func() error {
		if running.Add(1) > limit {
			panic(fmt.Sprintf("more runs in pool %q than its limit", pool))
		}
		time.Sleep(takes)
		running.Add(-1)
		return fails
	}), options...)
	require.NoError(p.t, err)
}

func TestSynctestContractPoolsHoldWhateverBecomesOfTheirJobs(t *testing.T) {
	for seed := int64(0); seed < 40; seed++ {
		synctest.Test(t, func(t *testing.T) {
			p := newPoolProgram(t, seed)
			for i := 0; i < 300; i++ {
				p.step()
				if i%10 == 0 {
					synctest.Wait()
					balance(t, p.s)
				}
			}
			p.s.Start()
			for _, j := range p.s.Jobs() {
				require.NoError(t, p.s.RemoveJob(j.ID()))
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			stats := balance(t, p.s)
			require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
			require.Positive(t, stats.Outcomes[gocron.OutcomeSucceeded])
			requireAllSlotsFree(t, p.s, p.limits)
		})
	}
}

// A replaceProgram asks at random for runs of a job with LimitModeReplace, beside
// others that take slots from it.
type replaceProgram struct {
	t       *testing.T
	rand    *rand.Rand
	s       gocron.Scheduler
	job     gocron.Job
	other   gocron.Job
	running atomic.Int32
	newest  atomic.Uint64 // run of the job that was handed over
	ran     atomic.Uint64 // run of the job whose task was called last
	ledger
}

func newReplaceProgram(t *testing.T, seed int64) *replaceProgram {
	p := &replaceProgram{t: t, rand: rand.New(rand.NewSource(seed))}
	due := func(info gocron.RunInfo) {
		if info.JobName == "it" {
			p.newest.Store(info.ID)
		}
	}
	options := []gocron.SchedulerOption{gocron.WithHooks(gocron.Hooks{RunDue: due, RunFinished: p.note})}
	if seed%3 > 0 {
		options = append(options, gocron.WithLimitConcurrentJobs(uint(1+p.rand.Intn(2)), gocron.LimitModeWait))
	}
	p.s = rig.NewScheduler(t, options...)
	p.job, p.other = rig.MustJob(t, p.s, rig.Ages(), rig.Noop), rig.MustJob(t, p.s, rig.Ages(), rig.Noop)
	p.update()
	p.s.Start()
	return p
}

// update gives the job another task, by the same rules.
func (p *replaceProgram) update() {
	options := []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it")}
	if p.rand.Intn(2) == 0 {
		options = append(options, gocron.WithRetry(gocron.RetryPolicy{Attempts: 1 << 20, Backoff: gocron.ConstantBackoff(time.Second)}))
	}
	obeys, fails := p.rand.Intn(3), p.rand.Intn(3) == 0
	takes := time.Duration(p.rand.Intn(5000)) * time.Millisecond
	_, err := p.s.Update(p.job.ID(), rig.Ages(), gocron.NewTask(func(ctx context.Context) error {
		if p.running.Add(1) > 1 {
			panic("two runs at once")
		}
		defer p.running.Add(-1)
		info, _ := gocron.RunFromContext(ctx)
		p.ran.Store(info.ID)
		late := time.NewTimer(takes)
		defer late.Stop()
		if obeys > 0 {
			select {
			case <-late.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		} else {
			<-late.C
		}
		if fails {
			return rig.ErrTest
		}
		return nil
	}), options...)
	require.NoError(p.t, err)
	busy := time.Duration(p.rand.Intn(3000)) * time.Millisecond
	_, err = p.s.Update(p.other.ID(), gocron.DurationJob(2*time.Second), gocron.NewTask(func() { time.Sleep(busy) }))
	require.NoError(p.t, err)
}

func (p *replaceProgram) step() {
	switch n := p.rand.Intn(20); {
	case n < 9:
		require.NoError(p.t, p.job.RunNow())
	case n < 10:
		p.update()
	default:
		time.Sleep(time.Duration(p.rand.Intn(2000)) * time.Millisecond)
	}
	if p.rand.Intn(2) == 0 {
		synctest.Wait()
		e, err := gocron.NewController(p.s).Explain(p.job.ID())
		require.NoError(p.t, err)
		require.LessOrEqual(p.t, e.Running, 1)
		require.LessOrEqual(p.t, e.Waiting+e.Retrying, 1, "only the newest is left")
		balance(p.t, p.s)
	}
}

func TestSynctestContractOnlyTheNewestRunIsLeft(t *testing.T) {
	for seed := int64(0); seed < 60; seed++ {
		synctest.Test(t, func(t *testing.T) {
			p := newReplaceProgram(t, seed)
			for i := 0; i < 200; i++ {
				p.step()
			}
			require.NoError(t, p.s.RemoveJob(p.other.ID()))
			synctest.Wait()
			require.NoError(t, p.job.RunNow())
			time.Sleep(time.Minute)
			synctest.Wait()
			for _, info := range p.of("it") {
				replaced := info.Outcome == gocron.OutcomeCancelled && info.Err == gocron.ErrRunReplaced
				require.Equal(t, replaced, info.StartedAt.IsZero() && info.Err != nil)
			}
			stats := balance(t, p.s)
			require.LessOrEqual(t, stats.Running+stats.Waiting+stats.Retrying, 1, "the newest, if it goes on failing")
			require.Equal(t, p.newest.Load(), p.ran.Load(), "the newest has run")
		})
	}
}
