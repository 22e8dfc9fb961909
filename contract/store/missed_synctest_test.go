//go:build go1.25

package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A process is a scheduler, and what it is told of its runs.
type process struct {
	t     *testing.T
	s     gocron.Scheduler
	c     *gocron.Controller
	mu    sync.Mutex
	began time.Time
	lines []toldLine
}

// A toldLine is what a process is told of a run, or of a record of several occurrences.
type toldLine struct {
	at      time.Time
	records bool
	id      uint64
	text    string
}

func (p *process) since(t time.Time) string { return t.Sub(p.began).String() }

func (p *process) finished(run gocron.RunInfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := fmt.Sprintf("%s %s %s", run.Outcome, run.Trigger, p.since(run.ScheduledAt))
	if run.MissedCount > 0 {
		line = fmt.Sprintf("%s %d %s..%s", run.Outcome, run.MissedCount, p.since(run.ScheduledAt), p.since(run.MissedLast))
	}
	if run.Attempt > 1 {
		line += fmt.Sprintf(" attempt %d", run.Attempt)
	}
	p.lines = append(p.lines, toldLine{time.Now(), run.MissedCount > 0, run.ID, line})
}

// told is what it was told since the last call. Of one moment records come first: a run may be told
// of before a record that was made before it.
func (p *process) told() (texts []string) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortStableFunc(p.lines, func(a, b toldLine) int {
		switch {
		case !a.at.Equal(b.at):
			return a.at.Compare(b.at)
		case a.records == b.records:
			return cmp.Compare(a.id, b.id) // each run is told of by a worker of its own
		case a.records:
			return -1
		}
		return 1
	})
	for _, line := range p.lines {
		texts = append(texts, line.text)
	}
	p.lines = nil
	return texts
}

func newProcess(t *testing.T, began time.Time, options ...gocron.SchedulerOption) *process {
	p := &process{t: t, began: began}
	s, err := gocron.NewScheduler(append([]gocron.SchedulerOption{
		gocron.WithHooks(gocron.Hooks{RunFinished: p.finished}), gocron.WithLocation(time.UTC)}, options...)...)
	require.NoError(t, err)
	p.s, p.c = s, gocron.NewController(s)
	return p
}

func (p *process) job(definition gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
	p.t.Helper()
	j, err := p.s.NewJob(definition, gocron.NewTask(task), options...)
	require.NoError(p.t, err)
	return j
}

// kill ends the process as kill -9 does: what it had in the store stays.
func (p *process) kill(store *gocron.MemoryStore) *gocron.MemoryStore {
	next := store.Crash()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.s.ShutdownWithContext(ctx)
	return next
}

func nothing() {}

