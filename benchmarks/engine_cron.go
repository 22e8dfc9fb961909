package main

import (
	"context"
	"time"

	netresearch "github.com/netresearch/go-cron"
	"github.com/robfig/cron/v3"
)

// A schedule is what both crons call one.
type schedule interface{ Next(time.Time) time.Time }

// cronEngine drives the two libraries that keep entries by number. The
// functions it lacks are nil.
type cronEngine struct {
	lacking
	made   time.Time
	parse  func(crontab string) (schedule, error)
	add    func(schedule, spec) (id uint64, err error)
	start  func()
	stop   func() context.Context
	remove func(id uint64)
	next   func(id uint64) (time.Time, schedule)
	list   func() int
	tag    func(string) int
}

func (e *cronEngine) Add(s spec) (job, error) {
	var when schedule = gridOf(s, e.made)
	if s.calendar != "" {
		var err error
		if when, err = e.parse(s.calendar); err != nil {
			return job{}, err
		}
	}
	id, err := e.add(when, s)
	return job{id: id}, err
}

func (e *cronEngine) Start()               { e.start() }
func (e *cronEngine) Stop()                { <-e.stop().Done() }
func (e *cronEngine) Remove(j job) error   { e.remove(j.id); return nil }
func (e *cronEngine) RemoveTag(tag string) { e.tag(tag) }
func (e *cronEngine) List() int            { return e.list() }

func (e *cronEngine) Next(j job) time.Time {
	next, _ := e.next(j.id)
	return next
}

func (e *cronEngine) Forecast(j job, n int) int {
	t, when := e.next(j.id)
	times := make([]time.Time, 0, n)
	for ; len(times) < n && !t.IsZero(); t = when.Next(t) {
		times = append(times, t)
	}
	return len(times)
}

func newRobfig(config) engine {
	c := cron.New()
	return &cronEngine{
		made:  time.Now(),
		parse: func(crontab string) (schedule, error) { return cron.ParseStandard(crontab) },
		add: func(when schedule, s spec) (uint64, error) {
			return uint64(c.Schedule(when, cron.FuncJob(s.task))), nil
		},
		start:  c.Start,
		stop:   c.Stop,
		remove: func(id uint64) { c.Remove(cron.EntryID(id)) },
		next: func(id uint64) (time.Time, schedule) {
			entry := c.Entry(cron.EntryID(id))
			return entry.Next, entry.Schedule
		},
		list: func() int { return len(c.Entries()) },
	}
}

func newNetresearch(config) engine {
	c := netresearch.New()
	return &cronEngine{
		made:  time.Now(),
		parse: func(crontab string) (schedule, error) { return netresearch.ParseStandard(crontab) },
		add: func(when schedule, s spec) (uint64, error) {
			id, err := c.ScheduleJob(when, netresearchJob(s), netresearchOptions(s)...)
			return uint64(id), err
		},
		start:  c.Start,
		stop:   c.Stop,
		remove: func(id uint64) { c.Remove(netresearch.EntryID(id)) },
		next: func(id uint64) (time.Time, schedule) {
			entry := c.Entry(netresearch.EntryID(id))
			return entry.Next, entry.Schedule
		},
		list: func() int { return len(c.Entries()) },
		tag:  c.RemoveByTag,
	}
}

func netresearchJob(s spec) netresearch.Job {
	if s.ctxTask != nil {
		return netresearch.FuncJobWithContext(s.ctxTask)
	}
	return netresearch.FuncJob(s.task)
}

func netresearchOptions(s spec) []netresearch.JobOption {
	var options []netresearch.JobOption
	if s.tag != "" {
		options = append(options, netresearch.WithTags(s.tag))
	}
	if s.every == 0 && s.calendar == "" {
		options = append(options, netresearch.WithRunOnce())
	}
	return options
}
