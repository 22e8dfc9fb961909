//go:build walltime && go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/stretchr/testify/require"
)

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)

// A wallRig is a bubble whose real clock can be set, and whose machine can sleep. No two
// of them may exist at a time: the offset is that of the process.
type wallRig struct {
	t      *testing.T
	s      Scheduler
	c      *Controller
	offset time.Duration
	book   runBook
	warned warnings
}

// wallStart is where the clock of a wallRig stands at first: a Tuesday.
var wallStart = rigNow

// onMovableClock runs a test of a scheduler whose clock can be moved, in UTC. The
// scheduler keeps a history; what its hooks are told and its warnings are noted.
func onMovableClock(t *testing.T, test func(r *wallRig), options ...SchedulerOption) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &wallRig{t: t}
		defer setWallOffset(0)
		r.set(wallStart)
		all := []SchedulerOption{
			WithLocation(time.UTC), WithHooks(r.book.hooks()), WithHistory(1000), WithLogger(&r.warned),
		}
		r.s = newScheduler(t, append(all, options...)...)
		r.c = NewController(r.s)
		test(r)
	})
}

// step moves the wall clock by d, which is what a machine that slept for d sees, too.
func (r *wallRig) step(d time.Duration) {
	r.offset += d
	setWallOffset(r.offset)
}

// set sets the wall clock.
func (r *wallRig) set(to time.Time) { r.step(to.Sub(r.now())) }

// now is what the wall clock shows.
func (r *wallRig) now() time.Time { return time.Now().Round(0).UTC() }

// pass lets d pass by both clocks.
func (r *wallRig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// passTo lets both clocks run until the wall clock shows the time.
func (r *wallRig) passTo(at time.Time) { r.pass(at.Sub(r.now())) }

// start and stop start and stop the scheduler, no run of which is in progress.
func (r *wallRig) start() {
	r.s.Start()
	synctest.Wait()
}

func (r *wallRig) stop() {
	r.t.Helper()
	require.NoError(r.t, r.s.StopJobs())
}

// logged adds a job whose task notes what the wall clock shows.
func (r *wallRig) logged(definition JobDefinition, options ...JobOption) (Job, *rigLog) {
	r.t.Helper()
	var log rigLog
	j := mustJob(r.t, r.s, definition, func() { log.add(r.now()) }, options...)
	synctest.Wait()
	return j, &log
}

// finished are the runs of a job that have ended, oldest first.
func (r *wallRig) finished(j Job) (infos []RunInfo) {
	for _, info := range r.book.told("finished") {
		if info.JobID == j.ID() {
			infos = append(infos, info)
		}
	}
	return infos
}

func TestClockOverlaySynctestMovesTheWallClockAlone(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		began := time.Now()
		require.Equal(t, wallStart, began.UTC().Round(0))
		r.pass(time.Minute)
		r.step(8 * time.Hour)
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, wallStart.Add(8*time.Hour+time.Minute), r.now())
		r.step(-20 * time.Hour)
		r.pass(time.Minute)
		require.Equal(t, 2*time.Minute, time.Since(began))
		require.Equal(t, wallStart.Add(-12*time.Hour+2*time.Minute), r.now())
	})
}
