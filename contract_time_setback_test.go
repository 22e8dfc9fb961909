package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// setBack sets the injected clock back: its waiters stay where they are. The scheduler
// notices when something is booked.
func (r *rig) setBack(d time.Duration) {
	r.t.Helper()
	r.notices()
	r.advance(-d)
	r.notices()
}

// notices has the scheduler look at the clock.
func (r *rig) notices() {
	r.t.Helper()
	j := r.job(OneTimeJob(OneTimeJobStartDateTime(r.clock.Now().Add(1000000*time.Hour))), noop)
	require.NoError(r.t, r.s.RemoveJob(j.ID()))
	r.settle()
}

// restartBehind sets the injected clock back while the scheduler is stopped.
func (r *rig) restartBehind(d time.Duration) {
	r.t.Helper()
	r.notices()
	r.stop()
	r.clock.Advance(-d)
	r.start()
}

// checkInjected is check for an injected clock.
func (c setBackCase) checkInjected(t *testing.T, back time.Duration) {
	for name, setBack := range map[string]func(*rig, time.Duration){"running": (*rig).setBack, "stopped": (*rig).restartBehind} {
		t.Run(c.name+" "+name, func(t *testing.T) {
			var log warnings
			r := newRig(t, WithLogger(&log))
			j, ran := r.logged(c.definition)
			r.start()
			r.walk(setBackAt)
			end, before := r.clock.Now().Add(time.Hour), ran.len()
			setBack(r, back)
			announced := nextsOf(t, j, len(c.want)+1)
			r.walk(end.Sub(r.clock.Now()))
			require.Equal(t, c.want, clockTimes(ran, before))
			requireInstants(t, announced[:len(c.want)], ran.all()[before:])
			require.Len(t, log.lines, 1, "one warning, whatever jobs there are")
		})
	}
}

func TestTimeAnHourBackOnAnInjectedClock(t *testing.T) {
	for _, c := range append(calendarCases(), realTimeCases()...) {
		c.checkInjected(t, time.Hour)
	}
}

func TestTimeHalfADayBackOnAnInjectedClock(t *testing.T) {
	for _, c := range correctionCases() {
		c.checkInjected(t, 12*time.Hour)
	}
}

// Intervals have no other clock to go by: they wait, unless the clock was corrected.
func TestTimeIntervalsOnAnInjectedClockThatIsSetBack(t *testing.T) {
	for _, setBack := range []func(*rig, time.Duration){(*rig).setBack, (*rig).restartBehind} {
		for _, tt := range []struct{ back, next time.Duration }{
			{time.Second, 10*time.Minute + time.Second},
			{2 * time.Hour, 10*time.Minute + 2*time.Hour},
			{3*time.Hour + 7*time.Minute, 20 * time.Minute},
			{365 * 24 * time.Hour, 20 * time.Minute},
		} {
			r := newRig(t)
			j, ran := r.logged(DurationJob(20 * time.Minute))
			started, log := r.logged(DurationJob(20*time.Minute), startAt(rigNow.Add(time.Hour)))
			r.start()
			r.walk(70 * time.Minute)
			require.Equal(t, 3, ran.len())
			require.Equal(t, 1, log.len())
			setBack(r, tt.back)
			want := []time.Time{r.clock.Now().Add(tt.next), r.clock.Now().Add(tt.next + 20*time.Minute)}
			requireInstants(t, want, nextsOf(t, j, 2), "back by %s", tt.back)
			requireInstants(t, want, nextsOf(t, started, 2), "back by %s", tt.back)
			r.walk(tt.next + 20*time.Minute)
			requireInstants(t, want, ran.all()[3:], "back by %s", tt.back)
			requireInstants(t, want, log.all()[1:], "back by %s", tt.back)
		}
	}
}

func TestTimeAFewSecondsBackOnAnInjectedClockChangeNothing(t *testing.T) {
	for _, setBack := range []func(*rig, time.Duration){(*rig).setBack, (*rig).restartBehind} {
		var log warnings
		r := newRig(t, WithLogger(&log))
		_, ran := r.logged(CronJob("* * * * * *", true))
		_, every := r.logged(CronJob("@every 1s", false))
		r.start()
		r.walk(30*time.Second + time.Millisecond)
		setBack(r, 9*time.Second)
		r.walk(30 * time.Second)
		require.Equal(t, 51, ran.len())
		require.Equal(t, 51, every.len())
		for i, at := range ran.all() {
			require.Equal(t, rigNow.Add(time.Duration(i+1)*time.Second), at)
		}
		require.Empty(t, log.lines)
	}
}

