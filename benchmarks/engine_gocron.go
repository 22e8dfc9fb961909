package main

import (
	"time"

	theirs "github.com/go-co-op/gocron/v2"
	own "github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// The two gocrons have one shape but types of their own: job J, definition D,
// task T and option O.

type gocronScheduler[J, D, T, O any] interface {
	NewJob(D, T, ...O) (J, error)
	Jobs() []J
	RemoveJob(uuid.UUID) error
	RemoveByTags(...string)
	Start()
	Shutdown() error
}

type gocronJob interface {
	ID() uuid.UUID
	NextRun() (time.Time, error)
	NextRuns(int) ([]time.Time, error)
	RunNow() error
}

// A dialect is the package-level functions of one of them.
type dialect[D, T, O any] struct {
	task     func(any, ...any) T
	interval func(time.Duration) D
	at       func(time.Time) D
	now      func() D
	calendar map[string]D
	crontab  func(string, bool) D
	tags     func(...string) O
	from     func(time.Time) O
}

type gocronEngine[J gocronJob, D, T, O any] struct {
	scheduler gocronScheduler[J, D, T, O]
	say       *dialect[D, T, O]
}

func (e *gocronEngine[J, D, T, O]) Add(s spec) (job, error) {
	var options []O
	if s.tag != "" {
		options = append(options, e.say.tags(s.tag))
	}
	if !s.from.IsZero() {
		options = append(options, e.say.from(s.from))
	}
	var task T
	if s.ctxTask != nil {
		task = e.say.task(s.ctxTask)
	} else {
		task = e.say.task(s.task)
	}
	j, err := e.scheduler.NewJob(e.definition(s), task, options...)
	return job{handle: j}, err
}

func (e *gocronEngine[J, D, T, O]) definition(s spec) D {
	switch {
	case s.every > 0:
		return e.say.interval(s.every)
	case s.now:
		return e.say.now()
	case s.calendar == "":
		return e.say.at(s.at)
	}
	if d, ok := e.say.calendar[s.calendar]; ok {
		return d
	}
	return e.say.crontab(s.calendar, false)
}

func (e *gocronEngine[J, D, T, O]) Start() { e.scheduler.Start() }
func (e *gocronEngine[J, D, T, O]) Stop()  { _ = e.scheduler.Shutdown() }
func (e *gocronEngine[J, D, T, O]) Remove(j job) error {
	return e.scheduler.RemoveJob(j.handle.(J).ID())
}
func (e *gocronEngine[J, D, T, O]) RemoveTag(tag string) { e.scheduler.RemoveByTags(tag) }
func (e *gocronEngine[J, D, T, O]) RunNow(j job) error   { return j.handle.(J).RunNow() }
func (e *gocronEngine[J, D, T, O]) List() int            { return len(e.scheduler.Jobs()) }

func (e *gocronEngine[J, D, T, O]) Next(j job) time.Time {
	next, _ := j.handle.(J).NextRun()
	return next
}

func (e *gocronEngine[J, D, T, O]) Forecast(j job, n int) int {
	times, _ := j.handle.(J).NextRuns(n)
	return len(times)
}

var ownDialect = dialect[own.JobDefinition, own.Task, own.JobOption]{
	task:     own.NewTask,
	interval: own.DurationJob,
	at:       func(t time.Time) own.JobDefinition { return own.OneTimeJob(own.OneTimeJobStartDateTime(t)) },
	now:      func() own.JobDefinition { return own.OneTimeJob(own.OneTimeJobStartImmediately()) },
	crontab:  own.CronJob,
	tags:     own.WithTags,
	from:     func(t time.Time) own.JobOption { return own.WithStartAt(own.WithStartDateTime(t)) },
	calendar: map[string]own.JobDefinition{
		"daily":   own.DailyJob(1, own.NewAtTimes(own.NewAtTime(6, 30, 0), own.NewAtTime(18, 30, 0))),
		"weekly":  own.WeeklyJob(1, own.NewWeekdays(time.Monday, time.Friday), own.NewAtTimes(own.NewAtTime(6, 30, 0))),
		"monthly": own.MonthlyJob(1, own.NewDaysOfTheMonth(1, -1), own.NewAtTimes(own.NewAtTime(6, 30, 0))),
	},
}

func newOurs(c config) engine {
	var options []own.SchedulerOption
	if c.limit > 0 {
		options = append(options, own.WithLimitConcurrentJobs(uint(c.limit), own.LimitModeWait))
	}
	s, err := own.NewScheduler(options...)
	check(err)
	return &gocronEngine[own.Job, own.JobDefinition, own.Task, own.JobOption]{s, &ownDialect}
}

var theirDialect = dialect[theirs.JobDefinition, theirs.Task, theirs.JobOption]{
	task:     theirs.NewTask,
	interval: theirs.DurationJob,
	at: func(t time.Time) theirs.JobDefinition {
		return theirs.OneTimeJob(theirs.OneTimeJobStartDateTime(t))
	},
	now:     func() theirs.JobDefinition { return theirs.OneTimeJob(theirs.OneTimeJobStartImmediately()) },
	crontab: theirs.CronJob,
	tags:    theirs.WithTags,
	from:    func(t time.Time) theirs.JobOption { return theirs.WithStartAt(theirs.WithStartDateTime(t)) },
	calendar: map[string]theirs.JobDefinition{
		"daily":   theirs.DailyJob(1, theirs.NewAtTimes(theirs.NewAtTime(6, 30, 0), theirs.NewAtTime(18, 30, 0))),
		"weekly":  theirs.WeeklyJob(1, theirs.NewWeekdays(time.Monday, time.Friday), theirs.NewAtTimes(theirs.NewAtTime(6, 30, 0))),
		"monthly": theirs.MonthlyJob(1, theirs.NewDaysOfTheMonth(1, -1), theirs.NewAtTimes(theirs.NewAtTime(6, 30, 0))),
	},
}

func newUpstream(c config) engine {
	var options []theirs.SchedulerOption
	if c.limit > 0 {
		options = append(options, theirs.WithLimitConcurrentJobs(uint(c.limit), theirs.LimitModeWait))
	}
	s, err := theirs.NewScheduler(options...)
	check(err)
	return &gocronEngine[theirs.Job, theirs.JobDefinition, theirs.Task, theirs.JobOption]{s, &theirDialect}
}
