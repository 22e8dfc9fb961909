package gocron

import (
	"context"
	"log/slog"
	"time"
)

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
