package defects

import (
	"context"
	"runtime"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

var wedges = []Repro{
	{"1a", "one-time job whose time passed before Start", passedBeforeStart},
	{"1b", "one-time job whose time passed while the scheduler was stopped", passedWhileStopped},
	{"1c", "one-time job with twenty instants, 1 µs apart", closeInstants},
	{"1d", "one-time job with the same instant in two time zones", twoZones},
	{"1e", "daily job with an empty list of at-times", noAtTimes},
	{"1f", "weekly job with an empty list of weekdays", noWeekdays},
	{"2", "the 31st of every 12th month, counted from April", impossibleDay},
	{"3a", "20 ms interval with a start time 20 years ago", twentyYearsAgo},
	{"3b", "the clock jumps a year ahead under a 10 ms job", clockJump},
	{"4a", "RunNow before Start", runNowBeforeStart},
	{"4b", "RunNow after StopJobs", runNowAfterStop},
	{"5a", "JobUnregistered of a monitor calls Jobs", callFromUnregistered},
	{"5b", "SchedulerStopped of a monitor calls Jobs", callFromStopped},
	{"6a", "Update of a 50 ms job changes singleton mode, wait to reschedule", waitToReschedule},
	{"6b", "Update of a 50 ms job changes singleton mode, reschedule to wait", rescheduleToWait},
	{"7a", "busy singletons under a limit, their context cancelled, then Shutdown", cancelledInPool},
	{"7b", "runtime.Goexit (as in t.FailNow) in a task under a limit", goexitInPool},
}

// A one-time instant that passed before the first Start never runs; the job leaves and
// the scheduler goes on.
func passedBeforeStart() (string, bool) {
	s := must(gocron.NewScheduler())
	must(s.NewJob(once(50*ms), nop))
	time.Sleep(100 * ms)
	s.Start()
	return shutdown(s)
}

// A one-time instant that passed while the scheduler was stopped never runs; the job
// leaves and the scheduler goes on.
func passedWhileStopped() (string, bool) {
	s := started()
	must(s.NewJob(once(100*ms), nop))
	check(s.StopJobs())
	time.Sleep(200 * ms)
	s.Start()
	return shutdown(s)
}

// Instants closer together than a dispatch takes all run.
func closeInstants() (string, bool) {
	var n counter
	s := started()
	first := time.Now().Add(100 * ms)
	var instants []time.Time
	for i := 0; i < 20; i++ {
		instants = append(instants, first.Add(time.Duration(i)*time.Microsecond))
	}
	must(s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(instants...)), counting(&n)))
	time.Sleep(300 * ms)
	check(s.Shutdown())
	return runsOf(&n, len(instants))
}

// Start times are compared as instants: two zones, one instant, one run.
func twoZones() (string, bool) {
	var n counter
	s := started()
	t := time.Now().Add(100 * ms)
	d := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(t.In(time.UTC), t.In(zone("Asia/Tokyo"))))
	must(s.NewJob(d, counting(&n)))
	time.Sleep(300 * ms)
	check(s.Shutdown())
	return runsOf(&n, 1)
}

// A definition that can never fire is refused with an error.
func noAtTimes() (string, bool) {
	s := started()
	_, err := s.NewJob(gocron.DailyJob(1, func() []gocron.AtTime { return nil }), nop)
	check(s.Shutdown())
	return refused(err, err)
}

// A definition that can never fire is refused with an error.
func noWeekdays() (string, bool) {
	s := started()
	_, err := s.NewJob(gocron.WeeklyJob(1, func() []time.Weekday { return nil }, at(10, 0)), nop)
	check(s.Shutdown())
	return refused(err, err)
}

// A definition that can never fire is refused with an error.
func impossibleDay() (string, bool) {
	s := started(gocron.WithClock(clockAt("2026-04-10 12:00", time.UTC)))
	_, err := s.NewJob(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), at(10, 0)), nop)
	check(s.Shutdown())
	return refused(err, err)
}

// The first future time is computed, never counted through step by step.
func twentyYearsAgo() (string, bool) {
	s := started()
	start := time.Now().AddDate(-20, 0, 0)
	must(s.NewJob(gocron.DurationJob(20*ms), nop, gocron.WithStartAt(gocron.WithStartDateTimePast(start))))
	return shutdown(s)
}

