package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

func ExampleNewController() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { fmt.Println("the task") }))
	s.Start()
	control := NewController(s)
	run, err := control.RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, err)
	// Output:
	// the task
	// succeeded <nil>
}

// A Controller works with schedulers of NewScheduler. Any other, such as a mock,
// is told apart by the error.
func ExampleNewController_mock() {
	type mock struct{ Scheduler }
	err := NewController(mock{}).Pause(uuid.New())
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output: true
}

// What falls due meanwhile is not performed, but accounted for.
func ExampleController_Pause() {
	clock := clockwork.NewFakeClock()
	finished := make(chan Outcome)
	s, _ := NewScheduler(
		WithClock(clock),
		WithHooks(Hooks{RunFinished: func(run RunInfo) { finished <- run.Outcome }}),
	)
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.Start()
	control := NewController(s)

	control.Pause(j.ID())
	clock.Advance(time.Hour)
	fmt.Println(<-finished)

	j.RunNow() // works all the same
	fmt.Println(<-finished)

	control.Resume(j.ID())
	clock.Advance(time.Hour)
	fmt.Println(<-finished)
	// Output:
	// paused
	// succeeded
	// succeeded
}

func ExampleController_PauseByTags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	hourly, nothing := DurationJob(time.Hour), NewTask(func() {})
	invoices, _ := s.NewJob(hourly, nothing, WithTags("mail", "billing"))
	backup, _ := s.NewJob(hourly, nothing, WithTags("disk"))
	s.Start()
	control := NewController(s)
	control.PauseByTags("mail")
	for _, j := range []Job{invoices, backup} {
		explained, _ := control.Explain(j.ID())
		fmt.Println(j.Tags(), explained.State)
	}
	// Output:
	// [mail billing] paused
	// [disk] not due yet
}

// The schedule has gone on meanwhile: there is nothing to catch up with.
func ExampleController_Resume() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	finished := make(chan Outcome)
	s, _ := NewScheduler(
		WithClock(clock),
		WithLocation(time.UTC),
		WithHooks(Hooks{RunFinished: func(run RunInfo) { finished <- run.Outcome }}),
	)
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.Start()
	control := NewController(s)
	control.Pause(j.ID())
	for i := 0; i < 3; i++ {
		clock.Advance(time.Hour)
		fmt.Println(<-finished)
	}
	fmt.Println(control.Resume(j.ID()))
	fmt.Println(j.NextRun())
	// Output:
	// paused
	// paused
	// paused
	// <nil>
	// 2026-03-02 12:00:00 +0000 UTC <nil>
}

// A job is paused or it is not, however it came to be so.
func ExampleController_ResumeByTags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	hourly, nothing := DurationJob(time.Hour), NewTask(func() {})
	invoices, _ := s.NewJob(hourly, nothing, WithTags("mail", "billing"))
	newsletter, _ := s.NewJob(hourly, nothing, WithTags("mail"))
	s.Start()
	control := NewController(s)
	control.PauseByTags("mail")
	control.ResumeByTags("billing")
	for _, j := range []Job{invoices, newsletter} {
		explained, _ := control.Explain(j.ID())
		fmt.Println(j.Tags(), explained.State)
	}
	// Output:
	// [mail billing] not due yet
	// [mail] paused
}

// The error is for a run that could not be made or waited for. What became of the
// run is in the RunInfo.
func ExampleController_RunAndWait() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error { return errors.New("disk is full") }))
	s.Start()
	run, err := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(err)
	fmt.Println(run.Outcome, run.Err)
	// Output:
	// <nil>
	// failed disk is full
}

func ExampleController_Wait() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	runs := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { runs++ }),
		WithSingletonMode(LimitModeWait),
	)
	s.Start()
	for i := 0; i < 3; i++ {
		j.RunNow()
	}
	fmt.Println(NewController(s).Wait(context.Background(), j.ID()))
	fmt.Println("runs:", runs)
	// Output:
	// <nil>
	// runs: 3
}

// The job stays, and its next run comes in its time.
func ExampleController_Cancel() {
	s, _ := NewScheduler(WithHistory(1))
	defer s.Shutdown()
	started := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	s.Start()
	j.RunNow()
	<-started
	control := NewController(s)
	control.Cancel(j.ID())
	control.Wait(context.Background(), j.ID())
	history, _ := control.History(j.ID())
	fmt.Println(history[0].Outcome)
	fmt.Println(history[0].Err == ErrRunCancelled)
	fmt.Println("jobs:", len(s.Jobs()))
	// Output:
	// cancelled
	// true
	// jobs: 1
}

// The last run that failed, and why.
func ExampleController_History() {
	s, _ := NewScheduler(WithHistory(10))
	defer s.Shutdown()
	runs := 0
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error {
		if runs++; runs%2 == 0 {
			return fmt.Errorf("disk %d is full", runs)
		}
		return nil
	}))
	s.Start()
	control := NewController(s)
	for i := 0; i < 5; i++ {
		control.RunAndWait(context.Background(), j.ID())
	}
	history, _ := control.History(j.ID()) // the oldest first
	for i := len(history) - 1; i >= 0; i-- {
		if run := history[i]; run.Outcome == OutcomeFailed {
			fmt.Println("run", run.ID, "failed:", run.Err)
			break
		}
	}
	// Output: run 4 failed: disk 4 is full
}

