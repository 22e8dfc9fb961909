//go:build go1.25

package claims_test

import (
	"context"
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

func TestSynctestClaimsNeedAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		global := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
		own := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithDistributedJobLocker(c.locker())))
		for _, s := range []gocron.Scheduler{global, own} {
			s.Start()
			old := everyMinute(t, s, rig.Noop)
			_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop))
			require.Equal(t, gocron.ErrClaimNoName, err)
			_, err = s.Update(old.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			require.Equal(t, gocron.ErrClaimNoName, err)
			require.Len(t, s.Jobs(), 1, "what is refused leaves no trace")
			next, err := old.NextRun()
			require.NoError(t, err)
			require.True(t, next.Equal(time.Now().Add(time.Minute)), "the old job goes on")
			require.Equal(t, "j", s.Jobs()[0].Name())
		}
	})
}

// requireFree asserts that a name can be given to another job, and takes it back.
func requireFree(t *testing.T, s gocron.Scheduler, name string) {
	t.Helper()
	j, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName(name))
	require.NoError(t, err)
	require.NoError(t, s.RemoveJob(j.ID()))
}

func requireTaken(t *testing.T, s gocron.Scheduler, name string) {
	t.Helper()
	before := len(s.Jobs())
	middleware := &rig.Trace{}
	_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName(name), gocron.WithMiddleware(middleware.Layer("own")))
	require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
	require.Empty(t, middleware.Made, "nothing is asked for a job that is refused")
	require.ErrorContains(t, err, name)
	_, err = s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName(name), gocron.WithIdentifier(uuid.New()))
	require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
	require.Len(t, s.Jobs(), before)
}

func TestSynctestClaimsNameIsOfOneId(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
		for _, running := range []bool{false, true} {
			if running {
				s.Start()
			}
			j := everyMinute(t, s, rig.Noop)
			requireTaken(t, s, "j")

			again := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("j"), gocron.WithIdentifier(j.ID()))
			require.Equal(t, j.ID(), again.ID(), "the same id replaces")
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"))
			require.NoError(t, err)
			requireTaken(t, s, "j")

			_, err = s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("k"))
			require.NoError(t, err)
			requireTaken(t, s, "k")
			requireFree(t, s, "j")

			other := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("j"))
			_, err = s.Update(other.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("k"))
			require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
			requireTaken(t, s, "j")
			requireTaken(t, s, "k")

			_, err = s.Update(uuid.New(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("k"))
			require.ErrorIs(t, err, gocron.ErrClaimNameTaken, "an unknown id is added")
			require.Len(t, s.Jobs(), 2)
			require.NoError(t, s.RemoveJob(j.ID()))
			requireFree(t, s, "k")
			require.NoError(t, s.RemoveJob(other.ID()))
			requireFree(t, s, "j")
		}
	})
}

func TestSynctestClaimsNameIsFreeWhenItsJobHasLeft(t *testing.T) {
	soon := func() gocron.JobDefinition {
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Minute)))
	}
	everySecond := func() gocron.JobDefinition { return gocron.DurationJob(time.Second) }
	for name, tt := range map[string]struct {
		definition func() gocron.JobDefinition
		option     func() gocron.JobOption
		end        func(gocron.Scheduler, context.CancelFunc)
	}{
		"tags":     {rig.Ages, func() gocron.JobOption { return gocron.WithTags("tag") }, func(s gocron.Scheduler, _ context.CancelFunc) { s.RemoveByTags("tag") }},
		"last run": {everySecond, func() gocron.JobOption { return gocron.WithLimitedRuns(2) }, nil},
		"stop time": {everySecond, func() gocron.JobOption {
			return gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Minute)))
		}, nil},
		"finished": {soon, gocron.WithRemoveWhenFinished, nil},
		"its context": {soon, gocron.WithRemoveWhenFinished, func(_ gocron.Scheduler, cancel context.CancelFunc) {
			cancel()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
				s.Start()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				rig.MustJob(t, s, tt.definition(), rig.Noop, gocron.WithName("j"), tt.option(), gocron.WithContext(ctx))
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
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
		s.Start()
		j := everyMinute(t, s, rig.Noop)
		require.NoError(t, s.StopJobs())
		requireTaken(t, s, "j")
		s.Start()
		requireTaken(t, s, "j")
		require.NoError(t, s.Shutdown())
		_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"))
		require.Equal(t, gocron.ErrSchedulerShutdown, err)
		require.Equal(t, gocron.ErrJobNotFound, s.RemoveJob(j.ID()))
	})
}

