package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// checkInjected is check for an injected clock.
func (c setBackCase) checkInjected(t *testing.T, back time.Duration) {
	for name, setBack := range map[string]func(*rig.Rig, time.Duration){"running": (*rig.Rig).SetBack, "stopped": (*rig.Rig).RestartBehind} {
		t.Run(c.name+" "+name, func(t *testing.T) {
			var log rig.Warnings
			r := rig.New(t, gocron.WithLogger(&log))
			j, ran := r.Logged(c.definition)
			r.Start()
			r.Walk(setBackAt)
			end, before := r.Clock.Now().Add(time.Hour), ran.Len()
			setBack(r, back)
			announced := rig.NextsOf(t, j, len(c.want)+1)
			r.Walk(end.Sub(r.Clock.Now()))
			require.Equal(t, c.want, clockTimes(ran, before))
			rig.RequireInstants(t, announced[:len(c.want)], ran.All()[before:])
			require.Len(t, log.Lines, 1, "one warning, whatever jobs there are")
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
	for _, setBack := range []func(*rig.Rig, time.Duration){(*rig.Rig).SetBack, (*rig.Rig).RestartBehind} {
		for _, tt := range []struct{ back, next time.Duration }{
			{time.Second, 10*time.Minute + time.Second},
			{2 * time.Hour, 10*time.Minute + 2*time.Hour},
			{3*time.Hour + 7*time.Minute, 20 * time.Minute},
			{365 * 24 * time.Hour, 20 * time.Minute},
		} {
			r := rig.New(t)
			j, ran := r.Logged(gocron.DurationJob(20 * time.Minute))
			started, log := r.Logged(gocron.DurationJob(20*time.Minute), startAt(rig.Now.Add(time.Hour)))
			r.Start()
			r.Walk(70 * time.Minute)
			require.Equal(t, 3, ran.Len())
			require.Equal(t, 1, log.Len())
			setBack(r, tt.back)
			want := []time.Time{r.Clock.Now().Add(tt.next), r.Clock.Now().Add(tt.next + 20*time.Minute)}
			rig.RequireInstants(t, want, rig.NextsOf(t, j, 2), "back by %s", tt.back)
			rig.RequireInstants(t, want, rig.NextsOf(t, started, 2), "back by %s", tt.back)
			r.Walk(tt.next + 20*time.Minute)
			rig.RequireInstants(t, want, ran.All()[3:], "back by %s", tt.back)
			rig.RequireInstants(t, want, log.All()[1:], "back by %s", tt.back)
		}
	}
}

func TestTimeAFewSecondsBackOnAnInjectedClockChangeNothing(t *testing.T) {
	for _, setBack := range []func(*rig.Rig, time.Duration){(*rig.Rig).SetBack, (*rig.Rig).RestartBehind} {
		var log rig.Warnings
		r := rig.New(t, gocron.WithLogger(&log))
		_, ran := r.Logged(gocron.CronJob("* * * * * *", true))
		_, every := r.Logged(gocron.CronJob("@every 1s", false))
		r.Start()
		r.Walk(30*time.Second + time.Millisecond)
		setBack(r, 9*time.Second)
		r.Walk(30 * time.Second)
		require.Equal(t, 51, ran.Len())
		require.Equal(t, 51, every.Len())
		for i, at := range ran.All() {
			require.Equal(t, rig.Now.Add(time.Duration(i+1)*time.Second), at)
		}
		require.Empty(t, log.Lines)
	}
}

func TestTimeAnInjectedClockThatIsSetBackHasNoMoreWaiters(t *testing.T) {
	r := rig.New(t)
	for _, definition := range rig.EveryKind() {
		r.Job(definition, rig.Noop)
	}
	r.Start()
	r.Waiters(len(rig.EveryKind()))
	for _, back := range []time.Duration{time.Second, time.Hour, 2 * time.Hour, 400 * 24 * time.Hour} {
		r.SetBack(back)
		r.Waiters(len(rig.EveryKind()))
	}
}

func TestTimeAOneTimeInstantOnAnInjectedClockNeverRunsAgain(t *testing.T) {
	for _, back := range []time.Duration{30 * time.Minute, 24 * time.Hour} {
		for _, restart := range []bool{true, false} {
			r := rig.New(t)
			want := rig.At(10*time.Minute, 2*time.Hour)
			j, ran := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(want...)))
			r.Start()
			r.Walk(11 * time.Minute)
			if restart {
				r.RestartBehind(back)
			} else {
				r.SetBack(back)
			}
			rig.RequireInstants(t, want[1:], rig.NextsOf(t, j, 5))
			r.Walk(back + 3*time.Hour)
			rig.RequireInstants(t, want, ran.All())
		}
	}
}

// A scheduler may be asked long after the times that 64 bits of nanoseconds can count.
func TestTimeCenturiesAfterNewScheduler(t *testing.T) {
	const century = 36525 * 24 * time.Hour
	for _, restarts := range []bool{false, true} {
		r := rig.New(t)
		cron, runs := r.Logged(gocron.CronJob("0 0 1 1 *", false))
		daily, days := r.Logged(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))))
		hourly, hours := r.Logged(gocron.DurationJob(time.Hour))
		r.Start()
		for range 5 {
			if restarts {
				r.Stop()
			}
			n := [3]int{runs.Len(), days.Len(), hours.Len()}
			r.Clock.Advance(century)
			r.Settle()
			if restarts {
				r.Start()
			} else {
				require.Equal(t, [3]int{n[0] + 1, n[1] + 1, n[2] + 1}, [3]int{runs.Len(), days.Len(), hours.Len()})
			}
			now := r.Clock.Now()
			rig.RequireInstants(t, []time.Time{now.Add(24 * time.Hour)}, rig.NextsOf(t, daily, 1))
			rig.RequireInstants(t, []time.Time{now.Add(time.Hour)}, rig.NextsOf(t, hourly, 1))
			rig.RequireInstants(t, []time.Time{time.Date(now.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)}, rig.NextsOf(t, cron, 1))
			n = [3]int{runs.Len(), days.Len(), hours.Len()}
			r.Walk(24 * time.Hour)
			require.Equal(t, [2]int{n[1] + 1, n[2] + 24}, [2]int{days.Len(), hours.Len()})
		}
	}
}

