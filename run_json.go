package gocron

import (
	"encoding/json"
	"errors"
	"log/slog"
	"time"
)

// plainRunInfo is RunInfo without its methods.
type plainRunInfo RunInfo

// jsonRunInfo is a RunInfo as it is in JSON: all of its fields, of which Err hides the
// error.
type jsonRunInfo struct {
	plainRunInfo
	Err *string
}

// MarshalJSON writes the fields under their names, Err as the error's text, or null.
func (i RunInfo) MarshalJSON() ([]byte, error) {
	out := jsonRunInfo{plainRunInfo: plainRunInfo(i)}
	if i.Err != nil {
		text := i.Err.Error()
		out.Err = &text
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Err is then the package's own error that
// has the text, such as ErrQueueFull, or else one that has no more than the text.
func (i *RunInfo) UnmarshalJSON(data []byte) error {
	in := jsonRunInfo{plainRunInfo: plainRunInfo(*i)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	in.plainRunInfo.Err = nil
	if in.Err != nil {
		in.plainRunInfo.Err = errorOfText(*in.Err)
	}
	*i = RunInfo(in.plainRunInfo)
	return nil
}

// errorOfText is the error of a run that has the text.
func errorOfText(text string) error {
	for _, own := range [...]error{ErrQueueFull, ErrRunReplaced, ErrRunCancelled, ErrRunTimeout, ErrTaskGoexit,
		ErrLockLost, ErrTermEnded, ErrEngineDown, ErrStoreDown, ErrRunInterrupted} {
		if own.Error() == text {
			return own
		}
	}
	return errors.New(text)
}

// LogValue returns a group with what is known of the run.
func (i RunInfo) LogValue() slog.Value {
	var g logGroup
	g.add(slog.Uint64("id", i.ID), slog.String("job", i.JobName), slog.String("jobID", i.JobID.String()),
		slog.String("trigger", i.Trigger.String()), slog.String("outcome", i.Outcome.String()))
	if len(i.Tags) > 0 {
		g.add(slog.Any("tags", i.Tags))
	}
	if i.Pool != "" {
		g.add(slog.String("pool", i.Pool))
	}
	g.addTime("scheduledAt", i.ScheduledAt)
	g.addTime("queuedAt", i.QueuedAt)
	g.addTime("startedAt", i.StartedAt)
	g.addTime("finishedAt", i.FinishedAt)
	g.addCount("attempt", i.Attempt)
	if i.FencingToken != 0 {
		g.add(slog.Int64("fencingToken", i.FencingToken))
	}
	if i.Err != nil {
		g.add(slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(g...)
}

// LogValue is a group of the counts.
func (s Stats) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("made", s.Made), outcomesAttr(s.Outcomes),
		slog.Int("running", s.Running), slog.Int("waiting", s.Waiting), slog.Int("retrying", s.Retrying),
		slog.Duration("oldestWaiting", s.OldestWaiting))
}

// LogValue returns a group with the counts and the last runs. A last run that there was not is left
// out.
func (s JobStats) LogValue() slog.Value {
	g := logGroup{outcomesAttr(s.Outcomes)}
	g.addRun("lastRun", s.LastRun)
	g.addRun("lastSuccess", s.LastSuccess)
	g.addRun("lastFailure", s.LastFailure)
	return slog.GroupValue(g...)
}

// outcomesAttr is a group of counts, in the order of the outcomes.
func outcomesAttr(counts map[Outcome]uint64) slog.Attr {
	var outcomes logGroup
	for o := Outcome(0); o < outcomeCount; o++ {
		if n := counts[o]; n > 0 {
			outcomes.add(slog.Uint64(o.String(), n))
		}
	}
	return slog.Attr{Key: "outcomes", Value: slog.GroupValue(outcomes...)}
}

// LogValue is a group of what is known of the job.
func (e Explanation) LogValue() slog.Value {
	var g logGroup
	g.add(slog.String("job", e.JobName), slog.String("jobID", e.JobID.String()), slog.String("state", string(e.State)))
	if e.Schedule != "" {
		g.add(slog.String("schedule", e.Schedule))
	}
	g.addTime("nextRun", e.NextRun)
	g.addTime("nextAttempt", e.NextAttempt)
	g.addCount("running", e.Running)
	g.addCount("waiting", e.Waiting)
	g.addCount("retrying", e.Retrying)
	if e.Paused {
		g.add(slog.Bool("paused", true))
	}
	if e.PausedBy+e.PauseNote != "" {
		g.add(slog.String("pausedBy", e.PausedBy), slog.String("pauseNote", e.PauseNote))
		g.addTime("pausedSince", e.PausedSince)
	}
	if e.Pool != "" {
		g.add(slog.String("pool", e.Pool))
	}
	if e.Limit > 0 {
		g.add(slog.Uint64("limit", uint64(e.Limit)), slog.Uint64("taken", uint64(e.Taken)))
	}
	if e.RunsLeft >= 0 {
		g.add(slog.Int("runsLeft", e.RunsLeft))
	}
	if e.RunNowFails != "" {
		g.add(slog.String("runNowFails", e.RunNowFails))
	}
	return slog.GroupValue(g...)
}

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
