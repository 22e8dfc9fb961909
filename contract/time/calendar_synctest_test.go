//go:build go1.25

package time_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

var noon = gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))

func onEvenDays(t time.Time) bool { return t.Day()%2 == 0 }

// What runs is what NextRuns and Preview have said, all of it is included, and nothing that is
// included is left out: the plain job's times, filtered.
func TestSynctestCalendarLeavesOccurrencesOut(t *testing.T) {
	weekends := gocron.OnWeekdays(time.Saturday, time.Sunday)
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		included   func(time.Time) bool
		options    []gocron.JobOption
	}{
		"daily":     {gocron.DailyJob(1, noon), gocron.OnWeekdays(), nil},
		"crontab":   {gocron.CronJob("*/20 * * * *", false), gocron.BetweenHours(22, 2), nil},
		"weekly":    {gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday, time.Sunday), noon), weekends, nil},
		"monthly":   {gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, 15, -1), noon), gocron.OnWeekdays(), nil},
		"interval":  {gocron.DurationJob(90 * time.Minute), gocron.BetweenHours(9, 17), nil},
		"union":     {gocron.AnyOf(gocron.CronJob("0 3 * * *", false), gocron.DailyJob(1, noon)), onEvenDays, nil},
		"own":       {gocron.ScheduleJob(gocron.ScheduleFunc(func(t time.Time) time.Time { return t.Add(7 * time.Hour) })), onEvenDays, nil},
		"start":     {gocron.DurationJob(time.Hour), gocron.BetweenHours(9, 17), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(1999, 12, 31, 23, 30, 0, 0, time.UTC)))}},
		"two of it": {gocron.DailyJob(1, noon), gocron.OnWeekdays(), []gocron.JobOption{gocron.WithCalendar(onEvenDays)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDelays(t)
				d.s.Start()
				from := time.Now().UTC()
				both, ownOptions := c.included, c.options
				if name == "two of it" {
					both, ownOptions = func(at time.Time) bool { return c.included(at) && onEvenDays(at) }, nil
				}
				plain := d.job(c.definition, ownOptions...)
				options := append([]gocron.JobOption{gocron.WithCalendar(c.included), gocron.WithName("filtered")}, c.options...)
				var want []time.Time
				for _, at := range nextRuns(t, plain, 2000) {
					if both(at.UTC()) && len(want) < 20 {
						want = append(want, at.UTC())
					}
				}
				require.NoError(t, d.s.RemoveJob(plain.ID()))
				j := d.job(c.definition, options...)
				said := nextRuns(t, j, 20)
				preview, err := gocron.Preview(c.definition, from, 20, options...)
				require.NoError(t, err)
				require.Len(t, want, 20)
				time.Sleep(time.Until(want[9]))
				synctest.Wait()
				require.NoError(t, d.s.StopJobs())
				d.s.Start()
				time.Sleep(time.Until(want[19]))
				runs := d.take()
				require.Equal(t, 20, len(runs))
				for i := range want {
					require.True(t, want[i].Equal(said[i]), "NextRuns: %v, want %v", said[i], want[i])
					require.True(t, want[i].Equal(preview[i]), "Preview: %v, want %v", preview[i], want[i])
					require.True(t, want[i].Equal(runs[i].StartedAt), "run: %v, want %v", runs[i].StartedAt, want[i])
					require.Equal(t, gocron.OutcomeSucceeded, runs[i].Outcome)
				}
			})
		})
	}
}

// An excluded start time and an excluded instant are no runs; a start at once, and RunNow, are not
// asked about.
func TestSynctestCalendarAndStarts(t *testing.T) {
	never := func(time.Time) bool { return false }
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.s.Start()
		saturday := time.Date(2000, time.January, 8, 12, 0, 0, 0, time.UTC)
		started := d.job(gocron.DurationJob(24*time.Hour), gocron.WithCalendar(gocron.OnWeekdays()), gocron.WithName("started"),
			gocron.WithStartAt(gocron.WithStartDateTime(saturday)))
		once := d.job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(saturday, saturday.Add(48*time.Hour))), gocron.WithCalendar(gocron.OnWeekdays()))
		require.True(t, nextRuns(t, started, 1)[0].Equal(saturday.Add(48*time.Hour)), "Monday, at the hour of the start")
		require.Equal(t, []time.Time{saturday.Add(48 * time.Hour)}, nextRuns(t, once, 9))
		_, err := d.s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(saturday)), gocron.NewTask(func() {}), gocron.WithCalendar(gocron.OnWeekdays()))
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
		d.job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.WithCalendar(never))
		require.Len(t, d.take(), 1)
		require.NoError(t, started.RunNow())
		require.Len(t, d.take(), 1)
	})
}

// The stop time goes by the time without the delay, also when a running scheduler asks the calendar
// before it takes the job.
func TestSynctestCalendarAndJitterBeforeTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.s.Start()
		nominal := time.Now().Add(16 * time.Second)
		every := gocron.DurationJob(20 * time.Second)
		options := []gocron.JobOption{gocron.WithName("delayed"), gocron.WithJitter(30 * time.Second), gocron.WithCalendar(gocron.BetweenHours(0, 0)),
			gocron.WithStartAt(gocron.WithStartDateTimePast(nominal.Add(-20 * time.Second)))}
		times, err := gocron.Preview(every, time.Now(), 1, options...)
		require.NoError(t, err)
		require.True(t, times[0].After(nominal))
		j := d.job(every, append(options, gocron.WithStopAt(gocron.WithStopDateTime(nominal)))...)
		require.Equal(t, times, nextRuns(t, j, 9))
	})
}

