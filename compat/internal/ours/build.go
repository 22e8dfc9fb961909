package ours

import (
	"context"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// Definition is what a case has defined.
func Definition(c spec.Case) gocron.JobDefinition {
	switch c.Kind {
	case spec.Cron:
		return gocron.CronJob(c.Crontab, c.Seconds)
	case spec.Duration:
		return gocron.DurationJob(c.Min)
	case spec.Random:
		return gocron.DurationRandomJob(c.Min, c.Max)
	case spec.Daily:
		return gocron.DailyJob(c.Interval, atTimes(c.Ats))
	case spec.Weekly:
		return gocron.WeeklyJob(c.Interval, weekdays(c.Weekdays), atTimes(c.Ats))
	case spec.Monthly:
		return gocron.MonthlyJob(c.Interval, days(c.Days), atTimes(c.Ats))
	case spec.OneTime:
		return gocron.OneTimeJob(oneTime(c))
	default:
		return nil
	}
}

func atTimes(a spec.Ats) gocron.AtTimes {
	switch {
	case a.Nil:
		return nil
	case a.Empty:
		return func() []gocron.AtTime { return nil }
	}
	var all []gocron.AtTime
	for _, t := range a.Times {
		if t.Nil {
			all = append(all, nil)
			continue
		}
		all = append(all, gocron.NewAtTime(t.H, t.M, t.S))
	}
	return gocron.NewAtTimes(all[0], all[1:]...)
}

func weekdays(w spec.Ints) gocron.Weekdays {
	switch {
	case w.Nil:
		return nil
	case w.Empty:
		return func() []time.Weekday { return nil }
	}
	var all []time.Weekday
	for _, d := range w.Values {
		all = append(all, time.Weekday(d))
	}
	return gocron.NewWeekdays(all[0], all[1:]...)
}

func days(d spec.Ints) gocron.DaysOfTheMonth {
	if d.Nil {
		return nil
	}
	return gocron.NewDaysOfTheMonth(d.Values[0], d.Values[1:]...)
}

func oneTime(c spec.Case) gocron.OneTimeJobStartAtOption {
	if c.Instant {
		return gocron.OneTimeJobStartImmediately()
	}
	var times []time.Time
	for _, m := range c.Times {
		times = append(times, m.Time())
	}
	if len(times) == 1 {
		return gocron.OneTimeJobStartDateTime(times[0])
	}
	return gocron.OneTimeJobStartDateTimes(times...)
}

func (p *program) schedulerOptions() []gocron.SchedulerOption {
	all := []gocron.SchedulerOption{
		gocron.WithClock(p.clock),
		gocron.WithLocation(p.c.Now.Time().Location()),
		gocron.WithStopTimeout(time.Second),
	}
	for _, name := range p.c.Sched {
		all = append(all, pick(schedulerOptions, name))
	}
	if len(p.c.Global) > 0 {
		all = append(all, gocron.WithGlobalJobOptions(p.named(p.c.Global)...))
	}
	return all
}

func (p *program) jobOptions() []gocron.JobOption {
	all := p.named(p.c.Options)
	var bounds []gocron.JobOption
	if p.c.Start != nil {
		bounds = append(bounds, gocron.WithStartAt(p.startAt()))
	}
	if p.c.Stop != nil {
		bounds = append(bounds, gocron.WithStopAt(gocron.WithStopDateTime(p.c.Stop.Time())))
	}
	if p.c.Swap && len(bounds) == 2 {
		bounds[0], bounds[1] = bounds[1], bounds[0]
	}
	if p.c.DST != 0 {
		all = append(all, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimePolicy(p.c.DST)))
	}
	return append(all, bounds...)
}

func (p *program) startAt() gocron.StartAtOption {
	switch p.c.Start.How {
	case spec.StartAt:
		return gocron.WithStartDateTime(p.c.Start.At.Time())
	case spec.StartPast:
		return gocron.WithStartDateTimePast(p.c.Start.At.Time())
	default:
		return gocron.WithStartImmediately()
	}
}

func (p *program) named(names []string) []gocron.JobOption {
	var all []gocron.JobOption
	for _, name := range names {
		all = append(all, pick(jobOptions, name))
	}
	return all
}

func (p *program) task() gocron.Task {
	if p.c.Task == "" {
		return gocron.NewTask(func() { p.fired <- struct{}{} })
	}
	return pick(tasks, p.c.Task)()
}

