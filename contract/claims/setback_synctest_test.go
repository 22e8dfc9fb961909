//go:build walltime && go1.25

package claims_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A node whose clock is set back asks again, and the engine says that the occurrence is
// taken. That is worth one warning a job, beside that of the clock.
func TestClockOverlaySynctestARepeatedOccurrenceIsClaimedAgain(t *testing.T) {
	store := newClaimStore(t)
	rig.OnMovableClock(t, func(r *rig.Wall) {
		j, log := r.Logged(gocron.CronJob("* * * * *", false), gocron.WithName("minutely"))
		k, ran := r.Logged(gocron.CronJob("*/10 * * * *", false), gocron.WithName("seldom"))
		daily, once := r.Logged(gocron.DailyJob(1, rig.AtTimes(gocron.NewAtTime(12, 45, 0))), gocron.WithName("daily"))
		r.Start()
		r.Pass(90*time.Minute + 30*time.Second)
		r.Step(-time.Hour)
		asked := len(store.questions())
		r.Pass(time.Hour)
		require.Equal(t, map[gocron.Outcome]int{gocron.OutcomeSucceeded: 90, gocron.OutcomeLockedElsewhere: 60}, r.OutcomesOf(j))
		require.Equal(t, map[gocron.Outcome]int{gocron.OutcomeSucceeded: 9, gocron.OutcomeLockedElsewhere: 6}, r.OutcomesOf(k))
		require.Equal(t, map[gocron.Outcome]int{gocron.OutcomeSucceeded: 1}, r.OutcomesOf(daily))
		require.Len(t, store.questions(), asked+66)
		require.Equal(t, []int{90, 9, 1}, []int{log.Len(), ran.Len(), once.Len()})
		require.Equal(t, []int{1, 1, 0}, []int{r.Warned.About("minutely"), r.Warned.About("seldom"), r.Warned.About("daily")})
		r.Pass(10 * time.Minute)
		require.Equal(t, 100, r.OutcomesOf(j)[gocron.OutcomeSucceeded], "the clock has caught up")
		require.Equal(t, 1, r.Warned.About("minutely"))
	}, gocron.WithDistributedLocker(store.locker()))
}

// A claimed interval is due by the wall clock, as all nodes are: it is a calendar job.
func TestClockOverlaySynctestClaimedIntervalsGoByTheWallClock(t *testing.T) {
	for back, next := range map[time.Duration]time.Duration{
		time.Hour:      time.Hour + 10*time.Minute,
		12 * time.Hour: 10 * time.Minute,
	} {
		store := newClaimStore(t)
		rig.OnMovableClock(t, func(r *rig.Wall) {
			j, _ := r.Logged(gocron.DurationJob(20*time.Minute), gocron.WithName("interval"))
			r.Start()
			r.Pass(70 * time.Minute)
			r.Step(-back)
			require.Equal(t, next, rig.NextOf(t, j).Sub(r.Now()), "back by %s", back)
			r.Pass(next)
			infos := r.Finished(j)
			require.Equal(t, r.Now(), infos[len(infos)-1].ScheduledAt.UTC())
		}, gocron.WithDistributedLocker(store.locker()))
	}
	for _, ahead := range []time.Duration{8 * time.Hour, 9 * 24 * time.Hour} {
		store := newClaimStore(t)
		rig.OnMovableClock(t, func(r *rig.Wall) {
			j, log := r.Logged(gocron.DurationJob(20*time.Minute), gocron.WithName("interval"))
			r.Start()
			r.Pass(70 * time.Minute)
			r.FallsAsleep(ahead)
			require.Equal(t, 4, log.Len())
			made, missed := r.Split(j)
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(80 * time.Minute)}, rig.ScheduledTimes(made[3:]))
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(100 * time.Minute)}, rig.ScheduledTimes(missed))
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(ahead + 80*time.Minute)}, rig.NextsOf(t, j, 1))
		}, gocron.WithDistributedLocker(store.locker()))
	}
}
