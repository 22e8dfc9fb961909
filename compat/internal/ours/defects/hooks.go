package defects

import (
	"context"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

var hooks = []Repro{
	{"18a", "context that Unlock of a distributed lock gets at Shutdown", unlockAtShutdown},
	{"18b", "context that Unlock gets when the job is removed", unlockAtRemoval},
	{"18c", "context that Unlock gets after the last run before the stop time", unlockAtStopTime},
	{"19", "context of the task in the last run before the stop time", contextAtStopTime},
}

// contexts is a Locker that tells what state its Unlock's contexts were in.
type contexts chan error

func (c contexts) Lock(context.Context, string) (gocron.Lock, error) { return c, nil }
func (c contexts) Unlock(ctx context.Context) error                  { c <- ctx.Err(); return nil }

// Every lock is released with a context that is alive, at Shutdown too.
func unlockAtShutdown() (string, bool) {
	seen := make(contexts, 10)
	s := started(gocron.WithDistributedLocker(seen))
	check(must(s.NewJob(far, lasting(new(counter), 200*ms))).RunNow())
	time.Sleep(100 * ms)
	check(s.Shutdown())
	return alive(<-seen)
}

// Every lock is released with a context that is alive, also when the job's is
// cancelled.
func unlockAtRemoval() (string, bool) {
	seen := make(contexts, 10)
	s := started(gocron.WithDistributedLocker(seen))
	j := must(s.NewJob(far, lasting(new(counter), 200*ms)))
	check(j.RunNow())
	time.Sleep(100 * ms)
	check(s.RemoveJob(j.ID()))
	return alive(<-seen)
}

// Every lock is released with a context that is alive.
func unlockAtStopTime() (string, bool) {
	seen := make(contexts, 10)
	s := started(gocron.WithDistributedLocker(seen))
	must(s.NewJob(gocron.DurationJob(100*ms), lasting(new(counter), 20*ms), stopAfter(150*ms)))
	return alive(<-seen)
}

// The last run before the stop time has a live context.
func contextAtStopTime() (string, bool) {
	const tries = 10
	cancelled := 0
	for i := 0; i < tries; i++ {
		seen := make(chan error, 10)
		task := gocron.NewTask(func(ctx context.Context) { time.Sleep(5 * ms); seen <- ctx.Err() })
		must(started().NewJob(gocron.DurationJob(100*ms), task, stopAfter(150*ms)))
		if <-seen != nil {
			cancelled++
		}
	}
	return fmt.Sprintf("cancelled in %d of %d", cancelled, tries), cancelled == 0
}

func alive(err error) (string, bool) {
	if err != nil {
		return err.Error(), false
	}
	return "alive", true
}

func stopAfter(d time.Duration) gocron.JobOption {
	return gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(d)))
}