// A clock step costs one late run, then the first future time is computed.
func clockJump() (string, bool) {
	clock := clockwork.NewFakeClock()
	s := started(gocron.WithClock(clock))
	must(s.NewJob(gocron.DurationJob(10*ms), nop))
	clock.Advance(365 * 24 * time.Hour)
	time.Sleep(100 * ms)
	return shutdown(s)
}

// RunNow before Start returns ErrJobRunNowFailed and harms nothing.
func runNowBeforeStart() (string, bool) {
	s := must(gocron.NewScheduler())
	err := must(s.NewJob(far, nop)).RunNow()
	s.Start()
	check(s.Shutdown())
	return "RunNow fails at once, Start works", err != nil
}

// RunNow while stopped returns ErrJobRunNowFailed and harms nothing.
func runNowAfterStop() (string, bool) {
	s := started()
	j := must(s.NewJob(far, nop))
	check(s.StopJobs())
	err := j.RunNow()
	s.Start()
	check(s.Shutdown())
	return "RunNow fails at once, Start works", err != nil
}

// Any method may be called from a monitor.
func callFromUnregistered() (string, bool) {
	var s gocron.Scheduler
	s = must(gocron.NewScheduler(gocron.WithSchedulerMonitor(monitor{on: func(event string) {
		if event == "JobUnregistered" {
			s.Jobs()
		}
	}})))
	s.Start()
	check(s.RemoveJob(must(s.NewJob(far, nop)).ID()))
	n := len(s.Jobs())
	return "goes on with " + plural(n, "job"), n == 0
}

// Any method may be called from a monitor.
func callFromStopped() (string, bool) {
	var s gocron.Scheduler
	s = must(gocron.NewScheduler(gocron.WithSchedulerMonitor(monitor{on: func(event string) {
		if event == "SchedulerStopped" {
			s.Jobs()
		}
	}})))
	s.Start()
	check(s.StopJobs())
	s.Start()
	n := len(s.Jobs())
	return "goes on with " + plural(n, "job"), n == 0
}

// An updated job follows its new definition.
func waitToReschedule() (string, bool) {
	var n counter
	s := started()
	j := must(s.NewJob(gocron.DurationJob(50*ms), nop, gocron.WithSingletonMode(gocron.LimitModeWait)))
	time.Sleep(120 * ms)
	must(s.Update(j.ID(), gocron.DurationJob(50*ms), counting(&n), gocron.WithSingletonMode(gocron.LimitModeReschedule)))
	time.Sleep(500 * ms)
	return plural(int(n.Load()), "run") + " in 500 ms", n.Load() > 3
}

// An updated job follows its new definition, and Shutdown waits for nothing
// else than running tasks.
func rescheduleToWait() (string, bool) {
	var n counter
	s := started(gocron.WithStopTimeout(time.Second))
	j := must(s.NewJob(gocron.DurationJob(50*ms), nop, gocron.WithSingletonMode(gocron.LimitModeReschedule)))
	time.Sleep(120 * ms)
	must(s.Update(j.ID(), gocron.DurationJob(50*ms), counting(&n), gocron.WithSingletonMode(gocron.LimitModeWait)))
	time.Sleep(500 * ms)
	verdict, ok := shutdown(s)
	return plural(int(n.Load()), "run") + " in 500 ms; " + verdict, ok && n.Load() > 3
}

// A job that is cancelled frees what it held; Shutdown waits for running tasks
// only.
func cancelledInPool() (string, bool) {
	s := started(gocron.WithLimitConcurrentJobs(20, gocron.LimitModeReschedule), gocron.WithStopTimeout(2*time.Second))
	ctx, cancel := context.WithCancel(context.Background())
	for i := 0; i < 8; i++ {
		must(s.NewJob(gocron.DurationJob(30*ms), lasting(new(counter), 300*ms),
			gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithContext(ctx)))
	}
	time.Sleep(50 * ms)
	cancel()
	time.Sleep(500 * ms)
	return shutdown(s)
}

// Goexit in a task ends that run and frees its slot.
func goexitInPool() (string, bool) {
	var n counter
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithStopTimeout(time.Second))
	check(must(s.NewJob(far, gocron.NewTask(runtime.Goexit))).RunNow())
	time.Sleep(50 * ms)
	check(must(s.NewJob(far, counting(&n))).RunNow())
	time.Sleep(100 * ms)
	verdict, ok := shutdown(s)
	return plural(int(n.Load()), "run") + " of the next job; " + verdict, ok && n.Load() == 1
}
