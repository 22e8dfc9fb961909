// Package defects holds small programs that a scheduler gets right or wrong.
// There are two such packages, one linked with each scheduler, and only the one
// under ours is written by hand.
package defects

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// Source is this package's own text, so that a reader can be shown a repro.
//
//go:embed *.go
var Source embed.FS

// A Repro may hang or take its process down, so it has a process of its own.
type Repro struct {
	Name    string // the number of the defect, with a letter if it has several repros
	Symptom string
	// Run says what it saw, and whether that is as it should be.
	Run func() (verdict string, ok bool)
}

// All are the repros in the order of their names.
func All() []Repro {
	var all []Repro
	for _, part := range [][]Repro{wedges, runs, crashes, hooks, shutdowns, states, monitors, schedules} {
		all = append(all, part...)
	}
	return all
}

const ms = time.Millisecond

// far is a job definition that is never due while a repro lasts.
var far = gocron.DurationJob(time.Hour)

var nop = gocron.NewTask(func() {})

type counter = atomic.Int32

func must[T any](v T, err error) T {
	check(err)
	return v
}

// check ends the repro: an error where none is expected is a verdict too.
func check(err error) {
	if err != nil {
		Verdict("error: "+err.Error(), false)
	}
}

// Verdict reports to the parent process and exits.
func Verdict(verdict string, ok bool) {
	fmt.Printf("%t %s\n", ok, verdict)
	os.Exit(0)
}

func started(options ...gocron.SchedulerOption) gocron.Scheduler {
	s := must(gocron.NewScheduler(options...))
	s.Start()
	return s
}

// lasting is a task of some length that counts when it begins.
func lasting(n *counter, d time.Duration) gocron.Task {
	return gocron.NewTask(func() { n.Add(1); time.Sleep(d) })
}

func counting(n *counter) gocron.Task { return lasting(n, 0) }

// once is a job definition due after some time.
func once(after time.Duration) gocron.JobDefinition {
	return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(after)))
}

func at(hour, minute uint) gocron.AtTimes {
	return gocron.NewAtTimes(gocron.NewAtTime(hour, minute, 0))
}

// runsOf is the verdict on a number of runs.
func runsOf(n *counter, want int) (string, bool) {
	got := int(n.Load())
	return plural(got, "run"), got == want
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// refused is the verdict on the error of a NewJob that should fail.
func refused(err, by error) (string, bool) {
	if err == nil {
		return "accepted", false
	}
	return "refused by NewJob", errors.Is(err, by)
}

// shutdown is the verdict on a scheduler that should be able to shut down.
func shutdown(s gocron.Scheduler) (string, bool) {
	if err := s.Shutdown(); err != nil {
		return "Shutdown times out", false
	}
	return "Shutdown works", true
}

func zone(name string) *time.Location { return must(time.LoadLocation(name)) }

// clockAt is a clock that stands still, in a zone.
func clockAt(local string, loc *time.Location) *clockwork.FakeClock {
	return clockwork.NewFakeClockAt(must(time.ParseInLocation("2006-01-02 15:04", local, loc)))
}

// monitor tells of the calls it gets.
type monitor struct {
	on    func(event string)
	delay func(time.Duration)
}

func (m monitor) call(event string) {
	if m.on != nil {
		m.on(event)
	}
}

func (m monitor) SchedulerStarted()                          { m.call("SchedulerStarted") }
func (m monitor) SchedulerStopped()                          { m.call("SchedulerStopped") }
func (m monitor) SchedulerShutdown()                         { m.call("SchedulerShutdown") }
func (m monitor) JobRegistered(gocron.Job)                   { m.call("JobRegistered") }
func (m monitor) JobUnregistered(gocron.Job)                 { m.call("JobUnregistered") }
func (m monitor) JobStarted(gocron.Job)                      { m.call("JobStarted") }
func (m monitor) JobRunning(gocron.Job)                      { m.call("JobRunning") }
func (m monitor) JobFailed(gocron.Job, error)                { m.call("JobFailed") }
func (m monitor) JobCompleted(gocron.Job)                    { m.call("JobCompleted") }
func (m monitor) JobExecutionTime(gocron.Job, time.Duration) {}
func (m monitor) ConcurrencyLimitReached(string, gocron.Job) { m.call("ConcurrencyLimitReached") }
func (m monitor) JobSchedulingDelay(_ gocron.Job, due, start time.Time) {
	if m.delay != nil {
		m.delay(start.Sub(due))
	}
}
