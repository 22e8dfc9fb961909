package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// nilContext and its siblings are types of which a nil pointer is given.
type (
	nilContext struct{ context.Context }
	nilClock   struct{ clockwork.Clock }
	nilElector struct{ Elector }
	nilLocker  struct{ Locker }
	nilLogger  struct{ Logger }
	nilMonitor struct{ MonitorStatus }
	nilWatcher struct{ SchedulerMonitor }
	nilCron    struct{ Cron }
)

func TestMessagesANilPointerInAnOptionIsRefusedLikeNil(t *testing.T) {
	for _, c := range []struct {
		option SchedulerOption
		want   error
	}{
		{WithClock((*nilClock)(nil)), ErrWithClockNil},
		{WithDistributedElector((*nilElector)(nil)), ErrWithDistributedElectorNil},
		{WithDistributedLocker((*nilLocker)(nil)), ErrWithDistributedLockerNil},
		{WithLogger((*nilLogger)(nil)), ErrWithLoggerNil},
		{WithMonitor((*nilMonitor)(nil)), ErrWithMonitorNil},
		{WithMonitorStatus((*nilMonitor)(nil)), ErrWithMonitorNil},
		{WithSchedulerMonitor((*nilWatcher)(nil)), ErrSchedulerMonitorNil},
	} {
		_, err := NewScheduler(c.option)
		require.True(t, err == c.want, "%v, want %v", err, c.want)
	}
	for _, e := range entrances() {
		for _, c := range []struct {
			option JobOption
			want   error
		}{
			{WithContext((*nilContext)(nil)), ErrWithContextNil},
			{WithDistributedJobLocker((*nilLocker)(nil)), ErrWithDistributedJobLockerNil},
		} {
			_, err := e.add(newScheduler(t), uuid.New(), ages(), NewTask(noop), c.option)
			require.True(t, err == c.want, "%v, want %v", err, c.want)
			_, err = e.add(newScheduler(t, WithGlobalJobOptions(c.option)), uuid.New(), ages(), NewTask(noop))
			require.True(t, err == c.want, "%v, want %v", err, c.want)
		}
		_, err := e.add(newScheduler(t), uuid.New(), CronJob("* * * * *", false), NewTask(noop), WithCronImplementation((*nilCron)(nil)))
		require.NoError(t, err, "nil stands for the default")
	}
}

func TestMessagesNameJobOptionValueAndWhatIsAllowed(t *testing.T) {
	ten := NewAtTimes(NewAtTime(10, 0, 0))
	never := NewAtTimes(NewAtTime(24, 0, 0))
	for _, c := range []struct {
		definition JobDefinition
		task       Task
		option     JobOption
		want       error
		parts      []string
	}{
		{ages(), nil, nil, ErrNewJobTaskNil, nil},
		{ages(), NewTask(7), nil, ErrNewJobTaskNotFunc, []string{"of type int"}},
		{ages(), NewTask((func(int))(nil)), nil, ErrNewJobTaskNotFunc, []string{"a nil func(int)"}},
		{ages(), NewTask(func(context.Context, int) {}, 1, 2), nil, ErrNewJobWrongNumberOfParameters, []string{"2 given", "takes 1 beside"}},
		{ages(), NewTask(func(int, ...string) {}), nil, ErrNewJobWrongNumberOfParameters, []string{"0 given", "at least 1"}},
		{ages(), NewTask(func(int, string) {}, 1, 2), nil, ErrNewJobWrongTypeOfParameters, []string{"parameter 2", "of type int", "takes string"}},
		{ages(), NewTask(func(int) {}, nil), nil, ErrNewJobWrongTypeOfParameters, []string{"parameter 1 is nil", "takes int"}},
		{ages(), NewTask(noop), WithTimeout(-5), ErrOptionValue, []string{"WithTimeout(-5ns)", "more than 0"}},
		{ages(), NewTask(noop), WithSingletonMode(9), ErrOptionValue, []string{"WithSingletonMode(9)", "LimitModeReschedule", "LimitModeReplace"}},
		{ages(), NewTask(noop), InPool("x"), ErrOptionValue, []string{`InPool("x")`, `"a", "b"`}},
		{ages(), NewTask(noop), WithEngineDown(9), ErrOptionValue, []string{"WithEngineDown(9)", "EngineDownSkip"}},
		{ages(), NewTask(noop), WithLimitedRuns(0), ErrWithLimitedRunsZero, nil},
		{ages(), NewTask(noop), WithStartAt(WithStartDateTime(time.Unix(0, 0).UTC())), ErrWithStartDateTimePast, []string{"1970-01-01T00:00:00Z"}},
		{ages(), NewTask(noop), WithStopAt(WithStopDateTime(time.Unix(0, 0).UTC())), ErrWithStopDateTimePast, []string{"1970-01-01T00:00:00Z"}},
		{DurationJob(-5), NewTask(noop), nil, ErrDurationJobIntervalNegative, []string{"-5ns"}},
		{DurationRandomJob(9, 5), NewTask(noop), nil, ErrDurationRandomJobMinMax, []string{"9ns and 5ns"}},
		{DailyJob(1, never), NewTask(noop), nil, ErrDailyJobHours, []string{"24:00:00"}},
		{WeeklyJob(1, NewWeekdays(1), NewAtTimes(NewAtTime(1, 75, 0))), NewTask(noop), nil, ErrWeeklyJobMinutesSeconds, []string{"1:75:00"}},
		{WeeklyJob(1, NewWeekdays(1, -2), ten), NewTask(noop), nil, ErrJobNeverRuns, []string{"weekday -2", "0 (Sunday) to 6"}},
		{WeeklyJob(1, func() []time.Weekday { return nil }, ten), NewTask(noop), nil, ErrJobNeverRuns, []string{"names no day"}},
		{DailyJob(1, func() []AtTime { return nil }), NewTask(noop), nil, ErrJobNeverRuns, []string{"names no time"}},
		{MonthlyJob(1, NewDaysOfTheMonth(32), ten), NewTask(noop), nil, ErrMonthlyJobDays, []string{"32"}},
		{MonthlyJob(12, NewDaysOfTheMonth(31), ten), NewTask(noop), WithStartAt(WithStartDateTimePast(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))),
			ErrJobNeverRuns, []string{"[31]", "every 12 months from April 2026"}},
	} {
		for _, e := range entrances() {
			s := newScheduler(t, WithPool("b", 1, LimitModeWait), WithPool("a", 1, LimitModeWait))
			options := []JobOption{WithName("report")}
			if c.option != nil {
				options = append([]JobOption{c.option}, options...)
			}
			_, err := e.add(s, uuid.New(), c.definition, c.task, options...)
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
		option SchedulerOption
		parts  []string
	}{
		{WithLimitConcurrentJobs(1, LimitModeReplace), []string{"WithLimitConcurrentJobs mode(4)", "LimitModeReschedule or LimitModeWait"}},
		{WithPool("p", 1, 9), []string{"WithPool mode(9)", "LimitModeReschedule or LimitModeWait"}},
		{WithHistory(-1), []string{"WithHistory(-1)", "1 or more"}},
		{WithQueueLimit(1, "p"), []string{`WithQueueLimit(1, "p")`, "WithPool makes one"}},
		{WithStopTimeout(-1), []string{"-1ns", "greater than 0"}},
	} {
		_, err := NewScheduler(c.option)
		for _, part := range c.parts {
			require.ErrorContains(t, err, part)
		}
	}
}

