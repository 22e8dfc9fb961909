package gocron

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
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

// noOpLogger is the logger of a scheduler that was given none.
type noOpLogger struct{}

var _ Logger = noOpLogger{}

func (noOpLogger) Debug(string, ...any) {}
func (noOpLogger) Error(string, ...any) {}
func (noOpLogger) Info(string, ...any)  {}
func (noOpLogger) Warn(string, ...any)  {}

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

// LogRuns returns Hooks that write a line for each run when it has its outcome, with the message
// "gocron: run" and these attributes, of which those that say nothing are left out:
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

// A logGroup is what a LogValue is made of. What is zero says nothing and is left out.
type logGroup []slog.Attr

func (g *logGroup) add(attrs ...slog.Attr) { *g = append(*g, attrs...) }

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
