package gocron

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// steered makes a scheduler that is shut down when the test ends, and its
// Controller.
func steered(t testing.TB, options ...SchedulerOption) (Scheduler, *Controller) {
	t.Helper()
	s := newScheduler(t, options...)
	return s, NewController(s)
}

// soundStats are the Stats, which must add up.
func soundStats(t testing.TB, c *Controller) Stats {
	t.Helper()
	stats, err := c.Stats()
	require.NoError(t, err)
	sum := uint64(stats.Running + stats.Waiting + stats.Retrying)
	for o, n := range stats.Outcomes {
		require.NotZero(t, n, "an outcome that none has: %v", o)
		sum += n
	}
	require.Equal(t, stats.Made, sum)
	return stats
}

// soundOutcomes are the outcomes of all finished runs.
func soundOutcomes(t testing.TB, c *Controller) map[Outcome]uint64 {
	t.Helper()
	return soundStats(t, c).Outcomes
}

// endedAs are the outcomes of a job's finished runs, the oldest first.
func endedAs(t testing.TB, c *Controller, j Job) []Outcome {
	t.Helper()
	runs, err := c.History(j.ID())
	require.NoError(t, err)
	outcomes := []Outcome{}
	for _, r := range runs {
		outcomes = append(outcomes, r.Outcome)
	}
	return outcomes
}

// times is n times the outcome.
func times(n int, o Outcome) (all []Outcome) {
	for ; n > 0; n-- {
		all = append(all, o)
	}
	return all
}

// steeringMethods are all methods of a Controller; those of a job take its id.
func steeringMethods(ctx context.Context) (ofJob map[string]func(*Controller, uuid.UUID) error, others map[string]func(*Controller) error) {
	ofJob = map[string]func(*Controller, uuid.UUID) error{
		"Pause":      (*Controller).Pause,
		"Resume":     (*Controller).Resume,
		"Wait":       func(c *Controller, id uuid.UUID) error { return c.Wait(ctx, id) },
		"Cancel":     (*Controller).Cancel,
		"RunAndWait": func(c *Controller, id uuid.UUID) error { _, err := c.RunAndWait(ctx, id); return err },
		"History":    func(c *Controller, id uuid.UUID) error { _, err := c.History(id); return err },
		"Explain":    func(c *Controller, id uuid.UUID) error { _, err := c.Explain(id); return err },
	}
	others = map[string]func(*Controller) error{
		"PauseByTags":  func(c *Controller) error { return c.PauseByTags("tag") },
		"ResumeByTags": func(c *Controller) error { return c.ResumeByTags("tag") },
		"SetLimit":     func(c *Controller) error { return c.SetLimit(1) },
		"Stats":        func(c *Controller) error { _, err := c.Stats(); return err },
	}
	return ofJob, others
}

// A mockScheduler is a user's own Scheduler.
type mockScheduler struct{ Scheduler }

// A wrappedScheduler is a user's own around another one, which it tells.
type wrappedScheduler struct{ Scheduler }

func (w wrappedScheduler) Unwrap() Scheduler { return w.Scheduler }

func TestControllerOfAForeignSchedulerIsUnsupported(t *testing.T) {
	own := newScheduler(t)
	nilScheduler := reflect.Zero(reflect.TypeOf(own)).Interface().(Scheduler)
	foreign := map[string]*Controller{
		"nil":                 NewController(nil),
		"a nil pointer":       NewController(nilScheduler),
		"a mock":              NewController(mockScheduler{}),
		"a silent wrapper":    NewController(mockScheduler{own}),
		"a wrapped mock":      NewController(wrappedScheduler{mockScheduler{own}}),
		"a wrapped nil":       NewController(wrappedScheduler{wrappedScheduler{}}),
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
	own := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithHistory(1))
	j := mustJob(t, own, ages(), noop, WithTags("tag"))
	own.Start()
	ofJob, others := steeringMethods(context.Background())
	s := own
	for depth := 0; depth < 4; depth++ {
		for method, call := range ofJob {
			require.NoError(t, call(NewController(s), j.ID()), "%s through %d wrappers", method, depth)
		}
		for method, call := range others {
			require.NoError(t, call(NewController(s)), "%s through %d wrappers", method, depth)
		}
		s = wrappedScheduler{s}
	}
	require.NoError(t, NewController(wrappedScheduler{own}).Pause(j.ID()))
	e, err := NewController(own).Explain(j.ID())
	require.NoError(t, err)
	require.True(t, e.Paused, "all Controllers of a scheduler steer the same jobs")
}

