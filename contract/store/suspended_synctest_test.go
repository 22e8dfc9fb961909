//go:build go1.25

package store_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A run waits for its next attempt when the scheduler is stopped, and goes on after Start. It is one
// run, with one outcome, whatever is asked.
func TestSynctestARunThatGoesOnAfterAStopHasOneOutcome(t *testing.T) {
	retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: func(int) time.Duration { return 20 * time.Second }})
	update := func(every time.Duration, options ...gocron.JobOption) func(*process, gocron.Job) {
		return func(p *process, j gocron.Job) {
			_, err := p.s.Update(j.ID(), gocron.DurationJob(every), gocron.NewTask(nothing), append(options, gocron.WithName("a"))...)
			require.NoError(p.t, err)
		}
	}
	for name, c := range map[string]struct {
		meanwhile func(*process, gocron.Job)
		told      string // before the second Start
		ended     string // after it
	}{
		"goes on":                     {func(*process, gocron.Job) {}, "", "failed retry 1m0s attempt 3"},
		"is removed":                  {func(p *process, j gocron.Job) { require.NoError(p.t, p.s.RemoveJob(j.ID())) }, "failed schedule 1m0s", ""},
		"equal definition":            {update(time.Minute, retry), "", "succeeded retry 1m0s attempt 2"},
		"equal definition, no policy": {update(time.Minute), "", "failed schedule 1m0s"},
		"other definition":            {update(time.Hour, retry), "failed schedule 1m0s", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := gocron.NewMemoryStore()
				var due, finished []uint64
				p := &process{t: t, began: time.Now()}
				s, err := gocron.NewScheduler(gocron.WithStore(store), gocron.WithHistory(10), gocron.WithHooks(gocron.Hooks{
					RunDue: func(run gocron.RunInfo) { due = append(due, run.ID) },
					RunFinished: func(run gocron.RunInfo) {
						p.finished(run)
						finished = append(finished, run.ID)
					},
				}))
				require.NoError(t, err)
				p.s, p.c = s, gocron.NewController(s)
				books := func() string {
					stats, err := p.c.Stats()
					require.NoError(t, err)
					return fmt.Sprint(stats.Made, " made, ", stats.Retrying, " retrying, ", stats.Outcomes)
				}
				j := p.job(gocron.DurationJob(time.Minute), func() error { return errTask }, gocron.WithName("a"), retry)
				p.s.Start()
				time.Sleep(65 * time.Second)
				for range 2 {
					require.NoError(t, p.s.StopJobs())
					require.Empty(t, p.told())
					require.Equal(t, "1 made, 1 retrying, map[]", books())
					p.s.Start()
					require.Equal(t, "1 made, 1 retrying, map[]", books())
				}
				require.NoError(t, p.s.StopJobs())
				c.meanwhile(p, j)
				var told []string
				if c.told != "" {
					told = append(told, c.told)
				}
				require.Equal(t, told, p.told())
				p.s.Start()
				time.Sleep(44 * time.Second)
				told = nil
				if c.ended != "" {
					told = append(told, c.ended)
				}
				require.Equal(t, told, p.told())
				require.Equal(t, []uint64{1}, due)
				require.Equal(t, []uint64{1}, finished)
				require.NoError(t, p.s.Shutdown())
				for _, row := range historyOf(t, store, "a") {
					require.True(t, row.RetryAt.IsZero(), "%+v", row)
				}
			})
		})
	}
}

// The same over a restart: the process that ends has nothing to tell.
func TestSynctestARunThatGoesOnInAnotherProcessHasOneOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithHistory(10))
		retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { return 20 * time.Second }})
		var j gocron.Job
		add := func() {
			j = p.job(gocron.DurationJob(time.Minute), func() error { return errTask }, gocron.WithName("a"), retry)
			p.s.Start()
		}
		add()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.s.Shutdown())
		require.Empty(t, p.told())
		p = newProcess(t, p.began, gocron.WithStore(store), gocron.WithHistory(10))
		add()
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"failed retry 1m0s attempt 2"}, p.told())
		history, err := p.c.History(j.ID())
		require.NoError(t, err)
		require.Len(t, history, 1)
		stats, err := p.c.Stats()
		require.NoError(t, err)
		require.EqualValues(t, 1, stats.Made)
		why, err := p.c.Why(context.Background(), j.ID(), p.began.Add(time.Minute))
		require.NoError(t, err)
		require.Len(t, why.Attempts, 2)
		require.NoError(t, p.s.Shutdown())
	})
}
