package gocron

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"time"
)

// Logger receives what the scheduler reports about its own work: a message and
// alternating keys and values. It is called concurrently. A *slog.Logger is a Logger:
// logging packages that come with a handler for log/slog, as most do, need no adapter.
type Logger interface {
	Debug(msg string, args ...any)
	Error(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
}

// LogLevel says how much a logger made by NewLogger writes. Each level
// includes the ones above it.
type LogLevel int

// The levels of NewLogger, the quietest first.
const (
	LogLevelError LogLevel = iota
	LogLevelWarn
	LogLevelInfo
	LogLevelDebug
)

// NewLogger returns a Logger that writes to standard output. It writes messages of the given level
// and more severe ones, a line each, with the log package's standard flags:
//
//	2026/11/22 10:30:00 INFO: message, key=value, key=value
//
// An odd number of arguments is written as fmt.Sprint writes it. A level below LogLevelError writes
// nothing. The Logger writes to os.Stdout as it is when NewLogger is called, and does not use the
// log package's own logger.
func NewLogger(level LogLevel) Logger {
	return &stdoutLogger{out: log.New(os.Stdout, "", log.LstdFlags), level: level}
}

type stdoutLogger struct {
	out   *log.Logger
	level LogLevel
}

func (l *stdoutLogger) Debug(msg string, args ...any) { l.write(LogLevelDebug, "DEBUG", msg, args) }
func (l *stdoutLogger) Error(msg string, args ...any) { l.write(LogLevelError, "ERROR", msg, args) }
func (l *stdoutLogger) Info(msg string, args ...any)  { l.write(LogLevelInfo, "INFO", msg, args) }
func (l *stdoutLogger) Warn(msg string, args ...any)  { l.write(LogLevelWarn, "WARN", msg, args) }

func (l *stdoutLogger) write(level LogLevel, name, msg string, args []any) {
	if level > l.level {
		return
	}
	l.out.Print(name, ": ", msg, formatArgs(args))
}

// formatArgs writes the arguments as they follow the message.
func formatArgs(args []any) string {
	if len(args)%2 != 0 {
		return ", " + fmt.Sprint(args...)
	}
	var b strings.Builder
	for i := 0; i < len(args); i += 2 {
		fmt.Fprintf(&b, ", %v=%v", args[i], args[i+1])
	}
	return b.String()
}

// noOpLogger is the logger of a scheduler that was given none.
type noOpLogger struct{}

var _ Logger = noOpLogger{}

func (noOpLogger) Debug(string, ...any) {}
func (noOpLogger) Error(string, ...any) {}
func (noOpLogger) Info(string, ...any)  {}
func (noOpLogger) Warn(string, ...any)  {}

// isQuiet reports whether the logger is known to write no warning.
func isQuiet(logger Logger) bool {
	switch l := logger.(type) {
	case noOpLogger:
		return true
	case *stdoutLogger:
		return l.level < LogLevelWarn
	}
	return false
}

// loggerWantsRuns reports whether the logger wants the lines about runs, at Debug.
func loggerWantsRuns(logger Logger) bool {
	if l, own := logger.(*stdoutLogger); own {
		return l.level >= LogLevelDebug
	}
	return !isQuiet(logger)
}

// LogRuns returns Hooks that write a line for each run when it has its outcome, with the message
// "gocron: run" and these attributes. Attributes that say nothing are left out:
//
//	job, job_id, run_id, trigger, attempt, outcome, scheduled_at
//	delay     how long after scheduled_at the task was last called
//	duration  how long it took then
//	err       why the run has its outcome
//
// The level says how much it matters:
//
//	Error  failed, panicked, timed-out, interrupted, engine-down, store-down
//	Warn   skipped-singleton, skipped-limit, dropped-queue-full, missed
//	Info   succeeded, and cancelled if the task was called
//	Debug  the others, such as paused and not-leader
//
// Parameters of tasks are never written. A nil logger means slog.Default, asked anew for each line.
// For hooks of your own beside it, call both in a Hooks of yours: LogRuns sets RunFinished only.
func LogRuns(l *slog.Logger) Hooks {
	return Hooks{RunFinished: func(run RunInfo) {
		to := l
		if to == nil {
			to = slog.Default()
		}
		if level := run.level(); to.Enabled(context.Background(), level) {
			to.LogAttrs(context.Background(), level, "gocron: run", run.attrs()...)
		}
	}}
}

// level is how much the end of the run matters.
func (i RunInfo) level() slog.Level {
	switch i.Outcome {
	case OutcomeFailed, OutcomePanicked, OutcomeTimedOut, OutcomeInterrupted, OutcomeEngineDown, OutcomeStoreDown:
		return slog.LevelError
	case OutcomeSkippedSingleton, OutcomeSkippedLimit, OutcomeDroppedQueueFull, OutcomeMissed:
		return slog.LevelWarn
	}
	if i.Attempt > 0 {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// attrs are what LogRuns writes.
func (i RunInfo) attrs() []slog.Attr {
	g := make(logGroup, 0, 10)
	g.add(slog.String("job", i.JobName), slog.String("job_id", i.JobID.String()), slog.Uint64("run_id", i.ID),
		slog.String("trigger", i.Trigger.String()))
	g.addCount("attempt", i.Attempt)
	g.add(slog.String("outcome", i.Outcome.String()))
	g.addTime("scheduled_at", i.ScheduledAt)
	if i.Attempt > 0 && i.Outcome != OutcomeInterrupted { // nobody knows when that ended
		g.add(slog.Duration("delay", positive(i.StartedAt.Sub(i.ScheduledAt))),
			slog.Duration("duration", positive(i.FinishedAt.Sub(i.StartedAt))))
	}
	if i.Err != nil {
		g.add(slog.String("err", i.Err.Error()))
	}
	return g
}

// positive is d, or 0 if the clock was set back in between.
func positive(d time.Duration) time.Duration { return max(d, 0) }

// logEnd writes why a run did not succeed. Nothing is locked.
func (s *scheduler) logEnd(info RunInfo, reason string) {
	if info.Err != nil {
		reason = info.Err.Error()
	}
	s.logger.Debug("gocron: a run did not succeed", "job", info.JobName, "id", info.JobID, "run", info.ID,
		"outcome", info.Outcome.String(), "attempts", info.Attempt, "reason", reason)
}

// outcomeReasons are said of runs that have no error.
var outcomeReasons = map[Outcome]string{
	OutcomeSkippedSingleton: "another run of the job is in progress or waits",
	OutcomeSkippedLimit:     "all slots of the limit are taken",
	OutcomePaused:           "the job is paused",
	OutcomeCancelled:        "the run was cancelled before its task was called",
}

// reason is why r, which has its outcome, did not succeed, if no error says it.
func (r *run) reason(info RunInfo) string {
	switch {
	case info.Outcome != OutcomeCancelled:
		return outcomeReasons[info.Outcome]
	case r.session.stopped:
		return "the scheduler was stopped"
	case r.job.ended:
		return "the context given by WithContext has ended"
	case !r.job.listed:
		return "the job was removed or replaced"
	case r.job.window().isOver(r.job.s.now()):
		return "the job's stop time has passed"
	}
	return outcomeReasons[info.Outcome]
}

// warn writes a line for each thing about a new job that was accepted and is surely a
// mistake: what its own options ask for and it cannot have. Options of
// WithGlobalJobOptions are for all kinds of jobs, so nothing is said of them. Nothing is
// locked.
func (s *scheduler) warn(j *internalJob, own []string) {
	for _, mistake := range own {
		s.logger.Warn("gocron: job option without effect", "job", j.Name(), "id", j.id, "reason", mistake)
	}
	if other := s.sharesLock(j); other != nil {
		s.logger.Warn("gocron: two jobs share a lock: a run of one keeps the other's from starting",
			"job", j.Name(), "id", j.id, "other", other.id, "reason", "a Locker is given the job's name: WithName sets it")
	}
	if !s.quiet && j.claimsByLocalZone() && !s.zoneWarned.Swap(true) {
		s.logger.Warn("gocron: jobs whose occurrences are claimed are due by this machine's time zone: nodes in other zones run other occurrences",
			"job", j.Name(), "id", j.id, "reason", "no time zone was given: WithLocation sets it for all jobs, WithJobLocation for one")
	}
}

// claimsByLocalZone reports whether j's occurrences are claimed, and their times depend on the zone
// that this machine is in, which is not UTC.
func (j *internalJob) claimsByLocalZone() bool {
	if !j.settings().claims || j.intervals || j.oneTime() || j.userCron() || j.location() != time.Local {
		return false
	}
	if cron, is := plainSchedule(j.plan).(*cronSchedule); is && (cron.every > 0 || cron.zone != nil) {
		return false
	}
	now := j.s.now().Local()
	_, offset := now.Zone()
	_, later := now.AddDate(0, 6, 0).Zone()
	return offset != 0 || later != 0
}

// mistakes are what warn says of the job's own options. It is asked before middleware is
// put around the task.
func (j *internalJob) mistakes(definition JobDefinition, options []JobOption, now time.Time) []string {
	if j.s.quiet || len(options) == 0 {
		return nil
	}
	own := &internalJob{s: j.s}
	if own.apply(options, now) != nil {
		return nil
	}
	x := own.settings()
	var list []string
	note := func(is bool, mistake string) {
		if is {
			list = append(list, mistake)
		}
	}
	note(x.ctx != nil && x.ctx.Err() != nil, "WithContext: the context has already ended, so no run will start")
	note(x.timeout > 0 && len(j.settings().middleware) == 0 && !j.call.wantsContext(),
		"WithTimeout: the task takes no context of the scheduler, so it is not told")
	note(x.retry != nil && !j.everFails(), "WithRetry: the task returns no error, so it is never tried again")
	return append(list, ignored(x, j, definition)...)
}

// everFails reports whether a run of the job can fail in a way that WithRetry sees.
func (j *internalJob) everFails() bool {
	x := j.settings()
	return len(x.middleware) > 0 || x.recoverPanics || x.listeners.takePanics() || x.timeout > 0 || j.call.canFail()
}

// ignored are the options among own that the job's kind ignores.
func ignored(own *jobSettings, j *internalJob, definition JobDefinition) (list []string) {
	plain := plainSchedule(j.plan)
	_, isUnion := plain.(*anyOfSchedule)
	_, isInterval := plain.(interval)
	byWallClock := isUnion || !isInterval && !j.oneTime() && !asksUserCode(plain) && !j.manual()
	_, isWeekly := definition.(*weeklyDefinition)
	for _, option := range []struct {
		name  string
		given bool
		heard bool
		takes string
	}{
		{"WithIntervalFromCompletion", own.fromCompletion, j.intervals, "DurationJob and DurationRandomJob, without WithCalendar"},
		{"WithDaylightSavingsTimePolicy", own.dst != DaylightSavingsTimeDefault, byWallClock,
			"DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, AnyOf and CronJob without a Cron of yours"},
		{"WithDaylightSavingsTimeOverlap", own.overlap != DaylightSavingsTimeOverlapFirst, byWallClock && !j.keepsRealTime(),
			"DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, AnyOf and CronJob with fixed hours and without a Cron of yours"},
		{"WithWeeksFromMonday", own.weeksFromMonday, isWeekly || isUnion, "WeeklyJob"},
		{"WithCronImplementation", own.cron != nil, readsCrontabs(definition), "CronJob"},
		{"WithJobLocation", own.location != nil, !j.manual() && (!j.oneTime() || len(j.settings().calendars) > 0),
			"jobs with wall times or intervals, not for OneTimeJob and ManualJob"},
		{"WithJitter", own.jitter > 0, j.takesJitter(), "jobs by interval, day, week, month or crontab, and AnyOf, without a Cron or Schedule of yours"},
		{"WithCalendar", len(own.calendars) > 0, !j.manual() || j.window().hasStart(), "jobs that have times"},
		{"WithRemoveWhenFinished", own.removeWhenFinished, j.oneTime(), "OneTimeJob"},
	} {
		if option.given && !option.heard {
			list = append(list, option.name+": this kind of job ignores it, it is for "+option.takes)
		}
	}
	return list
}

// asksPlainLocker reports whether runs of j take a lock that has j's name for its key.
func (j *internalJob) asksPlainLocker() bool {
	return j.s.electorFor(j) == nil && !j.settings().claims && j.s.lockerFor(j) != nil
}

// sharesLock is another job that takes the same lock as j, nil for none.
func (s *scheduler) sharesLock(j *internalJob) *internalJob {
	if s.quiet || !j.asksPlainLocker() {
		return nil
	}
	s.lock()
	other := s.locking[j.Name()]
	s.unlock()
	if other == nil || other.id == j.id || !sameValue(s.lockerFor(other), s.lockerFor(j)) {
		return nil
	}
	return other
}

// sameValue is a == b, and false for values that cannot be compared.
func sameValue(a, b any) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// A logGroup is what a LogValue is made of. What is zero says nothing and is left out.
type logGroup []slog.Attr

func (g *logGroup) add(attrs ...slog.Attr) { *g = append(*g, attrs...) }

func (g *logGroup) addText(key, text string) {
	if text != "" {
		g.add(slog.String(key, text))
	}
}

func (g *logGroup) addTime(key string, t time.Time) {
	if !t.IsZero() {
		g.add(slog.Time(key, t))
	}
}

func (g *logGroup) addCount(key string, n int) {
	if n != 0 {
		g.add(slog.Int(key, n))
	}
}

func (g *logGroup) addRun(key string, run RunInfo) {
	if run.ID != 0 {
		g.add(slog.Any(key, run))
	}
}
