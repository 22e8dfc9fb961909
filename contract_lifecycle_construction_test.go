package gocron

import (
	"errors"
	"io"
	"log"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestContractDefaultLocationIsLocal(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("here", 3*3600+1800)
	s := newScheduler(t)
	defer func() { require.NoError(t, s.Shutdown()) }() // before time.Local is put back
	j := mustJob(t, s, DailyJob(1, NewAtTimes(NewAtTime(7, 5, 0))), noop)
	s.Start()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.Equal(t, time.Local, next.Location())
	hour, minute, _ := next.Clock()
	require.Equal(t, [2]int{7, 5}, [2]int{hour, minute})
}

func TestContractDefaultClockIsTheRealOne(t *testing.T) {
	s := newScheduler(t)
	before := time.Now()
	s.Start()
	j := mustJob(t, s, DurationJob(time.Hour), noop)
	after := time.Now()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.False(t, next.Before(before.Add(time.Hour)))
	require.False(t, next.After(after.Add(time.Hour)))
}

func TestContractDefaultLoggerWritesNothing(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "out")
	require.NoError(t, err)
	defer file.Close()
	stdout, stderr, logTo := os.Stdout, os.Stderr, log.Writer()
	defer func() { os.Stdout, os.Stderr = stdout, stderr; log.SetOutput(logTo) }()
	os.Stdout, os.Stderr = file, file
	log.SetOutput(file)

	s, err := NewScheduler(WithDistributedLocker(lockFunc(badUnlock)))
	require.NoError(t, err)
	done := make(chan struct{})
	s.Start()
	s.Start()
	mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() error { defer close(done); return errContract })
	receive(t, done)
	require.NoError(t, s.StopJobs())
	require.NoError(t, s.Shutdown())
	s.Start()
	_, err = file.Seek(0, io.SeekStart)
	require.NoError(t, err)
	written, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Empty(t, string(written))
}

type refusedOption struct {
	name   string
	option SchedulerOption
	err    error
}

func refusedOptions() []refusedOption {
	return []refusedOption{
		{"clock", WithClock(nil), ErrWithClockNil},
		{"elector", WithDistributedElector(nil), ErrWithDistributedElectorNil},
		{"locker", WithDistributedLocker(nil), ErrWithDistributedLockerNil},
		{"limit", WithLimitConcurrentJobs(0, LimitModeWait), ErrWithLimitConcurrentJobsZero},
		{"location", WithLocation(nil), ErrWithLocationNil},
		{"logger", WithLogger(nil), ErrWithLoggerNil},
		{"monitor", WithMonitor(nil), ErrWithMonitorNil},
		{"monitor status", WithMonitorStatus(nil), ErrWithMonitorNil},
		{"scheduler monitor", WithSchedulerMonitor(nil), ErrSchedulerMonitorNil},
		{"zero stop timeout", WithStopTimeout(0), ErrWithStopTimeoutZeroOrNegative},
		{"negative stop timeout", WithStopTimeout(-1), ErrWithStopTimeoutZeroOrNegative},
	}
}

// is reports whether err is the one expected, without anything around it unless what is
// wrong is a number.
func (r refusedOption) is(err error) bool {
	if r.err == ErrWithStopTimeoutZeroOrNegative {
		return errors.Is(err, r.err)
	}
	return err == r.err
}

func TestContractFirstRefusedSchedulerOptionIsReturned(t *testing.T) {
	good := WithStopTimeout(time.Second)
	for _, first := range refusedOptions() {
		s, err := NewScheduler(good, first.option, good)
		require.True(t, first.is(err), "%s: %v", first.name, err)
		require.Nil(t, s, first.name)
		for _, second := range refusedOptions() {
			_, err := NewScheduler(first.option, second.option)
			require.True(t, first.is(err), "%s before %s: %v", first.name, second.name, err)
		}
		_, err = NewScheduler(first.option, nil)
		require.True(t, first.is(err), "%s before nil: %v", first.name, err)
		_, err = NewScheduler(nil, first.option)
		require.ErrorIs(t, err, ErrOptionNil, first.name)
	}
}

func TestContractSchedulerOptionsApplyInOrder(t *testing.T) {
	clock := clockwork.NewFakeClockAt(longPast)
	zone := time.FixedZone("there", 3600)
	s := newScheduler(t, WithLocation(time.UTC), WithClock(clockwork.NewRealClock()), WithLocation(zone), WithClock(clock))
	s.Start()
	next, err := mustJob(t, s, DurationJob(time.Hour), noop).NextRun()
	require.NoError(t, err)
	require.Equal(t, longPast.Add(time.Hour).In(zone), next)
}

func TestContractHugeLimitsAndTimeoutsAreFine(t *testing.T) {
	s := newScheduler(t, WithLimitConcurrentJobs(^uint(0), LimitModeWait), WithStopTimeout(1<<63-1))
	done := make(chan struct{})
	s.Start()
	mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { close(done) }, WithLimitedRuns(^uint(0)))
	receive(t, done)
}

func TestContractLimitModesThatDoNotExistAreRefused(t *testing.T) {
	for _, mode := range []LimitMode{-1, 0, 5} {
		_, err := NewScheduler(WithLimitConcurrentJobs(1, mode))
		require.ErrorIs(t, err, ErrOptionValue)
		_, err = newScheduler(t).NewJob(DurationJob(time.Hour), NewTask(noop), WithSingletonMode(mode))
		require.ErrorIs(t, err, ErrOptionValue)
	}
	for _, mode := range []LimitMode{LimitModeQueueOne, LimitModeReplace} { // of single jobs only
		_, err := NewScheduler(WithLimitConcurrentJobs(1, mode))
		require.ErrorIs(t, err, ErrOptionValue)
		_, err = NewScheduler(WithPool("pool", 1, mode))
		require.ErrorIs(t, err, ErrOptionValue)
	}
}

