package controller_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// steered makes a scheduler that is shut down when the test ends, and its
// Controller.
func steered(t testing.TB, options ...gocron.SchedulerOption) (gocron.Scheduler, *gocron.Controller) {
	t.Helper()
	s := rig.NewScheduler(t, options...)
	return s, gocron.NewController(s)
}

// endedAs are the outcomes of a job's finished runs, the oldest first.
func endedAs(t testing.TB, c *gocron.Controller, j gocron.Job) []gocron.Outcome {
	t.Helper()
	runs, err := c.History(j.ID())
	require.NoError(t, err)
	outcomes := []gocron.Outcome{}
	for _, r := range runs {
		outcomes = append(outcomes, r.Outcome)
	}
	return outcomes
}

// times is n times the outcome.
func times(n int, o gocron.Outcome) (all []gocron.Outcome) {
	for ; n > 0; n-- {
		all = append(all, o)
	}
	return all
}

// steeringMethods are all methods of a Controller; those of a job take its id.
func steeringMethods(ctx context.Context) (ofJob map[string]func(*gocron.Controller, uuid.UUID) error, others map[string]func(*gocron.Controller) error) {
	ofJob = map[string]func(*gocron.Controller, uuid.UUID) error{
		"Pause":      (*gocron.Controller).Pause,
		"PauseWith":  func(c *gocron.Controller, id uuid.UUID) error { return c.PauseWith(id, "who", "note") },
		"Resume":     (*gocron.Controller).Resume,
		"Wait":       func(c *gocron.Controller, id uuid.UUID) error { return c.Wait(ctx, id) },
		"Cancel":     (*gocron.Controller).Cancel,
		"RunAndWait": func(c *gocron.Controller, id uuid.UUID) error { _, err := c.RunAndWait(ctx, id); return err },
		"History":    func(c *gocron.Controller, id uuid.UUID) error { _, err := c.History(id); return err },
		"Explain":    func(c *gocron.Controller, id uuid.UUID) error { _, err := c.Explain(id); return err },
	}
	others = map[string]func(*gocron.Controller) error{
		"PauseByTags":     func(c *gocron.Controller) error { return c.PauseByTags("tag") },
		"ResumeByTags":    func(c *gocron.Controller) error { return c.ResumeByTags("tag") },
		"PauseByTagsWith": func(c *gocron.Controller) error { return c.PauseByTagsWith("who", "note", "tag") },
		"EachJob":         func(c *gocron.Controller) error { return c.EachJob(ctx, func(gocron.JobFacts) bool { return true }) },
		"Watch":           func(c *gocron.Controller) error { return c.Watch(ctx, func(string, gocron.RunInfo) {}) },
		"Snapshot":        func(c *gocron.Controller) error { _, _, err := c.Snapshot(ctx, "", "", 0); return err },
		"SetLimit":        func(c *gocron.Controller) error { return c.SetLimit(1) },
		"Stats":           func(c *gocron.Controller) error { _, err := c.Stats(); return err },
	}
	return ofJob, others
}

// A mockScheduler is a user's own Scheduler.
type mockScheduler struct{ gocron.Scheduler }

// A wrappedScheduler is a user's own around another one, which it tells.
type wrappedScheduler struct{ gocron.Scheduler }

func (w wrappedScheduler) Unwrap() gocron.Scheduler { return w.Scheduler }

func TestControllerOfAForeignSchedulerIsUnsupported(t *testing.T) {
	own := rig.NewScheduler(t)
	nilScheduler := reflect.Zero(reflect.TypeOf(own)).Interface().(gocron.Scheduler)
	foreign := map[string]*gocron.Controller{
		"nil":                 gocron.NewController(nil),
		"a nil pointer":       gocron.NewController(nilScheduler),
		"a mock":              gocron.NewController(mockScheduler{}),
		"a silent wrapper":    gocron.NewController(mockScheduler{own}),
		"a wrapped mock":      gocron.NewController(wrappedScheduler{mockScheduler{own}}),
		"a wrapped nil":       gocron.NewController(wrappedScheduler{wrappedScheduler{}}),
		"the zero Controller": {},
		"no Controller":       nil,
	}
	ofJob, others := steeringMethods(context.Background())
	for name, c := range foreign {
		for method, call := range ofJob {
			require.ErrorIs(t, call(c, uuid.New()), errors.ErrUnsupported, "%s of %s", method, name)
		}
		for method, call := range others {
			require.ErrorIs(t, call(c), errors.ErrUnsupported, "%s of %s", method, name)
		}
	}
}

