//go:build go1.25

package gocron

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestClaimsNeedAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		global := newScheduler(t, WithDistributedLocker(c.locker()))
		own := newScheduler(t, WithGlobalJobOptions(WithDistributedJobLocker(c.locker())))
		for _, s := range []Scheduler{global, own} {
			s.Start()
			old := everyMinute(t, s, noop)
			_, err := s.NewJob(ages(), NewTask(noop))
			require.Equal(t, ErrClaimNoName, err)
			_, err = s.Update(old.ID(), ages(), NewTask(noop))
			require.Equal(t, ErrClaimNoName, err)
			require.Len(t, s.Jobs(), 1, "what is refused leaves no trace")
			next, err := old.NextRun()
			require.NoError(t, err)
			require.True(t, next.Equal(time.Now().Add(time.Minute)), "the old job goes on")
			require.Equal(t, "j", s.Jobs()[0].Name())
		}
	})
}

// requireFree asserts that a name can be given to another job, and takes it back.
func requireFree(t *testing.T, s Scheduler, name string) {
	t.Helper()
	j, err := s.NewJob(ages(), NewTask(noop), WithName(name))
	require.NoError(t, err)
	require.NoError(t, s.RemoveJob(j.ID()))
}

func requireTaken(t *testing.T, s Scheduler, name string) {
	t.Helper()
	before := len(s.Jobs())
	middleware := &policyTrace{}
	_, err := s.NewJob(ages(), NewTask(noop), WithName(name), WithMiddleware(middleware.layer("own")))
	require.ErrorIs(t, err, ErrClaimNameTaken)
	require.Empty(t, middleware.made, "nothing is asked for a job that is refused")
	require.ErrorContains(t, err, name)
	_, err = s.NewJob(ages(), NewTask(noop), WithName(name), WithIdentifier(uuid.New()))
	require.ErrorIs(t, err, ErrClaimNameTaken)
	require.Len(t, s.Jobs(), before)
}

func TestSynctestClaimsNameIsOfOneId(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()))
		for _, running := range []bool{false, true} {
			if running {
				s.Start()
			}
			j := everyMinute(t, s, noop)
			requireTaken(t, s, "j")

			again := mustJob(t, s, ages(), noop, WithName("j"), WithIdentifier(j.ID()))
			require.Equal(t, j.ID(), again.ID(), "the same id replaces")
			_, err := s.Update(j.ID(), ages(), NewTask(noop), WithName("j"))
			require.NoError(t, err)
			requireTaken(t, s, "j")

			_, err = s.Update(j.ID(), ages(), NewTask(noop), WithName("k"))
			require.NoError(t, err)
			requireTaken(t, s, "k")
			requireFree(t, s, "j")

			other := mustJob(t, s, ages(), noop, WithName("j"))
			_, err = s.Update(other.ID(), ages(), NewTask(noop), WithName("k"))
			require.ErrorIs(t, err, ErrClaimNameTaken)
			requireTaken(t, s, "j")
			requireTaken(t, s, "k")

			_, err = s.Update(uuid.New(), ages(), NewTask(noop), WithName("k"))
			require.ErrorIs(t, err, ErrClaimNameTaken, "an unknown id is added")
			require.Len(t, s.Jobs(), 2)
			require.NoError(t, s.RemoveJob(j.ID()))
			requireFree(t, s, "k")
			require.NoError(t, s.RemoveJob(other.ID()))
			requireFree(t, s, "j")
		}
	})
}

func TestSynctestClaimsNameIsFreeWhenItsJobHasLeft(t *testing.T) {
	soon := func() JobDefinition { return OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Minute))) }
	everySecond := func() JobDefinition { return DurationJob(time.Second) }
	for name, tt := range map[string]struct {
		definition func() JobDefinition
		option     func() JobOption
		end        func(Scheduler, context.CancelFunc)
	}{
		"tags":      {ages, func() JobOption { return WithTags("tag") }, func(s Scheduler, _ context.CancelFunc) { s.RemoveByTags("tag") }},
		"last run":  {everySecond, func() JobOption { return WithLimitedRuns(2) }, nil},
		"stop time": {everySecond, func() JobOption { return WithStopAt(WithStopDateTime(time.Now().Add(time.Minute))) }, nil},
		"finished":  {soon, WithRemoveWhenFinished, nil},
		"its context": {soon, WithRemoveWhenFinished, func(_ Scheduler, cancel context.CancelFunc) {
			cancel()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()))
				s.Start()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				mustJob(t, s, tt.definition(), noop, WithName("j"), tt.option(), WithContext(ctx))
				requireTaken(t, s, "j")
				if tt.end != nil {
					tt.end(s, cancel)
				} else {
					time.Sleep(2 * time.Minute)
				}
				synctest.Wait()
				require.Empty(t, s.Jobs())
				requireFree(t, s, "j")
			})
		})
	}
}

