package main

import (
	"context"
	"strconv"
	"time"

	"github.com/reugn/go-quartz/quartz"
)

type quartzEngine struct {
	lacking
	scheduler quartz.Scheduler
	made      time.Time
	count     int
}

func newQuartz(c config) engine {
	// Late runs count as late here, not as outdated.
	options := []quartz.SchedulerOpt{quartz.WithOutdatedThreshold(time.Hour)}
	if c.limit > 0 {
		options = append(options, quartz.WithWorkerLimit(c.limit))
	}
	s, err := quartz.NewStdScheduler(options...)
	check(err)
	return &quartzEngine{scheduler: s, made: time.Now()}
}

func (e *quartzEngine) Add(s spec) (job, error) {
	e.count++
	key := quartz.NewJobKey(strconv.Itoa(e.count))
	trigger, err := e.trigger(s)
	if err != nil {
		return job{}, err
	}
	err = e.scheduler.ScheduleJob(quartz.NewJobDetail(quartzTask{s.task, s.ctxTask}, key), trigger)
	return job{handle: key}, err
}

func (e *quartzEngine) trigger(s spec) (quartz.Trigger, error) {
	switch {
	case s.calendar != "":
		return quartz.NewCronTrigger("0 " + s.calendar)
	case s.now:
		return &quartzNow{}, nil
	default:
		return quartzTrigger{gridOf(s, e.made)}, nil
	}
}

func (e *quartzEngine) Start() { e.scheduler.Start(context.Background()) }

func (e *quartzEngine) Stop() {
	e.scheduler.Stop()
	e.scheduler.Wait(context.Background())
}

func (e *quartzEngine) Remove(j job) error {
	return e.scheduler.DeleteJob(j.handle.(*quartz.JobKey))
}

func (e *quartzEngine) Next(j job) time.Time {
	found, err := e.scheduler.GetScheduledJob(j.handle.(*quartz.JobKey))
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, found.NextRunTime())
}

func (e *quartzEngine) List() int {
	keys, _ := e.scheduler.GetJobKeys()
	return len(keys)
}

func (e *quartzEngine) Forecast(j job, n int) int {
	found, err := e.scheduler.GetScheduledJob(j.handle.(*quartz.JobKey))
	if err != nil {
		return 0
	}
	times := make([]time.Time, 0, n)
	for t := found.NextRunTime(); len(times) < n && err == nil; t, err = found.Trigger().NextFireTime(t) {
		times = append(times, time.Unix(0, t))
	}
	return len(times)
}

type quartzTrigger struct{ grid }

func (q quartzTrigger) NextFireTime(previous int64) (int64, error) {
	next := q.Next(time.Unix(0, previous))
	if next.IsZero() {
		return 0, quartz.ErrTriggerExpired
	}
	return next.UnixNano(), nil
}

func (quartzTrigger) Description() string { return "" }

// quartzNow is due at once, and then no more.
type quartzNow struct{ told bool }

func (q *quartzNow) NextFireTime(int64) (int64, error) {
	if q.told {
		return 0, quartz.ErrTriggerExpired
	}
	q.told = true
	return quartz.NowNano(), nil
}

func (*quartzNow) Description() string { return "" }

type quartzTask struct {
	task    func()
	ctxTask func(context.Context)
}

func (q quartzTask) Execute(ctx context.Context) error {
	if q.ctxTask != nil {
		q.ctxTask(ctx)
	} else {
		q.task()
	}
	return nil
}

func (quartzTask) Description() string { return "" }