func TestSynctestMissedWhileStopped(t *testing.T) {
	for name, c := range map[string]struct {
		options []gocron.JobOption
		want    []string
	}{
		"skip":        {[]gocron.JobOption{gocron.WithMissed(gocron.MissedSkip, 0)}, []string{"missed 3 2m0s..4m0s"}},
		"once":        {[]gocron.JobOption{gocron.WithMissed(gocron.MissedRunOnce, 0)}, []string{"missed 2 2m0s..3m0s", "succeeded catch-up 4m0s"}},
		"all":         {[]gocron.JobOption{gocron.WithMissed(gocron.MissedRunAll, 0)}, []string{"succeeded catch-up 2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}},
		"newest two":  {[]gocron.JobOption{gocron.WithMissed(gocron.MissedRunAll, 0, 2)}, []string{"missed 1 2m0s..2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}},
		"within":      {[]gocron.JobOption{gocron.WithMissed(gocron.MissedRunAll, 100*time.Second)}, []string{"missed 1 2m0s..2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}},
		"all too old": {[]gocron.JobOption{gocron.WithMissed(gocron.MissedRunOnce, time.Second)}, []string{"missed 3 2m0s..4m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(t, time.Now())
				p.job(gocron.DurationJob(time.Minute), nothing, c.options...)
				p.s.Start()
				time.Sleep(90 * time.Second)
				require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
				require.NoError(t, p.s.StopJobs())
				time.Sleep(3 * time.Minute)
				p.s.Start()
				require.Equal(t, c.want, p.told())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded schedule 5m0s"}, p.told())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

func TestSynctestOneCatchUpAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now())
		p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(70 * time.Second) }, gocron.WithMissed(gocron.MissedRunAll, 0))
		p.s.Start()
		require.NoError(t, p.s.StopJobs())
		time.Sleep(150 * time.Second)
		p.s.Start() // 1m and 2m are missed, and 3m and more fall due meanwhile
		time.Sleep(300 * time.Second)
		require.Equal(t, []string{"succeeded catch-up 1m0s", "succeeded catch-up 2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}, p.told())
		_ = p.s.Shutdown() // the next one is in progress
		time.Sleep(2 * time.Minute)
	})
}

func TestSynctestRestarts(t *testing.T) {
	for name, c := range map[string]struct {
		kill    bool
		options []gocron.JobOption
		want    []string
	}{
		"crash, nothing said":    {true, nil, []string{"missed 3 2m0s..4m0s"}},
		"crash, once":            {true, []gocron.JobOption{gocron.WithMissed(gocron.MissedRunOnce, 0)}, []string{"missed 2 2m0s..3m0s", "succeeded catch-up 4m0s"}},
		"shutdown, nothing said": {false, nil, []string{"missed 3 2m0s..4m0s"}},
		"shutdown, all":          {false, []gocron.JobOption{gocron.WithMissed(gocron.MissedRunAll, 0)}, []string{"succeeded catch-up 2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, began := gocron.NewMemoryStore(), time.Now()
				options := append(c.options, gocron.WithName("tick"))
				p := newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Minute), nothing, options...)
				p.s.Start()
				time.Sleep(90 * time.Second)
				require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
				if c.kill {
					store = p.kill(store)
				} else {
					require.NoError(t, p.s.Shutdown())
				}
				time.Sleep(3 * time.Minute)
				p = newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Minute), nothing, options...)
				p.s.Start()
				require.Equal(t, c.want, p.told())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded schedule 5m0s"}, p.told(), "the phase goes on")
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

func TestSynctestInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		options []gocron.JobOption
		want    []string
	}{
		"at most once":  {nil, []string{"interrupted schedule 1m0s"}},
		"at least once": {[]gocron.JobOption{gocron.WithRerunInterrupted(1)}, []string{"succeeded retry 1m0s attempt 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, began := gocron.NewMemoryStore(), time.Now()
				options := append(c.options, gocron.WithName("tick"))
				p := newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, options...)
				p.s.Start()
				time.Sleep(61 * time.Second)
				store = p.kill(store)
				p.told()
				p = newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Minute), nothing, options...)
				p.s.Start()
				require.Equal(t, c.want, p.told())
				require.NoError(t, p.s.Shutdown())
				time.Sleep(time.Minute)

				p = newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("tick"))
				p.s.Start()
				require.Empty(t, p.told(), "it is not found again")
				require.NoError(t, p.s.Shutdown())
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestSynctestWhatIsToBeCaughtUpWithWaitsForResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now())
		j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, gocron.WithMissed(gocron.MissedRunAll, 0))
		p.s.Start()
		require.NoError(t, p.s.StopJobs())
		time.Sleep(190 * time.Second)
		p.s.Start() // 1m to 3m are missed
		time.Sleep(5 * time.Second)
		require.NoError(t, p.c.Pause(j.ID()))
		time.Sleep(70 * time.Second)
		require.Equal(t, []string{"succeeded catch-up 1m0s", "paused schedule 4m0s"}, p.told())
		require.NoError(t, p.c.Resume(j.ID()))
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"succeeded catch-up 2m0s", "succeeded catch-up 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
