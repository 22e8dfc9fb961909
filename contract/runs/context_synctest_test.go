//go:build go1.25

package runs_test

import (
	"context"
	"errors"
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

// runContexts are the contexts that a run was given, by place, and what was known
// of the run there and then.
type runContexts struct {
	mu       sync.Mutex
	contexts map[string]context.Context
	infos    map[string]gocron.RunInfo
	jobs     map[string]gocron.Job
}

func newRunContexts() *runContexts {
	return &runContexts{contexts: map[string]context.Context{}, infos: map[string]gocron.RunInfo{}, jobs: map[string]gocron.Job{}}
}

func (c *runContexts) at(place string, ctx context.Context) {
	info, isRun := gocron.RunFromContext(ctx)
	job, hasJob := gocron.JobFromContext(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if isRun && hasJob {
		c.contexts[place], c.infos[place], c.jobs[place] = ctx, info, job
	}
}

func (c *runContexts) elector() gocron.SchedulerOption {
	return gocron.WithDistributedElector(rig.ElectorFunc(func(ctx context.Context) error { c.at("elector", ctx); return nil }))
}

// locker gives locks, and the error along with them.
func (c *runContexts) locker(err error) gocron.SchedulerOption {
	return gocron.WithDistributedLocker(rig.LockFunc(func(ctx context.Context, _ string) (gocron.Lock, error) {
		c.at("lock", ctx)
		return rig.UnlockFunc(func(ctx context.Context) error { c.at("unlock", ctx); return nil }), err
	}))
}

// derivations are ways to make a context of another.
func derivations() map[string]func(context.Context) (context.Context, context.CancelFunc) {
	type key struct{}
	return map[string]func(context.Context) (context.Context, context.CancelFunc){
		"value": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(ctx, key{}, 1), func() {}
		},
		"cancel": context.WithCancel,
		"timeout": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Nanosecond)
		},
		"without cancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(ctx), func() {}
		},
		"foreign": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return rig.ForeignContext{Context: ctx}, func() {}
		},
	}
}

func TestSynctestContractRunFromContextInEverythingCalledForTheRun(t *testing.T) {
	for name, places := range map[string][]string{"elector": {"elector", "task"}, "locker": {"lock", "task", "unlock"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := newRunContexts()
				option := seen.locker(nil)
				if name == "elector" {
					option = seen.elector()
				}
				s := rig.NewScheduler(t, option, gocron.WithLocation(runZone))
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
					seen.at("task", ctx)
					for how, derive := range derivations() {
						derived, cancel := derive(ctx)
						seen.at(how, derived)
						cancel()
						seen.at(how+" that has ended", derived)
					}
					time.Sleep(time.Minute)
				}, gocron.WithName("j"), gocron.WithTags("tag"))
				began := time.Now()
				s.Start()
				require.NoError(t, j.RunNow())
				time.Sleep(time.Hour)
				synctest.Wait()

				for how := range derivations() {
					places = append(places, how, how+" that has ended")
				}
				require.Len(t, seen.infos, len(places))
				for _, place := range places {
					want := gocron.RunInfo{ID: 1, JobID: j.ID(), JobName: "j", Tags: []string{"tag"}, Trigger: gocron.TriggerRunNow, Attempt: 1,
						ScheduledAt: began.In(runZone), StartedAt: began.In(runZone)}
					if place == "elector" || place == "lock" {
						want.StartedAt, want.Attempt = time.Time{}, 0
					}
					require.Equal(t, want, seen.infos[place], place)
					require.True(t, j == seen.jobs[place], place)

					want.StartedAt, want.Attempt = began.In(runZone), 1
					want.FinishedAt, want.Outcome = began.Add(time.Minute).In(runZone), gocron.OutcomeSucceeded
					after, ok := gocron.RunFromContext(seen.contexts[place])
					require.True(t, ok)
					require.Equal(t, want, after, place+", afterwards")
				}
			})
		})
	}
}

// A context of a run that was not performed tells why.
func TestSynctestContractRunFromContextOfARunThatWasNotPerformed(t *testing.T) {
	refuse := gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest }))
	for place, want := range map[string]gocron.Outcome{"lock": gocron.OutcomeLockedElsewhere, "unlock": gocron.OutcomeRefused} {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := newRunContexts()
				var err error
				if place == "lock" {
					err = rig.ErrTest
				}
				s := rig.NewScheduler(t, seen.locker(err))
				j := rig.MustJob(t, s, rig.Ages(), rig.Noop, refuse)
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Equal(t, gocron.OutcomePending, seen.infos[place].Outcome)
				info, ok := gocron.RunFromContext(seen.contexts[place])
				require.True(t, ok)
				require.Equal(t, want, info.Outcome)
				require.True(t, info.Err == rig.ErrTest)
				require.True(t, info.StartedAt.IsZero())
				require.False(t, info.FinishedAt.IsZero())
				require.Zero(t, info.Attempt)
			})
		})
	}
}

// endingsOfAJob are what makes a job leave, be another, or stop.
func endingsOfAJob() map[string]func(gocron.Scheduler, uuid.UUID) {
	return map[string]func(gocron.Scheduler, uuid.UUID){
		"removal": func(s gocron.Scheduler, id uuid.UUID) { _ = s.RemoveJob(id) },
		"update": func(s gocron.Scheduler, id uuid.UUID) {
			_, _ = s.Update(id, rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("new"))
		},
		"stop":     func(s gocron.Scheduler, _ uuid.UUID) { go s.StopJobs() },
		"shutdown": func(s gocron.Scheduler, _ uuid.UUID) { go s.Shutdown() },
	}
}

