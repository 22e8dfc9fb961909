package gocron

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// everyKind is one definition of each kind that recurs.
func everyKind() map[string]JobDefinition {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	return map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"random":   DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":     CronJob("0 12 * * *", false),
		"every":    CronJob("@every 1h", false),
		"daily":    DailyJob(1, noon),
		"weekly":   WeeklyJob(1, NewWeekdays(time.Monday), noon),
		"monthly":  MonthlyJob(1, NewDaysOfTheMonth(1), noon),
		"one-time": OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(1000 * time.Hour))),
	}
}

func TestTimeStartIsItselfARunForEveryKind(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	start := rigNow.Add(90*time.Minute + 7*time.Nanosecond).In(tokyo)
	for name, definition := range everyKind() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j, log := r.logged(definition, WithStartAt(WithStartDateTime(start)))
			r.start()
			require.Equal(t, start, nextOf(t, j))
			require.Equal(t, start, nextsOf(t, j, 2)[0])
			second := nextsOf(t, j, 2)[1]
			r.advance(90 * time.Minute)
			require.Zero(t, log.len())
			r.advance(7)
			requireInstants(t, []time.Time{start}, log.all())
			require.Equal(t, second, nextOf(t, j))
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
		for kind, definition := range everyKind() {
			if kind == "one-time" {
				definition = OneTimeJob(OneTimeJobStartDateTime(now.Add(2 * time.Hour)))
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				s := newScheduler(t)
				j := mustJob(t, s, definition, func() {}, WithStartAt(WithStartDateTime(start)))
				s.Start()
				require.True(t, start == nextOf(t, j), "%#v is not %#v", nextOf(t, j), start)
				require.True(t, start == nextsOf(t, j, 1)[0])
			})
		}
	}
}

func TestTimeOneTimeInstantsComeBackExactlyAsGiven(t *testing.T) {
	s := newScheduler(t)
	now := time.Now()
	times := []time.Time{now.Add(time.Hour), now.Add(2 * time.Hour).In(time.FixedZone("X", 1234)), now.Add(3 * time.Hour).Round(0).UTC()}
	j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(times...)), func() {})
	s.Start()
	got := nextsOf(t, j, 9)
	require.Len(t, got, 3)
	for i := range times {
		require.True(t, times[i] == got[i], "%#v is not %#v", got[i], times[i])
	}
}

func TestTimeCalendarJobLivesInTheLocationOfItsStart(t *testing.T) {
	newYork := loadZone(t, "America/New_York")
	for name, option := range map[string]func(time.Time) StartAtOption{
		"future": WithStartDateTime, "any": WithStartDateTimePast,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			start := rigNow.Add(time.Hour).In(newYork)
			j := r.job(DailyJob(1, NewAtTimes(NewAtTime(9, 30, 0))), func() {}, WithStartAt(option(start)))
			cron := r.job(CronJob("30 9 * * *", false), func() {}, WithStartAt(option(start)))
			r.start()
			want := time.Date(2026, 3, 10, 9, 30, 0, 0, newYork)
			require.Equal(t, []time.Time{start, want, want.AddDate(0, 0, 1)}, nextsOf(t, j, 3))
			utc := time.Date(2026, 3, 11, 9, 30, 0, 0, time.UTC)
			require.Equal(t, []time.Time{start, utc, utc.AddDate(0, 0, 1)}, nextsOf(t, cron, 3), "a crontab's is the scheduler's")
		})
	}
}

func TestTimeOtherJobsLiveInTheSchedulersLocation(t *testing.T) {
	sydney := loadZone(t, "Australia/Sydney")
	r := newRig(t, WithLocation(sydney))
	for name, definition := range everyKind() {
		if name == "one-time" {
			continue
		}
		j := r.job(definition, func() {})
		r.s.Start()
		require.Equal(t, sydney.String(), nextOf(t, j).Location().String(), name)
	}
	j := r.job(DailyJob(1, NewAtTimes(NewAtTime(7, 0, 0))), func() {})
	require.Equal(t, time.Date(2026, 3, 11, 7, 0, 0, 0, sydney), nextOf(t, j))
}

