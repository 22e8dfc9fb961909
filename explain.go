package gocron

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
)

// State is what a job is doing, or why it is not doing anything.
type State string

// The states of an Explanation. The first that applies is given.
const (
	// StateRunning: a run is in progress.
	StateRunning State = "running"
	// StateWaitingForSlot: a run waits because all slots of its limit are taken.
	StateWaitingForSlot State = "waiting for a slot"
	// StateStopped: the scheduler was not started, or was stopped.
	StateStopped State = "the scheduler is not running"
	// StatePaused: a Controller has paused the job.
	StatePaused State = "paused"
	// StateRetrying: a run has failed and waits for its next attempt.
	StateRetrying State = "waiting to try again"
	// StateContextEnded: the context given by WithContext has ended.
	StateContextEnded State = "its context has ended"
	// StateScheduled: the next time has not come, or is not known yet: a Cron is being
	// asked for it, or a SchedulerMonitor is being told of the start or of the job.
	StateScheduled State = "not due yet"
	// StateManual: the job is one of ManualJob, and runs when RunNow or RunAndWait asks for it.
	StateManual State = "it runs only when asked to"
	// StateNoNextTime: the definition has no further time, or none before the stop
	// time.
	StateNoNextTime State = "it has no next time"
)

// Explanation says what a job is doing or, if it is not running, why not and when it will run next.
type Explanation struct {
	JobID   uuid.UUID
	JobName string
	State   State
	// Schedule says in words when the job is due, as Describe does. Of a crontab with an H
	// it names the numbers that the job's name decides.
	Schedule string `json:",omitempty"`
	// NextRun is when the job is due next, as Job.NextRun says: zero when it has no next time.
	// While the job is paused it does not run then.
	NextRun time.Time
	// NextAttempt is the earliest time at which a failed run is tried again, zero when none is.
	NextAttempt time.Time
	// Running is how many runs are in progress, Waiting how many wait for a slot or for
	// another run of the job, and Retrying how many for their next attempt.
	Running, Waiting, Retrying int
	Paused                     bool
	// PausedSince is when the job was paused. PausedBy and PauseNote are who did so and why, if
	// PauseWith or PauseByTagsWith said so.
	PausedSince         time.Time
	PausedBy, PauseNote string `json:",omitempty"`
	// Pool is the pool of InPool, "" for none. Limit is how many runs may be in progress at once in
	// the pool or, without a pool, in the scheduler; 0 is no limit. Taken is how many are in
	// progress.
	Pool         string
	Limit, Taken uint
	// RunsLeft is how many runs are left of WithLimitedRuns, -1 when that is not given.
	RunsLeft int
	// RunNowFails says why Job.RunNow would return ErrJobRunNowFailed although the scheduler runs.
	// It is "" if RunNow would not, or if State gives the reason.
	RunNowFails string `json:",omitempty"`
}

// String says it in one line, such as
//
//	report: waiting for a slot (2 of 2 taken in pool "probes", 1 run waits); due next at 2026-01-02T15:04:05Z
func (e Explanation) String() string {
	return e.JobName + ": " + e.why()
}

// why is String without the job's name.
func (e Explanation) why() string {
	var b strings.Builder
	b.WriteString(string(e.State))
	if details := e.details(); len(details) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(details, ", "))
	}
	switch {
	case e.NextRun.IsZero():
	case e.Paused:
		fmt.Fprintf(&b, "; would be due next at %s", e.NextRun.Format(time.RFC3339))
	default:
		fmt.Fprintf(&b, "; due next at %s", e.NextRun.Format(time.RFC3339))
	}
	return b.String()
}

func (e Explanation) details() (details []string) {
	add := func(format string, args ...any) { details = append(details, fmt.Sprintf(format, args...)) }
	if e.State == StateWaitingForSlot {
		where := ""
		if e.Pool != "" {
			where = fmt.Sprintf(" in pool %q", e.Pool)
		}
		add("%d of %d taken%s", e.Taken, e.Limit, where)
	}
	if e.Running > 1 {
		add("%d runs in progress", e.Running)
	}
	switch {
	case e.Waiting == 1:
		add("1 run waits")
	case e.Waiting > 1:
		add("%d runs wait", e.Waiting)
	}
	if e.Retrying > 0 {
		add("next attempt at %s", e.NextAttempt.Format(time.RFC3339))
	}
	if words := e.pauseWords(); words != "" {
		add("%s", words)
	}
	if e.RunNowFails != "" {
		add("RunNow fails: %s", e.RunNowFails)
	}
	if e.RunsLeft > 0 {
		add("%d left of its limited runs", e.RunsLeft)
	}
	return details
}

