//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"time"

	"github.com/google/uuid"
)

var errModelTask = errors.New("the task fails")

func (w *modelWorld) task(spec *modelSpec) Task {
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
		return NewTask(body)
	}
	return NewTask(func() (int, error) { return 1, body(context.Background()) })
}

func (w *modelWorld) put(spec *modelSpec, id uuid.UUID, update bool) error {
	add := func() (Job, error) {
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

func (w *modelWorld) definition(spec *modelSpec) JobDefinition {
	switch spec.kind {
	case kindDuration:
		return DurationJob(spec.every)
	case kindRandom:
		return modelRandom{DurationRandomJob(spec.every, spec.most), uint64(w.program.seed) + uint64(spec.label)}
	case kindCron:
		return CronJob(spec.cron.String(), true)
	case kindOwnCron:
		return CronJob("mine", false)
	case kindDaily:
		return DailyJob(uint(spec.interval), func() []AtTime {
			var times []AtTime
			for _, at := range spec.atTimes {
				times = append(times, NewAtTime(0, uint(at/time.Minute), uint(at%time.Minute/time.Second)))
			}
			return times
		})
	default:
		if len(spec.instants) == 0 {
			return OneTimeJob(OneTimeJobStartImmediately())
		}
		var times []time.Time
		for _, in := range spec.instants {
			times = append(times, w.after(in, spec))
		}
		return OneTimeJob(OneTimeJobStartDateTimes(times...))
	}
}

func (w *modelWorld) options(spec *modelSpec) []JobOption {
	options := []JobOption{WithName(strconv.Itoa(spec.label)), WithTags(spec.tags...), WithEventListeners(w.listeners(spec)...)}
	add := func(wanted bool, option func() JobOption) {
		if wanted {
			options = append(options, option())
		}
	}
	add(spec.badName, func() JobOption { return WithName("") })
	add(spec.slot > 0, func() JobOption { return WithIdentifier(slotID(spec.slot)) })
	add(spec.immediately, func() JobOption { return WithStartAt(WithStartImmediately()) })
	add(spec.startIn != nil, func() JobOption {
		if spec.startPast {
			return WithStartAt(WithStartDateTimePast(w.after(*spec.startIn, spec)))
		}
		return WithStartAt(WithStartDateTime(w.after(*spec.startIn, spec)))
	})
	add(spec.stopIn != nil, func() JobOption { return WithStopAt(WithStopDateTime(w.after(*spec.stopIn, spec))) })
	add(spec.limitedRuns > 0, func() JobOption { return WithLimitedRuns(uint(spec.limitedRuns)) })
	add(spec.singleton > 0, func() JobOption { return WithSingletonMode(spec.singleton) })
	add(spec.kind == kindOwnCron, func() JobOption { return WithCronImplementation(modelOwnCron(spec.every)) })
	add(spec.fromCompletion, WithIntervalFromCompletion)
	add(spec.ownLocker, func() JobOption { return WithDistributedJobLocker(modelLocker{w}) })
	add(spec.lockerDisabled, func() JobOption { return WithDisabledDistributedJobLocker(true) })
	add(w.program.givesContext(spec), func() JobOption {
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), modelLabel{}, spec.label))
		w.mu.Lock()
		w.cancels[spec.label] = cancel
		w.mu.Unlock()
		if spec.contextEnded {
			cancel()
		}
		return WithContext(ctx)
	})
	return append(options, w.extraJobOptions(spec)...)
}

// modelLabel is the key under which a user's context tells the elector whose it
// is.
type modelLabel struct{}

func slotID(slot int) uuid.UUID { return uuid.UUID{15: byte(slot)} }

// A modelRandom draws the same times whenever a program runs.
type modelRandom struct {
	JobDefinition
	seed uint64
}

func (d modelRandom) schedule(cfg scheduleConfig) (schedule, error) {
	s, err := d.JobDefinition.schedule(cfg)
	if err == nil {
		s.(*durationRandomSchedule).seed = d.seed
	}
	return s, err
}

// A modelOwnCron comes at the multiples of a duration in the day.
type modelOwnCron time.Duration

func (modelOwnCron) IsValid(string, *time.Location, time.Time) error { return nil }

func (c modelOwnCron) Next(last time.Time) time.Time {
	return last.Round(0).Truncate(time.Duration(c)).Add(time.Duration(c))
}

func (w *modelWorld) listeners(spec *modelSpec) []EventListener {
	var all []EventListener
	hear := func(what string) func(uuid.UUID, string) {
		return func(_ uuid.UUID, name string) { w.tellName(name, what, 0, 0) }
	}
	stay := func(station string) { w.stay(context.Background(), spec.label, station) }
	hearError := func(what string) func(uuid.UUID, string, error) {
		return func(_ uuid.UUID, name string, _ error) { w.tellName(name, what, 0, 0) }
	}
	if spec.listeners {
		all = append(all, BeforeJobRuns(hear("before")), AfterLockError(hearError("lock error")),
			AfterJobRuns(func(uuid.UUID, string) { stay(stationAfter) }),
			AfterJobRunsWithError(func(uuid.UUID, string, error) { stay(stationError) }))
	}
	if spec.takesPanics {
		all = append(all, AfterJobRunsWithPanic(func(_ uuid.UUID, name string, _ any) {
			w.tellName(name, "after panic", 0, 0)
		}))
	}
	if spec.refuses {
		all = append(all, BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error {
			return w.answer(context.Background(), spec.label, stationRefuse)
		}))
	}
	return all
}

// answer is an error if the run's fate at the station is one.
func (w *modelWorld) answer(ctx context.Context, label int, station string) error {
	if w.stay(ctx, label, station) == endsWell {
		return nil
	}
	return errModelNo
}
