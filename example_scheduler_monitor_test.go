package gocron

import (
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

// A journal is a SchedulerMonitor that prints what happens.
type journal struct{}

var _ SchedulerMonitor = journal{}

func (journal) SchedulerStarted()  { fmt.Println("scheduler started") }
func (journal) SchedulerStopped()  { fmt.Println("scheduler stopped") }
func (journal) SchedulerShutdown() { fmt.Println("scheduler shut down") }

func (journal) JobRegistered(job Job)        { fmt.Println(job.Name(), "registered") }
func (journal) JobUnregistered(job Job)      { fmt.Println(job.Name(), "unregistered") }
func (journal) JobStarted(job Job)           { fmt.Println(job.Name(), "started") }
func (journal) JobRunning(job Job)           { fmt.Println(job.Name(), "running") }
func (journal) JobCompleted(job Job)         { fmt.Println(job.Name(), "completed") }
func (journal) JobFailed(job Job, err error) { fmt.Println(job.Name(), "failed:", err) }

func (journal) JobExecutionTime(job Job, duration time.Duration) {
	fmt.Println(job.Name(), "took", duration)
}

func (journal) JobSchedulingDelay(job Job, scheduledTime, actualStartTime time.Time) {
	fmt.Println(job.Name(), "is late by", actualStartTime.Sub(scheduledTime))
}

func (journal) ConcurrencyLimitReached(limitType string, job Job) {
	fmt.Println(job.Name(), "was held up by the", limitType)
}

func ExampleWithSchedulerMonitor() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithSchedulerMonitor(journal{}), WithClock(clock))
	done := make(chan struct{})
	s.NewJob(DurationJob(time.Hour), NewTask(func() {
		clock.Advance(time.Second) // what the task takes
		close(done)
	}), WithName("report"))
	s.Start()
	clock.Advance(time.Hour)
	<-done
	s.Shutdown()
	// Output:
	// report registered
	// scheduler started
	// report started
	// report is late by 0s
	// report running
	// report completed
	// report took 1s
	// scheduler stopped
	// scheduler shut down
}
