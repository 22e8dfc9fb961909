package time_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// What Preview says is what NextRuns says and what runs, start and stop times included.
func TestPreviewIsWhatRuns(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	from := time.Date(2026, 3, 27, 12, 0, 0, 0, berlin)
	start := gocron.WithStartAt(gocron.WithStartDateTime(from.Add(time.Minute)))
	past := gocron.WithStartAt(gocron.WithStartDateTimePast(from.Add(-time.Hour * 24 * 3)))
	half := gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0), gocron.NewAtTime(23, 0, 0))
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []string
	}{
		"daily, over a clock change": {gocron.DailyJob(1, half), nil, []string{"Fri 2026-03-27 23:00:00 +0100", "Sat 2026-03-28 02:30:00 +0100",
			"Sat 2026-03-28 23:00:00 +0100", "Sun 2026-03-29 03:30:00 +0200", "Sun 2026-03-29 23:00:00 +0200"}},
		"crontab": {gocron.CronJob("30 2 * * *", false), nil, []string{"Sat 2026-03-28 02:30:00 +0100", "Mon 2026-03-30 02:30:00 +0200"}},
		"crontab with a policy": {gocron.CronJob("30 2 * * *", false),
			[]gocron.JobOption{gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeRunAfterTransition)},
			[]string{"Sat 2026-03-28 02:30:00 +0100", "Sun 2026-03-29 03:30:00 +0200"}},
		"interval":              {gocron.DurationJob(40 * time.Minute), nil, []string{"Fri 2026-03-27 12:40:00 +0100", "Fri 2026-03-27 13:20:00 +0100"}},
		"interval with a start": {gocron.DurationJob(time.Hour), []gocron.JobOption{start}, []string{"Fri 2026-03-27 12:01:00 +0100", "Fri 2026-03-27 13:01:00 +0100"}},
		"daily, every second, from a past start": {gocron.DailyJob(2, half), []gocron.JobOption{past},
			[]string{"Sat 2026-03-28 02:30:00 +0100", "Sat 2026-03-28 23:00:00 +0100", "Mon 2026-03-30 02:30:00 +0200"}},
		"instants": {gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(from.Add(2), from, from.Add(1).UTC())), nil,
			[]string{"Fri 2026-03-27 11:00:00 +0000", "Fri 2026-03-27 12:00:00 +0100"}},
		"a Cron of the user's": {gocron.CronJob("", false), []gocron.JobOption{gocron.WithCronImplementation(threeHours{}), start},
			[]string{"Fri 2026-03-27 12:01:00 +0100", "Fri 2026-03-27 15:00:00 +0100", "Fri 2026-03-27 18:00:00 +0100"}},
	} {
		t.Run(name, func(t *testing.T) {
			times, err := gocron.Preview(c.definition, from, len(c.want), c.options...)
			require.NoError(t, err)
			require.Equal(t, c.want, shown(times))
			x := newStage(t, from)
			j, ran := x.logged(c.definition, c.options...)
			x.s.Start()
			require.Equal(t, times, x.nexts(j, len(c.want)))
			x.requireWalked(j, ran, c.want)
		})
	}
}

// threeHours is a Cron that is due at 0, 3, 6, … o'clock UTC, less an hour.
type threeHours struct{}

func (threeHours) IsValid(string, *time.Location, time.Time) error { return nil }
func (threeHours) Next(after time.Time) time.Time {
	return after.Add(time.Hour).Truncate(3 * time.Hour).Add(2 * time.Hour)
}

