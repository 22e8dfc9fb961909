package gocron

import (
	"context"
	"errors"
	"fmt"
)

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

// Without the option nothing is kept.
func ExampleWithJobStats() {
	for _, options := range [][]SchedulerOption{{WithJobStats()}, {}} {
		s, _ := NewScheduler(options...)
		defer s.Shutdown()
		j, _ := s.NewJob(ManualJob(), NewTask(func() {}))
		stats, err := NewController(s).JobStats(j.ID())
		fmt.Println(stats.LastRun.ID == 0, err)
	}
	// Output:
	// true <nil>
	// true gocron: the scheduler keeps no stats of single jobs
}

func ExampleJobStats_LogValue() {
	textLogger().Info("now", "stats", JobStats{
		Outcomes:    map[Outcome]uint64{OutcomeSucceeded: 2, OutcomeFailed: 1},
		LastFailure: RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Err: errors.New("disk full")},
	})
	// Output: level=INFO msg=now stats.outcomes.succeeded=2 stats.outcomes.failed=1 stats.lastFailure.id=7 stats.lastFailure.job=report stats.lastFailure.jobID=00000000-0000-0000-0000-000000000000 stats.lastFailure.trigger=schedule stats.lastFailure.outcome=failed stats.lastFailure.error="disk full"
}