func TestMessagesTheLoggerGetsTheDetailOfErrorsThatAreCompared(t *testing.T) {
	for _, c := range []struct {
		definition JobDefinition
		want       error
		line       string
	}{
		{CronJob("0 0 30 2 *", false), ErrCronJobInvalid, "0 0 30 2 *"},
		{OneTimeJob(OneTimeJobStartDateTime(time.Unix(0, 0).UTC())), ErrOneTimeJobStartDateTimePast, "1970-01-01T00:00:00Z"},
	} {
		l := &lineLogger{}
		_, err := newScheduler(t, WithLogger(l)).NewJob(c.definition, NewTask(noop), WithName("report"))
		require.True(t, err == c.want)
		require.Len(t, l.at("WARN"), 1)
		require.Contains(t, l.at("WARN")[0], "job=report")
		require.Contains(t, l.at("WARN")[0], c.line)
	}
}

func TestMessagesAUsersCronIsHeardAsItSpeaks(t *testing.T) {
	said := errors.New("not on my calendar")
	_, err := newScheduler(t).NewJob(CronJob("x", false), NewTask(noop), WithCronImplementation(refusingCron{said}))
	require.True(t, err == said)
}

type refusingCron struct{ err error }

func (c refusingCron) IsValid(string, *time.Location, time.Time) error { return c.err }
func (c refusingCron) Next(time.Time) time.Time                        { return time.Time{} }

func TestMessagesGlobalOptionsAddUp(t *testing.T) {
	s := newScheduler(t, WithGlobalJobOptions(WithName("a"), WithTags("x")), WithGlobalJobOptions(WithName("b")))
	j := mustJob(t, s, ages(), noop)
	require.Equal(t, "b", j.Name())
	require.Equal(t, []string{"x"}, j.Tags())
	two := WithGlobalJobOptions(WithTags("y"))
	require.Equal(t, []string{"y"}, mustJob(t, newScheduler(t, two, two), ages(), noop).Tags())
}

func TestMessagesJSONComesBack(t *testing.T) {
	for _, info := range []RunInfo{
		{},
		{ID: 3, JobID: uuid.New(), JobName: "job", Tags: []string{"t"}, Trigger: TriggerRetry, ScheduledAt: time.Unix(5, 0).UTC(),
			Attempt: 2, FencingToken: 9, Outcome: OutcomeDroppedQueueFull, Err: ErrQueueFull},
		{Outcome: OutcomeFailed, Err: errors.New("own")},
	} {
		text, err := json.Marshal(info)
		require.NoError(t, err)
		var back RunInfo
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, info, back)
	}
	stats := Stats{Made: 2, Outcomes: map[Outcome]uint64{OutcomeFailed: 2}, OldestWaiting: time.Second}
	text, err := json.Marshal(stats)
	require.NoError(t, err)
	var back Stats
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, stats, back)
	text, err = json.Marshal([]RunInfo{{Err: errContract}})
	require.NoError(t, err)
	require.Contains(t, string(text), `"Err":"`+errContract.Error()+`"`)
}