func TestControllerFindsTheSchedulerInWrappers(t *testing.T) {
	own := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithHistory(1))
	j := rig.MustJob(t, own, rig.Ages(), rig.Noop, gocron.WithTags("tag"))
	own.Start()
	ofJob, others := steeringMethods(context.Background())
	s := own
	for depth := 0; depth < 4; depth++ {
		for method, call := range ofJob {
			require.NoError(t, call(gocron.NewController(s), j.ID()), "%s through %d wrappers", method, depth)
		}
		for method, call := range others {
			require.NoError(t, call(gocron.NewController(s)), "%s through %d wrappers", method, depth)
		}
		s = wrappedScheduler{s}
	}
	require.NoError(t, gocron.NewController(wrappedScheduler{own}).Pause(j.ID()))
	e, err := gocron.NewController(own).Explain(j.ID())
	require.NoError(t, err)
	require.True(t, e.Paused, "all Controllers of a scheduler steer the same jobs")
}

func TestControllerDoesNotKnowOtherJobs(t *testing.T) {
	s, c := steered(t)
	removed := rig.MustJob(t, s, rig.Ages(), rig.Noop)
	other := rig.MustJob(t, rig.NewScheduler(t), rig.Ages(), rig.Noop)
	require.NoError(t, s.RemoveJob(removed.ID()))
	ofJob, _ := steeringMethods(context.Background())
	for _, started := range []bool{false, true} {
		if started {
			s.Start()
		}
		for method, call := range ofJob {
			for _, id := range []uuid.UUID{uuid.Nil, uuid.New(), removed.ID(), other.ID()} {
				require.ErrorIs(t, call(c, id), gocron.ErrJobNotFound, method)
			}
		}
	}
}

func TestControllerAfterShutdown(t *testing.T) {
	s, c := steered(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags("tag"))
	s.Start()
	_, err := c.RunAndWait(context.Background(), j.ID())
	require.NoError(t, err)
	require.NoError(t, s.Shutdown())
	ofJob, others := steeringMethods(context.Background())
	for method, call := range ofJob {
		require.ErrorIs(t, call(c, j.ID()), gocron.ErrJobNotFound, method)
	}
	for method, call := range others {
		require.NoError(t, call(c), method)
	}
	require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1}, rig.OutcomesOf(t, c), "the runs are still accounted for")
}

func TestControllerByTags(t *testing.T) {
	s, c := steered(t)
	byName := map[string]gocron.Job{}
	for name, tags := range map[string][]string{
		"a": {"a"}, "b": {"b"}, "a and b": {"a", "b"}, "c": {"c"}, "twice a": {"a", "a"}, "none": nil, "empty": {""},
	} {
		byName[name] = rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags(tags...))
	}
	requirePaused := func(names ...string) {
		t.Helper()
		var paused []string
		for name, j := range byName {
			e, err := c.Explain(j.ID())
			require.NoError(t, err)
			if e.Paused {
				paused = append(paused, name)
			}
		}
		require.ElementsMatch(t, names, paused)
	}
	require.NoError(t, c.PauseByTags())
	requirePaused()
	require.NoError(t, c.PauseByTags("unknown"))
	requirePaused()
	require.NoError(t, c.PauseByTags("a"))
	requirePaused("a", "a and b", "twice a")
	require.NoError(t, c.PauseByTags("unknown", "b", "c"))
	requirePaused("a", "a and b", "twice a", "b", "c")
	require.NoError(t, c.ResumeByTags())
	require.NoError(t, c.ResumeByTags("unknown"))
	requirePaused("a", "a and b", "twice a", "b", "c")
	require.NoError(t, c.ResumeByTags("b"))
	requirePaused("a", "twice a", "c")
	require.NoError(t, c.ResumeByTags("a", "b", "c"))
	requirePaused()
	require.NoError(t, c.PauseByTags(""))
	requirePaused("empty")
}

