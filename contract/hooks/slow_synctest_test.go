//go:build go1.25

package hooks_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// slowlyUnlocked is a locker that claims, whose locks take as long as unlock does.
func slowlyUnlocked(unlock func()) gocron.Locker {
	return gocron.ClaimerFrom(func(context.Context, string, time.Time) (rig.UnlockFunc, error) {
		return func(context.Context) error { unlock(); return nil }, nil
	})
}

// givingUps are the ways in which a run that has failed is not tried again: before the
// attempt ends, and while it waits for the next one.
func givingUps() map[string]func(s gocron.Scheduler, j gocron.Job) error {
	return map[string]func(gocron.Scheduler, gocron.Job) error{
		"cancel":  func(s gocron.Scheduler, j gocron.Job) error { return gocron.NewController(s).Cancel(j.ID()) },
		"removal": func(s gocron.Scheduler, j gocron.Job) error { return s.RemoveJob(j.ID()) },
		"update": func(s gocron.Scheduler, j gocron.Job) error {
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("j"), gocron.WithDistributedJobLocker(slowlyUnlocked(func() {})))
			return err
		},
		"stop time": func(gocron.Scheduler, gocron.Job) error { time.Sleep(time.Minute); return nil },
	}
}

func TestSynctestHooksASlowUnlockHoldsUpItsOwnRunOnly(t *testing.T) {
	for name, giveUp := range givingUps() {
		for _, inTask := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var ran, unlocked atomic.Int64
					s := rig.NewScheduler(t, gocron.WithStopTimeout(time.Hour))
					var other gocron.Job
					unlock := func() {
						_, err := gocron.NewController(s).RunAndWait(context.Background(), other.ID())
						require.NoError(t, err, "another job's run is made meanwhile")
						time.Sleep(30 * time.Second)
						unlocked.Add(1)
					}
					j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), func() error {
						if inTask {
							time.Sleep(10 * time.Second)
						}
						return rig.ErrTest
					}, gocron.WithName("j"), gocron.WithDistributedJobLocker(slowlyUnlocked(unlock)), rig.Retries(3, 50*time.Second),
						gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(55*time.Second))))
					other = rig.MustJob(t, s, gocron.DurationJob(50*time.Millisecond), func() { ran.Add(1) })
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
		s := rig.NewScheduler(t, gocron.WithStopTimeout(time.Hour))
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			return rig.UnlockFunc(func(ctx context.Context) error {
				time.Sleep(30 * time.Second)
				err = ctx.Err()
				deadline, ok := ctx.Deadline()
				require.True(t, ok)
				require.Equal(t, 30*time.Second, time.Until(deadline))
				return nil
			}), nil
		})))
		s.Start()
		info, failed := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, failed)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		require.NoError(t, err)
	})
}
