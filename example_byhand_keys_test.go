package gocron

import (
	"fmt"
	"time"
)

// The jobs of a table, one for each row: the same call adds a job and changes it.
func ExampleWithKey() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	save := func(row string, every time.Duration) {
		_, err := s.NewJob(DurationJob(every), NewTask(func() {}), WithKey(row), WithName("row "+row))
		if err != nil {
			fmt.Println(err)
		}
	}
	save("41", time.Hour)
	save("42", time.Hour)
	save("42", time.Minute)

	j, _ := NewController(s).JobByKey("42")
	fmt.Println(len(s.Jobs()), "jobs,", j.Name(), j.Schedule())
	// Output: 2 jobs, row 42 {1m0s}
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