// The tags are those that the jobs have now, and a job that comes later is not
// touched, whatever its tags.
func TestControllerByTagsAsTheyAreNow(t *testing.T) {
	s, c := steered(t)
	paused := func(j gocron.Job) bool {
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		return e.Paused
	}
	job := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags("old"))
	_, err := s.Update(job.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithTags("new"))
	require.NoError(t, err)
	require.NoError(t, c.PauseByTags("old"))
	require.False(t, paused(job))
	require.NoError(t, c.PauseByTags("new"))
	require.True(t, paused(job))
	require.False(t, paused(rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags("new"))))
	_, err = s.Update(job.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
	require.NoError(t, err)
	require.NoError(t, c.ResumeByTags("new"))
	require.True(t, paused(job), "the job has no tag any more")
}

// Many more jobs than are looked at while the scheduler is locked once.
func TestControllerByTagsOfThousandsOfJobs(t *testing.T) {
	s, c := steered(t)
	var jobs []gocron.Job
	for i := 0; i < 5000; i++ {
		jobs = append(jobs, rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags(fmt.Sprint("mod", i%3))))
	}
	requirePaused := func(want func(i int) bool) {
		t.Helper()
		for i, j := range jobs {
			e, err := c.Explain(j.ID())
			require.NoError(t, err)
			require.Equal(t, want(i), e.Paused, i)
		}
	}
	require.NoError(t, c.PauseByTags("mod0", "mod2"))
	requirePaused(func(i int) bool { return i%3 != 1 })
	require.NoError(t, c.ResumeByTags("mod2", "mod1"))
	requirePaused(func(i int) bool { return i%3 == 0 })
}

func TestControllerSetLimitRefusesBadValues(t *testing.T) {
	_, c := steered(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("pool", 1, gocron.LimitModeWait))
	require.ErrorIs(t, c.SetLimit(0), gocron.ErrWithLimitConcurrentJobsZero)
	require.ErrorIs(t, c.SetLimit(0, "pool"), gocron.ErrWithLimitConcurrentJobsZero)
	require.ErrorIs(t, c.SetLimit(2, "unknown"), gocron.ErrOptionValue)
	require.ErrorContains(t, c.SetLimit(2, "unknown"), `SetLimit(2, ["unknown"])`)
	require.ErrorIs(t, c.SetLimit(2, "pool", "pool"), gocron.ErrOptionValue)
	require.NoError(t, c.SetLimit(2))
	require.NoError(t, c.SetLimit(2, "pool"))

	_, unlimited := steered(t, gocron.WithPool("pool", 1, gocron.LimitModeWait))
	require.ErrorIs(t, unlimited.SetLimit(2), gocron.ErrNoLimit)
	require.NoError(t, unlimited.SetLimit(2, "pool"))
}

// As InPool has it, the empty name is that of the scheduler's own limit.
func TestControllerSetLimitOfThePoolWithoutAName(t *testing.T) {
	s, c := steered(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.InPool(""))
	e, err := c.Explain(j.ID())
	require.NoError(t, err)
	require.NoError(t, c.SetLimit(7, e.Pool))
	e, err = c.Explain(j.ID())
	require.NoError(t, err)
	require.EqualValues(t, 7, e.Limit)
}

// A selfWrapper unwraps to itself, or to another one that does so to it.
type selfWrapper struct {
	gocron.Scheduler
	next gocron.Scheduler
}

func (w *selfWrapper) Unwrap() gocron.Scheduler {
	if w.next == nil {
		return w
	}
	return w.next
}

func TestNewControllerOfAWrapperWithoutAnEnd(t *testing.T) {
	a := &selfWrapper{}
	b := &selfWrapper{next: a}
	c := &selfWrapper{next: b}
	b.next = c
	for _, s := range []gocron.Scheduler{a, b} {
		_, err := gocron.NewController(s).RunAndWait(context.Background(), [16]byte{})
		require.ErrorContains(t, err, "not a scheduler of NewScheduler")
	}
}