func TestControllerDoesNotKnowOtherJobs(t *testing.T) {
	s, c := steered(t)
	removed := mustJob(t, s, ages(), noop)
	other := mustJob(t, newScheduler(t), ages(), noop)
	require.NoError(t, s.RemoveJob(removed.ID()))
	ofJob, _ := steeringMethods(context.Background())
	for _, started := range []bool{false, true} {
		if started {
			s.Start()
		}
		for method, call := range ofJob {
			for _, id := range []uuid.UUID{uuid.Nil, uuid.New(), removed.ID(), other.ID()} {
				require.ErrorIs(t, call(c, id), ErrJobNotFound, method)
			}
		}
	}
}

func TestControllerAfterShutdown(t *testing.T) {
	s, c := steered(t, WithLimitConcurrentJobs(1, LimitModeWait))
	j := mustJob(t, s, ages(), noop, WithTags("tag"))
	s.Start()
	_, err := c.RunAndWait(context.Background(), j.ID())
	require.NoError(t, err)
	require.NoError(t, s.Shutdown())
	ofJob, others := steeringMethods(context.Background())
	for method, call := range ofJob {
		require.ErrorIs(t, call(c, j.ID()), ErrJobNotFound, method)
	}
	for method, call := range others {
		require.NoError(t, call(c), method)
	}
	require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1}, soundOutcomes(t, c), "the runs are still accounted for")
}

func TestControllerByTags(t *testing.T) {
	s, c := steered(t)
	byName := map[string]Job{}
	for name, tags := range map[string][]string{
		"a": {"a"}, "b": {"b"}, "a and b": {"a", "b"}, "c": {"c"}, "twice a": {"a", "a"}, "none": nil, "empty": {""},
	} {
		byName[name] = mustJob(t, s, ages(), noop, WithTags(tags...))
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
	paused := func(j Job) bool {
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		return e.Paused
	}
	job := mustJob(t, s, ages(), noop, WithTags("old"))
	_, err := s.Update(job.ID(), ages(), NewTask(noop), WithTags("new"))
	require.NoError(t, err)
	require.NoError(t, c.PauseByTags("old"))
	require.False(t, paused(job))
	require.NoError(t, c.PauseByTags("new"))
	require.True(t, paused(job))
	require.False(t, paused(mustJob(t, s, ages(), noop, WithTags("new"))))
	_, err = s.Update(job.ID(), ages(), NewTask(noop))
	require.NoError(t, err)
	require.NoError(t, c.ResumeByTags("new"))
	require.True(t, paused(job), "the job has no tag any more")
}

// Many more jobs than are looked at while the scheduler is locked once.
func TestControllerByTagsOfThousandsOfJobs(t *testing.T) {
	s, c := steered(t)
	var jobs []Job
	for i := 0; i < 5000; i++ {
		jobs = append(jobs, mustJob(t, s, ages(), noop, WithTags(fmt.Sprint("mod", i%3))))
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
	_, c := steered(t, WithLimitConcurrentJobs(1, LimitModeWait), WithPool("pool", 1, LimitModeWait))
	require.ErrorIs(t, c.SetLimit(0), ErrWithLimitConcurrentJobsZero)
	require.ErrorIs(t, c.SetLimit(0, "pool"), ErrWithLimitConcurrentJobsZero)
	require.ErrorIs(t, c.SetLimit(2, "unknown"), ErrOptionValue)
	require.ErrorContains(t, c.SetLimit(2, "unknown"), `SetLimit(2, ["unknown"])`)
	require.ErrorIs(t, c.SetLimit(2, "pool", "pool"), ErrOptionValue)
	require.NoError(t, c.SetLimit(2))
	require.NoError(t, c.SetLimit(2, "pool"))

	_, unlimited := steered(t, WithPool("pool", 1, LimitModeWait))
	require.ErrorIs(t, unlimited.SetLimit(2), ErrNoLimit)
	require.NoError(t, unlimited.SetLimit(2, "pool"))
}

// As InPool has it, the empty name is that of the scheduler's own limit.
func TestControllerSetLimitOfThePoolWithoutAName(t *testing.T) {
	s, c := steered(t, WithLimitConcurrentJobs(1, LimitModeWait))
	j := mustJob(t, s, ages(), noop, InPool(""))
	e, err := c.Explain(j.ID())
	require.NoError(t, err)
	require.NoError(t, c.SetLimit(7, e.Pool))
	e, err = c.Explain(j.ID())
	require.NoError(t, err)
	require.EqualValues(t, 7, e.Limit)
}

// A selfWrapper unwraps to itself, or to another one that does so to it.
type selfWrapper struct {
	Scheduler
	next Scheduler
}

func (w *selfWrapper) Unwrap() Scheduler {
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
	for _, s := range []Scheduler{a, b} {
		_, err := NewController(s).RunAndWait(context.Background(), [16]byte{})
		require.ErrorContains(t, err, "not a scheduler of NewScheduler")
	}
}
