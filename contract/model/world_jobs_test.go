//go:build go1.25

package model_test

import (
	"context"
	"errors"
	"math/rand"
	"runtime"
	"strconv"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

var errModelTask = errors.New("the task fails")

func (w *modelWorld) task(spec *modelSpec) gocron.Task {
	body := func(ctx context.Context) error {
		switch w.stay(ctx, spec.label, stationTask) {
		case endsWithError:
			if spec.yields && ctx.Err() != nil {
				return ctx.Err()
			}
			return errModelTask
		case endsWithPanic:
			panic("the task panics")
		case endsWithGoexit:
			runtime.Goexit()
		}
		return nil
	}
	if spec.takesContext() {
		return gocron.NewTask(body)
	}
	return gocron.NewTask(func() (int, error) { return 1, body(context.Background()) })
}

func (w *modelWorld) put(spec *modelSpec, id uuid.UUID, update bool) error {
	add := func() (gocron.Job, error) {
		if update {
			return w.s.Update(id, w.definition(spec), w.task(spec), w.options(spec)...)
		}
		return w.s.NewJob(w.definition(spec), w.task(spec), w.options(spec)...)
	}
	j, err := add()
	if err == nil {
		w.mu.Lock()
		w.handles[spec.label] = j
		w.mu.Unlock()
	}
	return err
}

func (w *modelWorld) after(d time.Duration, spec *modelSpec) time.Time {
	t := w.begin.Add(w.now() + d)
	if w.wall != nil {
		t = time.Now().Add(d) // with a monotonic reading
	}
	if spec.label%2 == 0 {
		return t.Round(0)
	}
	return t.UTC()
}

func (w *modelWorld) definition(spec *modelSpec) gocron.JobDefinition {
	switch spec.kind {
	case kindDuration:
		return gocron.DurationJob(spec.every)
	case kindRandom:
		seedRandomJobs(w.program.seed + int64(spec.label))
		return gocron.DurationRandomJob(spec.every, spec.most)
	case kindCron:
		return gocron.CronJob(spec.cron.String(), true)
	case kindOwnCron:
		return gocron.CronJob("mine", false)
	case kindDaily:
		return gocron.DailyJob(uint(spec.interval), spec.times)
	case kindNthWeekday:
		return gocron.MonthlyWeekdayJob(uint(spec.interval), func() []gocron.NthWeekday { return spec.nth }, spec.times)
	case kindAnyOf:
		var parts []gocron.JobDefinition
		for i := range spec.parts {
			parts = append(parts, w.definition(&spec.parts[i]))
		}
		if len(spec.instants) > 0 {
			parts = append(parts, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(w.instantsOf(spec)...)))
		}
		return gocron.AnyOf(parts...)
	case kindManual:
		return gocron.ManualJob()
	default:
		if len(spec.instants) == 0 {
			return gocron.OneTimeJob(gocron.OneTimeJobStartImmediately())
		}
		if spec.late {
			return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(w.instantsOf(spec)...))
		}
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(w.instantsOf(spec)...))
	}
}

func (w *modelWorld) instantsOf(spec *modelSpec) (times []time.Time) {
	for _, in := range spec.instants {
		times = append(times, w.after(in, spec))
	}
	return times
}

// times are the at-times.
func (s *modelSpec) times() (times []gocron.AtTime) {
	for _, at := range s.atTimes {
		times = append(times, gocron.NewAtTime(0, uint(at/time.Minute), uint(at%time.Minute/time.Second)))
	}
	return times
}

