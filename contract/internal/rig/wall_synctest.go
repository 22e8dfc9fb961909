//go:build walltime && go1.25

package rig

import (
	"testing"
	"testing/synctest"
	"time"
	_ "unsafe"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)

// A Wall is a bubble whose real clock can be set, and whose machine can sleep. No two
// of them may exist at a time: the offset is that of the process.
type Wall struct {
	T          *testing.T
	Scheduler  gocron.Scheduler
	Controller *gocron.Controller
	offset     time.Duration
	book       RunBook
	Warned     Warnings
}

// WallStart is where the clock of a Wall stands at first: a Tuesday.
var WallStart = Now

// OnMovableClock runs a test of a scheduler whose clock can be moved, in UTC. The
// scheduler keeps a history; what its hooks are told and its warnings are noted.
func OnMovableClock(t *testing.T, test func(r *Wall), options ...gocron.SchedulerOption) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &Wall{T: t}
		defer setWallOffset(0)
		r.Set(WallStart)
		all := []gocron.SchedulerOption{
			gocron.WithLocation(time.UTC), gocron.WithHooks(r.book.Hooks()), gocron.WithHistory(1000), gocron.WithLogger(&r.Warned),
		}
		r.Scheduler = NewScheduler(t, append(all, options...)...)
		r.Controller = gocron.NewController(r.Scheduler)
		test(r)
	})
}

// Step moves the wall clock by d, which is what a machine that slept for d sees, too.
func (r *Wall) Step(d time.Duration) {
	r.offset += d
	setWallOffset(r.offset)
}

// Set sets the wall clock.
func (r *Wall) Set(to time.Time) { r.Step(to.Sub(r.Now())) }

// Now is what the wall clock shows.
func (r *Wall) Now() time.Time { return time.Now().Round(0).UTC() }

// Pass lets d pass by both clocks.
func (r *Wall) Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// PassTo lets both clocks run until the wall clock shows the time.
func (r *Wall) PassTo(at time.Time) { r.Pass(at.Sub(r.Now())) }

// Start and Stop start and stop the scheduler, no run of which is in progress.
func (r *Wall) Start() {
	r.Scheduler.Start()
	synctest.Wait()
}

func (r *Wall) Stop() {
	r.T.Helper()
	require.NoError(r.T, r.Scheduler.StopJobs())
}

// Logged adds a job whose task notes what the wall clock shows.
func (r *Wall) Logged(definition gocron.JobDefinition, options ...gocron.JobOption) (gocron.Job, *Log) {
	r.T.Helper()
	var log Log
	j := MustJob(r.T, r.Scheduler, definition, func() { log.Add(r.Now()) }, options...)
	synctest.Wait()
	return j, &log
}

// Finished are the runs of a job that have ended, oldest first.
func (r *Wall) Finished(j gocron.Job) (infos []gocron.RunInfo) {
	for _, info := range r.book.Told("finished") {
		if info.JobID == j.ID() {
			infos = append(infos, info)
		}
	}
	return infos
}

// OutcomesOf counts the outcomes of a job's runs.
func (r *Wall) OutcomesOf(j gocron.Job) map[gocron.Outcome]int {
	counts := map[gocron.Outcome]int{}
	for _, info := range r.Finished(j) {
		counts[info.Outcome]++
	}
	return counts
}

// FallsAsleep has the machine sleep for d and looks at what came of it a minute later.
func (r *Wall) FallsAsleep(d time.Duration) {
	r.Step(d)
	r.Pass(time.Minute)
}

// Split tells the runs of a job that were made from the records of missed ones.
func (r *Wall) Split(j gocron.Job) (made, missed []gocron.RunInfo) {
	for _, info := range r.Finished(j) {
		if info.Outcome.String() == "missed" {
			missed = append(missed, info)
		} else {
			made = append(made, info)
		}
	}
	return made, missed
}

func stopAtTime(at time.Time) gocron.JobOption { return gocron.WithStopAt(gocron.WithStopDateTime(at)) }

// UntilEight is a job that is due at every full hour until 20:00.
func (r *Wall) UntilEight(definition gocron.JobDefinition) (gocron.Job, *Log) {
	r.T.Helper()
	return r.Logged(definition, stopAtTime(time.Now().Add(8*time.Hour)))
}