// A name is kept for as long as its job is listed, also over a stop.
func TestSynctestClaimsNameIsTakenWhileTheSchedulerIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()))
		s.Start()
		j := everyMinute(t, s, noop)
		require.NoError(t, s.StopJobs())
		requireTaken(t, s, "j")
		s.Start()
		requireTaken(t, s, "j")
		require.NoError(t, s.Shutdown())
		_, err := s.NewJob(ages(), NewTask(noop), WithName("j"))
		require.Equal(t, ErrSchedulerShutdown, err)
		require.Equal(t, ErrJobNotFound, s.RemoveJob(j.ID()))
	})
}

// Jobs without a Claimer may be called whatever they like.
func TestSynctestClaimsNamesMatterUnderAClaimerOnly(t *testing.T) {
	plain := lockFunc(func(context.Context, string) (Lock, error) { return nil, nil })
	disabled := WithDisabledDistributedJobLocker(true)
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		claims := newScheduler(t, WithDistributedLocker(c.locker()))
		locks := newScheduler(t, WithDistributedLocker(plain))
		none := newScheduler(t)
		exempt := newScheduler(t, WithDistributedLocker(c.locker()), WithGlobalJobOptions(disabled))
		for i := 0; i < 2; i++ { // no name, and twice the same
			for _, name := range []JobOption{WithTags(), WithName("j")} {
				mustJob(t, claims, ages(), noop, disabled, name)
				mustJob(t, claims, ages(), noop, WithDistributedJobLocker(plain), name)
				mustJob(t, locks, ages(), noop, name)
				mustJob(t, none, ages(), noop, name)
				mustJob(t, exempt, ages(), noop, name)
				mustJob(t, exempt, ages(), noop, WithDistributedJobLocker(c.locker()), name)
				mustJob(t, none, ages(), noop, WithDistributedJobLocker(c.locker()), disabled, name)
			}
		}
		requireFree(t, claims, "j")

		enabled := WithDisabledDistributedJobLocker(false)
		for _, claimed := range []struct {
			s       Scheduler
			options []JobOption
		}{
			{claims, nil}, {locks, []JobOption{WithDistributedJobLocker(c.locker())}},
			{none, []JobOption{WithDistributedJobLocker(c.locker())}}, {exempt, []JobOption{enabled}},
		} {
			_, err := claimed.s.NewJob(ages(), NewTask(noop), claimed.options...)
			require.Equal(t, ErrClaimNoName, err)
			options := append(claimed.options, WithName("j"))
			j := mustJob(t, claimed.s, ages(), noop, options...)
			_, err = claimed.s.NewJob(ages(), NewTask(noop), options...)
			require.ErrorIs(t, err, ErrClaimNameTaken)

			_, err = claimed.s.Update(j.ID(), ages(), NewTask(noop), WithName("j"), disabled)
			require.NoError(t, err)
			mustJob(t, claimed.s, ages(), noop, options...) // it is not claimed any more
			_, err = claimed.s.Update(j.ID(), ages(), NewTask(noop), options...)
			require.ErrorIs(t, err, ErrClaimNameTaken)
		}
	})
}

func TestSynctestClaimsNameOfGlobalOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s := newScheduler(t, WithDistributedLocker(c.locker()), WithGlobalJobOptions(WithName("all")))
		mustJob(t, s, ages(), noop)
		requireTaken(t, s, "all")
		_, err := s.NewJob(ages(), NewTask(noop))
		require.ErrorIs(t, err, ErrClaimNameTaken)
		mustJob(t, s, ages(), noop, WithName("own"))
	})
}

// Of many who want a name at once, one gets it.
func TestSynctestClaimsNameIsGivenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDistributedLocker(newClaimStore(t).locker()))
		s.Start()
		var made, refused atomic.Int64
		var all sync.WaitGroup
		for i := 0; i < 50; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				j, err := s.NewJob(ages(), NewTask(noop), WithName("j"))
				if err != nil {
					require.ErrorIs(t, err, ErrClaimNameTaken)
					refused.Add(1)
					return
				}
				made.Add(1)
				_, err = s.Update(j.ID(), ages(), NewTask(noop), WithName("j"))
				require.NoError(t, err)
			}()
		}
		all.Wait()
		require.EqualValues(t, 1, made.Load())
		require.EqualValues(t, 49, refused.Load())
		require.Len(t, s.Jobs(), 1)
	})
}
