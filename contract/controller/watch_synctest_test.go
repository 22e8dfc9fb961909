//go:build go1.25

package controller_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// forever is a context that never ends.
var forever context.Context

// A watch notes what a watcher is told.
type watch struct {
	mu     sync.Mutex
	lines  []string
	infos  []gocron.RunInfo
	cancel context.CancelFunc
}

func newWatch(t *testing.T, c *gocron.Controller) *watch {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{cancel: cancel}
	t.Cleanup(cancel)
	require.NoError(t, c.Watch(ctx, w.tell))
	return w
}

func (w *watch) tell(stage string, run gocron.RunInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, fmt.Sprint(run.ID, " ", stage, " ", run.Outcome))
	w.infos = append(w.infos, run)
}

// told is what was told since it was asked last, one run after another.
func (w *watch) told() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.lines
	w.lines = nil
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(a[:2], b[:2]) }) // ids of one digit
	slices.SortStableFunc(w.infos, func(a, b gocron.RunInfo) int { return cmp.Compare(a.ID, b.ID) })
	return lines
}

func TestSynctestWatchTellsEveryStage(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		w := newWatch(t, c)
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("pool"), gocron.WithTags("a"))
		s.Start()
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"1 due pending", "1 started pending"}, w.told())
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"2 due pending", "2 queued pending"}, w.told())
		rest(time.Minute)
		h.Open()
		require.Equal(t, []string{"1 finished succeeded", "2 started pending", "2 finished succeeded"}, w.told())
		last := w.infos[len(w.infos)-1]
		require.Equal(t, []string{"a"}, last.Tags)
		require.Equal(t, "pool", last.Pool)
		require.Equal(t, time.Minute, last.StartedAt.Sub(last.QueuedAt))
		require.False(t, last.FinishedAt.IsZero())
	}, gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

// Skipped runs, attempts and missed occurrences as well.
func TestSynctestWatchTellsOfRunsThatDoNotStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		w := newWatch(t, c)
		fails := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() error { return rig.ErrTest }, rig.Retries(2, time.Minute))
		s.Start()
		require.NoError(t, fails.RunNow())
		require.Equal(t, []string{"1 due pending", "1 started pending", "1 queued pending"}, w.told())
		rest(time.Minute)
		require.Equal(t, []string{"1 started pending", "1 finished failed"}, w.told())
		require.NoError(t, c.Pause(fails.ID()))
		rest(time.Hour)
		require.Equal(t, []string{"2 due paused", "2 finished paused"}, w.told())
		require.NoError(t, c.Resume(fails.ID()))
		require.NoError(t, s.StopJobs())
		rest(3 * time.Hour)
		s.Start()
		require.Equal(t, []string{"3 finished missed"}, w.told())
		missed := w.infos[len(w.infos)-1]
		require.Equal(t, 3*time.Hour, missed.MissedTo.Sub(missed.MissedFrom))
		require.Equal(t, missed.MissedTo, missed.FinishedAt)
		require.NoError(t, s.StopJobs())
	})
}

// One that was made before anybody watched, and does not start, has a time at which it has finished.
func TestSynctestWatchOfRunsThatWaited(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		w := newWatch(t, c)
		rest(time.Minute)
		require.NoError(t, s.RemoveJob(j.ID()))
		require.Equal(t, []string{"2 finished cancelled"}, w.told())
		require.True(t, time.Now().Equal(w.infos[0].FinishedAt))
	})
}

// A run under way is told of from its next stage on, with the times from then on.
func TestSynctestWatchOfRunsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("pool"))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		began := time.Now()
		rest(time.Minute)
		w := newWatch(t, c)
		require.Empty(t, w.told())
		h.Open()
		require.Equal(t, []string{"1 finished succeeded", "2 started pending", "2 finished succeeded"}, w.told())
		require.True(t, began.Equal(w.infos[0].StartedAt), w.infos[0].StartedAt)
		require.Equal(t, time.Minute, w.infos[0].FinishedAt.Sub(w.infos[0].StartedAt))
		require.True(t, time.Now().Equal(w.infos[1].StartedAt), w.infos[1].StartedAt)
		require.True(t, w.infos[2].QueuedAt.IsZero(), "nobody noted it")
	}, gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

func TestSynctestWatchEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		first, second := newWatch(t, c), newWatch(t, c)
		run := func() {
			_, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
		}
		run()
		require.Len(t, first.told(), 3)
		require.Len(t, second.told(), 3)
		first.cancel()
		run()
		require.Empty(t, first.told())
		require.Len(t, second.told(), 3)
		second.cancel()
		run()
		require.Empty(t, second.told())
	})
}

// A watcher may call any method, and leave.
func TestSynctestWatchIsCalledWithNothingLocked(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		ctx, cancel := context.WithCancel(context.Background())
		stages := make(chan string, 10)
		require.NoError(t, c.Watch(ctx, func(stage string, run gocron.RunInfo) {
			stages <- stage
			_, err := c.Explain(run.JobID)
			require.NoError(t, err)
			require.NoError(t, c.Watch(ctx, func(stage string, _ gocron.RunInfo) { stages <- "nested " + stage }))
			if stage == "started" {
				cancel()
			}
		}))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, "due", <-stages)
		require.Equal(t, "started", <-stages)
		require.Empty(t, stages)
	})
}

func TestSynctestWatchRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		c := gocron.NewController(s)
		f := func(string, gocron.RunInfo) {}
		require.ErrorIs(t, c.Watch(context.Background(), nil), gocron.ErrOptionValue)
		require.ErrorIs(t, c.Watch(rig.EndedContext(), f), context.Canceled)
		require.NoError(t, c.Watch(forever, f))
		require.NoError(t, s.Shutdown())
		require.NoError(t, c.Watch(context.Background(), f))
		require.ErrorIs(t, gocron.NewController(nil).Watch(context.Background(), f), errors.ErrUnsupported)
	})
}
