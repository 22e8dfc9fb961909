package gocron

import (
	"context"
	"time"
)

// RunFacts is what is known of a run, in standard types. It is another name of an unnamed struct:
// code that must not import this package can spell the same fields in the same order, and is given
// the facts by any RunInfo. So the fields never change. Their meaning is in RunInfo; Trigger and
// Outcome are the words that their String methods return.
type RunFacts = struct {
	RunID        uint64
	JobID        [16]byte
	JobName      string
	Pool         string
	Trigger      string
	Outcome      string
	Attempt      int
	FencingToken int64
	ScheduledAt  time.Time
	QueuedAt     time.Time
	StartedAt    time.Time
	FinishedAt   time.Time
	MissedFrom   time.Time
	MissedTo     time.Time
	MissedLast   time.Time
	MissedCount  int
	Err          error
	Tags         []string
	Transient    bool
}

// Facts returns what is known of the run in standard types. It allocates nothing: Tags is the same
// slice.
func (i RunInfo) Facts() RunFacts {
	return RunFacts{
		RunID:        i.ID,
		JobID:        i.JobID,
		JobName:      i.JobName,
		Pool:         i.Pool,
		Trigger:      i.Trigger.String(),
		Outcome:      i.Outcome.String(),
		Attempt:      i.Attempt,
		FencingToken: i.FencingToken,
		ScheduledAt:  i.ScheduledAt,
		QueuedAt:     i.QueuedAt,
		StartedAt:    i.StartedAt,
		FinishedAt:   i.FinishedAt,
		MissedFrom:   i.MissedFrom,
		MissedTo:     i.MissedTo,
		MissedLast:   i.MissedLast,
		MissedCount:  i.MissedCount,
		Err:          i.Err,
		Tags:         i.Tags,
		Transient:    i.Transient,
	}
}

// JobFacts is what is known of a job, in standard types. Like RunFacts it is another name of an
// unnamed struct, whose fields never change.
//
//   - Key is set by WithKey, Pool by InPool; both are "" for none. Location is the zone that the
//     job's times are in.
//   - Kind is "cron", "duration", "duration-random", "daily", "weekly", "monthly",
//     "monthly-weekday", "one-time", "schedule", "any-of" or "manual". Schedule is what Describe
//     says.
//   - State is "running", "waiting" for a slot, "stopped", "retrying", "paused", "context-ended",
//     "scheduled", "manual" or "no-next-time": the states of an Explanation in one word.
//   - Next is when the job is due next, as from Job.NextRun. DueSince is the earliest time at which
//     it was due while the run of that time has not got its turn, and Overdue says that this is
//     more than a minute ago. All times are zero for none.
//   - LastStarted and LastFinished are as from Job.LastRunStartedAt and LastRunCompletedAt.
//     LastSuccess needs WithJobStats, and LastOutcome that or WithHistory: they are zero without.
//   - Running, Waiting and Retrying count runs, as in an Explanation.
//   - PausedSince, PausedBy and PauseNote are as in an Explanation, and Transient as in a RunInfo.
type JobFacts = struct {
	ID           [16]byte
	Name         string
	Key          string
	Kind         string
	Schedule     string
	Location     string
	Pool         string
	State        string
	Tags         []string
	Next         time.Time
	DueSince     time.Time
	LastStarted  time.Time
	LastFinished time.Time
	LastSuccess  time.Time
	LastOutcome  string
	Running      int
	Waiting      int
	Retrying     int
	Paused       bool
	PausedBy     string
	PauseNote    string
	PausedSince  time.Time
	Overdue      bool
	Transient    bool
}

// EachJob calls f for every job that the scheduler has now, in no order, until f returns false. f
// is called with nothing locked, so it may call any method and take its time; the facts of one job are
// of one moment, the facts of two jobs may not be. A job that leaves meanwhile may be left out.
//
// EachJob returns the error of ctx when it ends first, and one that Is ErrOptionValue for a nil f. After
// Shutdown there are no jobs. A nil ctx never ends.
func (c *Controller) EachJob(ctx context.Context, f func(JobFacts) bool) error {
	if err := c.check(); err != nil {
		return err
	}
	if f == nil {
		return optionValueError("EachJob", "nil", "a func that is not nil")
	}
	ctx = orBackground(ctx)
	looks := make([]jobLook, 0, lookBatch)
	for list := c.s.jobList(); len(list) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(lookBatch, len(list))
		looks = c.s.look(list[:n], looks[:0])
		list = list[n:]
		for i := range looks {
			if !f(looks[i].facts()) {
				return nil
			}
		}
	}
	return ctx.Err()
}

// A jobLook is what a job is doing at one moment.
type jobLook struct {
	job         *internalJob
	explained   Explanation // without Schedule
	dueSince    time.Time
	overdue     bool
	last        lastRun
	lastOutcome Outcome // OutcomePending if it is not known
	lastSuccess *RunInfo
	failing     bool // the last run that was performed has failed, as far as that is known
}

// look appends to looks what the jobs of a batch that are still there are doing.
func (s *scheduler) look(batch []*internalJob, looks []jobLook) []jobLook {
	ended := s.endedContexts(batch)
	s.lock()
	defer s.unlock()
	for _, j := range batch {
		if cur := j.current(); cur.listed {
			looks = append(looks, s.lookLocked(cur, ended[cur]))
		}
	}
	return looks
}

