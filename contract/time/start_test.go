package time_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestTimeStartIsItselfARunForEveryKind(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	start := rig.Now.Add(90*time.Minute + 7*time.Nanosecond).In(tokyo)
	for name, definition := range rig.EveryKind() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j, log := r.Logged(definition, gocron.WithStartAt(gocron.WithStartDateTime(start)))
			r.Start()
			require.Equal(t, start, rig.NextOf(t, j))
			require.Equal(t, start, rig.NextsOf(t, j, 2)[0])
			second := rig.NextsOf(t, j, 2)[1]
			r.Advance(90 * time.Minute)
			require.Zero(t, log.Len())
			r.Advance(7)
			rig.RequireInstants(t, []time.Time{start}, log.All())
			require.Equal(t, second, rig.NextOf(t, j))
		})
	}
}

func TestTimeStartComesBackExactlyAsGiven(t *testing.T) {
	now := time.Now()
	require.NotEqual(t, now, now.Round(0), "the test needs a monotonic reading")
	for name, start := range map[string]time.Time{
		"monotonic reading": now.Add(time.Hour),
		"none":              now.Add(time.Hour).Round(0),
		"zone":              now.Add(time.Hour).In(time.FixedZone("X", 1234)),
		"nanoseconds":       now.Add(time.Hour + 1).UTC(),
	} {
		for kind, definition := range rig.EveryKind() {
			if kind == "one-time" {
				definition = gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(now.Add(2 * time.Hour)))
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				s := rig.NewScheduler(t)
				j := rig.MustJob(t, s, definition, func() {}, gocron.WithStartAt(gocron.WithStartDateTime(start)))
				s.Start()
				require.True(t, start == rig.NextOf(t, j), "%#v is not %#v", rig.NextOf(t, j), start)
				require.True(t, start == rig.NextsOf(t, j, 1)[0])
			})
		}
	}
}

func TestTimeOneTimeInstantsComeBackExactlyAsGiven(t *testing.T) {
	s := rig.NewScheduler(t)
	now := time.Now()
	times := []time.Time{now.Add(time.Hour), now.Add(2 * time.Hour).In(time.FixedZone("X", 1234)), now.Add(3 * time.Hour).Round(0).UTC()}
	j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)), func() {})
	s.Start()
	got := rig.NextsOf(t, j, 9)
	require.Len(t, got, 3)
	for i := range times {
		require.True(t, times[i] == got[i], "%#v is not %#v", got[i], times[i])
	}
}

func TestTimeCalendarJobLivesInTheLocationOfItsStart(t *testing.T) {
	newYork := loadZone(t, "America/New_York")
	for name, option := range map[string]func(time.Time) gocron.StartAtOption{
		"future": gocron.WithStartDateTime, "any": gocron.WithStartDateTimePast,
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			start := rig.Now.Add(time.Hour).In(newYork)
			j := r.Job(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(9, 30, 0))), func() {}, gocron.WithStartAt(option(start)))
			cron := r.Job(gocron.CronJob("30 9 * * *", false), func() {}, gocron.WithStartAt(option(start)))
			r.Start()
			want := time.Date(2026, 3, 10, 9, 30, 0, 0, newYork)
			require.Equal(t, []time.Time{start, want, want.AddDate(0, 0, 1)}, rig.NextsOf(t, j, 3))
			utc := time.Date(2026, 3, 11, 9, 30, 0, 0, time.UTC)
			require.Equal(t, []time.Time{start, utc, utc.AddDate(0, 0, 1)}, rig.NextsOf(t, cron, 3), "a crontab's is the scheduler's")
		})
	}
}

func TestTimeOtherJobsLiveInTheSchedulersLocation(t *testing.T) {
	sydney := loadZone(t, "Australia/Sydney")
	r := rig.New(t, gocron.WithLocation(sydney))
	for name, definition := range rig.EveryKind() {
		if name == "one-time" {
			continue
		}
		j := r.Job(definition, func() {})
		r.Scheduler.Start()
		require.Equal(t, sydney.String(), rig.NextOf(t, j).Location().String(), name)
	}
	j := r.Job(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(7, 0, 0))), func() {})
	require.Equal(t, time.Date(2026, 3, 11, 7, 0, 0, 0, sydney), rig.NextOf(t, j))
}

