//go:build go1.25

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A ticker is a process with a job, tick, which the store knows with two intervals.
type ticker struct{ *process }

// make makes the job, or updates it.
func (p ticker) make(every time.Duration, old gocron.Job) (j gocron.Job) {
	p.t.Helper()
	task := gocron.NewTask(func() { time.Sleep(5 * time.Second) })
	options := []gocron.JobOption{gocron.WithName("tick"), gocron.WithMissed(gocron.MissedRunAll, 0),
		gocron.WithStartAt(gocron.WithStartDateTimePast(p.began))}
	var err error
	if old == nil {
		j, err = p.s.NewJob(gocron.DurationJob(every), task, options...)
	} else {
		j, err = p.s.Update(old.ID(), gocron.DurationJob(every), task, options...)
	}
	require.NoError(p.t, err)
	return j
}

// behind is a ticker that is due every minute and, at 4m30s, waits for a slot to run that of 2m. Those
// of 3m and 4m are still to be caught up with.
func behind(t *testing.T) (ticker, gocron.Job) {
	store, began := gocron.NewMemoryStore(), time.Now()
	time.Sleep(time.Second)
	p := ticker{newProcess(t, began, gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))}
	other := p.make(90*time.Second, nil)
	p.s.Start()
	j := p.make(time.Minute, other)
	time.Sleep(89 * time.Second)
	require.NoError(t, p.s.StopJobs())
	p.job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(10 * time.Second) }, gocron.WithoutStore())
	time.Sleep(3 * time.Minute)
	p.s.Start()
	require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
	return p, j
}

func TestSynctestAJobThatIsRemovedAndAddedAgainGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, j := behind(t)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.make(time.Minute, nil)
		require.ElementsMatch(t, []string{"cancelled catch-up 2m0s", "missed 2 3m0s..4m0s"}, p.told())
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"succeeded start-immediately 4m30s"}, p.told(), "nothing of the job has two outcomes")
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"succeeded schedule 5m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestAnotherScheduleGoesOnFromWhatIsSettled(t *testing.T) {
	for name, update := range map[string]bool{"updated": true, "removed and added": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, j := behind(t)
				change := func(every time.Duration) {
					if !update {
						require.NoError(t, p.s.RemoveJob(j.ID()))
						j = nil
					}
					j = p.make(every, j)
				}
				change(90 * time.Second) // 3m and 4m30s are times of it
				require.ElementsMatch(t, []string{"cancelled catch-up 2m0s", "missed 2 3m0s..4m0s"}, p.told())
				change(time.Minute)
				time.Sleep(40 * time.Second)
				require.Equal(t, []string{"succeeded start-immediately 4m30s", "succeeded schedule 5m0s"}, p.told())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// A time that two schedules have is one occurrence: the second does not miss what ran by the first.
func TestSynctestATimeOfTwoSchedulesHasOneOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		time.Sleep(time.Second)
		p := ticker{newProcess(t, began, gocron.WithStore(store))}
		j := p.make(90*time.Second, nil)
		p.s.Start()
		p.make(time.Minute, j)
		time.Sleep(3 * time.Minute) // in the run of 3m
		p.told()
		store = p.kill(store)
		time.Sleep(2 * time.Minute)
		p = ticker{newProcess(t, began, gocron.WithStore(store))}
		p.make(90*time.Second, nil)
		p.s.Start()
		time.Sleep(10 * time.Second)
		require.ElementsMatch(t, []string{"interrupted schedule 3m0s", "succeeded catch-up 4m30s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A heldLocker has Lock wait until it is closed.
type heldLocker chan struct{}

func (l heldLocker) Lock(context.Context, string) (gocron.Lock, error) {
	<-l
	return noLock{}, nil
}

// A run of a schedule that the job has no more is not kept for the next Start when a stop cancels it:
// nobody would make it.
func TestSynctestACancelledRunOfAScheduleThatWasReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		waits := make(chan struct{})
		options := []gocron.JobOption{gocron.WithName("tick"), gocron.WithMissed(gocron.MissedRunAll, 0),
			gocron.WithDistributedJobLocker(heldLocker(waits))}
		j := p.job(gocron.DurationJob(time.Minute), nothing, options...)
		p.s.Start()
		time.Sleep(61 * time.Second)
		_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(nothing), options...)
		require.NoError(t, err)
		stopped := make(chan error)
		go func() { stopped <- p.s.StopJobs() }()
		synctest.Wait()
		close(waits)
		require.NoError(t, <-stopped)
		require.Equal(t, []string{"cancelled schedule 1m0s"}, p.told())
		rows, err := store.History(context.Background(), "tick", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "cancelled", rows[0].Outcome)
		require.NoError(t, p.s.Shutdown())
	})
}

// The clock was set back between two processes, and a run of the first, without an end, is ahead of it.
// What is due before that run is still to come.
func TestSynctestAnInterruptedRunAheadOfTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store, began := context.Background(), gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("tick"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
		rows, err := store.History(ctx, "tick", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		row := rows[0]
		row.Run, row.ScheduledAt, row.Outcome, row.EndedAt = "other", began.Add(4*time.Minute).UTC(), "", time.Time{}
		row.BegunAt = row.ScheduledAt
		_, err = store.Begin(ctx, row)
		require.NoError(t, err)

		p = newProcess(t, began, gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("tick"))
		p.s.Start()
		require.Equal(t, []string{"interrupted schedule 4m0s"}, p.told())
		time.Sleep(4 * time.Minute)
		require.Equal(t, []string{"succeeded schedule 2m0s", "succeeded schedule 3m0s", "locked-elsewhere schedule 4m0s", "succeeded schedule 5m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A run that is stopped after its begin was recorded, and before its task, has not begun.
func TestSynctestARunWhoseTaskWasNotCalledHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		waits := make(chan struct{})
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("tick"),
			gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { <-waits })))
		p.s.Start()
		time.Sleep(61 * time.Second)
		stopped := make(chan error)
		go func() { stopped <- p.s.StopJobs() }()
		synctest.Wait()
		close(waits)
		require.NoError(t, <-stopped)
		rows, err := store.History(context.Background(), "tick", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "cancelled", rows[0].Outcome)
		require.Zero(t, rows[0].BegunAt)
		require.NoError(t, p.s.Shutdown())
	})
}