// endedContexts are the jobs whose context of WithContext has ended, which is asked with nothing
// locked.
func (s *scheduler) endedContexts(jobs []*internalJob) map[*internalJob]bool {
	var ended map[*internalJob]bool
	for _, j := range jobs {
		if ctx := j.settings().ctx; ctx != nil && ctx.Err() != nil {
			if ended == nil {
				ended = make(map[*internalJob]bool)
			}
			ended[j] = true
		}
	}
	return ended
}

// overdueAfter is how long a run may wait for its turn before its job is called overdue.
const overdueAfter = time.Minute

// lookLocked is what j is doing. Ended says that the context given by WithContext has.
func (s *scheduler) lookLocked(j *internalJob, ended bool) jobLook {
	now := s.now()
	l := jobLook{job: j, explained: s.explainLocked(j, ended), dueSince: s.dueSinceLocked(j, now)}
	l.overdue = isOverdue(l.dueSince, now)
	if j.last != nil {
		l.last = lastRun{s.inZone(j.last.startedAt), s.inZone(j.last.completedAt)}
	}
	x := j.rareState()
	if x.stats != nil {
		l.lastSuccess = x.stats.lastSuccess
	}
	l.lastOutcome, l.failing = x.lastOutcome(), x.lastPerformed().hasFailed()
	return l
}

// isOverdue reports whether a run that was due at since, if there is one, waits for too long.
func isOverdue(since, now time.Time) bool {
	return !since.IsZero() && now.Sub(since) > overdueAfter
}

// lastOutcome is the outcome of the run that finished last, OutcomePending if it is not known.
func (x *rareState) lastOutcome() Outcome {
	switch {
	case x.history.len() > 0:
		return x.history.back(0).Outcome
	case x.stats != nil && x.stats.last != nil:
		return x.stats.last.Outcome
	}
	return OutcomePending
}

// lastPerformed is the run that finished last of those whose task was called, nil if none is known.
func (x *rareState) lastPerformed() *RunInfo {
	if x.stats != nil {
		return x.stats.last
	}
	for i := range x.history.len() {
		if info := x.history.back(i); info.Attempt > 0 {
			return info
		}
	}
	return nil
}

// hasFailed reports whether the run has, because of its task.
func (i *RunInfo) hasFailed() bool {
	return i != nil && (i.Outcome == OutcomeFailed || i.Outcome == OutcomePanicked || i.Outcome == OutcomeTimedOut)
}

// dueSinceLocked is the earliest time at which j was due while its run has not got its turn: it
// waits, or the scheduler goroutine has not come to it. The zero time is none.
func (s *scheduler) dueSinceLocked(j *internalJob, now time.Time) time.Time {
	looked := 0
	for r := j.gate.waiting.head; r != nil && looked < runsBatch; r = r.next {
		if !r.hasBegun() {
			return s.inZone(r.dueTime())
		}
		if looked++; r.next == j.gate.waiting.head {
			break
		}
	}
	if s.session != nil && j.entered && !j.rareState().paused && !j.next.IsZero() && j.isBefore(j.next, now) {
		return j.displayTime(j.next, now)
	}
	return time.Time{}
}

// facts are the JobFacts of the job. Nothing is locked.
func (l *jobLook) facts() JobFacts {
	j, e := l.job, &l.explained
	f := JobFacts{
		ID:           j.id,
		Name:         e.JobName,
		Key:          j.settings().key,
		Kind:         j.kind(),
		Schedule:     j.describe(),
		Location:     j.zoneName(),
		Pool:         e.Pool,
		State:        e.State.word(),
		Tags:         j.Tags(),
		Next:         e.NextRun,
		DueSince:     l.dueSince,
		LastStarted:  l.last.startedAt,
		LastFinished: l.last.completedAt,
		Running:      e.Running,
		Waiting:      e.Waiting,
		Retrying:     e.Retrying,
		Paused:       e.Paused,
		PausedBy:     e.PausedBy,
		PauseNote:    e.PauseNote,
		PausedSince:  e.PausedSince,
		Overdue:      l.overdue,
		Transient:    j.transient(),
	}
	if l.lastSuccess != nil {
		f.LastSuccess = l.lastSuccess.FinishedAt
	}
	if l.lastOutcome != OutcomePending {
		f.LastOutcome = l.lastOutcome.String()
	}
	return f
}

// stateWords are the states in one word each.
var stateWords = map[State]string{
	StateRunning:        "running",
	StateWaitingForSlot: "waiting",
	StateStopped:        "stopped",
	StatePaused:         "paused",
	StateRetrying:       "retrying",
	StateContextEnded:   "context-ended",
	StateScheduled:      "scheduled",
	StateManual:         "manual",
	StateNoNextTime:     "no-next-time",
}

func (s State) word() string { return stateWords[s] }

var kindWords = map[JobType]string{
	CronJobType:           "cron",
	DurationJobType:       "duration",
	DurationRandomJobType: "duration-random",
	DailyJobType:          "daily",
	WeeklyJobType:         "weekly",
	MonthlyJobType:        "monthly",
	OneTimeJobType:        "one-time",
	ScheduleJobType:       "schedule",
	AnyOfJobType:          "any-of",
	MonthlyWeekdayJobType: "monthly-weekday",
	ManualJobType:         "manual",
}

func (j *internalJob) kind() string { return kindWords[j.plan.public().JobType()] }

// zoneName is the name of the zone that j's times are in.
func (j *internalJob) zoneName() string {
	if cron, is := plainSchedule(j.plan).(*cronSchedule); is && cron.zone != nil {
		return cron.zone.String()
	}
	return j.location().String()
}
