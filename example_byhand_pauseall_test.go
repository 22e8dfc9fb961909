package gocron

import (
	"fmt"
	"time"
)

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