func pick[T any](table map[string]T, name string) T {
	v, ok := table[name]
	if !ok {
		panic("compat: no entry named " + name)
	}
	return v
}

type pair struct{ A, B int }

var tasks = map[string]func() gocron.Task{
	"nil":               func() gocron.Task { return nil },
	"of nil":            func() gocron.Task { return gocron.NewTask(nil) },
	"of int":            func() gocron.Task { return gocron.NewTask(5) },
	"of string":         func() gocron.Task { return gocron.NewTask("x") },
	"of struct":         func() gocron.Task { return gocron.NewTask(pair{}) },
	"of nil func ptr":   func() gocron.Task { return gocron.NewTask((*func())(nil)) },
	"of nil func":       func() gocron.Task { return gocron.NewTask((func())(nil)) },
	"of int ptr":        func() gocron.Task { n := 1; return gocron.NewTask(&n) },
	"func ptr":          func() gocron.Task { f := func() {}; return gocron.NewTask(&f) },
	"no args, one":      func() gocron.Task { return gocron.NewTask(func() {}, 1) },
	"one arg, none":     func() gocron.Task { return gocron.NewTask(func(int) {}) },
	"one arg, two":      func() gocron.Task { return gocron.NewTask(func(int) {}, 1, 2) },
	"one arg, good":     func() gocron.Task { return gocron.NewTask(func(int) {}, 1) },
	"int as string":     func() gocron.Task { return gocron.NewTask(func(string) {}, 1) },
	"string as int":     func() gocron.Task { return gocron.NewTask(func(int) {}, "x") },
	"int64 as int":      func() gocron.Task { return gocron.NewTask(func(int) {}, int64(1)) },
	"two, second wrong": func() gocron.Task { return gocron.NewTask(func(int, string) {}, 1, 2) },
	"struct, good":      func() gocron.Task { return gocron.NewTask(func(pair) {}, pair{}) },
	"slice, good":       func() gocron.Task { return gocron.NewTask(func([]int) {}, []int{1}) },
	"map, good":         func() gocron.Task { return gocron.NewTask(func(map[string]int) {}, map[string]int{}) },
	"context, none":     func() gocron.Task { return gocron.NewTask(func(context.Context) {}) },
	"context, int good": func() gocron.Task { return gocron.NewTask(func(context.Context, int) {}, 1) },
	"context, int none": func() gocron.Task { return gocron.NewTask(func(context.Context, int) {}) },
	"context, too many": func() gocron.Task { return gocron.NewTask(func(context.Context) {}, 1) },
	"context, given":    func() gocron.Task { return gocron.NewTask(func(context.Context) {}, context.Background()) },
	"variadic, one":     func() gocron.Task { return gocron.NewTask(func(...int) {}, 1) },
	"variadic, wrong":   func() gocron.Task { return gocron.NewTask(func(...int) {}, "x") },
	"variadic, mixed":   func() gocron.Task { return gocron.NewTask(func(...int) {}, 1, "x") },
	"variadic, slice":   func() gocron.Task { return gocron.NewTask(func(...int) {}, []int{1}) },

	"any, int":             func() gocron.Task { return gocron.NewTask(func(any) {}, 1) },
	"error, nil":           func() gocron.Task { return gocron.NewTask(func(error) {}, nil) },
	"int, nil":             func() gocron.Task { return gocron.NewTask(func(int) {}, nil) },
	"pointer, nil":         func() gocron.Task { return gocron.NewTask(func(*int) {}, nil) },
	"pointer to int":       func() gocron.Task { n := 1; return gocron.NewTask(func(*int) {}, &n) },
	"pointer to struct":    func() gocron.Task { return gocron.NewTask(func(*pair) {}, &pair{}) },
	"other pointer":        func() gocron.Task { return gocron.NewTask(func(*pair) {}, &spec.At{}) },
	"other struct":         func() gocron.Task { return gocron.NewTask(func(pair) {}, spec.At{}) },
	"int64 as duration":    func() gocron.Task { return gocron.NewTask(func(time.Duration) {}, int64(1)) },
	"stringer on uuid":     func() gocron.Task { return gocron.NewTask(func(fmt.Stringer) {}, uuid.Nil) },
	"struct as stringer":   func() gocron.Task { return gocron.NewTask(func(fmt.Stringer) {}, pair{}) },
	"int then variadic":    func() gocron.Task { return gocron.NewTask(func(int, ...int) {}) },
	"nil ptr behind a ptr": func() gocron.Task { var f func(); return gocron.NewTask(&f) },
}