func TestPreviewStopsAtTheStopTime(t *testing.T) {
	from := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	stop := func(d time.Duration) gocron.JobOption {
		return gocron.WithStopAt(gocron.WithStopDateTime(from.Add(d)))
	}
	times, err := gocron.Preview(gocron.DurationJob(time.Hour), from, 100, stop(3*time.Hour))
	require.NoError(t, err)
	require.Len(t, times, 3, "the last one is at the stop time")
	for _, definition := range []gocron.JobDefinition{gocron.DurationJob(time.Hour), gocron.DailyJob(1, nineOfDay())} {
		_, err = gocron.Preview(definition, from, 100, stop(time.Hour-1), gocron.WithName("report"))
		require.EqualError(t, err, "gocron: NewJob: the definition has no occurrence: its first time is after its stop time, "+
			"2026-03-10T12:59:59.999999999Z (job \"report\")")
	}
	_, err = gocron.Preview(gocron.CronJob("", false), from, 100, stop(time.Hour), gocron.WithCronImplementation(threeHours{}))
	require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
}

// The times are in from's location, and there is no time at from itself.
func TestPreviewFromAndNumber(t *testing.T) {
	from := time.Date(2026, 3, 10, 9, 0, 0, 0, zone(t, "Asia/Tokyo"))
	daily := gocron.DailyJob(1, nineOfDay())
	times, err := gocron.Preview(daily, from, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"Wed 2026-03-11 09:00:00 +0900"}, shown(times))
	times, err = gocron.Preview(daily, from.UTC(), 1, gocron.WithJobLocation(zone(t, "America/Lima")))
	require.NoError(t, err)
	require.Equal(t, []string{"Tue 2026-03-10 09:00:00 -0500"}, shown(times))
	for _, n := range []int{0, -1, math.MinInt} {
		times, err = gocron.Preview(daily, from, n)
		require.NoError(t, err)
		require.Nil(t, times)
	}
	times, err = gocron.Preview(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), from, 3)
	require.NoError(t, err)
	require.Empty(t, times, "the immediate run is not named")
	times, err = gocron.Preview(gocron.CronJob("0 0 29 2 *", false), from, math.MaxInt, gocron.WithStopAt(gocron.WithStopDateTime(from.AddDate(10, 0, 0))))
	require.NoError(t, err)
	require.Len(t, times, 3)
	times, err = gocron.Preview(daily, time.Now(), 1)
	require.NoError(t, err)
	require.Equal(t, times[0].Round(0), times[0], "no monotonic reading")
}

// Preview and Validate refuse what NewJob refuses, in the same words.
func TestPreviewAndValidateRefuseWhatNewJobDoes(t *testing.T) {
	from := time.Now()
	claims := gocron.WithDistributedJobLocker(gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) {
		return nil, errors.New("never asked")
	}))
	for _, c := range []struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       error
	}{
		{gocron.CronJob("0 25 * * *", false), nil, gocron.ErrCronJobParse},
		{gocron.CronJob("0 0 30 2 *", false), nil, gocron.ErrCronJobInvalid},
		{gocron.CronJob("H * * * *", false), nil, gocron.ErrCronJobParse},
		{gocron.CronJob("", false), []gocron.JobOption{gocron.WithCronImplementation(refusing{})}, errRefusing},
		{gocron.DurationJob(0), nil, gocron.ErrDurationJobIntervalZero},
		{gocron.DailyJob(0, nineOfDay()), nil, gocron.ErrDailyJobZeroInterval},
		{gocron.DailyJob(1, func() []gocron.AtTime { return nil }), nil, gocron.ErrJobNeverRuns},
		{gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(from.Add(-time.Hour))), nil, gocron.ErrOneTimeJobStartDateTimePast},
		{nil, nil, gocron.ErrJobDefinitionNil},
		{gocron.DurationJob(time.Hour), []gocron.JobOption{nil}, gocron.ErrOptionNil},
		{gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithTimeout(-1)}, gocron.ErrOptionValue},
		{gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(from.Add(-time.Hour)))}, gocron.ErrWithStartDateTimePast},
		{gocron.DurationJob(time.Hour), []gocron.JobOption{claims}, gocron.ErrClaimNoName},
		{gocron.DurationRandomJob(1, 2), []gocron.JobOption{claims, gocron.WithName("x")}, gocron.ErrClaimSchedule},
	} {
		err := gocron.Validate(c.definition, c.options...)
		require.ErrorIs(t, err, c.want)
		_, previewErr := gocron.Preview(c.definition, from, 3, c.options...)
		x := newStage(t, from)
		x.s.Start()
		_, newJobErr := x.s.NewJob(c.definition, gocron.NewTask(nothing), c.options...)
		require.ErrorIs(t, newJobErr, c.want)
		text := strings.TrimSuffix(newJobErr.Error(), " (job \"github.com/gocron-fixed/gocron/v2/contract/time_test.nothing\")")
		require.EqualError(t, previewErr, text)
		require.NotContains(t, text, "\n")
	}
}