func TestTimeAnInjectedClockThatIsSetBackHasNoMoreWaiters(t *testing.T) {
	r := newRig(t)
	for _, definition := range everyKind() {
		r.job(definition, noop)
	}
	r.start()
	r.waiters(8)
	for _, back := range []time.Duration{time.Second, time.Hour, 2 * time.Hour, 400 * 24 * time.Hour} {
		r.setBack(back)
		r.waiters(8)
	}
}

func TestTimeAOneTimeInstantOnAnInjectedClockNeverRunsAgain(t *testing.T) {
	for _, back := range []time.Duration{30 * time.Minute, 24 * time.Hour} {
		for _, restart := range []bool{true, false} {
			r := newRig(t)
			want := rigAt(10*time.Minute, 2*time.Hour)
			j, ran := r.logged(OneTimeJob(OneTimeJobStartDateTimes(want...)))
			r.start()
			r.walk(11 * time.Minute)
			if restart {
				r.restartBehind(back)
			} else {
				r.setBack(back)
			}
			requireInstants(t, want[1:], nextsOf(t, j, 5))
			r.walk(back + 3*time.Hour)
			requireInstants(t, want, ran.all())
		}
	}
}

// A scheduler may be asked long after the times that 64 bits of nanoseconds can count.
func TestTimeCenturiesAfterNewScheduler(t *testing.T) {
	const century = 36525 * 24 * time.Hour
	for _, restarts := range []bool{false, true} {
		r := newRig(t)
		cron, runs := r.logged(CronJob("0 0 1 1 *", false))
		daily, days := r.logged(DailyJob(1, NewAtTimes(NewAtTime(12, 0, 0))))
		hourly, hours := r.logged(DurationJob(time.Hour))
		r.start()
		for range 5 {
			if restarts {
				r.stop()
			}
			n := [3]int{runs.len(), days.len(), hours.len()}
			r.clock.Advance(century)
			r.settle()
			if restarts {
				r.start()
			} else {
				require.Equal(t, [3]int{n[0] + 1, n[1] + 1, n[2] + 1}, [3]int{runs.len(), days.len(), hours.len()})
			}
			now := r.clock.Now()
			requireInstants(t, []time.Time{now.Add(24 * time.Hour)}, nextsOf(t, daily, 1))
			requireInstants(t, []time.Time{now.Add(time.Hour)}, nextsOf(t, hourly, 1))
			requireInstants(t, []time.Time{time.Date(now.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)}, nextsOf(t, cron, 1))
			n = [3]int{runs.len(), days.len(), hours.len()}
			r.walk(24 * time.Hour)
			require.Equal(t, [2]int{n[1] + 1, n[2] + 24}, [2]int{days.len(), hours.len()})
		}
	}
}

func TestTimeLastRunsOnAnInjectedClockThatIsSetBack(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), noop)
	r.start()
	r.advance(time.Hour)
	r.setBack(12 * time.Hour)
	r.walk(time.Hour)
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		last, err := get()
		require.NoError(t, err)
		requireInstants(t, rigAt(-10*time.Hour), []time.Time{last})
	}
}

// A job that is added counts from the present, although the scheduler was started at a later
// time than the clock shows now.
func TestTimeAJobThatIsAddedAfterTheClockWasSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Second, time.Hour, 50 * time.Hour} {
		for _, options := range [][]SchedulerOption{nil, {WithSchedulerMonitor(hookNop{})}} {
			r := newRig(t, options...)
			r.start()
			r.setBack(back)
			hourly := r.job(DurationJob(time.Hour), noop)
			requireInstants(t, rigAt(time.Hour-back), nextsOf(t, hourly, 1), "back by %s", back)
			once := r.job(OneTimeJob(OneTimeJobStartDateTime(r.clock.Now().Add(time.Millisecond))), noop)
			requireInstants(t, rigAt(time.Millisecond-back), nextsOf(t, once, 1), "back by %s", back)
		}
	}
}

// Both readings of an injected clock that has two go back.
func TestTimeAnInjectedClockWithMonotonicReadingsIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 50 * time.Hour} {
		r := newRigAt(t, time.Now())
		j, _ := r.logged(CronJob("* * * * *", false))
		r.start()
		r.walk(10 * time.Minute)
		r.setBack(back)
		left := nextOf(t, j).Sub(r.clock.Now())
		require.True(t, 0 < left && left <= time.Minute, "back by %s: %s", back, left)
	}
}
