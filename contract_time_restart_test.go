package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dueEveryHour are jobs that are due at each full hour, however long the scheduler was
// stopped in between.
func dueEveryHour() map[string]struct {
	definition JobDefinition
	options    []JobOption
} {
	type job = struct {
		definition JobDefinition
		options    []JobOption
	}
	var hours []AtTime
	var instants []time.Time
	for h := range uint(24) {
		hours = append(hours, NewAtTime(h, 0, 0))
		instants = append(instants, rigNow.Add(time.Duration(h+1)*time.Hour))
	}
	return map[string]job{
		"duration":      {DurationJob(time.Hour), nil},
		"started":       {DurationJob(time.Hour), []JobOption{startAt(rigNow.Add(time.Hour))}},
		"@every":        {CronJob("@every 1h", false), nil},
		"cron":          {CronJob("0 * * * *", false), nil},
		"cron, started": {CronJob("0 * * * *", false), []JobOption{startAt(rigNow.Add(time.Hour))}},
		"fixed cron":    {CronJob("0 0-22,23 * * *", false), []JobOption{stopAfter(1000 * time.Hour)}},
		"daily":         {DailyJob(1, atTimes(hours...)), nil},
		"weekly":        {WeeklyJob(1, NewWeekdays(0, 1, 2, 3, 4, 5, 6), atTimes(hours...)), nil},
		"monthly":       {MonthlyJob(1, NewDaysOfTheMonth(10, 11, 12), atTimes(hours...)), nil},
		"one-time":      {OneTimeJob(OneTimeJobStartDateTimes(instants...)), nil},
	}
}

func TestTimeAnOccurrenceAtTheMomentOfALaterStartIsDue(t *testing.T) {
	for name, job := range dueEveryHour() {
		for _, stopped := range []time.Duration{30 * time.Minute, 10*time.Hour + 30*time.Minute} {
			t.Run(name+" "+stopped.String(), func(t *testing.T) {
				r := newRig(t)
				j, log := r.logged(job.definition, job.options...)
				r.start()
				r.walk(90 * time.Minute)
				r.stop()
				r.clock.Advance(stopped)
				r.start()
				now := 90*time.Minute + stopped
				requireInstants(t, rigAt(time.Hour, now), log.all())
				requireInstants(t, rigAt(now+time.Hour), nextsOf(t, j, 1))
				for range 3 { // at the same moment once more
					r.stop()
					r.start()
				}
				require.Equal(t, 2, log.len())
				requireInstants(t, rigAt(now+time.Hour), nextsOf(t, j, 1))
				r.walk(time.Hour)
				require.Equal(t, 3, log.len())
			})
		}
	}
}

// The job is due, and the scheduler stops before or after it was handed over.
func TestTimeAnOccurrenceThatIsDueAtAStopRunsOnce(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(job.definition, job.options...)
			r.start()
			r.walk(90 * time.Minute)
			r.stop()
			r.clock.Advance(30 * time.Minute)
			r.s.Start()
			require.NoError(t, r.s.StopJobs()) // mostly before the scheduler goroutine has looked
			r.start()
			stats, err := NewController(r.s).Stats()
			require.NoError(t, err)
			dropped := int(stats.Outcomes[OutcomeCancelled]) // it was handed over, and had not begun
			if name == "one-time" {
				dropped = 0 // such a run is owed
			}
			require.Equal(t, 2, log.len()+dropped)
		})
	}
}

func TestTimeWhatRanAtTheMomentOfTheStopDoesNotRunAgain(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j, log := r.logged(job.definition, job.options...)
			r.start()
			r.walk(2 * time.Hour)
			for range 3 {
				require.Equal(t, 2, log.len())
				requireInstants(t, rigAt(3*time.Hour), nextsOf(t, j, 1))
				r.stop()
				r.start()
			}
			require.Equal(t, 2, log.len())
		})
	}
}

// The schedule's own times are those after the first Start; a start time and a one-time
// instant may be at that very moment.
func TestTimeAnOccurrenceAtTheMomentOfTheFirstStart(t *testing.T) {
	for name, job := range dueEveryHour() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(job.definition, job.options...)
			r.clock.Advance(time.Hour)
			r.start()
			given := map[string]bool{"started": true, "cron, started": true, "one-time": true}
			if given[name] {
				requireInstants(t, rigAt(time.Hour), log.all())
			} else {
				require.Zero(t, log.len())
			}
			n := log.len()
			r.stop()
			r.start()
			require.Equal(t, n, log.len())
			r.walk(time.Hour)
			require.Equal(t, n+1, log.len())
		})
	}
}

func TestTimeAOneTimeInstantEqualToNowIsPast(t *testing.T) {
	for _, running := range []bool{false, true} {
		r := newRig(t)
		if running {
			r.start()
		}
		_, err := r.s.NewJob(OneTimeJob(OneTimeJobStartDateTime(rigNow)), NewTask(noop))
		require.Equal(t, ErrOneTimeJobStartDateTimePast, err)
		j, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(0, time.Hour)...)))
		_, err = r.s.Update(j.ID(), OneTimeJob(OneTimeJobStartDateTime(rigNow)), NewTask(noop))
		require.Equal(t, ErrOneTimeJobStartDateTimePast, err)
		r.start()
		require.Zero(t, log.len())
		requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 2))
	}
}

func TestTimeAStartTimeEqualToNowIsDueAtEveryEntrance(t *testing.T) {
	for name, definition := range everyKind() {
		if name == "one-time" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, early := r.logged(definition, startAt(rigNow))
			r.start()
			j, late := r.logged(definition, startAt(rigNow))
			require.Equal(t, []int{1, 1}, []int{early.len(), late.len()})
			var updated rigLog
			_, err := r.s.Update(j.ID(), definition, NewTask(func() { updated.add(r.clock.Now()) }), startAt(rigNow))
			require.NoError(t, err)
			r.settle()
			require.Equal(t, 1, updated.len())
			r.stop()
			r.start()
			require.Equal(t, []int{1, 1, 1}, []int{early.len(), late.len(), updated.len()})
		})
	}
}

func TestTimeOneTimeInstantsThatPassBeforeAStart(t *testing.T) {
	for _, first := range []bool{true, false} {
		var log warnings
		r := newRig(t, WithLogger(&log))
		if !first {
			r.start()
			r.stop()
		}
		all, ran := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), WithName("all"))
		some, rest := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)), WithName("some"))
		if !first {
			r.start()
			r.advance(time.Minute)
			r.stop()
		}
		r.clock.Advance(2*time.Hour + 30*time.Minute)
		r.start()
		require.Equal(t, []Job{some}, r.s.Jobs())
		require.NotZero(t, log.about(all.Name()), "instants were missed")
		r.walk(2 * time.Hour)
		require.Zero(t, ran.len())
		requireInstants(t, rigAt(3*time.Hour), rest.all())
	}
}