var errRefusing = errors.New("not understood")

type refusing struct{ threeHours }

func (refusing) IsValid(string, *time.Location, time.Time) error { return errRefusing }

func TestValidateAcceptsWhatNewJobDoes(t *testing.T) {
	require.NoError(t, gocron.Validate(gocron.DurationRandomJob(1, 2)))
	require.NoError(t, gocron.Validate(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately())))
	require.NoError(t, gocron.Validate(gocron.CronJob("H * * * *", false), gocron.WithName("report")))
	require.NoError(t, gocron.Validate(gocron.DailyJob(1, nineOfDay()), gocron.InPool("of a scheduler"), gocron.WithLimitedRuns(1)))
}

func TestPreviewAndNextRunsAfterRefuseRandomIntervals(t *testing.T) {
	from := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	random := gocron.DurationRandomJob(time.Hour, 2*time.Hour)
	_, err := gocron.Preview(random, from, 3)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	x := newStage(t, from)
	j, _ := x.logged(random)
	x.s.Start()
	_, err = gocron.NewController(x.s).NextRunsAfter(j.ID(), from, 3)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "NextRunsAfter")
}

func TestNextRunsAfter(t *testing.T) {
	from := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	x := newStage(t, from)
	c := gocron.NewController(x.s)
	j, ran := x.logged(gocron.DurationJob(time.Hour), gocron.WithStopAt(gocron.WithStopDateTime(from.Add(5*time.Hour))))
	after := func(d time.Duration, n int) []string {
		times, err := c.NextRunsAfter(j.ID(), from.Add(d), n)
		require.NoError(t, err)
		return shown(times)
	}
	require.Empty(t, after(0, 3), "the scheduler is not running")
	x.s.Start()
	require.Equal(t, shown(x.nexts(j, 3)), after(0, 3))
	require.Equal(t, shown(x.nexts(j, 3)), after(-time.Hour*1e5, 3))
	require.Equal(t, []string{"Tue 2026-03-10 16:00:00 +0000", "Tue 2026-03-10 17:00:00 +0000"}, after(3*time.Hour, 5), "up to the stop time")
	require.Empty(t, after(5*time.Hour, 3))
	require.Empty(t, after(0, 0))
	require.Equal(t, []string{"Tue 2026-03-10 16:00:00 +0000"}, after(3*time.Hour, 1))
	x.walk(j, ran, 4)
	require.Equal(t, []string{"Tue 2026-03-10 17:00:00 +0000"}, after(0, 3), "those that have run are over")

	_, err := c.NextRunsAfter(uuid.New(), from, 3)
	require.Equal(t, gocron.ErrJobNotFound, err)
	_, err = gocron.NewController(nil).NextRunsAfter(j.ID(), from, 3)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// A far time costs no walk there: this would take for ever.
func TestNextRunsAfterFarAhead(t *testing.T) {
	from := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	x := newStage(t, from)
	j, _ := x.logged(gocron.DurationJob(time.Nanosecond), gocron.WithStartAt(gocron.WithStartDateTime(from.Add(time.Hour))))
	x.s.Start()
	far := time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC)
	times, err := gocron.NewController(x.s).NextRunsAfter(j.ID(), far, 2)
	require.NoError(t, err)
	require.Equal(t, []time.Time{far.Add(1), far.Add(2)}, times)
}

