//go:build go1.25

package model_test

import (
	"context"
	"strconv"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

type modelElector struct{ w *modelWorld }

func (e modelElector) IsLeader(ctx context.Context) error {
	label, _ := ctx.Value(modelLabel{}).(int)
	return e.w.answer(ctx, label, stationClaim)
}

type modelLocker struct{ w *modelWorld }

func (l modelLocker) Lock(ctx context.Context, key string) (gocron.Lock, error) {
	label, _ := strconv.Atoi(key)
	if err := l.w.answer(ctx, label, stationClaim); err != nil {
		return nil, err
	}
	return &modelLock{l.w, label}, nil
}

type modelLock struct {
	w     *modelWorld
	label int
}

func (l *modelLock) Unlock(ctx context.Context) error {
	if ctx.Err() != nil {
		l.w.tell(l.label, "unlock with a dead context", 0, 0)
	}
	run, _ := gocron.RunFromContext(ctx)
	return answerOf(l.w.visit(context.Background(), l.label, stationUnlock, int(run.ID)))
}

type modelPlainMonitor struct{ w *modelWorld }

func (o modelPlainMonitor) IncrementJob(_ uuid.UUID, name string, _ []string, status gocron.JobStatus) {
	o.w.tellName(name, "count "+string(status), 0, 0)
}

func (o modelPlainMonitor) RecordJobTiming(start, end time.Time, _ uuid.UUID, name string, _ []string) {
	o.w.tellName(name, "timing", o.w.instant(start), o.w.instant(end))
}

// modelMonitor is the two monitors that know more.
type modelMonitor struct{ w *modelWorld }

func (o modelMonitor) IncrementJob(_ uuid.UUID, name string, _ []string, status gocron.JobStatus) {
	o.w.tellName(name, "count "+string(status), 0, 0)
}

func (o modelMonitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	o.w.tellName(name, "timing without status", 0, 0)
}

func (o modelMonitor) RecordJobTimingWithStatus(start, end time.Time, _ uuid.UUID, name string, _ []string, status gocron.JobStatus, _ error) {
	o.w.tellName(name, "timing "+string(status), o.w.instant(start), o.w.instant(end))
}

func (o modelMonitor) SchedulerStopped()               { o.w.tell(0, "SchedulerStopped", 0, 0) }
func (o modelMonitor) SchedulerShutdown()              { o.w.tell(0, "SchedulerShutdown", 0, 0) }
func (o modelMonitor) JobStarted(j gocron.Job)         { o.w.tellName(j.Name(), "JobStarted", 0, 0) }
func (o modelMonitor) JobRunning(j gocron.Job)         { o.w.tellName(j.Name(), "JobRunning", 0, 0) }
func (o modelMonitor) JobFailed(j gocron.Job, _ error) { o.w.tellName(j.Name(), "JobFailed", 0, 0) }
func (o modelMonitor) JobCompleted(j gocron.Job)       { o.w.tellName(j.Name(), "JobCompleted", 0, 0) }

func (o modelMonitor) SchedulerStarted() {
	o.w.tell(0, "SchedulerStarted", 0, 0)
	if o.w.program.setup.slow {
		o.w.stay(context.Background(), 0, stationStart)
	}
}

func (o modelMonitor) JobUnregistered(j gocron.Job) {
	if j.Name() != probeName {
		o.w.tellName(j.Name(), "unregistered", 0, 0)
	}
}

func (o modelMonitor) JobRegistered(j gocron.Job) {
	if j.Name() == probeName {
		return
	}
	o.w.tellName(j.Name(), "registered", 0, 0)
	label, _ := strconv.Atoi(j.Name())
	o.w.mu.Lock()
	o.w.handles[label] = j
	o.w.mu.Unlock()
	if o.w.program.setup.slow {
		o.w.stay(context.Background(), label, stationRegister)
	}
}

func (o modelMonitor) JobExecutionTime(j gocron.Job, d time.Duration) {
	o.w.tellName(j.Name(), "JobExecutionTime", d, 0)
}

func (o modelMonitor) JobSchedulingDelay(j gocron.Job, due, start time.Time) {
	o.w.tellName(j.Name(), "JobSchedulingDelay", o.w.instant(due), o.w.instant(start))
}

func (o modelMonitor) ConcurrencyLimitReached(limit string, j gocron.Job) {
	o.w.tellName(j.Name(), "limit reached: "+limit, 0, 0)
}
