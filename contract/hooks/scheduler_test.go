package hooks_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The calls for what a method does are made before it returns: no test here
// waits for anything before it looks.

func TestHooksSchedulerLifecycle(t *testing.T) {
	r, h := hookRig(t)
	s := r.Scheduler
	require.NoError(t, s.StopJobs())
	h.Expect("", "a stop of what was not started")
	s.Start()
	h.Expect("Started")
	s.Start()
	h.Expect("", "it runs")
	require.NoError(t, s.StopJobs())
	h.Expect("Stopped")
	require.NoError(t, s.StopJobs())
	h.Expect("")
	s.Start()
	h.Expect("Started")
	require.NoError(t, s.Shutdown())
	h.Expect("Stopped, Shutdown")
	require.NoError(t, s.Shutdown())
	require.NoError(t, s.StopJobs())
	s.Start()
	h.Expect("")
}

func TestHooksShutdownOfAStoppedScheduler(t *testing.T) {
	r, h := hookRig(t)
	r.Scheduler.Start()
	require.NoError(t, r.Scheduler.StopJobs())
	h.Take()
	require.NoError(t, r.Scheduler.Shutdown())
	h.Expect("Shutdown")
}

func TestHooksShutdownOfASchedulerThatWasNeverStarted(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"))
	h.Take()
	require.NoError(t, r.Scheduler.Shutdown())
	require.NoError(t, r.Scheduler.Shutdown())
	h.Expect("")
}

func TestHooksShutdownIsAnnouncedEvenIfItTimesOut(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("j"))
	r.Start()
	h.Take()
	require.Equal(t, context.Canceled, r.Scheduler.ShutdownWithContext(rig.EndedContext()))
	h.Expect("Stopped, Shutdown")
	r.LetGo(1)
	require.NoError(t, r.Scheduler.Shutdown())
	require.NotContains(t, h.Take(), "Shutdown")
}

func TestHooksStopIsAnnouncedEvenIfItTimesOut(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("j"))
	r.Start()
	h.Take()
	require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
	h.Expect("Stopped")
	require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
	h.Expect("", "it was stopped")
	r.LetGo(1)
}

func TestHooksShutdownAnnouncesNoJobThatLeaves(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("k"), gocron.WithLimitedRuns(1), rig.StopAfter(time.Hour))
	r.Start()
	h.Take()
	require.NoError(t, r.Scheduler.Shutdown())
	h.Expect("Stopped, Shutdown")
}

func TestHooksRegistration(t *testing.T) {
	for _, running := range []bool{false, true} {
		r, h := hookRig(t)
		if running {
			r.Scheduler.Start()
		}
		h.Take()
		j := rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), func() {}, gocron.WithName("a"), gocron.WithTags("x"))
		h.Expect("Registered a")
		_, err := r.Scheduler.Update(j.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(func() {}), gocron.WithName("b"))
		require.NoError(t, err)
		h.Expect("Unregistered a, Registered b")
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Minute), func() {}, gocron.WithName("c"), gocron.WithIdentifier(j.ID()), gocron.WithTags("x"))
		h.Expect("Unregistered b, Registered c")
		_, err = r.Scheduler.Update(uuid.New(), gocron.DurationJob(time.Minute), gocron.NewTask(func() {}), gocron.WithName("d"))
		require.NoError(t, err)
		h.Expect("Registered d")
		require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
		h.Expect("Unregistered c")
		require.Error(t, r.Scheduler.RemoveJob(j.ID()))
		h.Expect("")
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Minute), func() {}, gocron.WithName("e"), gocron.WithTags("x", "y"))
		h.Expect("Registered e")
		r.Scheduler.RemoveByTags("y", "x")
		h.Expect("Unregistered e")
		_, err = r.Scheduler.NewJob(gocron.DurationJob(0), gocron.NewTask(func() {}))
		require.Error(t, err)
		_, err = r.Scheduler.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(nil))
		require.Error(t, err)
		h.Expect("", "what is refused")
	}
}

func TestHooksAJobThatIsOverWhenAddedIsNotAnnounced(t *testing.T) {
	r, h := hookRig(t)
	r.Scheduler.Start()
	h.Take()
	_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), rig.StopAfter(time.Minute))
	require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
	h.Expect("")
}

func TestHooksAJobThatIsOverAtStartIsAnnounced(t *testing.T) {
	r, h := hookRig(t)
	rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), rig.StopAfter(time.Minute))
	h.Expect("Registered j")
	r.Scheduler.Start()
	h.Expect("Started, Unregistered j")
}

func TestHooksUnregisteredOnceWhateverEndsIt(t *testing.T) {
	for name, tt := range map[string]struct {
		option gocron.JobOption
		walk   time.Duration
	}{
		"limited runs": {gocron.WithLimitedRuns(2), 2 * time.Hour},
		"stop time":    {rig.StopAfter(2 * time.Hour), 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t)
			j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), tt.option)
			r.Start()
			r.Walk(tt.walk)
			calls := h.Take()
			require.Equal(t, "Unregistered j", calls[len(calls)-1], "it is the last")
			require.Error(t, r.Scheduler.RemoveJob(j.ID()))
			r.Advance(10 * time.Hour)
			h.Expect("")
		})
	}
}

func TestHooksRegisteredComesBeforeAnyOtherEventOfTheJob(t *testing.T) {
	r, h := hookRig(t)
	r.Start()
	for i := 0; i < 20; i++ {
		h.Take()
		r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { h.Note("task") }, gocron.WithName("j"), gocron.WithLimitedRuns(1))
		h.Expect("Registered j, JobStarted j, Delay j 0s 0s, JobRunning j, task, Timing j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unregistered j")
	}
}

// A slow JobRegistered keeps the job, not the scheduler, from running.
func TestHooksJobDoesNotRunBeforeItIsRegistered(t *testing.T) {
	r, h := hookRig(t)
	r.Start()
	registering := make(chan struct{})
	h.During = func(call string) {
		if call == "Registered slow" {
			close(registering)
			<-r.Gate
		}
	}
	added := make(chan gocron.Job)
	go func() {
		j, _ := r.Scheduler.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.NewTask(func() { h.Note("task") }), gocron.WithName("slow"))
		added <- j
	}()
	rig.Receive(t, registering)
	for _, j := range r.Scheduler.Jobs() {
		require.NoError(t, j.RunNow(), "it is listed, and can be asked for")
	}
	_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithName("other"))
	r.Advance(time.Hour)
	require.Equal(t, 1, log.Len())
	require.NotContains(t, h.Take(), "task")
	r.Gate <- struct{}{}
	rig.Receive(t, added)
	r.Settle()
	runs := 0
	for _, call := range h.Take() {
		if call == "task" {
			runs++
		}
	}
	require.Equal(t, 2, runs, "the immediate one and the RunNow")
}

func TestHooksStartedComesBeforeTheEventsOfTheJobs(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() {}, gocron.WithName("j"))
	h.Take()
	r.Start()
	require.Equal(t, "Started", h.Take()[0])
}

func TestHooksStoppedComesAfterTheEventsOfTheRuns(t *testing.T) {
	r, h := hookRig(t)
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func(ctx context.Context) { <-ctx.Done() }, gocron.WithName("j"))
	r.Start()
	h.Take()
	require.NoError(t, r.Scheduler.Shutdown())
	h.Expect("Timing j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Stopped, Shutdown")
}
