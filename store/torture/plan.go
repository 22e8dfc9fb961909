package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"time"

	gocron "github.com/gocron-fixed/gocron/v2"
)

// A plan is what all processes of one torture know: which jobs there are, and when they are due.
// It goes from one to the other as JSON.
type plan struct {
	Folder string
	Seed   int64
	Base   time.Time     // the jobs begin
	Length time.Duration // how long it may take, roughly
	Child  int           // the number of the process, from 1
	Last   bool          // it ends by itself
	Clock  string        // how it is moved: keeps, sleeps or steps
}

// A policy is what is done about missed and interrupted runs.
type policy struct {
	name   string
	missed gocron.MissedPolicy
	reruns uint // 0: a task is called at most once for an occurrence
}

var policies = []policy{
	{"none, at most once", gocron.MissedSkip, 0},
	{"once, at most once", gocron.MissedRunOnce, 0},
	{"all, at most once", gocron.MissedRunAll, 0},
	{"none, at least once", gocron.MissedSkip, reruns},
	{"once, at least once", gocron.MissedRunOnce, reruns},
	{"all, at least once", gocron.MissedRunAll, reruns},
}

const (
	reruns   = 3
	limit    = 60 // of the limited job's runs
	attempts = 3  // of the failing job's runs
)

// A kind of job says what is due, and how long its tasks take.
type kind struct {
	name    string
	every   time.Duration                 // of an interval that begins at Base
	crontab string                        // each time of which is a second
	skips   func(time.Time) bool          // seconds that the crontab does not name, nil for none
	takes   time.Duration                 // at most
	more    func(plan) []gocron.JobOption // options
	fails   bool                          // half of its attempts
	pause   bool                          // it is paused now and then
	limit   int                           // of its runs, 0 for none
	changes bool                          // its interval is another one now and then
}

var kinds = []kind{
	{name: "interval", every: 70 * time.Millisecond, takes: 20 * time.Millisecond},
	{name: "long", every: 250 * time.Millisecond, takes: 200 * time.Millisecond},
	{name: "one by one", every: 110 * time.Millisecond, takes: 100 * time.Millisecond, more: func(plan) []gocron.JobOption {
		return []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}
	}},
	{name: "crontab", crontab: "* * * * * *", takes: 300 * time.Millisecond},
	{name: "hours", crontab: "* 0-59 0-22 * * *", skips: isLastHour, takes: 20 * time.Millisecond},
	{name: "instants", takes: 50 * time.Millisecond},
	{name: "failing", every: 300 * time.Millisecond, takes: 30 * time.Millisecond, fails: true, more: func(plan) []gocron.JobOption {
		return []gocron.JobOption{gocron.WithRetry(gocron.RetryPolicy{
			Attempts: attempts, Backoff: func(int) time.Duration { return 40 * time.Millisecond },
		})}
	}},
	{name: "paused", every: 120 * time.Millisecond, takes: 20 * time.Millisecond, pause: true},
	{name: "limited", every: 150 * time.Millisecond, takes: 20 * time.Millisecond, limit: limit, more: func(plan) []gocron.JobOption {
		return []gocron.JobOption{gocron.WithLimitedRuns(limit)}
	}},
	{name: "changing", takes: 20 * time.Millisecond, changes: true},
}

// A job is one of a kind under a policy.
type job struct {
	kind
	policy
}

func (j job) title() string { return j.kind.name + ", " + j.policy.name }

// jobs are all jobs.
func jobs() (all []job) {
	for _, p := range policies {
		for _, k := range kinds {
			all = append(all, job{k, p})
		}
	}
	return all
}

// changes are the intervals of the job whose schedule changes.
var changes = []time.Duration{100 * time.Millisecond, 130 * time.Millisecond, 170 * time.Millisecond}

// definition is what the job is made of. An interval is the given one.
func (j job) definition(p plan, every time.Duration) (gocron.JobDefinition, []gocron.JobOption) {
	options := []gocron.JobOption{gocron.WithName(j.title()), gocron.WithMissed(j.missed, 0)}
	if j.reruns > 0 {
		options = append(options, gocron.WithRerunInterrupted(j.reruns))
	}
	if j.more != nil {
		options = append(options, j.more(p)...)
	}
	begins := gocron.WithStartAt(gocron.WithStartDateTimePast(p.Base))
	switch {
	case j.crontabOf(p) != "":
		return gocron.CronJob(j.crontabOf(p), true), options
	case j.isOneTime():
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(instants(p)...)), options
	}
	return gocron.DurationJob(every), append(options, begins)
}

func (j job) isOneTime() bool { return j.kind.name == "instants" }

// crontabOf is the crontab of a job that has one. Where the clock is set, that is most: how far an
// interval has got then is known to the process alone.
func (j job) crontabOf(p plan) string {
	if p.Clock == steps && j.every > 0 && !j.isUnknown(p) {
		return "* * * * * *"
	}
	return j.crontab
}

// isUnknown reports whether nobody can tell when the job was due. Its calls are checked alone.
func (j job) isUnknown(p plan) bool {
	return p.Clock == steps && (j.changes || j.kind.name == "interval")
}

// isDue reports whether t is a time of the job's.
func (j job) isDue(p plan, t time.Time) bool {
	at := j.dueBetween(p, t, t)
	return len(at) == 1
}

// dueBetween is when the job is due, from and to included, in order.
func (j job) dueBetween(p plan, from, to time.Time) (due []time.Time) {
	switch {
	case j.isOneTime():
		return slices.DeleteFunc(instants(p), func(t time.Time) bool { return t.Before(from) || t.After(to) })
	case j.crontabOf(p) != "":
		for t := from.Add(time.Second - 1).Truncate(time.Second); !t.After(to); t = t.Add(time.Second) {
			if j.skips == nil || !j.skips(t) {
				due = append(due, t)
			}
		}
	default:
		for t := p.firstDue(j.every, from); !t.After(to); t = t.Add(j.every) {
			due = append(due, t)
		}
	}
	return due
}

func isLastHour(t time.Time) bool { return t.UTC().Hour() == 23 }

// instants are drawn once for all processes. Some are close together.
func instants(p plan) (due []time.Time) {
	draw, span := rand.New(rand.NewSource(p.Seed)), 2*p.Length
	if p.Clock != keeps {
		span += 3 * time.Hour
	}
	for t := p.Base.Add(time.Second); len(due) < 500 && t.Before(p.Base.Add(span)); {
		due = append(due, t)
		if draw.Intn(4) == 0 {
			t = t.Add(time.Duration(1+draw.Intn(5)) * time.Millisecond)
		} else {
			t = t.Add(time.Duration(1 + draw.Int63n(int64(max(span/300, 300*time.Millisecond)))))
		}
	}
	return due
}

// save writes the plan beside the files that it is of.
func (p plan) save() error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(p.Folder+"/plan.json", text, 0o644)
}

func loadPlan(folder string) (p plan, err error) {
	text, err := os.ReadFile(folder + "/plan.json")
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(text, &p)
	p.Folder = folder
	return p, err
}

func (p plan) database() string { return fmt.Sprintf("%s/jobs.db", p.Folder) }
func (p plan) ledger() string   { return fmt.Sprintf("%s/ledger.txt", p.Folder) }
func (p plan) clock() string    { return fmt.Sprintf("%s/clock.txt", p.Folder) }
