package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The calls for what a method does are made before it returns: no test here
// waits for anything before it looks.

func TestHooksSchedulerLifecycle(t *testing.T) {
	r, h := hookRig(t)
	s := r.s
	require.NoError(t, s.StopJobs())
	h.expect("", "a stop of what was not started")
	s.Start()
	h.expect("Started")
	s.Start()
	h.expect("", "it runs")
	require.NoError(t, s.StopJobs())
	h.expect("Stopped")
	require.NoError(t, s.StopJobs())
	h.expect("")
	s.Start()
	h.expect("Started")
	require.NoError(t, s.Shutdown())
	h.expect("Stopped, Shutdown")
	require.NoError(t, s.Shutdown())
	require.NoError(t, s.StopJobs())
	s.Start()
	h.expect("")
}

func TestHooksShutdownOfAStoppedScheduler(t *testing.T) {
	r, h := hookRig(t)
	r.s.Start()
	require.NoError(t, r.s.StopJobs())
	h.take()
	require.NoError(t, r.s.Shutdown())
	h.expect("Shutdown")
}

func TestHooksShutdownOfASchedulerThatWasNeverStarted(t *testing.T) {
	r, h := hookRig(t)
	r.job(DurationJob(time.Hour), func() {}, WithName("j"))
	h.take()
	require.NoError(t, r.s.Shutdown())
	require.NoError(t, r.s.Shutdown())
	h.expect("")
}

func TestHooksShutdownIsAnnouncedEvenIfItTimesOut(t *testing.T) {
	r, h := hookRig(t)
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("j"))
	r.start()
	h.take()
	require.Equal(t, context.Canceled, r.s.ShutdownWithContext(endedContext()))
	h.expect("Stopped, Shutdown")
	r.letGo(1)
	require.NoError(t, r.s.Shutdown())
	require.NotContains(t, h.take(), "Shutdown")
}

func TestHooksStopIsAnnouncedEvenIfItTimesOut(t *testing.T) {
	r, h := hookRig(t)
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("j"))
	r.start()
	h.take()
	require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
	h.expect("Stopped")
	require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
	h.expect("", "it was stopped")
	r.letGo(1)
}

func TestHooksShutdownAnnouncesNoJobThatLeaves(t *testing.T) {
	r, h := hookRig(t)
	r.job(DurationJob(time.Hour), func() {}, WithName("j"))
	r.job(DurationJob(time.Hour), func() {}, WithName("k"), WithLimitedRuns(1), stopAfter(time.Hour))
	r.start()
	h.take()
	require.NoError(t, r.s.Shutdown())
	h.expect("Stopped, Shutdown")
}

func TestHooksRegistration(t *testing.T) {
	for _, running := range []bool{false, true} {
		r, h := hookRig(t)
		if running {
			r.s.Start()
		}
		h.take()
		j := mustJob(t, r.s, DurationJob(time.Hour), func() {}, WithName("a"), WithTags("x"))
		h.expect("Registered a")
		_, err := r.s.Update(j.ID(), DurationJob(time.Minute), NewTask(func() {}), WithName("b"))
		require.NoError(t, err)
		h.expect("Unregistered a, Registered b")
		mustJob(t, r.s, DurationJob(time.Minute), func() {}, WithName("c"), WithIdentifier(j.ID()), WithTags("x"))
		h.expect("Unregistered b, Registered c")
		_, err = r.s.Update(uuid.New(), DurationJob(time.Minute), NewTask(func() {}), WithName("d"))
		require.NoError(t, err)
		h.expect("Registered d")
		require.NoError(t, r.s.RemoveJob(j.ID()))
		h.expect("Unregistered c")
		require.Error(t, r.s.RemoveJob(j.ID()))
		h.expect("")
		mustJob(t, r.s, DurationJob(time.Minute), func() {}, WithName("e"), WithTags("x", "y"))
		h.expect("Registered e")
		r.s.RemoveByTags("y", "x")
		h.expect("Unregistered e")
		_, err = r.s.NewJob(DurationJob(0), NewTask(func() {}))
		require.Error(t, err)
		_, err = r.s.Update(j.ID(), DurationJob(time.Hour), NewTask(nil))
		require.Error(t, err)
		h.expect("", "what is refused")
	}
}

