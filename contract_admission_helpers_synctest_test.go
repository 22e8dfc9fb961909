//go:build go1.25

package gocron

import (
	"sort"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// A ledger notes what became of every run.
type ledger struct {
	mu   sync.Mutex
	runs []RunInfo
}

func (l *ledger) option() SchedulerOption { return WithHooks(Hooks{RunFinished: l.note}) }

func (l *ledger) note(info RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs = append(l.runs, info)
}

// of are the finished runs of the jobs with a name, in the order in which they
// were handed over.
func (l *ledger) of(name string) (runs []RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, info := range l.runs {
		if info.JobName == name {
			runs = append(runs, info)
		}
	}
	sort.Slice(runs, func(a, b int) bool { return runs[a].ID < runs[b].ID })
	return runs
}

func (l *ledger) outcomes(name string) (outcomes []Outcome) {
	for _, info := range l.of(name) {
		outcomes = append(outcomes, info.Outcome)
	}
	return outcomes
}

// balance is the state of all runs. None may be unaccounted for.
func balance(t testing.TB, s Scheduler) Stats {
	t.Helper()
	stats, err := NewController(s).Stats()
	require.NoError(t, err)
	sum := uint64(stats.Running + stats.Waiting + stats.Retrying)
	for _, n := range stats.Outcomes {
		sum += n
	}
	require.Equal(t, stats.Made, sum)
	return stats
}

// requireAllSlotsFree checks that each pool takes as many runs as its limit, and no more.
func requireAllSlotsFree(t testing.TB, s Scheduler, limits map[string]int) {
	t.Helper()
	for pool, limit := range limits {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task, InPool(pool))
		for i := 0; i <= limit; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, limit, h.running(), "pool %q", pool)
		h.open()
		synctest.Wait()
		require.NoError(t, s.RemoveJob(j.ID()))
	}
}

func TestSynctestContractBadValuesOfAdmissionOptions(t *testing.T) {
	pool := func(name string) SchedulerOption { return WithPool(name, 1, LimitModeWait) }
	for name, options := range map[string][]SchedulerOption{
		"no name":                  {pool("")},
		"name given twice":         {pool("p"), pool("q"), WithPool("p", 2, LimitModeReschedule)},
		"limit 0":                  {WithPool("p", 0, LimitModeWait)},
		"mode 0":                   {WithPool("p", 1, 0)},
		"unknown mode":             {WithPool("p", 1, 5)},
		"negative mode":            {WithPool("p", 1, -1)},
		"pool to queue one":        {WithPool("p", 1, LimitModeQueueOne)},
		"pool to replace":          {WithPool("p", 1, LimitModeReplace)},
		"scheduler to queue one":   {WithLimitConcurrentJobs(1, LimitModeQueueOne)},
		"scheduler to replace":     {WithLimitConcurrentJobs(1, LimitModeReplace)},
		"queue of 0":               {WithQueueLimit(0)},
		"pool's queue of 0":        {pool("p"), WithQueueLimit(0, "p")},
		"queue of a negative one":  {WithQueueLimit(^uint(0))},
		"queue of no pool":         {WithQueueLimit(1, "p")},
		"queue of a later pool":    {WithQueueLimit(1, "p"), pool("p")},
		"queue of an unknown pool": {pool("p"), WithQueueLimit(1, "p", "q")},
	} {
		s, err := NewScheduler(options...)
		require.ErrorIs(t, err, ErrOptionValue, name)
		require.Nil(t, s, name)
	}
	s := newScheduler(t, pool("p"), pool("P"), pool(" "), WithQueueLimit(1, "p", "P"), WithQueueLimit(2, "p"))
	for name, option := range map[string]JobOption{
		"unknown pool":             InPool("q"),
		"singleton of mode 0":      WithSingletonMode(0),
		"singleton of mode 5":      WithSingletonMode(5),
		"singleton of mode -1":     WithSingletonMode(-1),
		"singleton of mode 1 << 8": WithSingletonMode(1<<8 + 1),
	} {
		_, err := s.NewJob(ages(), NewTask(noop), option)
		require.ErrorIs(t, err, ErrOptionValue, name)
	}
	require.Empty(t, s.Jobs(), "what is refused leaves no trace")
	j := mustJob(t, s, ages(), noop, InPool("p"), WithName("it"))
	_, err := s.Update(j.ID(), ages(), NewTask(noop), InPool("q"))
	require.ErrorContains(t, err, `InPool("q"): the scheduler has no such pool`)
	require.Equal(t, "it", s.Jobs()[0].Name(), "the old job goes on untouched")
}
