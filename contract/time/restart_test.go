package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// dueEveryHour are jobs that are due at each full hour, however long the scheduler was
// stopped in between.
func dueEveryHour() map[string]struct {
	definition gocron.JobDefinition
	options    []gocron.JobOption
} {
	type job = struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
	}
	var hours []gocron.AtTime
	var instants []time.Time
	for h := range uint(24) {
		hours = append(hours, gocron.NewAtTime(h, 0, 0))
		instants = append(instants, rig.Now.Add(time.Duration(h+1)*time.Hour))
	}
	return map[string]job{
		"duration":      {gocron.DurationJob(time.Hour), nil},
		"started":       {gocron.DurationJob(time.Hour), []gocron.JobOption{startAt(rig.Now.Add(time.Hour))}},
		"@every":        {gocron.CronJob("@every 1h", false), nil},
		"cron":          {gocron.CronJob("0 * * * *", false), nil},
		"cron, started": {gocron.CronJob("0 * * * *", false), []gocron.JobOption{startAt(rig.Now.Add(time.Hour))}},
		"fixed cron":    {gocron.CronJob("0 0-22,23 * * *", false), []gocron.JobOption{rig.StopAfter(1000 * time.Hour)}},
		"daily":         {gocron.DailyJob(1, rig.AtTimes(hours...)), nil},
		"weekly":        {gocron.WeeklyJob(1, gocron.NewWeekdays(0, 1, 2, 3, 4, 5, 6), rig.AtTimes(hours...)), nil},
		"monthly":       {gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(10, 11, 12), rig.AtTimes(hours...)), nil},
		"one-time":      {gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(instants...)), nil},
	}
}

func TestTimeAnOccurrenceAtTheMomentOfALaterStartIsDue(t *testing.T) {
	for name, job := range dueEveryHour() {
		for _, stopped := range []time.Duration{30 * time.Minute, 10*time.Hour + 30*time.Minute} {
			t.Run(name+" "+stopped.String(), func(t *testing.T) {
				r := rig.New(t)
				j, log := r.Logged(job.definition, job.options...)
				r.Start()
				r.Walk(90 * time.Minute)
				r.Stop()
				r.Clock.Advance(stopped)
				r.Start()
				now := 90*time.Minute + stopped
				rig.RequireInstants(t, rig.At(time.Hour, now), log.All())
				rig.RequireInstants(t, rig.At(now+time.Hour), rig.NextsOf(t, j, 1))
				for range 3 { // at the same moment once more
					r.Stop()
					r.Start()
				}
				require.Equal(t, 2, log.Len())
				rig.RequireInstants(t, rig.At(now+time.Hour), rig.NextsOf(t, j, 1))
				r.Walk(time.Hour)
				require.Equal(t, 3, log.Len())
			})
		}
	}
}

// The job is due, and the scheduler stops before or after it was handed over.
func TestTimeAnOccurrenceThatIsDueAtAStopRunsOnce(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(job.definition, job.options...)
			r.Start()
			r.Walk(90 * time.Minute)
			r.Stop()
			r.Clock.Advance(30 * time.Minute)
			r.Scheduler.Start()
			require.NoError(t, r.Scheduler.StopJobs()) // mostly before the scheduler goroutine has looked
			r.Start()
			stats, err := gocron.NewController(r.Scheduler).Stats()
			require.NoError(t, err)
			dropped := int(stats.Outcomes[gocron.OutcomeCancelled]) // it was handed over, and had not begun
			if name == "one-time" {
				dropped = 0 // such a run is owed
			}
			require.Equal(t, 2, log.Len()+dropped)
		})
	}
}

func TestTimeWhatRanAtTheMomentOfTheStopDoesNotRunAgain(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j, log := r.Logged(job.definition, job.options...)
			r.Start()
			r.Walk(2 * time.Hour)
			for range 3 {
				require.Equal(t, 2, log.Len())
				rig.RequireInstants(t, rig.At(3*time.Hour), rig.NextsOf(t, j, 1))
				r.Stop()
				r.Start()
			}
			require.Equal(t, 2, log.Len())
		})
	}
}

// The schedule's own times are those after the first Start; a start time and a one-time
// instant may be at that very moment.
func TestTimeAnOccurrenceAtTheMomentOfTheFirstStart(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(job.definition, job.options...)
			r.Clock.Advance(time.Hour)
			r.Start()
			given := map[string]bool{"started": true, "cron, started": true, "one-time": true}
			if given[name] {
				rig.RequireInstants(t, rig.At(time.Hour), log.All())
			} else {
				require.Zero(t, log.Len())
			}
			n := log.Len()
			r.Stop()
			r.Start()
			require.Equal(t, n, log.Len())
			r.Walk(time.Hour)
			require.Equal(t, n+1, log.Len())
		})
	}
}

func TestTimeAOneTimeInstantEqualToNowIsPast(t *testing.T) {
	for _, running := range []bool{false, true} {
		r := rig.New(t)
		if running {
			r.Start()
		}
		_, err := r.Scheduler.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now)), gocron.NewTask(rig.Noop))
		require.Equal(t, gocron.ErrOneTimeJobStartDateTimePast, err)
		j, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(0, time.Hour)...)))
		_, err = r.Scheduler.Update(j.ID(), gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now)), gocron.NewTask(rig.Noop))
		require.Equal(t, gocron.ErrOneTimeJobStartDateTimePast, err)
		r.Start()
		require.Zero(t, log.Len())
		rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 2))
	}
}

func TestTimeAStartTimeEqualToNowIsDueAtEveryEntrance(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		if name == "one-time" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			_, early := r.Logged(definition, startAt(rig.Now))
			r.Start()
			j, late := r.Logged(definition, startAt(rig.Now))
			require.Equal(t, []int{1, 1}, []int{early.Len(), late.Len()})
			var updated rig.Log
			_, err := r.Scheduler.Update(j.ID(), definition, gocron.NewTask(func() { updated.Add(r.Clock.Now()) }), startAt(rig.Now))
			require.NoError(t, err)
			r.Settle()
			require.Equal(t, 1, updated.Len())
			r.Stop()
			r.Start()
			require.Equal(t, []int{1, 1, 1}, []int{early.Len(), late.Len(), updated.Len()})
		})
	}
}

func TestTimeOneTimeInstantsThatPassBeforeAStart(t *testing.T) {
	for _, first := range []bool{true, false} {
		var log rig.Warnings
		r := rig.New(t, gocron.WithLogger(&log))
		if !first {
			r.Start()
			r.Stop()
		}
		all, ran := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), gocron.WithName("all"))
		some, rest := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)), gocron.WithName("some"))
		if !first {
			r.Start()
			r.Advance(time.Minute)
			r.Stop()
		}
		r.Clock.Advance(2*time.Hour + 30*time.Minute)
		r.Start()
		require.Equal(t, []gocron.Job{some}, r.Scheduler.Jobs())
		require.NotZero(t, log.About(all.Name()), "instants were missed")
		r.Walk(2 * time.Hour)
		require.Zero(t, ran.Len())
		rig.RequireInstants(t, rig.At(3*time.Hour), rest.All())
	}
}