func (w *modelWorld) options(spec *modelSpec) []gocron.JobOption {
	options := []gocron.JobOption{gocron.WithName(strconv.Itoa(spec.label)), gocron.WithTags(spec.tags...), gocron.WithEventListeners(w.listeners(spec)...)}
	add := func(wanted bool, option func() gocron.JobOption) {
		if wanted {
			options = append(options, option())
		}
	}
	key := func() gocron.JobOption { return gocron.WithKey(keyName(spec.key)) }
	add(spec.badName, func() gocron.JobOption { return gocron.WithName("") })
	keyFirst := spec.label%2 == 0
	add(keyFirst && spec.key > 0, key)
	add(spec.slot > 0, func() gocron.JobOption { return gocron.WithIdentifier(slotID(spec.slot)) })
	add(!keyFirst && spec.key > 0, key)
	add(spec.immediately, func() gocron.JobOption { return gocron.WithStartAt(gocron.WithStartImmediately()) })
	add(spec.startIn != nil, func() gocron.JobOption {
		if spec.startPast {
			return gocron.WithStartAt(gocron.WithStartDateTimePast(w.after(*spec.startIn, spec)))
		}
		return gocron.WithStartAt(gocron.WithStartDateTime(w.after(*spec.startIn, spec)))
	})
	add(spec.stopIn != nil, func() gocron.JobOption {
		return gocron.WithStopAt(gocron.WithStopDateTime(w.after(*spec.stopIn, spec)))
	})
	add(spec.limitedRuns > 0, func() gocron.JobOption { return gocron.WithLimitedRuns(uint(spec.limitedRuns)) })
	add(spec.singleton > 0, func() gocron.JobOption { return gocron.WithSingletonMode(spec.singleton) })
	add(spec.kind == kindOwnCron, func() gocron.JobOption { return gocron.WithCronImplementation(modelOwnCron(spec.every)) })
	add(spec.jitter > 0, func() gocron.JobOption { return gocron.WithJitter(spec.jitter) })
	add(spec.even, func() gocron.JobOption {
		return gocron.WithCalendar(func(t time.Time) bool { return t.Minute()%2 == 0 })
	})
	add(spec.fromCompletion, gocron.WithIntervalFromCompletion)
	add(spec.ownLocker, func() gocron.JobOption { return gocron.WithDistributedJobLocker(modelLocker{w}) })
	add(spec.lockerDisabled, func() gocron.JobOption { return gocron.WithDisabledDistributedJobLocker(true) })
	add(w.program.givesContext(spec), func() gocron.JobOption {
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), modelLabel{}, spec.label))
		w.mu.Lock()
		w.cancels[spec.label] = cancel
		w.mu.Unlock()
		if spec.contextEnded {
			cancel()
		}
		return gocron.WithContext(ctx)
	})
	return append(options, w.extraJobOptions(spec)...)
}

// modelLabel is the key under which a user's context tells the elector whose it
// is.
type modelLabel struct{}

func slotID(slot int) uuid.UUID { return uuid.UUID{15: byte(slot)} }

// seedRandomJobs has the next random job draw the same times whenever a program runs: a job takes
// its own seed from the top level of math/rand.
func seedRandomJobs(seed int64) {
	rand.Seed(seed) //lint:ignore SA1019 the directive in synctest_test.go has it do something
}

// A modelOwnCron comes at the multiples of a duration in the day.
type modelOwnCron time.Duration

func (modelOwnCron) IsValid(string, *time.Location, time.Time) error { return nil }

func (c modelOwnCron) Next(last time.Time) time.Time {
	return last.Round(0).Truncate(time.Duration(c)).Add(time.Duration(c))
}

func (w *modelWorld) listeners(spec *modelSpec) []gocron.EventListener {
	var all []gocron.EventListener
	hear := func(what string) func(uuid.UUID, string) {
		return func(_ uuid.UUID, name string) { w.tellName(name, what, 0, 0) }
	}
	stay := func(station string) { w.stay(context.Background(), spec.label, station) }
	hearError := func(what string) func(uuid.UUID, string, error) {
		return func(_ uuid.UUID, name string, _ error) { w.tellName(name, what, 0, 0) }
	}
	if spec.listeners {
		all = append(all, gocron.BeforeJobRuns(hear("before")), gocron.AfterLockError(hearError("lock error")),
			gocron.AfterJobRuns(func(uuid.UUID, string) { stay(stationAfter) }),
			gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { stay(stationError) }))
	}
	if spec.takesPanics {
		all = append(all, gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, _ any) {
			w.tellName(name, "after panic", 0, 0)
		}))
	}
	if spec.refuses {
		all = append(all, gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error {
			return w.answer(context.Background(), spec.label, stationRefuse)
		}))
	}
	return all
}

// answer is an error if the run's fate at the station is one.
func (w *modelWorld) answer(ctx context.Context, label int, station string) error {
	return answerOf(w.stay(ctx, label, station))
}

func answerOf(ending modelEnding) error {
	if ending == endsWell {
		return nil
	}
	return errModelNo
}