// pauseWords is what details say of a pause: who paused the job, since when and why. Of a paused
// job nothing is said again that State says.
func (e Explanation) pauseWords() string {
	if !e.Paused {
		return ""
	}
	words := ""
	if e.State != StatePaused {
		words = "paused"
	}
	if e.PausedBy != "" {
		words += fmt.Sprintf(" by %q", e.PausedBy)
	}
	if e.PausedBy+e.PauseNote != "" {
		words += " since " + e.PausedSince.Format(time.RFC3339)
	}
	if e.PauseNote != "" {
		words += fmt.Sprintf(": %q", e.PauseNote)
	}
	return strings.TrimSpace(words)
}

// LogValue is a group of what is known of the job.
func (e Explanation) LogValue() slog.Value {
	var g logGroup
	g.add(slog.String("job", e.JobName), slog.String("jobID", e.JobID.String()), slog.String("state", string(e.State)))
	g.addText("schedule", e.Schedule)
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
	}
	g.addTime("pausedSince", e.PausedSince)
	g.addText("pool", e.Pool)
	if e.Limit > 0 {
		g.add(slog.Uint64("limit", uint64(e.Limit)), slog.Uint64("taken", uint64(e.Taken)))
	}
	if e.RunsLeft >= 0 {
		g.add(slog.Int("runsLeft", e.RunsLeft))
	}
	g.addText("runNowFails", e.RunNowFails)
	return slog.GroupValue(g...)
}

// Explain says what the job is doing or, if it is not running, why not and when it will run next.
func (c *Controller) Explain(id uuid.UUID) (Explanation, error) {
	e, j, err := c.explain(id)
	if err == nil {
		e.Schedule = j.describe()
	}
	return e, err
}

// explain is Explain but for the schedule, which is described with mu not held.
func (c *Controller) explain(id uuid.UUID) (Explanation, *internalJob, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return Explanation{}, nil, err
	}
	defer c.s.unlock()
	j, ended, err := c.s.jobAndContextLocked(j)
	if err != nil {
		return Explanation{}, nil, err
	}
	return c.s.explainLocked(j, ended), j, nil
}

// explainLocked describes j. Ended says that the context given by WithContext has.
func (s *scheduler) explainLocked(j *internalJob, ended bool) Explanation {
	now := s.readClockLocked()
	next := time.Time{}
	if !ended {
		next = j.nextRunView(now).nextRun()
	}
	waiting, running := j.gate.count()
	e := Explanation{
		JobID:    j.id,
		JobName:  j.Name(),
		State:    j.stateNow(waiting, running, next, s.session != nil, ended),
		NextRun:  next,
		Running:  running,
		Waiting:  waiting,
		Paused:   j.rareState().paused,
		RunsLeft: -1,
	}
	if e.Paused {
		p := j.rare.pause
		e.PausedSince, e.PausedBy, e.PauseNote = s.inZone(p.since), p.who, p.note
	}
	if s.session != nil && e.State != StateContextEnded {
		e.RunNowFails = s.runNowFailsLocked(j, false, now)
	}
	if attempts := &j.rareState().attempts; attempts.len() > 0 {
		e.Retrying = attempts.len()
		e.NextAttempt = s.inZone(s.retryTimeLocked(attempts.first().item.run))
	}
	l := j.limiter()
	e.Pool, e.Taken = l.pool, l.taken
	if l.mode != 0 {
		e.Limit = l.slots
	}
	if j.limitedRuns > 0 {
		e.RunsLeft = int(j.limitedRuns - min(j.reserved, j.limitedRuns)) // an Update may have lowered the limit
	}
	return e
}

// stateNow is what j is doing with that many runs waiting and running.
func (j *internalJob) stateNow(waiting, running int, next time.Time, started, ended bool) State {
	x := j.rareState()
	switch {
	case running > 0:
		return StateRunning
	case waiting > 0: // for a slot: those at the gate wait for a run that has passed it
		return StateWaitingForSlot
	case !started:
		return StateStopped
	case !x.retrying.empty():
		return StateRetrying
	case x.paused:
		return StatePaused
	case ended || j.ended:
		return StateContextEnded
	case !next.IsZero() || x.asked != nil || !j.entered:
		return StateScheduled
	case j.manual():
		return StateManual
	default:
		return StateNoNextTime
	}
}
