package lifecycle_test

import (
	"errors"
	"io"
	"log"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestContractDefaultLocationIsLocal(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("here", 3*3600+1800)
	s := rig.NewScheduler(t)
	defer func() { require.NoError(t, s.Shutdown()) }() // before time.Local is put back
	j := rig.MustJob(t, s, gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(7, 5, 0))), rig.Noop)
	s.Start()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.Equal(t, time.Local, next.Location())
	hour, minute, _ := next.Clock()
	require.Equal(t, [2]int{7, 5}, [2]int{hour, minute})
}

func TestContractDefaultClockIsTheRealOne(t *testing.T) {
	s := rig.NewScheduler(t)
	before := time.Now()
	s.Start()
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
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

	s, err := gocron.NewScheduler(gocron.WithDistributedLocker(rig.LockFunc(badUnlock)))
	require.NoError(t, err)
	done := make(chan struct{})
	s.Start()
	s.Start()
	rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() error { defer close(done); return rig.ErrTest })
	rig.Receive(t, done)
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
	option gocron.SchedulerOption
	err    error
}

func refusedOptions() []refusedOption {
	return []refusedOption{
		{"clock", gocron.WithClock(nil), gocron.ErrWithClockNil},
		{"elector", gocron.WithDistributedElector(nil), gocron.ErrWithDistributedElectorNil},
		{"locker", gocron.WithDistributedLocker(nil), gocron.ErrWithDistributedLockerNil},
		{"limit", gocron.WithLimitConcurrentJobs(0, gocron.LimitModeWait), gocron.ErrWithLimitConcurrentJobsZero},
		{"location", gocron.WithLocation(nil), gocron.ErrWithLocationNil},
		{"logger", gocron.WithLogger(nil), gocron.ErrWithLoggerNil},
		{"monitor", gocron.WithMonitor(nil), gocron.ErrWithMonitorNil},
		{"monitor status", gocron.WithMonitorStatus(nil), gocron.ErrWithMonitorNil},
		{"scheduler monitor", gocron.WithSchedulerMonitor(nil), gocron.ErrSchedulerMonitorNil},
		{"zero stop timeout", gocron.WithStopTimeout(0), gocron.ErrWithStopTimeoutZeroOrNegative},
		{"negative stop timeout", gocron.WithStopTimeout(-1), gocron.ErrWithStopTimeoutZeroOrNegative},
	}
}

// is reports whether err is the one expected, without anything around it unless what is
// wrong is a number.
func (r refusedOption) is(err error) bool {
	if r.err == gocron.ErrWithStopTimeoutZeroOrNegative {
		return errors.Is(err, r.err)
	}
	return err == r.err
}

func TestContractFirstRefusedSchedulerOptionIsReturned(t *testing.T) {
	good := gocron.WithStopTimeout(time.Second)
	for _, first := range refusedOptions() {
		s, err := gocron.NewScheduler(good, first.option, good)
		require.True(t, first.is(err), "%s: %v", first.name, err)
		require.Nil(t, s, first.name)
		for _, second := range refusedOptions() {
			_, err := gocron.NewScheduler(first.option, second.option)
			require.True(t, first.is(err), "%s before %s: %v", first.name, second.name, err)
		}
		_, err = gocron.NewScheduler(first.option, nil)
		require.True(t, first.is(err), "%s before nil: %v", first.name, err)
		_, err = gocron.NewScheduler(nil, first.option)
		require.ErrorIs(t, err, gocron.ErrOptionNil, first.name)
	}
}

func TestContractSchedulerOptionsApplyInOrder(t *testing.T) {
	clock := clockwork.NewFakeClockAt(rig.LongPast)
	zone := time.FixedZone("there", 3600)
	s := rig.NewScheduler(t, gocron.WithLocation(time.UTC), gocron.WithClock(clockwork.NewRealClock()), gocron.WithLocation(zone), gocron.WithClock(clock))
	s.Start()
	next, err := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop).NextRun()
	require.NoError(t, err)
	require.Equal(t, rig.LongPast.Add(time.Hour).In(zone), next)
}

func TestContractHugeLimitsAndTimeoutsAreFine(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(^uint(0), gocron.LimitModeWait), gocron.WithStopTimeout(1<<63-1))
	done := make(chan struct{})
	s.Start()
	rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { close(done) }, gocron.WithLimitedRuns(^uint(0)))
	rig.Receive(t, done)
}

func TestContractLimitModesThatDoNotExistAreRefused(t *testing.T) {
	for _, mode := range []gocron.LimitMode{-1, 0, 5} {
		_, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(1, mode))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		_, err = rig.NewScheduler(t).NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithSingletonMode(mode))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
	}
	for _, mode := range []gocron.LimitMode{gocron.LimitModeQueueOne, gocron.LimitModeReplace} { // of single jobs only
		_, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(1, mode))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		_, err = gocron.NewScheduler(gocron.WithPool("pool", 1, mode))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
	}
}

