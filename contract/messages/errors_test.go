package messages_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// nilContext and its siblings are types of which a nil pointer is given.
type (
	nilContext struct{ context.Context }
	nilClock   struct{ clockwork.Clock }
	nilElector struct{ gocron.Elector }
	nilLocker  struct{ gocron.Locker }
	nilLogger  struct{ gocron.Logger }
	nilMonitor struct{ gocron.MonitorStatus }
	nilWatcher struct{ gocron.SchedulerMonitor }
	nilCron    struct{ gocron.Cron }
)

func TestMessagesANilPointerInAnOptionIsRefusedLikeNil(t *testing.T) {
	for _, c := range []struct {
		option gocron.SchedulerOption
		want   error
	}{
		{gocron.WithClock((*nilClock)(nil)), gocron.ErrWithClockNil},
		{gocron.WithDistributedElector((*nilElector)(nil)), gocron.ErrWithDistributedElectorNil},
		{gocron.WithDistributedLocker((*nilLocker)(nil)), gocron.ErrWithDistributedLockerNil},
		{gocron.WithLogger((*nilLogger)(nil)), gocron.ErrWithLoggerNil},
		{gocron.WithMonitor((*nilMonitor)(nil)), gocron.ErrWithMonitorNil},
		{gocron.WithMonitorStatus((*nilMonitor)(nil)), gocron.ErrWithMonitorNil},
		{gocron.WithSchedulerMonitor((*nilWatcher)(nil)), gocron.ErrSchedulerMonitorNil},
	} {
		_, err := gocron.NewScheduler(c.option)
		require.True(t, err == c.want, "%v, want %v", err, c.want)
	}
	for _, e := range rig.Entrances() {
		for _, c := range []struct {
			option gocron.JobOption
			want   error
		}{
			{gocron.WithContext((*nilContext)(nil)), gocron.ErrWithContextNil},
			{gocron.WithDistributedJobLocker((*nilLocker)(nil)), gocron.ErrWithDistributedJobLockerNil},
		} {
			_, err := e.Add(rig.NewScheduler(t), uuid.New(), rig.Ages(), gocron.NewTask(rig.Noop), c.option)
			require.True(t, err == c.want, "%v, want %v", err, c.want)
			_, err = e.Add(rig.NewScheduler(t, gocron.WithGlobalJobOptions(c.option)), uuid.New(), rig.Ages(), gocron.NewTask(rig.Noop))
			require.True(t, err == c.want, "%v, want %v", err, c.want)
		}
		_, err := e.Add(rig.NewScheduler(t), uuid.New(), gocron.CronJob("* * * * *", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation((*nilCron)(nil)))
		require.NoError(t, err, "nil stands for the default")
	}
}

func TestMessagesNameJobOptionValueAndWhatIsAllowed(t *testing.T) {
	ten := gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))
	never := gocron.NewAtTimes(gocron.NewAtTime(24, 0, 0))
	for _, c := range []struct {
		definition gocron.JobDefinition
		task       gocron.Task
		option     gocron.JobOption
		want       error
		parts      []string
	}{
		{rig.Ages(), nil, nil, gocron.ErrNewJobTaskNil, nil},
		{rig.Ages(), gocron.NewTask(7), nil, gocron.ErrNewJobTaskNotFunc, []string{"of type int"}},
		{rig.Ages(), gocron.NewTask((func(int))(nil)), nil, gocron.ErrNewJobTaskNotFunc, []string{"a nil func(int)"}},
		{rig.Ages(), gocron.NewTask(func(context.Context, int) {}, 1, 2), nil, gocron.ErrNewJobWrongNumberOfParameters, []string{"2 given", "takes 1 beside"}},
		{rig.Ages(), gocron.NewTask(func(int, ...string) {}), nil, gocron.ErrNewJobWrongNumberOfParameters, []string{"0 given", "at least 1"}},
		{rig.Ages(), gocron.NewTask(func(int, string) {}, 1, 2), nil, gocron.ErrNewJobWrongTypeOfParameters, []string{"parameter 2", "of type int", "takes string"}},
		{rig.Ages(), gocron.NewTask(func(int) {}, nil), nil, gocron.ErrNewJobWrongTypeOfParameters, []string{"parameter 1 is nil", "takes int"}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithTimeout(-5), gocron.ErrOptionValue, []string{"WithTimeout(-5ns)", "more than 0"}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithSingletonMode(9), gocron.ErrOptionValue, []string{"WithSingletonMode(9)", "LimitModeReschedule", "LimitModeReplace"}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.InPool("x"), gocron.ErrOptionValue, []string{`InPool("x")`, `"a", "b"`}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithEngineDown(9), gocron.ErrOptionValue, []string{"WithEngineDown(9)", "EngineDownSkip"}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithLimitedRuns(0), gocron.ErrWithLimitedRunsZero, nil},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithStartAt(gocron.WithStartDateTime(time.Unix(0, 0).UTC())), gocron.ErrWithStartDateTimePast, []string{"1970-01-01T00:00:00Z"}},
		{rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithStopAt(gocron.WithStopDateTime(time.Unix(0, 0).UTC())), gocron.ErrWithStopDateTimePast, []string{"1970-01-01T00:00:00Z"}},
		{gocron.DurationJob(-5), gocron.NewTask(rig.Noop), nil, gocron.ErrDurationJobIntervalNegative, []string{"-5ns"}},
		{gocron.DurationRandomJob(9, 5), gocron.NewTask(rig.Noop), nil, gocron.ErrDurationRandomJobMinMax, []string{"9ns and 5ns"}},
		{gocron.DailyJob(1, never), gocron.NewTask(rig.Noop), nil, gocron.ErrDailyJobHours, []string{"24:00:00"}},
		{gocron.WeeklyJob(1, gocron.NewWeekdays(1), gocron.NewAtTimes(gocron.NewAtTime(1, 75, 0))), gocron.NewTask(rig.Noop), nil, gocron.ErrWeeklyJobMinutesSeconds, []string{"1:75:00"}},
		{gocron.WeeklyJob(1, gocron.NewWeekdays(1, -2), ten), gocron.NewTask(rig.Noop), nil, gocron.ErrJobNeverRuns, []string{"weekday -2", "0 (Sunday) to 6"}},
		{gocron.WeeklyJob(1, func() []time.Weekday { return nil }, ten), gocron.NewTask(rig.Noop), nil, gocron.ErrJobNeverRuns, []string{"names no day"}},
		{gocron.DailyJob(1, func() []gocron.AtTime { return nil }), gocron.NewTask(rig.Noop), nil, gocron.ErrJobNeverRuns, []string{"names no time"}},
		{gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(32), ten), gocron.NewTask(rig.Noop), nil, gocron.ErrMonthlyJobDays, []string{"32"}},
		{gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), ten), gocron.NewTask(rig.Noop), gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))),
			gocron.ErrJobNeverRuns, []string{"[31]", "every 12 months from April 2026"}},
	} {
		for _, e := range rig.Entrances() {
			s := rig.NewScheduler(t, gocron.WithPool("b", 1, gocron.LimitModeWait), gocron.WithPool("a", 1, gocron.LimitModeWait))
			options := []gocron.JobOption{gocron.WithName("report")}
			if c.option != nil {
				options = append([]gocron.JobOption{c.option}, options...)
			}
			_, err := e.Add(s, uuid.New(), c.definition, c.task, options...)
			require.ErrorIs(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), c.want.Error()), err)
			require.NotContains(t, err.Error(), "\n")
			for _, part := range append(c.parts, `(job "report")`) {
				require.ErrorContains(t, err, part)
			}
		}
	}
}

func TestMessagesOfSchedulerOptionsSayWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		option gocron.SchedulerOption
		parts  []string
	}{
		{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReplace), []string{"WithLimitConcurrentJobs mode(4)", "LimitModeReschedule or LimitModeWait"}},
		{gocron.WithPool("p", 1, 9), []string{"WithPool mode(9)", "LimitModeReschedule or LimitModeWait"}},
		{gocron.WithHistory(-1), []string{"WithHistory(-1)", "1 or more"}},
		{gocron.WithQueueLimit(1, "p"), []string{`WithQueueLimit(1, "p")`, "WithPool makes one"}},
		{gocron.WithStopTimeout(-1), []string{"-1ns", "greater than 0"}},
	} {
		_, err := gocron.NewScheduler(c.option)
		for _, part := range c.parts {
			require.ErrorContains(t, err, part)
		}
	}
}

func TestMessagesTheLoggerGetsTheDetailOfErrorsThatAreCompared(t *testing.T) {
	for _, c := range []struct {
		definition gocron.JobDefinition
		want       error
		line       string
	}{
		{gocron.CronJob("0 0 30 2 *", false), gocron.ErrCronJobInvalid, "0 0 30 2 *"},
		{gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Unix(0, 0).UTC())), gocron.ErrOneTimeJobStartDateTimePast, "1970-01-01T00:00:00Z"},
	} {
		l := &lineLogger{}
		_, err := rig.NewScheduler(t, gocron.WithLogger(l)).NewJob(c.definition, gocron.NewTask(rig.Noop), gocron.WithName("report"))
		require.True(t, err == c.want)
		require.Len(t, l.at("WARN"), 1)
		require.Contains(t, l.at("WARN")[0], "job=report")
		require.Contains(t, l.at("WARN")[0], c.line)
	}
}