// Jobs without a Claimer may be called whatever they like.
func TestSynctestClaimsNamesMatterUnderAClaimerOnly(t *testing.T) {
	plain := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, nil })
	disabled := gocron.WithDisabledDistributedJobLocker(true)
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		claims := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
		locks := rig.NewScheduler(t, gocron.WithDistributedLocker(plain))
		none := rig.NewScheduler(t)
		exempt := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()), gocron.WithGlobalJobOptions(disabled))
		for i := 0; i < 2; i++ { // no name, and twice the same
			for _, name := range []gocron.JobOption{gocron.WithTags(), gocron.WithName("j")} {
				rig.MustJob(t, claims, rig.Ages(), rig.Noop, disabled, name)
				rig.MustJob(t, claims, rig.Ages(), rig.Noop, gocron.WithDistributedJobLocker(plain), name)
				rig.MustJob(t, locks, rig.Ages(), rig.Noop, name)
				rig.MustJob(t, none, rig.Ages(), rig.Noop, name)
				rig.MustJob(t, exempt, rig.Ages(), rig.Noop, name)
				rig.MustJob(t, exempt, rig.Ages(), rig.Noop, gocron.WithDistributedJobLocker(c.locker()), name)
				rig.MustJob(t, none, rig.Ages(), rig.Noop, gocron.WithDistributedJobLocker(c.locker()), disabled, name)
			}
		}
		requireFree(t, claims, "j")

		enabled := gocron.WithDisabledDistributedJobLocker(false)
		for _, claimed := range []struct {
			s       gocron.Scheduler
			options []gocron.JobOption
		}{
			{claims, nil}, {locks, []gocron.JobOption{gocron.WithDistributedJobLocker(c.locker())}},
			{none, []gocron.JobOption{gocron.WithDistributedJobLocker(c.locker())}}, {exempt, []gocron.JobOption{enabled}},
		} {
			_, err := claimed.s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), claimed.options...)
			require.Equal(t, gocron.ErrClaimNoName, err)
			options := append(claimed.options, gocron.WithName("j"))
			j := rig.MustJob(t, claimed.s, rig.Ages(), rig.Noop, options...)
			_, err = claimed.s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), options...)
			require.ErrorIs(t, err, gocron.ErrClaimNameTaken)

			_, err = claimed.s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"), disabled)
			require.NoError(t, err)
			rig.MustJob(t, claimed.s, rig.Ages(), rig.Noop, options...) // it is not claimed any more
			_, err = claimed.s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), options...)
			require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
		}
	})
}

func TestSynctestClaimsNameOfGlobalOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()), gocron.WithGlobalJobOptions(gocron.WithName("all")))
		rig.MustJob(t, s, rig.Ages(), rig.Noop)
		requireTaken(t, s, "all")
		_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop))
		require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
		rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("own"))
	})
}

// Of many who want a name at once, one gets it.
func TestSynctestClaimsNameIsGivenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
		s.Start()
		var made, refused atomic.Int64
		var all sync.WaitGroup
		for i := 0; i < 50; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				j, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"))
				if err != nil {
					require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
					refused.Add(1)
					return
				}
				made.Add(1)
				_, err = s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"))
				require.NoError(t, err)
			}()
		}
		all.Wait()
		require.EqualValues(t, 1, made.Load())
		require.EqualValues(t, 49, refused.Load())
		require.Len(t, s.Jobs(), 1)
	})
}