func TestTimeLastRunsOnAnInjectedClockThatIsSetBack(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), rig.Noop)
	r.Start()
	r.Advance(time.Hour)
	r.SetBack(12 * time.Hour)
	r.Walk(time.Hour)
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		last, err := get()
		require.NoError(t, err)
		rig.RequireInstants(t, rig.At(-10*time.Hour), []time.Time{last})
	}
}

// A job that is added counts from the present, although the scheduler was started at a later
// time than the clock shows now.
func TestTimeAJobThatIsAddedAfterTheClockWasSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Second, time.Hour, 50 * time.Hour} {
		for _, options := range [][]gocron.SchedulerOption{nil, {gocron.WithSchedulerMonitor(rig.NoMonitor{})}} {
			r := rig.New(t, options...)
			r.Start()
			r.SetBack(back)
			hourly := r.Job(gocron.DurationJob(time.Hour), rig.Noop)
			rig.RequireInstants(t, rig.At(time.Hour-back), rig.NextsOf(t, hourly, 1), "back by %s", back)
			once := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(r.Clock.Now().Add(time.Millisecond))), rig.Noop)
			rig.RequireInstants(t, rig.At(time.Millisecond-back), rig.NextsOf(t, once, 1), "back by %s", back)
		}
	}
}

// Both readings of an injected clock that has two go back.
func TestTimeAnInjectedClockWithMonotonicReadingsIsSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 50 * time.Hour} {
		r := rig.NewAt(t, time.Now())
		j, _ := r.Logged(gocron.CronJob("* * * * *", false))
		r.Start()
		r.Walk(10 * time.Minute)
		r.SetBack(back)
		left := rig.NextOf(t, j).Sub(r.Clock.Now())
		require.True(t, 0 < left && left <= time.Minute, "back by %s: %s", back, left)
	}
}