// bareSentinels are refusals that programs compare with ==.
var bareSentinels = []error{
	gocron.ErrCronJobInvalid, gocron.ErrOneTimeJobStartDateTimePast, gocron.ErrEventListenerFuncNil, gocron.ErrWithContextNil,
	gocron.ErrWithDistributedJobLockerNil, gocron.ErrWithIdentifierNil, gocron.ErrClaimNoName,
}

func TestContractRefusedJobsGetTheirSentinel(t *testing.T) {
	for _, r := range rig.Refusals() {
		for _, e := range rig.Entrances() {
			s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
			j, err := e.Add(s, uuid.New(), r.Definition, r.Task, r.Options...)
			require.Error(t, err, "%s %s", e.Name, r.Name)
			require.Nil(t, j)
			switch {
			case r.Err == nil:
			case slices.Contains(bareSentinels, r.Err):
				require.True(t, err == r.Err, "%s %s: %v", e.Name, r.Name, err)
			default:
				require.ErrorIs(t, err, r.Err, "%s %s", e.Name, r.Name)
			}
		}
	}
}

func TestContractACrontabErrorJoinsTheParsersOwn(t *testing.T) {
	_, err := rig.NewScheduler(t).NewJob(gocron.CronJob("", false), gocron.NewTask(rig.Noop))
	require.ErrorIs(t, err, gocron.ErrCronJobParse)
	require.EqualError(t, err, "gocron: CronJob: crontab parse failure: crontab \"\": it has 0 fields, "+
		"allowed are 5 (minute, hour, day of the month, month, day of the week) (job \"github.com/gocron-fixed/gocron/v2/contract/internal/rig.Noop\")")
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	require.Len(t, joined.Unwrap(), 2)
}

func TestContractFirstJobOptionErrorIsReturned(t *testing.T) {
	s := rig.NewScheduler(t)
	badOptions := rig.OptionRefusals()
	for _, first := range badOptions {
		if len(first.Options) > 1 {
			continue // start and stop are judged when all options are known
		}
		for _, second := range badOptions {
			_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), append(append([]gocron.JobOption{}, first.Options...), second.Options...)...)
			require.ErrorIs(t, err, first.Err, "%s, %s", first.Name, second.Name)
		}
	}
}

// What is checked first: the task, global options, own options, parameters,
// the definition.
func TestContractOrderOfChecks(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithName("")))
	bad := []gocron.JobOption{gocron.WithLimitedRuns(0)}
	check := func(want error, s gocron.Scheduler, d gocron.JobDefinition, task gocron.Task, options ...gocron.JobOption) {
		t.Helper()
		_, err := s.NewJob(d, task, options...)
		require.ErrorIs(t, err, want, "NewJob")
		_, err = s.Update(uuid.New(), d, task, options...)
		require.ErrorIs(t, err, want, "Update")
	}
	check(gocron.ErrNewJobTaskNil, s, nil, nil, bad...)
	check(gocron.ErrNewJobTaskNotFunc, s, nil, gocron.NewTask(1), bad...)
	check(gocron.ErrWithNameEmpty, s, nil, gocron.NewTask(rig.Noop, 1), bad...)
	plain := rig.NewScheduler(t)
	check(gocron.ErrWithLimitedRunsZero, plain, nil, gocron.NewTask(rig.Noop, 1), bad...)
	check(gocron.ErrNewJobWrongNumberOfParameters, plain, nil, gocron.NewTask(func(int) {}, "a", "b"))
	check(gocron.ErrNewJobWrongTypeOfParameters, plain, gocron.DurationJob(0), gocron.NewTask(func(int) {}, "a"))
	check(gocron.ErrDurationJobIntervalZero, plain, gocron.DurationJob(0), gocron.NewTask(rig.Noop))
}

func TestContractGlobalOptionsApplyBeforeTheJobsOwnWhichWin(t *testing.T) {
	id := uuid.New()
	s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithName("global"), gocron.WithTags("g"), gocron.WithIdentifier(id)))
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
	require.Equal(t, "global", j.Name())
	require.Equal(t, []string{"g"}, j.Tags())
	require.Equal(t, id, j.ID())
	own := uuid.New()
	j = rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("own"), gocron.WithTags("o"), gocron.WithIdentifier(own))
	require.Equal(t, "own", j.Name())
	require.Equal(t, []string{"o"}, j.Tags())
	require.Equal(t, own, j.ID())
	j, err := s.Update(own, gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop))
	require.NoError(t, err)
	require.Equal(t, own, j.ID(), "Update keeps the id, also from a global one")
	require.Equal(t, "global", j.Name())
}

func TestContractGlobalOptionsAreCopiedAndAddUp(t *testing.T) {
	given := []gocron.JobOption{gocron.WithName("first")}
	s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.WithTags("kept"), gocron.WithName("lost")), gocron.WithGlobalJobOptions(given...))
	given[0] = gocron.WithName("")
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
	require.Equal(t, "first", j.Name())
	require.Equal(t, []string{"kept"}, j.Tags())
	_, err := gocron.NewScheduler(gocron.WithGlobalJobOptions(nil))
	require.ErrorIs(t, err, gocron.ErrOptionNil)
	require.Empty(t, rig.NewScheduler(t, gocron.WithGlobalJobOptions()).Jobs())
}
