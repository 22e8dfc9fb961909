//go:build go1.25

package admission_test

import (
	"sort"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A ledger notes the outcome of every run.
type ledger struct {
	mu   sync.Mutex
	runs []gocron.RunInfo
}

func (l *ledger) option() gocron.SchedulerOption {
	return gocron.WithHooks(gocron.Hooks{RunFinished: l.note})
}

func (l *ledger) note(info gocron.RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs = append(l.runs, info)
}

// of are the finished runs of the jobs with a name, in the order in which they
// were handed over.
func (l *ledger) of(name string) (runs []gocron.RunInfo) {
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

func (l *ledger) outcomes(name string) (outcomes []gocron.Outcome) {
	for _, info := range l.of(name) {
		outcomes = append(outcomes, info.Outcome)
	}
	return outcomes
}

// balance is the state of all runs. None may be unaccounted for.
func balance(t testing.TB, s gocron.Scheduler) gocron.Stats {
	t.Helper()
	stats, err := gocron.NewController(s).Stats()
	require.NoError(t, err)
	sum := uint64(stats.Running + stats.Waiting + stats.Retrying)
	for _, n := range stats.Outcomes {
		sum += n
	}
	require.Equal(t, stats.Made, sum)
	return stats
}

// requireAllSlotsFree checks that each pool takes as many runs as its limit, and no more.
func requireAllSlotsFree(t testing.TB, s gocron.Scheduler, limits map[string]int) {
	t.Helper()
	for pool, limit := range limits {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool(pool))
		for i := 0; i <= limit; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, limit, h.Running(), "pool %q", pool)
		h.Open()
		synctest.Wait()
		require.NoError(t, s.RemoveJob(j.ID()))
	}
}

func TestSynctestContractBadValuesOfAdmissionOptions(t *testing.T) {
	pool := func(name string) gocron.SchedulerOption { return gocron.WithPool(name, 1, gocron.LimitModeWait) }
	for name, options := range map[string][]gocron.SchedulerOption{
		"no name":                  {pool("")},
		"name given twice":         {pool("p"), pool("q"), gocron.WithPool("p", 2, gocron.LimitModeReschedule)},
		"limit 0":                  {gocron.WithPool("p", 0, gocron.LimitModeWait)},
		"mode 0":                   {gocron.WithPool("p", 1, 0)},
		"unknown mode":             {gocron.WithPool("p", 1, 5)},
		"negative mode":            {gocron.WithPool("p", 1, -1)},
		"pool to queue one":        {gocron.WithPool("p", 1, gocron.LimitModeQueueOne)},
		"pool to replace":          {gocron.WithPool("p", 1, gocron.LimitModeReplace)},
		"scheduler to queue one":   {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeQueueOne)},
		"scheduler to replace":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReplace)},
		"queue of 0":               {gocron.WithQueueLimit(0)},
		"pool's queue of 0":        {pool("p"), gocron.WithQueueLimit(0, "p")},
		"queue of a negative one":  {gocron.WithQueueLimit(^uint(0))},
		"queue of no pool":         {gocron.WithQueueLimit(1, "p")},
		"queue of a later pool":    {gocron.WithQueueLimit(1, "p"), pool("p")},
		"queue of an unknown pool": {pool("p"), gocron.WithQueueLimit(1, "p", "q")},
	} {
		s, err := gocron.NewScheduler(options...)
		require.ErrorIs(t, err, gocron.ErrOptionValue, name)
		require.Nil(t, s, name)
	}
	s := rig.NewScheduler(t, pool("p"), pool("P"), pool(" "), gocron.WithQueueLimit(1, "p", "P"), gocron.WithQueueLimit(2, "p"))
	for name, option := range map[string]gocron.JobOption{
		"unknown pool":             gocron.InPool("q"),
		"singleton of mode 0":      gocron.WithSingletonMode(0),
		"singleton of mode 5":      gocron.WithSingletonMode(5),
		"singleton of mode -1":     gocron.WithSingletonMode(-1),
		"singleton of mode 1 << 8": gocron.WithSingletonMode(1<<8 + 1),
	} {
		_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), option)
		require.ErrorIs(t, err, gocron.ErrOptionValue, name)
	}
	require.Empty(t, s.Jobs(), "what is refused leaves no trace")
	j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.InPool("p"), gocron.WithName("it"))
	_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.InPool("q"))
	require.ErrorContains(t, err, `InPool("q"): the scheduler has no such pool`)
	require.Equal(t, "it", s.Jobs()[0].Name(), "the old job goes on untouched")
}