func TestHooksAJobThatIsOverWhenAddedIsNotAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.s.Start()
	h.take()
	_, err := r.s.NewJob(DurationJob(time.Hour), NewTask(func() {}), stopAfter(time.Minute))
	require.ErrorIs(t, err, ErrJobNeverRuns)
	h.expect("")
}

func TestHooksAJobThatIsOverAtStartIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	mustJob(t, r.s, DurationJob(time.Hour), func() {}, WithName("j"), stopAfter(time.Minute))
	h.expect("Registered j")
	r.s.Start()
	h.expect("Started, Unregistered j")
}

func TestHooksUnregisteredOnceWhateverEndsIt(t *testing.T) {
	for name, tt := range map[string]struct {
		option JobOption
		walk   time.Duration
	}{
		"limited runs": {WithLimitedRuns(2), 2 * time.Hour},
		"stop time":    {stopAfter(2 * time.Hour), 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			j := r.job(DurationJob(time.Hour), func() {}, WithName("j"), tt.option)
			r.start()
			r.walk(tt.walk)
			calls := h.take()
			require.Equal(t, "Unregistered j", calls[len(calls)-1], "it is the last")
			require.Error(t, r.s.RemoveJob(j.ID()))
			r.advance(10 * time.Hour)
			h.expect("")
		})
	}
}

func TestHooksRegisteredComesBeforeAnyOtherEventOfTheJob(t *testing.T) {
	r, h := hookRig(t)
	r.start()
	for i := 0; i < 20; i++ {
		h.take()
		r.job(OneTimeJob(OneTimeJobStartImmediately()), func() { h.note("task") }, WithName("j"), WithLimitedRuns(1))
		h.expect("Registered j, JobStarted j, Delay j 0s 0s, JobRunning j, task, Timing j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unregistered j")
	}
}

// A slow JobRegistered keeps the job, not the scheduler, from running.
func TestHooksJobDoesNotRunBeforeItIsRegistered(t *testing.T) {
	r, h := hookRig(t)
	r.start()
	registering := make(chan struct{})
	h.during = func(call string) {
		if call == "Registered slow" {
			close(registering)
			<-r.gate
		}
	}
	added := make(chan Job)
	go func() {
		j, _ := r.s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { h.note("task") }), WithName("slow"))
		added <- j
	}()
	receive(t, registering)
	for _, j := range r.s.Jobs() {
		require.NoError(t, j.RunNow(), "it is listed, and can be asked for")
	}
	_, log := r.logged(DurationJob(time.Hour), WithName("other"))
	r.advance(time.Hour)
	require.Equal(t, 1, log.len())
	require.NotContains(t, h.take(), "task")
	r.gate <- struct{}{}
	receive(t, added)
	r.settle()
	runs := 0
	for _, call := range h.take() {
		if call == "task" {
			runs++
		}
	}
	require.Equal(t, 2, runs, "the immediate one and the RunNow")
}

func TestHooksStartedComesBeforeTheEventsOfTheJobs(t *testing.T) {
	r, h := hookRig(t)
	r.job(OneTimeJob(OneTimeJobStartImmediately()), func() {}, WithName("j"))
	h.take()
	r.start()
	require.Equal(t, "Started", h.take()[0])
}

func TestHooksStoppedComesAfterTheEventsOfTheRuns(t *testing.T) {
	r, h := hookRig(t)
	r.job(OneTimeJob(OneTimeJobStartImmediately()), func(ctx context.Context) { <-ctx.Done() }, WithName("j"))
	r.start()
	h.take()
	require.NoError(t, r.s.Shutdown())
	h.expect("Timing j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Stopped, Shutdown")
}