// bareSentinels are refusals that programs compare with ==.
var bareSentinels = []error{
	ErrCronJobInvalid, ErrOneTimeJobStartDateTimePast, ErrEventListenerFuncNil, ErrWithContextNil,
	ErrWithDistributedJobLockerNil, ErrWithIdentifierNil, ErrClaimNoName,
}

func TestContractRefusedJobsGetTheirSentinel(t *testing.T) {
	for _, r := range refusals() {
		for _, e := range entrances() {
			s := newScheduler(t, WithLocation(time.UTC))
			j, err := e.add(s, uuid.New(), r.definition, r.task, r.options...)
			require.Error(t, err, "%s %s", e.name, r.name)
			require.Nil(t, j)
			switch {
			case r.err == nil:
			case slices.Contains(bareSentinels, r.err):
				require.True(t, err == r.err, "%s %s: %v", e.name, r.name, err)
			default:
				require.ErrorIs(t, err, r.err, "%s %s", e.name, r.name)
			}
		}
	}
}

func TestContractACrontabErrorJoinsTheParsersOwn(t *testing.T) {
	_, err := newScheduler(t).NewJob(CronJob("", false), NewTask(noop))
	require.ErrorIs(t, err, ErrCronJobParse)
	require.EqualError(t, err, "gocron: CronJob: crontab parse failure: crontab \"\": it has 0 fields, "+
		"allowed are 5 (minute, hour, day of the month, month, day of the week) (job \"github.com/gocron-fixed/gocron/v2.noop\")")
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	require.Len(t, joined.Unwrap(), 2)
}

func TestContractFirstJobOptionErrorIsReturned(t *testing.T) {
	s := newScheduler(t)
	badOptions := optionRefusals()
	for _, first := range badOptions {
		if len(first.options) > 1 {
			continue // start and stop are judged when all options are known
		}
		for _, second := range badOptions {
			_, err := s.NewJob(DurationJob(time.Hour), NewTask(noop), append(append([]JobOption{}, first.options...), second.options...)...)
			require.ErrorIs(t, err, first.err, "%s, %s", first.name, second.name)
		}
	}
}

// What is checked first: the task, global options, own options, parameters,
// the definition.
func TestContractOrderOfChecks(t *testing.T) {
	s := newScheduler(t, WithGlobalJobOptions(WithName("")))
	bad := []JobOption{WithLimitedRuns(0)}
	check := func(want error, s Scheduler, d JobDefinition, task Task, options ...JobOption) {
		t.Helper()
		_, err := s.NewJob(d, task, options...)
		require.ErrorIs(t, err, want, "NewJob")
		_, err = s.Update(uuid.New(), d, task, options...)
		require.ErrorIs(t, err, want, "Update")
	}
	check(ErrNewJobTaskNil, s, nil, nil, bad...)
	check(ErrNewJobTaskNotFunc, s, nil, NewTask(1), bad...)
	check(ErrWithNameEmpty, s, nil, NewTask(noop, 1), bad...)
	plain := newScheduler(t)
	check(ErrWithLimitedRunsZero, plain, nil, NewTask(noop, 1), bad...)
	check(ErrNewJobWrongNumberOfParameters, plain, nil, NewTask(func(int) {}, "a", "b"))
	check(ErrNewJobWrongTypeOfParameters, plain, DurationJob(0), NewTask(func(int) {}, "a"))
	check(ErrDurationJobIntervalZero, plain, DurationJob(0), NewTask(noop))
}

func TestContractGlobalOptionsApplyBeforeTheJobsOwnWhichWin(t *testing.T) {
	id := uuid.New()
	s := newScheduler(t, WithGlobalJobOptions(WithName("global"), WithTags("g"), WithIdentifier(id)))
	j := mustJob(t, s, DurationJob(time.Hour), noop)
	require.Equal(t, "global", j.Name())
	require.Equal(t, []string{"g"}, j.Tags())
	require.Equal(t, id, j.ID())
	own := uuid.New()
	j = mustJob(t, s, DurationJob(time.Hour), noop, WithName("own"), WithTags("o"), WithIdentifier(own))
	require.Equal(t, "own", j.Name())
	require.Equal(t, []string{"o"}, j.Tags())
	require.Equal(t, own, j.ID())
	j, err := s.Update(own, DurationJob(time.Hour), NewTask(noop))
	require.NoError(t, err)
	require.Equal(t, own, j.ID(), "Update keeps the id, also from a global one")
	require.Equal(t, "global", j.Name())
}

func TestContractGlobalOptionsAreCopiedAndAddUp(t *testing.T) {
	given := []JobOption{WithName("first")}
	s := newScheduler(t, WithGlobalJobOptions(WithTags("kept"), WithName("lost")), WithGlobalJobOptions(given...))
	given[0] = WithName("")
	j := mustJob(t, s, DurationJob(time.Hour), noop)
	require.Equal(t, "first", j.Name())
	require.Equal(t, []string{"kept"}, j.Tags())
	_, err := NewScheduler(WithGlobalJobOptions(nil))
	require.ErrorIs(t, err, ErrOptionNil)
	require.Empty(t, newScheduler(t, WithGlobalJobOptions()).Jobs())
}