// A calendar that excludes everything is an error of NewJob on a scheduler that runs, else the job
// leaves. The search ends.
func TestSynctestCalendarThatExcludesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		never := func(time.Time) bool { asked.Add(1); return false }
		d := newDelays(t)
		d.job(gocron.CronJob("0 0 1 * *", false), gocron.WithCalendar(never))
		d.s.Start()
		synctest.Wait()
		require.Empty(t, d.s.Jobs())
		require.EqualValues(t, 121, asked.Load(), "the months of ten years")
		asked.Store(0)
		_, err := d.s.NewJob(gocron.DurationJob(time.Second), gocron.NewTask(func() {}), gocron.WithCalendar(never))
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
		require.ErrorContains(t, err, "WithCalendar")
		require.EqualValues(t, 1_000_000, asked.Load())
	})
}

// A calendar that takes its time holds up nobody but its own job.
func TestSynctestCalendarIsAskedWithNothingLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t, gocron.WithStopTimeout(time.Hour))
		slow := func(time.Time) bool { time.Sleep(10 * time.Minute); d.s.Jobs(); return true }
		j := d.job(gocron.DurationJob(time.Hour), gocron.WithCalendar(slow), gocron.WithName("slow"))
		d.job(gocron.DurationJob(time.Minute), gocron.WithName("other"))
		d.s.Start()
		time.Sleep(5*time.Minute + time.Second)
		require.Equal(t, 5, len(d.take()))
		next, err := j.NextRun()
		require.NoError(t, err)
		require.True(t, next.IsZero(), "it has not answered")
		time.Sleep(time.Hour)
		require.Equal(t, 61, len(d.take()), "sixty of the other, one of the slow")
	})
}

// With jitter the calendar is asked about the time without the delay.
func TestSynctestCalendarIsAskedForNominalTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.job(gocron.CronJob("0 23 * * *", false), gocron.WithCalendar(gocron.OnWeekdays()), gocron.WithJitter(12*time.Hour), gocron.WithName("late"))
		d.s.Start()
		time.Sleep(21 * 24 * time.Hour)
		runs := d.take()
		require.GreaterOrEqual(t, len(runs), 14)
		over := 0
		for _, run := range runs {
			require.Equal(t, 23, run.ScheduledAt.Hour())
			require.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, run.ScheduledAt.Weekday())
			require.Equal(t, delayOf("late", run.ScheduledAt, 12*time.Hour), run.StartedAt.Sub(run.ScheduledAt))
			if run.StartedAt.Day() != run.ScheduledAt.Day() {
				over++
			}
		}
		require.Positive(t, over)
	})
}

// A clock that is set back far: the job goes by the new time.
func TestSynctestCalendarOnAClockThatIsSetBack(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"interval": gocron.DurationJob(time.Hour), "crontab": gocron.CronJob("0 * * * *", false), "daily": gocron.DailyJob(1, noon),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := &movedClock{FakeClock: clockwork.NewFakeClockAt(time.Date(2026, time.May, 20, 10, 0, 0, 0, time.UTC))}
				d := newDelays(t, gocron.WithClock(clock))
				j := d.job(definition, gocron.WithCalendar(gocron.OnWeekdays()))
				d.s.Start()
				synctest.Wait()
				clock.Advance(26 * time.Hour)
				require.NotEmpty(t, d.take())
				clock.back.Store(int64(100 * 24 * time.Hour))
				clock.Advance(24 * time.Hour)
				synctest.Wait()
				next, err := j.NextRun()
				require.NoError(t, err)
				require.WithinRange(t, next, clock.Now(), clock.Now().Add(73*time.Hour))
			})
		})
	}
}

// A movedClock can be set back.
type movedClock struct {
	*clockwork.FakeClock
	back atomic.Int64
}

func (c *movedClock) Now() time.Time { return c.FakeClock.Now().Add(-time.Duration(c.back.Load())) }

func TestCalendarRefusals(t *testing.T) {
	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	_, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithCalendar(nil))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.NoError(t, s.Shutdown())
}

func TestCalendarsReadyMade(t *testing.T) {
	friday := time.Date(2026, time.May, 22, 9, 0, 0, 0, time.UTC)
	require.True(t, gocron.OnWeekdays()(friday))
	require.False(t, gocron.OnWeekdays()(friday.AddDate(0, 0, 1)))
	require.True(t, gocron.OnWeekdays(time.Saturday)(friday.AddDate(0, 0, 1)))
	require.False(t, gocron.NotOnDates(friday)(friday.Add(14*time.Hour)))
	require.True(t, gocron.NotOnDates(friday)(friday.AddDate(1, 0, 0)))
	for hour, want := range map[int]bool{8: false, 9: true, 16: true, 17: false} {
		require.Equal(t, want, gocron.BetweenHours(9, 17)(friday.Add(time.Duration(hour-9)*time.Hour)), hour)
		require.Equal(t, !want, gocron.BetweenHours(17, 9)(friday.Add(time.Duration(hour-9)*time.Hour)), hour)
	}
	require.True(t, gocron.BetweenHours(0, 24)(friday) && gocron.BetweenHours(5, 5)(friday))
}