func TestMessagesAUsersCronIsHeardAsItSpeaks(t *testing.T) {
	said := errors.New("not on my calendar")
	_, err := rig.NewScheduler(t).NewJob(gocron.CronJob("x", false), gocron.NewTask(rig.Noop), gocron.WithCronImplementation(refusingCron{said}))
	require.True(t, err == said)
}

type refusingCron struct{ err error }

func (c refusingCron) IsValid(string, *time.Location, time.Time) error { return c.err }
func (c refusingCron) Next(time.Time) time.Time                        { return time.Time{} }

func TestMessagesGlobalOptionsAddUp(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithName("a"), gocron.WithTags("x")), gocron.WithGlobalJobOptions(gocron.WithName("b")))
	j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
	require.Equal(t, "b", j.Name())
	require.Equal(t, []string{"x"}, j.Tags())
	two := gocron.WithGlobalJobOptions(gocron.WithTags("y"))
	require.Equal(t, []string{"y"}, rig.MustJob(t, rig.NewScheduler(t, two, two), rig.Ages(), rig.Noop).Tags())
}

func TestMessagesJSONComesBack(t *testing.T) {
	for _, info := range []gocron.RunInfo{
		{},
		{ID: 3, JobID: uuid.New(), JobName: "job", Tags: []string{"t"}, Trigger: gocron.TriggerRetry, ScheduledAt: time.Unix(5, 0).UTC(),
			Attempt: 2, FencingToken: 9, Outcome: gocron.OutcomeDroppedQueueFull, Err: gocron.ErrQueueFull},
		{Outcome: gocron.OutcomeFailed, Err: errors.New("own")},
	} {
		text, err := json.Marshal(info)
		require.NoError(t, err)
		var back gocron.RunInfo
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, info, back)
	}
	stats := gocron.Stats{Made: 2, Outcomes: map[gocron.Outcome]uint64{gocron.OutcomeFailed: 2}, OldestWaiting: time.Second}
	text, err := json.Marshal(stats)
	require.NoError(t, err)
	var back gocron.Stats
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, stats, back)
	text, err = json.Marshal([]gocron.RunInfo{{Err: rig.ErrTest}})
	require.NoError(t, err)
	require.Contains(t, string(text), `"Err":"`+rig.ErrTest.Error()+`"`)
}