func TestTimeIntervalRunsAreStartPlusWholeIntervals(t *testing.T) {
	r := newRig(t)
	start := rigNow.Add(10*time.Minute + 3)
	j, log := r.logged(DurationJob(7*time.Minute), WithStartAt(WithStartDateTime(start)))
	r.start()
	want := nextsOf(t, j, 5)
	for i, next := range want {
		require.Equal(t, start.Add(time.Duration(i)*7*time.Minute), next)
	}
	r.walk(38*time.Minute + 3)
	requireInstants(t, want, log.all())
}

func TestTimePastStartKeepsItsPhase(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartDateTimePast(rigNow.Add(-90*time.Minute))))
	r.start()
	require.Zero(t, log.len())
	require.Equal(t, rigAt(30*time.Minute, 90*time.Minute), nextsOf(t, j, 2))
	r.walk(2 * time.Hour)
	requireInstants(t, rigAt(30*time.Minute, 90*time.Minute), log.all())
}

func TestTimeNoTimeIsTheZeroTimeExactly(t *testing.T) {
	r := newRigAt(t, rigNow.In(loadZone(t, "Asia/Tokyo")))
	j := r.job(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))), func() {})
	require.True(t, nextOf(t, j) == time.Time{})
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		last, err := get()
		require.NoError(t, err)
		require.True(t, last == time.Time{})
	}
	r.start()
	r.advance(2 * time.Hour)
	require.True(t, nextOf(t, j) == time.Time{})
	require.NoError(t, r.s.RemoveJob(j.ID()))
	for _, get := range []func() (time.Time, error){j.NextRun, j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
		none, err := get()
		require.ErrorIs(t, err, ErrJobNotFound)
		require.True(t, none == time.Time{})
	}
}

func TestTimeStartEqualToNowIsAcceptedAndDueAtOnce(t *testing.T) {
	for _, running := range []bool{false, true} {
		for name, definition := range everyKind() {
			t.Run(fmt.Sprintf("%s, running %v", name, running), func(t *testing.T) {
				r := newRig(t)
				if running {
					r.start()
				}
				_, log := r.logged(definition, WithStartAt(WithStartDateTime(rigNow)))
				if !running {
					require.Zero(t, log.len())
					r.start()
				}
				requireInstants(t, rigAt(0), log.all())
				r.settle()
				require.Equal(t, 1, log.len())
			})
		}
	}
}

func TestTimeStartReachedOnlyWhenTheSchedulerStartsIsDueAtOnce(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartDateTime(rigNow.Add(time.Minute))))
	r.advance(time.Minute)
	r.start()
	requireInstants(t, rigAt(time.Minute), log.all())
	requireInstants(t, rigAt(61*time.Minute), nextsOf(t, j, 1))
}

func TestTimeStopEqualToNowIsAccepted(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartDateTime(rigNow)), WithStopAt(WithStopDateTime(rigNow)))
	r.start()
	requireInstants(t, rigAt(0), log.all())
	require.Empty(t, r.s.Jobs())
}

func TestTimeOneTimeInstantEqualToNowIsPast(t *testing.T) {
	r := newRig(t)
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("X", 3600)} {
		_, err := r.s.NewJob(OneTimeJob(OneTimeJobStartDateTime(rigNow.In(zone))), NewTask(func() {}))
		require.Equal(t, ErrOneTimeJobStartDateTimePast, err)
	}
	j := r.job(OneTimeJob(OneTimeJobStartDateTimes(rigNow, rigNow.Add(1))), func() {})
	r.start()
	requireInstants(t, rigAt(1), nextsOf(t, j, 3))
}

