//go:build go1.25

package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// reentryPlaces are the callbacks that a reentry's scheduler reaches. In a run,
// a stop has to time out on it; otherwise, at once, there is nothing to wait for.
func reentryPlaces() map[string]string {
	places := map[string]string{}
	for _, inRun := range []string{
		"task", "BeforeJobRuns", "BeforeRefusal", "AfterJobRuns", "AfterError", "AfterPanic", "AfterLockError",
		"Lock", "Unlock", "IsLeader", "IncrementJob", "RecordJobTiming", "RecordJobTimingWithStatus",
		"JobStarted", "JobRunning", "JobFailed", "JobCompleted", "JobExecutionTime", "JobSchedulingDelay", "Error",
	} {
		places[inRun] = "run"
	}
	for _, atOnce := range []string{
		"Cron.IsValid", "AtTimes", "Weekdays", "SchedulerStarted", "JobRegistered",
	} {
		places[atOnce] = "at once"
	}
	for _, either := range []string{
		"Cron.Next", "JobUnregistered", "Reached-limit", "Reached-singleton", "SchedulerStopped", "SchedulerShutdown",
		"Info", "Warn", "Debug", "Context.Done", "Context.Err", "Context.Value",
	} {
		places[either] = ""
	}
	return places
}

// eachJob calls f for the jobs there are, however many that is by then.
func eachJob(f func(gocron.Job)) func(gocron.Scheduler) error {
	return func(s gocron.Scheduler) error {
		for _, j := range s.Jobs() {
			f(j)
		}
		return nil
	}
}

func reentryMethods() map[string]func(gocron.Scheduler) error {
	again := func() (gocron.JobDefinition, gocron.Task, gocron.JobOption) {
		return gocron.DurationJob(time.Second), gocron.NewTask(rig.Noop), gocron.WithStartAt(gocron.WithStartImmediately())
	}
	return map[string]func(gocron.Scheduler) error{
		"Jobs":               func(s gocron.Scheduler) error { s.Jobs(); return nil },
		"JobsWaitingInQueue": func(s gocron.Scheduler) error { s.JobsWaitingInQueue(); return nil },
		"Start":              func(s gocron.Scheduler) error { s.Start(); return nil },
		"RemoveByTags":       func(s gocron.Scheduler) error { s.RemoveByTags("tag"); return nil },
		"StopJobs":           gocron.Scheduler.StopJobs,
		"Shutdown":           gocron.Scheduler.Shutdown,
		"StopJobsWithContext": func(s gocron.Scheduler) error {
			return s.StopJobsWithContext(context.Background())
		},
		"ShutdownWithContext": func(s gocron.Scheduler) error {
			return s.ShutdownWithContext(context.Background())
		},
		"NewJob": func(s gocron.Scheduler) error {
			d, task, option := again()
			_, _ = s.NewJob(d, task, option)
			return nil
		},
		"NewJob with the id": func(s gocron.Scheduler) error {
			return eachJob(func(j gocron.Job) {
				d, task, option := again()
				_, _ = s.NewJob(d, task, option, gocron.WithIdentifier(j.ID()))
			})(s)
		},
		"Update": func(s gocron.Scheduler) error {
			return eachJob(func(j gocron.Job) {
				d, task, option := again()
				_, _ = s.Update(j.ID(), d, task, option)
			})(s)
		},
		"RemoveJob": func(s gocron.Scheduler) error {
			return eachJob(func(j gocron.Job) { _ = s.RemoveJob(j.ID()) })(s)
		},
		"ID":                 eachJob(func(j gocron.Job) { j.ID() }),
		"Name":               eachJob(func(j gocron.Job) { j.Name() }),
		"Tags":               eachJob(func(j gocron.Job) { j.Tags() }),
		"Schedule":           eachJob(func(j gocron.Job) { j.Schedule() }),
		"IsRunning":          eachJob(func(j gocron.Job) { _, _ = j.IsRunning() }),
		"LastRun":            eachJob(func(j gocron.Job) { _, _ = j.LastRun() }),
		"LastRunStartedAt":   eachJob(func(j gocron.Job) { _, _ = j.LastRunStartedAt() }),
		"LastRunCompletedAt": eachJob(func(j gocron.Job) { _, _ = j.LastRunCompletedAt() }),
		"NextRun":            eachJob(func(j gocron.Job) { _, _ = j.NextRun() }),
		"NextRuns":           eachJob(func(j gocron.Job) { _, _ = j.NextRuns(3) }),
		"RunNow":             eachJob(func(j gocron.Job) { _ = j.RunNow() }),
	}
}

// reenter lives one life with one method called from one place.
func reenter(t *testing.T, place, name string, method func(gocron.Scheduler) error) {
	hung := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("%s from inside %s hangs", name, place)) })
	defer hung.Stop()
	synctest.Test(t, func(t *testing.T) {
		var err error
		var took time.Duration
		r := &reentry{place: place, call: func(s gocron.Scheduler) {
			began := time.Now()
			err = method(s)
			took = time.Since(began)
		}}
		r.stage(t, place == "IsLeader")
		r.live(r.s)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, r.s.Shutdown(), "nothing is left of it")
		require.True(t, r.called.Load(), "the place is not reached")
		require.True(t, r.ended.Load(), "the call does not come back")
		if isStop := name == "StopJobs" || name == "Shutdown"; isStop {
			requireStopFrom(t, reentryPlaces()[place], err, took)
		} else if err != nil {
			require.True(t, err == gocron.ErrStopJobsTimedOut, "%v", err)
		}
	})
}

func requireStopFrom(t *testing.T, place string, err error, took time.Duration) {
	t.Helper()
	switch place {
	case "run":
		require.True(t, err == gocron.ErrStopJobsTimedOut, "it times out on its own run, not: %v", err)
		require.Equal(t, 10*time.Second, took)
	case "at once":
		require.NoError(t, err)
		require.Zero(t, took)
	default:
		require.True(t, err == nil || err == gocron.ErrStopJobsTimedOut, "%v", err)
	}
}

func TestSynctestContractAnyMethodMayBeCalledFromInsideAnyCallback(t *testing.T) {
	for place := range reentryPlaces() {
		for name, method := range reentryMethods() {
			t.Run(place+"/"+name, func(t *testing.T) { reenter(t, place, name, method) })
		}
	}
}

// Whatever places there are, the matrix has them.
func TestSynctestContractTheMatrixOfCallbacksIsComplete(t *testing.T) {
	for _, elector := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := &reentry{}
			r.stage(t, elector)
			r.live(r.s)
			r.seen.Range(func(place, _ any) bool {
				require.Contains(t, reentryPlaces(), place)
				return true
			})
		})
	}
}
