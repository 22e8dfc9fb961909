package main

import (
	"context"
	"fmt"
	"time"
)

// An engine is one scheduler behind the verbs that the workloads use. What it
// has no equal of it leaves to lacking, and out of its features.
type engine interface {
	Add(spec) (job, error)
	Start()
	Stop() // for good, after the tasks that run
	Remove(job) error
	RemoveTag(tag string)
	RunNow(job) error
	Next(job) time.Time // zero until the engine has one to tell
	List() int
	Forecast(j job, n int) int
}

// A spec is a job to add: by interval, once, or by the calendar.
type spec struct {
	every    time.Duration
	from     time.Time // the first time of an interval, by default one interval after Start
	at       time.Time // once
	now      bool      // once, at Start; only for engines that have a limit
	calendar string    // daily, weekly, monthly or a crontab
	tag      string
	task     func()
	ctxTask  func(context.Context) // instead of task
}

// A job is what an engine gives its user to name a job by. It has room for both
// shapes so that keeping it allocates nothing.
type job struct {
	handle any
	id     uint64
}

type config struct {
	limit int // of concurrent runs, the others wait; 0 for none
}

// A feature is something that not every engine has.
type feature uint

const (
	hasContext   feature = 1 << iota // a context for the task
	hasLimit                         // a limit with a queue
	hasRemove                        // Remove
	hasRunNow                        // RunNow
	hasNext                          // Next
	hasList                          // List
	hasTags                          // RemoveTag
	hasWait                          // Stop waits for tasks
	hasTimetable                     // Forecast by crontab
	hasCalendar                      // Forecast of daily, weekly and monthly jobs
)

// An implementation is an engine that can be asked for by name.
type implementation struct {
	name     string
	module   string // whose version is reported
	features feature
	make     func(config) engine
}

const (
	ours     = "ours"
	upstream = "upstream"
	afterFn  = "AfterFunc"
	bareHeap = "heap"
)

const gocronFeatures = hasContext | hasLimit | hasRemove | hasRunNow | hasNext | hasList | hasTags |
	hasWait | hasTimetable | hasCalendar

// implementations are in the order of the table's columns.
var implementations = []implementation{
	{ours, "github.com/gocron-fixed/gocron/v2", gocronFeatures, newOurs},
	{upstream, "github.com/go-co-op/gocron/v2", gocronFeatures, newUpstream},
	{afterFn, "", hasRemove | hasRunNow, newTimerFloor},
	{bareHeap, "", hasRemove | hasRunNow | hasNext, newHeapFloor},
	{"robfig", "github.com/robfig/cron/v3", hasRemove | hasNext | hasList | hasWait | hasTimetable, newRobfig},
	{"quartz", "github.com/reugn/go-quartz", hasContext | hasLimit | hasRemove | hasNext | hasList | hasWait | hasTimetable, newQuartz},
	{"netresearch", "github.com/netresearch/go-cron",
		hasContext | hasRemove | hasNext | hasList | hasTags | hasWait | hasTimetable, newNetresearch},
}

func implementationNamed(name string) (implementation, error) {
	for _, impl := range implementations {
		if impl.name == name {
			return impl, nil
		}
	}
	return implementation{}, fmt.Errorf("no implementation is named %q", name)
}

// lacking stands in for the verbs that an engine has no equal of.
type lacking struct{}

func (lacking) Remove(job) error      { panic("no Remove") }
func (lacking) RemoveTag(string)      { panic("no RemoveTag") }
func (lacking) RunNow(job) error      { panic("no RunNow") }
func (lacking) Next(job) time.Time    { panic("no Next") }
func (lacking) List() int             { panic("no List") }
func (lacking) Forecast(job, int) int { panic("no Forecast") }

// A grid is the schedule of a spec for engines that take any schedule: the
// times first, first+every and so on, or only the first if every is zero.
type grid struct {
	first time.Time
	every time.Duration
}

// gridOf is the schedule of s in an engine that was made at the given time.
func gridOf(s spec, made time.Time) grid {
	switch {
	case s.every > 0 && s.from.IsZero():
		return grid{made, s.every}
	case s.every > 0:
		return grid{s.from, s.every}
	default:
		return grid{s.at, 0}
	}
}

// Next is the first time after t, the zero time if there is none.
func (g grid) Next(t time.Time) time.Time {
	switch {
	case t.Before(g.first):
		return g.first
	case g.every == 0:
		return time.Time{}
	default:
		return g.first.Add((t.Sub(g.first)/g.every + 1) * g.every)
	}
}