// While listeners are called before a run, NextRunsAfter names the run if it was due after the
// given time.
func TestNextRunsAfterInAListener(t *testing.T) {
	from := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	x := newStage(t, from)
	c := gocron.NewController(x.s)
	var before, at []time.Time
	j, ran := x.logged(gocron.DurationJob(time.Hour), gocron.WithEventListeners(gocron.BeforeJobRuns(func(id uuid.UUID, _ string) {
		before, _ = c.NextRunsAfter(id, from, 2)
		at, _ = c.NextRunsAfter(id, from.Add(time.Hour), 2)
	})))
	x.s.Start()
	x.walk(j, ran, 1)
	require.Equal(t, []string{"Tue 2026-03-10 13:00:00 +0000", "Tue 2026-03-10 14:00:00 +0000"}, shown(before))
	require.Equal(t, []string{"Tue 2026-03-10 14:00:00 +0000", "Tue 2026-03-10 15:00:00 +0000"}, shown(at))
}

func TestShortestGap(t *testing.T) {
	from := time.Date(2026, 3, 27, 12, 0, 0, 0, zone(t, "Europe/Berlin"))
	stop := func(d time.Duration) gocron.JobOption { return gocron.WithStopAt(gocron.WithStopDateTime(from.Add(d))) }
	for _, c := range []struct {
		definition gocron.JobDefinition
		n          int
		options    []gocron.JobOption
		want       time.Duration
	}{
		{gocron.DurationJob(time.Minute), 2, nil, time.Minute},
		{gocron.DurationJob(time.Minute), 1, nil, 0},
		{gocron.DurationJob(time.Minute), -1, nil, 0},
		{gocron.DurationJob(time.Minute), 100, []gocron.JobOption{stop(time.Minute)}, 0},
		{gocron.DurationJob(time.Minute), 100, []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(from.Add(time.Second)))}, time.Minute},
		{gocron.DailyJob(1, nineOfDay()), 10, nil, 23 * time.Hour}, // over the clock change
		{gocron.DailyJob(1, nineOfDay()), 10, []gocron.JobOption{gocron.WithJobLocation(time.UTC)}, 24 * time.Hour},
		{gocron.CronJob("0,50 9 * * *", false), 10, nil, 50 * time.Minute},
		{gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(from.Add(9), from.Add(1), from.Add(4))), 10, nil, 3},
	} {
		gap, err := gocron.ShortestGap(c.definition, from, c.n, c.options...)
		require.NoError(t, err)
		require.Equal(t, c.want, gap)
	}
	_, err := gocron.ShortestGap(gocron.DurationRandomJob(1, 2), from, 3)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "ShortestGap")
	_, err = gocron.ShortestGap(gocron.DurationJob(0), from, 3)
	require.ErrorIs(t, err, gocron.ErrDurationJobIntervalZero)
}

// Under a Claimer the times are the same wherever and whenever a node has made the job.
func TestPreviewUnderAClaimerIsTheSameOnEveryNode(t *testing.T) {
	claims := gocron.WithDistributedJobLocker(gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) {
		return nil, errors.New("never asked")
	}))
	from := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	later := from.Add(1000*time.Hour + 7*time.Second)
	place := gocron.WithJobLocation(zone(t, "America/Santiago"))
	var members []gocron.JobDefinition
	for _, member := range unionMembers(later) {
		members = append(members, member)
	}
	for _, definition := range append(members, gocron.DurationJob(17*time.Minute), gocron.AnyOf(members...)) {
		one, err := gocron.Preview(definition, from, 6000, claims, place, gocron.WithName("report"))
		require.NoError(t, err)
		other, err := gocron.Preview(definition, later.In(zone(t, "Asia/Tokyo")), 3, claims, place, gocron.WithName("report"))
		require.NoError(t, err)
		for len(one) > 0 && !one[0].After(later) {
			one = one[1:]
		}
		require.Equal(t, shown(other), shown(one[:3]), "%T", definition)
	}
}
