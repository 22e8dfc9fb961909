package main

import (
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A job is one that all nodes have. Under claims its occurrences are at the multiples of
// every since the Unix epoch, which the ledger counts on.
type job struct {
	name       string
	cron       string // in the place of a DurationJob
	every      time.Duration
	takes      time.Duration
	runLock    bool // its runs must not overlap
	leaderOnly bool
}

// jobsWith are the jobs of a cluster with or without an elector.
func jobsWith(elector bool) []job {
	jobs := []job{
		{name: "tick", cron: "* * * * * *", every: time.Second, takes: 20 * time.Millisecond},
		{name: "poll", every: 700 * time.Millisecond, takes: 50 * time.Millisecond},
		{name: "backup", every: 2500 * time.Millisecond, takes: 1500 * time.Millisecond, runLock: true},
	}
	if elector {
		jobs = append(jobs, job{name: "digest", every: time.Second, takes: 20 * time.Millisecond, leaderOnly: true})
	}
	return jobs
}

func (j job) definition() gocron.JobDefinition {
	if j.cron != "" {
		return gocron.CronJob(j.cron, true)
	}
	return gocron.DurationJob(j.every)
}

// sharing says how the nodes share the job.
func (j job) sharing() string {
	switch {
	case j.runLock:
		return "claims, run lock"
	case j.leaderOnly:
		return "claims, leader only"
	}
	return "claims"
}
