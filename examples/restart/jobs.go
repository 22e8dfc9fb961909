package main

import (
	"time"

	gocron "github.com/gocron-fixed/gocron/v2"
)

// A job is due every so often since the beginning of the demonstration.
type job struct {
	name    string
	every   time.Duration
	takes   time.Duration
	fails   bool // half of its attempts, which are tried again
	reruns  bool // runs that were interrupted are run again
	paused  bool // now and then
	options []gocron.JobOption
}

var jobs = []job{
	// Without a word more a job makes no run of what it missed, and none of what was interrupted.
	{name: "thumbnails", every: 150 * time.Millisecond, takes: 60 * time.Millisecond},
	// The newest of what was missed is enough.
	{name: "sync", every: 100 * time.Millisecond, takes: 10 * time.Millisecond,
		options: []gocron.JobOption{gocron.WithMissed(gocron.MissedRunOnce, 0)}},
	// Every one counts, and the task bears to be run twice.
	{name: "invoices", every: 250 * time.Millisecond, takes: 100 * time.Millisecond, reruns: true,
		options: []gocron.JobOption{gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithRerunInterrupted(100)}},
	// A run that waits for its next attempt when the process is killed goes on with that.
	{name: "import", every: 500 * time.Millisecond, takes: 30 * time.Millisecond, fails: true,
		options: []gocron.JobOption{gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: func(int) time.Duration { return 100 * time.Millisecond }})}},
	// A pause stays over restarts.
	{name: "newsletter", every: 200 * time.Millisecond, takes: 20 * time.Millisecond, paused: true},
}

// dueUntil is when the job was due before end.
func (j job) dueUntil(base, end time.Time) (due []time.Time) {
	for t := base; t.Before(end); t = t.Add(j.every) {
		due = append(due, t)
	}
	return due
}