func TestTimeIntervalRunsAreStartPlusWholeIntervals(t *testing.T) {
	r := rig.New(t)
	start := rig.Now.Add(10*time.Minute + 3)
	j, log := r.Logged(gocron.DurationJob(7*time.Minute), gocron.WithStartAt(gocron.WithStartDateTime(start)))
	r.Start()
	want := rig.NextsOf(t, j, 5)
	for i, next := range want {
		require.Equal(t, start.Add(time.Duration(i)*7*time.Minute), next)
	}
	r.Walk(38*time.Minute + 3)
	rig.RequireInstants(t, want, log.All())
}

func TestTimePastStartKeepsItsPhase(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTimePast(rig.Now.Add(-90*time.Minute))))
	r.Start()
	require.Zero(t, log.Len())
	require.Equal(t, rig.At(30*time.Minute, 90*time.Minute), rig.NextsOf(t, j, 2))
	r.Walk(2 * time.Hour)
	rig.RequireInstants(t, rig.At(30*time.Minute, 90*time.Minute), log.All())
}

func TestTimeNoTimeIsTheZeroTimeExactly(t *testing.T) {
	r := rig.NewAt(t, rig.Now.In(loadZone(t, "Asia/Tokyo")))
	j := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))), func() {})
	require.True(t, rig.NextOf(t, j) == time.Time{})
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		last, err := get()
		require.NoError(t, err)
		require.True(t, last == time.Time{})
	}
	r.Start()
	r.Advance(2 * time.Hour)
	require.True(t, rig.NextOf(t, j) == time.Time{})
	require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
	for _, get := range []func() (time.Time, error){j.NextRun, j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		none, err := get()
		require.ErrorIs(t, err, gocron.ErrJobNotFound)
		require.True(t, none == time.Time{})
	}
}

func TestTimeStartEqualToNowIsAcceptedAndDueAtOnce(t *testing.T) {
	for _, running := range []bool{false, true} {
		for name, definition := range rig.EveryKind() {
			t.Run(fmt.Sprintf("%s, running %v", name, running), func(t *testing.T) {
				r := rig.New(t)
				if running {
					r.Start()
				}
				_, log := r.Logged(definition, gocron.WithStartAt(gocron.WithStartDateTime(rig.Now)))
				if !running {
					require.Zero(t, log.Len())
					r.Start()
				}
				rig.RequireInstants(t, rig.At(0), log.All())
				r.Settle()
				require.Equal(t, 1, log.Len())
			})
		}
	}
}

func TestTimeStartReachedOnlyWhenTheSchedulerStartsIsDueAtOnce(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Minute))))
	r.Advance(time.Minute)
	r.Start()
	rig.RequireInstants(t, rig.At(time.Minute), log.All())
	rig.RequireInstants(t, rig.At(61*time.Minute), rig.NextsOf(t, j, 1))
}

func TestTimeStopEqualToNowIsAccepted(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartDateTime(rig.Now)), gocron.WithStopAt(gocron.WithStopDateTime(rig.Now)))
	r.Start()
	rig.RequireInstants(t, rig.At(0), log.All())
	require.Empty(t, r.Scheduler.Jobs())
}

func TestTimeOneTimeInstantEqualToNowIsPast(t *testing.T) {
	r := rig.New(t)
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("X", 3600)} {
		_, err := r.Scheduler.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.In(zone))), gocron.NewTask(func() {}))
		require.Equal(t, gocron.ErrOneTimeJobStartDateTimePast, err)
	}
	j := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.Now, rig.Now.Add(1))), func() {})
	r.Start()
	rig.RequireInstants(t, rig.At(1), rig.NextsOf(t, j, 3))
}