func TestSynctestContractRunFromContextOutlivesTheJob(t *testing.T) {
	for name, end := range endingsOfAJob() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := newRunContexts()
				s := rig.NewScheduler(t, seen.locker(nil))
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
					seen.at("before", ctx)
					job, _ := gocron.JobFromContext(ctx)
					end(s, job.ID())
					<-ctx.Done()
					seen.at("after", ctx)
					return ctx.Err()
				}, gocron.WithName("old"))
				s.Start()
				require.NoError(t, j.RunNow())
				time.Sleep(time.Minute)
				synctest.Wait()
				for _, place := range []string{"before", "after", "unlock"} {
					require.Equal(t, "old", seen.infos[place].JobName, place)
					require.Equal(t, gocron.OutcomePending, seen.infos[place].Outcome, place)
					info, ok := gocron.RunFromContext(seen.contexts[place])
					require.True(t, ok)
					require.Equal(t, gocron.OutcomeCancelled, info.Outcome)
					require.Equal(t, "old", seen.jobs[place].Name())
				}
				_, notFound := seen.jobs["unlock"].NextRun()
				require.Equal(t, name == "removal" || name == "shutdown", errors.Is(notFound, gocron.ErrJobNotFound), "it is a handle as any other")
			})
		})
	}
}

// All contexts of a run tell of the run, whichever attempt they were made for.
func TestSynctestContractRunFromContextOfEarlierAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book rig.RunBook
		s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()))
		var contexts []context.Context
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			contexts = append(contexts, ctx)
			if len(contexts) < 3 {
				return rig.ErrTest
			}
			for _, attempt := range contexts {
				info, ok := gocron.RunFromContext(attempt)
				require.True(t, ok)
				require.Equal(t, 3, info.Attempt)
				require.Equal(t, gocron.TriggerRetry, info.Trigger)
				require.True(t, info.StartedAt.Equal(time.Now()))
			}
			time.Sleep(time.Minute)
			return nil
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Hour)}))
		s.Start()
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		synctest.Wait()
		info, ok := gocron.RunFromContext(contexts[0])
		require.True(t, ok)
		require.Equal(t, gocron.OutcomePending, info.Outcome, "it waits for its next attempt")
		require.Equal(t, 1, info.Attempt)
		require.True(t, info.Err == rig.ErrTest)
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		require.Len(t, contexts, 3)
		for _, attempt := range contexts {
			info, ok := gocron.RunFromContext(attempt)
			require.True(t, ok)
			require.Equal(t, book.Told("finished")[0], info)
		}
	})
}

func TestSynctestContractContextsThatAreNotOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		user, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "the user's"))
		defer cancel()
		none := func(name string, ctx context.Context) {
			info, ok := gocron.RunFromContext(ctx)
			require.False(t, ok, name)
			require.Equal(t, gocron.RunInfo{}, info, name)
			j, ok := gocron.JobFromContext(ctx)
			require.False(t, ok, name)
			require.Nil(t, j, name)
		}
		s := rig.NewScheduler(t)
		var calls atomic.Int32
		own := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			calls.Add(1)
			none("the one that the job's derives from", user)
			require.Equal(t, "the user's", ctx.Value(key{}))
			require.Nil(t, ctx.Value("no such key"))
		}, gocron.WithContext(user))
		given, err := s.NewJob(rig.Ages(), gocron.NewTask(func(ctx context.Context) { calls.Add(1); none("one given as a parameter", ctx) }, user))
		require.NoError(t, err)
		s.Start()
		require.NoError(t, own.RunNow())
		require.NoError(t, given.RunNow())
		synctest.Wait()
		require.EqualValues(t, 2, calls.Load())

		none("nil", nil)
		none("background", context.Background())
		none("a user's", user)
		none("a foreign one", rig.ForeignContext{Context: user})
	})
}

// A job whose context derives from that of another job's run has runs of its own.
func TestSynctestContractTheInnermostRunCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		var outer, inner context.Context
		a := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			outer = ctx
			b := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { inner = ctx; <-ctx.Done() }, gocron.WithName("b"), gocron.WithContext(ctx))
			require.NoError(t, b.RunNow())
			time.Sleep(time.Minute)
		}, gocron.WithName("a"))
		s.Start()
		require.NoError(t, a.RunNow())
		time.Sleep(time.Second)
		synctest.Wait()
		for name, ctx := range map[string]context.Context{"a": outer, "b": inner} {
			info, ok := gocron.RunFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, name, info.JobName)
			j, ok := gocron.JobFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, name, j.Name())
		}
		require.NoError(t, s.RemoveJob(a.ID()))
		synctest.Wait()
		require.Error(t, inner.Err())
		time.Sleep(time.Hour)
	})
}

func TestSynctestContractATaskMayRemoveAndRunItsOwnJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		calls := 0
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) {
			j, ok := gocron.JobFromContext(ctx)
			require.True(t, ok)
			if calls++; calls == 1 {
				require.NoError(t, j.RunNow())
				return
			}
			require.NoError(t, s.RemoveJob(j.ID()))
			require.Equal(t, context.Canceled, ctx.Err())
		})
		s.Start()
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		require.Equal(t, 2, calls)
		require.Empty(t, s.Jobs())
	})
}