// A higher limit lets runs start that wait. A lower one interrupts none.
func ExampleController_SetLimit() {
	s, _ := NewScheduler(WithLimitConcurrentJobs(1, LimitModeWait))
	defer s.Shutdown()
	finish := make(chan struct{})
	defer close(finish)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-finish }))
	s.Start()
	for i := 0; i < 3; i++ {
		j.RunNow()
	}
	fmt.Println("waiting:", s.JobsWaitingInQueue())
	fmt.Println(NewController(s).SetLimit(3))
	fmt.Println("waiting:", s.JobsWaitingInQueue())
	// Output:
	// waiting: 2
	// <nil>
	// waiting: 0
}

// The limit of a pool is changed by the pool's name.
func ExampleController_SetLimit_pool() {
	s, _ := NewScheduler(WithPool("probes", 1, LimitModeWait))
	defer s.Shutdown()
	control := NewController(s)
	fmt.Println(control.SetLimit(10, "probes"))
	fmt.Println(control.SetLimit(10) == ErrNoLimit)
	// Output:
	// <nil>
	// true
}

// Made is always the sum of all the others.
func ExampleController_Stats() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithClock(clock), WithLimitConcurrentJobs(1, LimitModeWait))
	defer s.Shutdown()
	finish := make(chan struct{})
	defer close(finish)
	short, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	long, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-finish }))
	s.Start()
	control := NewController(s)
	control.RunAndWait(context.Background(), short.ID())
	long.RunNow()
	short.RunNow()
	short.RunNow()
	clock.Advance(90 * time.Second)

	stats, _ := control.Stats()
	fmt.Println("made:", stats.Made)
	fmt.Println("finished:", stats.Outcomes)
	fmt.Println("running:", stats.Running)
	fmt.Println("waiting:", stats.Waiting, "for up to", stats.OldestWaiting)
	// Output:
	// made: 4
	// finished: map[succeeded:1]
	// running: 1
	// waiting: 2 for up to 1m30s
}

func ExampleController_Explain() {
	s, _ := NewScheduler(WithPool("probes", 1, LimitModeWait))
	defer s.Shutdown()
	finish := make(chan struct{})
	defer close(finish)
	long, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-finish }), InPool("probes"))
	other, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), InPool("probes"))
	s.Start()
	long.RunNow()
	other.RunNow()
	explained, _ := NewController(s).Explain(other.ID())
	if explained.State == StateWaitingForSlot {
		fmt.Println(explained.Pool, "has", explained.Taken, "of", explained.Limit, "slots taken")
	}
	// Output: probes has 1 of 1 slots taken
}

func ExampleExplanation_String() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	control := NewController(s)
	say := func() {
		explained, _ := control.Explain(j.ID())
		fmt.Println(explained)
	}
	say()
	s.Start()
	say()
	control.Pause(j.ID())
	say()
	// Output:
	// report: the scheduler is not running
	// report: not due yet; due next at 2026-03-02T09:00:00Z
	// report: paused; would be due next at 2026-03-02T09:00:00Z
}

func ExampleController_Job() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	added, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	control := NewController(s)

	j, err := control.Job(added.ID())
	fmt.Println(j.Name(), err)
	s.RemoveJob(added.ID())
	_, err = control.Job(added.ID())
	fmt.Println(err == ErrJobNotFound)
	// Output:
	// report <nil>
	// true
}

func ExampleController_JobByKey() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithKey("tenant-42"), WithName("report"))
	control := NewController(s)

	j, err := control.JobByKey("tenant-42")
	fmt.Println(j.Name(), err)
	_, err = control.JobByKey("tenant-43")
	fmt.Println(err == ErrJobNotFound)
	// Output:
	// report <nil>
	// true
}

// Several jobs may have one name.
func ExampleController_JobsByName() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	for _, tenant := range []string{"41", "42", "43"} {
		s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"), WithTags(tenant))
	}
	jobs, err := NewController(s).JobsByName("report")
	fmt.Println(len(jobs), err)
	// Output: 3 <nil>
}

func ExampleController_RemoveByKey() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithKey("tenant-42"))
	control := NewController(s)
	fmt.Println(control.RemoveByKey("tenant-42"))
	fmt.Println(control.RemoveByKey("tenant-42") == ErrJobNotFound)
	// Output:
	// <nil>
	// true
}

func ExampleController_JobStats() {
	s, _ := NewScheduler(WithJobStats())
	defer s.Shutdown()
	runs := 0
	j, _ := s.NewJob(ManualJob(), NewTask(func() error {
		if runs++; runs == 2 {
			return errors.New("disk is full")
		}
		return nil
	}))
	s.Start()
	control := NewController(s)
	for i := 0; i < 3; i++ {
		control.RunAndWait(context.Background(), j.ID())
	}
	stats, _ := control.JobStats(j.ID())
	fmt.Println(stats.Outcomes)
	fmt.Println("last:", stats.LastRun.Outcome)
	fmt.Println("last error:", stats.LastFailure.Err)
	// Output:
	// map[succeeded:2 failed:1]
	// last: succeeded
	// last error: disk is full
}

// Maintenance: nothing starts until ResumeAll.
func ExampleController_PauseAll() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	for i := 0; i < 3; i++ {
		s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	}
	s.Start()
	control := NewController(s)
	fmt.Println(control.PauseAll())
	fmt.Println(control.PauseAll())
	// Output:
	// 3 <nil>
	// 0 <nil>
}

func ExampleController_ResumeAll() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.Start()
	control := NewController(s)
	control.Pause(j.ID())
	fmt.Println(control.ResumeAll())
	// Output: 1 <nil>
}

func ExampleController_Paused() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	control := NewController(s)
	fmt.Println(control.Paused(j.ID()))
	control.Pause(j.ID())
	fmt.Println(control.Paused(j.ID()))
	// Output:
	// false <nil>
	// true <nil>
}