func TestTimeStartAndStopAreCheckedByTheLaterOption(t *testing.T) {
	one, two := rig.Now.Add(time.Hour), rig.Now.Add(2*time.Hour)
	startOne, startTwo := gocron.WithStartAt(gocron.WithStartDateTime(one)), gocron.WithStartAt(gocron.WithStartDateTime(two))
	pastTwo := gocron.WithStartAt(gocron.WithStartDateTimePast(two))
	stopOne, stopTwo := gocron.WithStopAt(gocron.WithStopDateTime(one)), gocron.WithStopAt(gocron.WithStopDateTime(two))
	immediately := gocron.WithStartAt(gocron.WithStartImmediately())
	for _, tt := range []struct {
		name    string
		options []gocron.JobOption
		want    error
	}{
		{"start before stop", []gocron.JobOption{startOne, stopTwo}, nil},
		{"stop after start", []gocron.JobOption{stopTwo, startOne}, nil},
		{"start at the stop", []gocron.JobOption{startOne, stopOne}, nil},
		{"stop at the start", []gocron.JobOption{stopOne, startOne}, nil},
		{"stop before start", []gocron.JobOption{startTwo, stopOne}, gocron.ErrStopTimeEarlierThanStartTime},
		{"start after stop", []gocron.JobOption{stopOne, startTwo}, gocron.ErrStartTimeLaterThanEndTime},
		{"start that may be past after stop", []gocron.JobOption{stopOne, pastTwo}, gocron.ErrStartTimeLaterThanEndTime},
		{"stop before start that may be past", []gocron.JobOption{pastTwo, stopOne}, gocron.ErrStopTimeEarlierThanStartTime},
		{"immediately does not clear the start", []gocron.JobOption{startTwo, immediately, stopOne}, gocron.ErrStopTimeEarlierThanStartTime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rig.New(t)
			_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(func() {}), tt.options...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestTimeStartCheckSpansGlobalAndOwnOptions(t *testing.T) {
	r := rig.New(t, gocron.WithGlobalJobOptions(gocron.WithStopAt(gocron.WithStopDateTime(rig.Now.Add(time.Hour)))))
	_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(func() {}), gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(2*time.Hour))))
	require.ErrorIs(t, err, gocron.ErrStartTimeLaterThanEndTime)
}

func TestTimeStartImmediatelyIsBookedAtStart(t *testing.T) {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0), gocron.NewAtTime(13, 0, 0))
	for name, tt := range map[string]struct {
		definition gocron.JobDefinition
		next       time.Duration
	}{
		"duration": {gocron.DurationJob(40 * time.Minute), 40 * time.Minute},
		"cron":     {gocron.CronJob("0 13 * * *", false), time.Hour},
		"daily":    {gocron.DailyJob(1, noon), time.Hour},
		"weekly":   {gocron.WeeklyJob(1, gocron.NewWeekdays(time.Tuesday), noon), time.Hour},
		"monthly":  {gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(10), noon), time.Hour},
		"one-time": {gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))), time.Hour},
	} {
		for _, running := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, running %v", name, running), func(t *testing.T) {
				r := rig.New(t)
				if running {
					r.Start()
				}
				j := r.Job(tt.definition, r.Hold, gocron.WithStartAt(gocron.WithStartImmediately()))
				r.Start()
				rig.RequireInstants(t, rig.At(tt.next), rig.NextsOf(t, j, 1), "while the run goes on")
				r.Advance(time.Minute)
				r.LetGo(1)
				rig.RequireInstants(t, rig.At(tt.next), rig.NextsOf(t, j, 1), "measured from Start, not from the run")
			})
		}
	}
}

func TestTimeStartImmediatelyIsMeasuredFromStartWhenItHasToWait(t *testing.T) {
	r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartImmediately()))
	r.Start()
	require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
	r.Advance(10 * time.Minute)
	r.LetGo(1)
	rig.RequireInstants(t, rig.At(10*time.Minute), log.All())
	require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
}

func TestTimeStartImmediatelyRandomIsBookedWithinItsBounds(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationRandomJob(time.Hour, 2*time.Hour), r.Hold, gocron.WithStartAt(gocron.WithStartImmediately()))
	r.Start()
	require.False(t, rig.NextOf(t, j).Before(rig.Now.Add(time.Hour)))
	require.True(t, rig.NextOf(t, j).Before(rig.Now.Add(2*time.Hour)))
	r.LetGo(1)
}

func loadZone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	require.NoError(t, err)
	return location
}

// The times that count from a start time are that value, with its monotonic reading, plus
// intervals.
func TestTimeIntervalsFromAStartTimeKeepItsMonotonicReading(t *testing.T) {
	s := rig.NewScheduler(t)
	start := time.Now().Add(time.Hour)
	j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() {}, gocron.WithStartAt(gocron.WithStartDateTime(start)))
	s.Start()
	require.Equal(t, []time.Time{start, start.Add(time.Minute), start.Add(2 * time.Minute)}, rig.NextsOf(t, j, 3))
	past := time.Now().Add(-time.Hour)
	j = rig.MustJob(t, s, gocron.DurationJob(7*time.Hour), func() {}, gocron.WithStartAt(gocron.WithStartDateTimePast(past)))
	require.Equal(t, past.Add(7*time.Hour), rig.NextOf(t, j))
}
