package gocron

import (
	"context"
	"fmt"
	"time"
)

func ExampleManualJob() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(ManualJob(), NewTask(func() { fmt.Println("exporting") }), WithName("export"))
	s.Start()
	control := NewController(s)
	next, _ := j.NextRun()
	fmt.Println("no next run:", next.IsZero())
	explained, _ := control.Explain(j.ID())
	fmt.Println(explained)
	run, err := control.RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, err)
	// Output:
	// no next run: true
	// export: it runs only when asked to
	// exporting
	// succeeded <nil>
}

// Whatever asks for it during a run, one more run follows and sees all of it.
func ExampleManualJob_debounce() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(
		ManualJob(),
		NewTask(func() {
			fmt.Println("reloading")
			started <- struct{}{}
			<-finish
		}),
		WithSingletonMode(LimitModeQueueOne),
	)
	s.Start()
	j.RunNow()
	<-started
	for change := 0; change < 1000; change++ {
		j.RunNow()
	}
	close(finish)
	<-started
	NewController(s).Wait(context.Background(), j.ID())
	// Output:
	// reloading
	// reloading
}

func ExampleManualJobSchedule() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(ManualJob(), NewTask(func() {}), WithName("export"))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	for _, j := range s.Jobs() {
		if _, manual := j.Schedule().(ManualJobSchedule); manual {
			fmt.Println(j.Name(), "runs only when asked to")
		}
	}
	// Output: export runs only when asked to
}

func ExampleManualJobSchedule_JobType() {
	fmt.Println(ManualJobSchedule{}.JobType() == ManualJobType)
	// Output: true
}
