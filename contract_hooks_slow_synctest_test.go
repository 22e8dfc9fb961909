//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slowlyUnlocked is a locker that claims, whose locks take as long as unlock does.
func slowlyUnlocked(unlock func()) Locker {
	return ClaimerFrom(func(context.Context, string, time.Time) (unlockFunc, error) {
		return func(context.Context) error { unlock(); return nil }, nil
	})
}

// givingUps are the ways in which a run that has failed is not tried again: before the
// attempt ends, and while it waits for the next one.
func givingUps() map[string]func(s Scheduler, j Job) error {
	return map[string]func(Scheduler, Job) error{
		"cancel":  func(s Scheduler, j Job) error { return NewController(s).Cancel(j.ID()) },
		"removal": func(s Scheduler, j Job) error { return s.RemoveJob(j.ID()) },
		"update": func(s Scheduler, j Job) error {
			_, err := s.Update(j.ID(), ages(), NewTask(noop), WithName("j"), WithDistributedJobLocker(slowlyUnlocked(func() {})))
			return err
		},
		"stop time": func(Scheduler, Job) error { time.Sleep(time.Minute); return nil },
	}
}

func TestSynctestHooksASlowUnlockHoldsUpItsOwnRunOnly(t *testing.T) {
	for name, giveUp := range givingUps() {
		for _, inTask := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var ran, unlocked atomic.Int64
					s := newScheduler(t, WithStopTimeout(time.Hour))
					var other Job
					unlock := func() {
						_, err := NewController(s).RunAndWait(context.Background(), other.ID())
						require.NoError(t, err, "another job's run is made meanwhile")
						time.Sleep(30 * time.Second)
						unlocked.Add(1)
					}
					j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), func() error {
						if inTask {
							time.Sleep(10 * time.Second)
						}
						return errContract
					}, WithName("j"), WithDistributedJobLocker(slowlyUnlocked(unlock)), retries(3, 50*time.Second),
						WithStopAt(WithStopDateTime(time.Now().Add(55*time.Second))))
					other = mustJob(t, s, DurationJob(50*time.Millisecond), func() { ran.Add(1) })
					s.Start()
					time.Sleep(5*time.Second + time.Millisecond)
					require.NoError(t, giveUp(s, j))
					synctest.Wait()
					if inTask && name != "stop time" {
						time.Sleep(10 * time.Second) // until its task has returned
					}
					before := ran.Load()
					time.Sleep(3 * time.Second)
					require.GreaterOrEqual(t, ran.Load()-before, int64(59))
					time.Sleep(2 * time.Minute)
					require.EqualValues(t, 1, unlocked.Load())
				})
			})
		}
	}
}

// Whatever lets go of the lock while a worker is on its way back is no reason for others to
// wait.
func TestSynctestHooksAnUnlockMayTakeHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		s := newScheduler(t, WithStopTimeout(time.Hour))
		j := mustJob(t, s, ages(), noop, WithDistributedJobLocker(lockFunc(func(context.Context, string) (Lock, error) {
			return unlockFunc(func(ctx context.Context) error {
				time.Sleep(30 * time.Second)
				err = ctx.Err()
				deadline, ok := ctx.Deadline()
				require.True(t, ok)
				require.Equal(t, 30*time.Second, time.Until(deadline))
				return nil
			}), nil
		})))
		s.Start()
		info, failed := NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, failed)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
		require.NoError(t, err)
	})
}
