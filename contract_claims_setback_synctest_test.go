//go:build walltime && go1.25

package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// outcomesOf counts the outcomes of a job's runs.
func (r *wallRig) outcomesOf(j Job) map[Outcome]int {
	counts := map[Outcome]int{}
	for _, info := range r.finished(j) {
		counts[info.Outcome]++
	}
	return counts
}

// A node whose clock is set back asks again, and the engine says that the occurrence is
// taken. That is worth one warning a job, beside that of the clock.
func TestClockOverlaySynctestARepeatedOccurrenceIsClaimedAgain(t *testing.T) {
	store := newClaimStore(t)
	onMovableClock(t, func(r *wallRig) {
		j, log := r.logged(CronJob("* * * * *", false), WithName("minutely"))
		k, ran := r.logged(CronJob("*/10 * * * *", false), WithName("seldom"))
		daily, once := r.logged(DailyJob(1, atTimes(NewAtTime(12, 45, 0))), WithName("daily"))
		r.start()
		r.pass(90*time.Minute + 30*time.Second)
		r.step(-time.Hour)
		asked := len(store.questions())
		r.pass(time.Hour)
		require.Equal(t, map[Outcome]int{OutcomeSucceeded: 90, OutcomeLockedElsewhere: 60}, r.outcomesOf(j))
		require.Equal(t, map[Outcome]int{OutcomeSucceeded: 9, OutcomeLockedElsewhere: 6}, r.outcomesOf(k))
		require.Equal(t, map[Outcome]int{OutcomeSucceeded: 1}, r.outcomesOf(daily))
		require.Len(t, store.questions(), asked+66)
		require.Equal(t, []int{90, 9, 1}, []int{log.len(), ran.len(), once.len()})
		require.Equal(t, []int{1, 1, 0}, []int{r.warned.about("minutely"), r.warned.about("seldom"), r.warned.about("daily")})
		r.pass(10 * time.Minute)
		require.Equal(t, 100, r.outcomesOf(j)[OutcomeSucceeded], "the clock has caught up")
		require.Equal(t, 1, r.warned.about("minutely"))
	}, WithDistributedLocker(store.locker()))
}

// A claimed interval is due by the wall clock, as all nodes are: it is a calendar job.
func TestClockOverlaySynctestClaimedIntervalsGoByTheWallClock(t *testing.T) {
	for back, next := range map[time.Duration]time.Duration{
		time.Hour:      time.Hour + 10*time.Minute,
		12 * time.Hour: 10 * time.Minute,
	} {
		store := newClaimStore(t)
		onMovableClock(t, func(r *wallRig) {
			j, _ := r.logged(DurationJob(20*time.Minute), WithName("interval"))
			r.start()
			r.pass(70 * time.Minute)
			r.step(-back)
			require.Equal(t, next, nextOf(t, j).Sub(r.now()), "back by %s", back)
			r.pass(next)
			infos := r.finished(j)
			require.Equal(t, r.now(), infos[len(infos)-1].ScheduledAt.UTC())
		}, WithDistributedLocker(store.locker()))
	}
	for _, ahead := range []time.Duration{8 * time.Hour, 9 * 24 * time.Hour} {
		store := newClaimStore(t)
		onMovableClock(t, func(r *wallRig) {
			j, log := r.logged(DurationJob(20*time.Minute), WithName("interval"))
			r.start()
			r.pass(70 * time.Minute)
			r.fallsAsleep(ahead)
			require.Equal(t, 4, log.len())
			made, missed := r.split(j)
			requireInstants(t, []time.Time{wallStart.Add(80 * time.Minute)}, scheduledTimes(made[3:]))
			requireInstants(t, []time.Time{wallStart.Add(100 * time.Minute)}, scheduledTimes(missed))
			requireInstants(t, []time.Time{wallStart.Add(ahead + 80*time.Minute)}, nextsOf(t, j, 1))
		}, WithDistributedLocker(store.locker()))
	}
}