func TestTimeStartAndStopAreCheckedByTheLaterOption(t *testing.T) {
	one, two := rigNow.Add(time.Hour), rigNow.Add(2*time.Hour)
	startOne, startTwo := WithStartAt(WithStartDateTime(one)), WithStartAt(WithStartDateTime(two))
	pastTwo := WithStartAt(WithStartDateTimePast(two))
	stopOne, stopTwo := WithStopAt(WithStopDateTime(one)), WithStopAt(WithStopDateTime(two))
	immediately := WithStartAt(WithStartImmediately())
	for _, tt := range []struct {
		name    string
		options []JobOption
		want    error
	}{
		{"start before stop", []JobOption{startOne, stopTwo}, nil},
		{"stop after start", []JobOption{stopTwo, startOne}, nil},
		{"start at the stop", []JobOption{startOne, stopOne}, nil},
		{"stop at the start", []JobOption{stopOne, startOne}, nil},
		{"stop before start", []JobOption{startTwo, stopOne}, ErrStopTimeEarlierThanStartTime},
		{"start after stop", []JobOption{stopOne, startTwo}, ErrStartTimeLaterThanEndTime},
		{"start that may be past after stop", []JobOption{stopOne, pastTwo}, ErrStartTimeLaterThanEndTime},
		{"stop before start that may be past", []JobOption{pastTwo, stopOne}, ErrStopTimeEarlierThanStartTime},
		{"immediately does not clear the start", []JobOption{startTwo, immediately, stopOne}, ErrStopTimeEarlierThanStartTime},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			_, err := r.s.NewJob(DurationJob(time.Minute), NewTask(func() {}), tt.options...)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestTimeStartCheckSpansGlobalAndOwnOptions(t *testing.T) {
	r := newRig(t, WithGlobalJobOptions(WithStopAt(WithStopDateTime(rigNow.Add(time.Hour)))))
	_, err := r.s.NewJob(DurationJob(time.Minute), NewTask(func() {}), WithStartAt(WithStartDateTime(rigNow.Add(2*time.Hour))))
	require.ErrorIs(t, err, ErrStartTimeLaterThanEndTime)
}

func TestTimeStartImmediatelyIsBookedAtStart(t *testing.T) {
	noon := NewAtTimes(NewAtTime(12, 0, 0), NewAtTime(13, 0, 0))
	for name, tt := range map[string]struct {
		definition JobDefinition
		next       time.Duration
	}{
		"duration": {DurationJob(40 * time.Minute), 40 * time.Minute},
		"cron":     {CronJob("0 13 * * *", false), time.Hour},
		"daily":    {DailyJob(1, noon), time.Hour},
		"weekly":   {WeeklyJob(1, NewWeekdays(time.Tuesday), noon), time.Hour},
		"monthly":  {MonthlyJob(1, NewDaysOfTheMonth(10), noon), time.Hour},
		"one-time": {OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))), time.Hour},
	} {
		for _, running := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, running %v", name, running), func(t *testing.T) {
				r := newRig(t)
				if running {
					r.start()
				}
				j := r.job(tt.definition, r.hold, WithStartAt(WithStartImmediately()))
				r.start()
				requireInstants(t, rigAt(tt.next), nextsOf(t, j, 1), "while the run goes on")
				r.advance(time.Minute)
				r.letGo(1)
				requireInstants(t, rigAt(tt.next), nextsOf(t, j, 1), "measured from Start, not from the run")
			})
		}
	}
}

func TestTimeStartImmediatelyIsMeasuredFromStartWhenItHasToWait(t *testing.T) {
	r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold)
	j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartImmediately()))
	r.start()
	require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
	r.advance(10 * time.Minute)
	r.letGo(1)
	requireInstants(t, rigAt(10*time.Minute), log.all())
	require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
}

func TestTimeStartImmediatelyRandomIsBookedWithinItsBounds(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationRandomJob(time.Hour, 2*time.Hour), r.hold, WithStartAt(WithStartImmediately()))
	r.start()
	require.False(t, nextOf(t, j).Before(rigNow.Add(time.Hour)))
	require.True(t, nextOf(t, j).Before(rigNow.Add(2*time.Hour)))
	r.letGo(1)
}

func loadZone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	require.NoError(t, err)
	return location
}

// The times that count from a start time are that value, with its monotonic reading, plus intervals.
func TestTimeIntervalsFromAStartTimeKeepItsMonotonicReading(t *testing.T) {
	s := newScheduler(t)
	start := time.Now().Add(time.Hour)
	j := mustJob(t, s, DurationJob(time.Minute), func() {}, WithStartAt(WithStartDateTime(start)))
	s.Start()
	require.Equal(t, []time.Time{start, start.Add(time.Minute), start.Add(2 * time.Minute)}, nextsOf(t, j, 3))
	past := time.Now().Add(-time.Hour)
	j = mustJob(t, s, DurationJob(7*time.Hour), func() {}, WithStartAt(WithStartDateTimePast(past)))
	require.Equal(t, past.Add(7*time.Hour), nextOf(t, j))
}
