//go:build go1.25

package model_test

import (
	"context"
	"strconv"
	"sync"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// A modelWorld is the real scheduler with everything around it that a model is
// compared with: tasks and hooks that stay where they are until the driver lets
// them go on, and notes of all that is seen.
type modelWorld struct {
	program *modelProgram
	begin   time.Time            // as the scheduler's clock has it
	born    time.Time            // as the real clock has it
	fake    *clockwork.FakeClock // nil on the real clock
	set     time.Duration        // how far the fake clock was set back in all
	wall    *modelWall           // nil unless the wall clock can be moved
	s       gocron.Scheduler
	control *gocron.Controller

	// host, if there is one, decides about stays in the driver's place.
	host func(label int, station string) modelEnding
	// onHook, if there is one, is called by every hook, with its name.
	onHook func(gocron.RunInfo, string)

	// mu guards the rest. The driver, who is alone at a quiet moment, reads the
	// first two without it.
	mu      sync.Mutex
	handles map[int]gocron.Job         // by label
	tracks  map[uint64]*modelTrack     // by run
	cancels map[int]context.CancelFunc // of the users' contexts, by label
	events  []modelEvent               // since the last look
	guests  map[modelVisit][]*modelGuest
	open    bool // nobody stays any more: the program is over
}

// A modelGuest is a run that stays at a station.
type modelGuest struct {
	ctx      context.Context // the one that the run was given, if any
	commands chan modelCommand
}

// A modelCommand has a guest call do, or leave.
type modelCommand struct {
	do     func()
	done   chan struct{}
	ending modelEnding
}

// modelMidnight is the next midnight, with a monotonic reading: a bubble's own times have
// none.
var modelMidnight = nextMidnight(time.Now())

func nextMidnight(now time.Time) time.Time {
	return now.Add(now.Round(0).Truncate(modelDay).Add(modelDay).Sub(now.Round(0)))
}

// A modelWall moves the wall clock of the real clock.
type modelWall struct {
	offset time.Duration
	move   func(offset time.Duration)
}

func newModelWorld(p *modelProgram, onFakeClock bool, wall *modelWall) *modelWorld {
	w := &modelWorld{
		program: p,
		begin:   time.Now(),
		born:    time.Now(),
		handles: map[int]gocron.Job{},
		tracks:  map[uint64]*modelTrack{},
		cancels: map[int]context.CancelFunc{},
		guests:  map[modelVisit][]*modelGuest{},
	}
	if onFakeClock {
		if p.seed%2 == 0 {
			w.begin = modelMidnight
		}
		w.fake = clockwork.NewFakeClockAt(w.begin)
	}
	if w.wall = wall; wall != nil {
		w.begin = w.begin.Round(0)
	}
	s, err := gocron.NewScheduler(w.schedulerOptions(&p.setup)...)
	if err != nil {
		panic(err)
	}
	w.s, w.control = s, gocron.NewController(s)
	return w
}

func (w *modelWorld) schedulerOptions(setup *modelSetup) []gocron.SchedulerOption {
	options := []gocron.SchedulerOption{gocron.WithLocation(time.UTC), gocron.WithStopTimeout(setup.stopTimeout)}
	if w.fake != nil {
		options = append(options, gocron.WithClock(w.fake))
	}
	if setup.slots > 0 {
		options = append(options, gocron.WithLimitConcurrentJobs(uint(setup.slots), setup.slotMode))
	}
	if setup.elector {
		options = append(options, gocron.WithDistributedElector(modelElector{w}))
	}
	if setup.locker {
		options = append(options, gocron.WithDistributedLocker(modelLocker{w}))
	}
	if setup.plain {
		options = append(options, gocron.WithMonitor(modelPlainMonitor{w}))
	}
	if setup.status {
		options = append(options, gocron.WithMonitorStatus(modelMonitor{w}))
	}
	if setup.monitor {
		options = append(options, gocron.WithSchedulerMonitor(modelMonitor{w}))
	}
	return append(options, w.extraOptions(setup)...)
}

// now is by the clock that is ahead, which is not for long.
func (w *modelWorld) now() modelInstant {
	if w.wall != nil {
		return w.instant(time.Now())
	}
	now := time.Since(w.born) - w.set
	if w.fake != nil {
		now = max(now, w.fake.Since(w.begin))
	}
	return now
}

// sleepUntil lets the clock show t. Timeouts of tasks are on the real clock, which
// goes first: what an injected one begins has to begin at the same time on both. The end
// of a stop, which both have, is an injected one's: what is dropped then has to end at the
// same time.
func (w *modelWorld) sleepUntil(t modelInstant, stopEnds bool) {
	d := t - w.now()
	switch {
	case w.fake == nil:
		time.Sleep(d)
	case stopEnds && d > 1:
		w.sleepUntil(t-1, false)
		w.sleepUntil(t, true)
	case stopEnds:
		w.fake.Advance(d)
		time.Sleep(d)
	default:
		time.Sleep(d)
		w.fake.Advance(d)
	}
}

// moveClock sets the clock, with something booked before and after it. A fake one can only
// be set back. What is due by a wall clock that was moved, the scheduler sees a nanosecond later.
func (w *modelWorld) moveClock(by time.Duration) {
	if w.wall == nil {
		w.look()
		w.fake.Advance(by)
		w.set -= by
		w.look()
		return
	}
	next := w.addProbe(1)
	synctest.Wait() // until the scheduler sleeps, but for no longer than that
	w.wall.offset += by
	w.wall.move(w.wall.offset)
	w.look()
	w.removeProbe(next)
}

// look has the scheduler look at its clock, as every call that books does.
func (w *modelWorld) look() {
	ended, end := context.WithCancel(context.Background())
	end()
	w.removeProbe(w.addProbe(1, gocron.WithContext(ended)))
}

// probeName is the name of jobs that no model knows of. They never run.
const probeName = "probe"

// addProbe adds a job for its effect on the scheduler. It returns nil after Shutdown.
func (w *modelWorld) addProbe(every time.Duration, options ...gocron.JobOption) gocron.Job {
	j, err := w.s.NewJob(gocron.DurationJob(every), gocron.NewTask(func() {}), append(options, gocron.WithName(probeName))...)
	if err != nil && err != gocron.ErrSchedulerShutdown {
		panic(err)
	}
	return j
}

func (w *modelWorld) removeProbe(j gocron.Job) {
	if j == nil {
		return
	}
	if err := w.s.RemoveJob(j.ID()); err != nil {
		panic(err)
	}
}

// instant is t as the model has it.
func (w *modelWorld) instant(t time.Time) modelInstant {
	if t.IsZero() {
		return noInstant
	}
	if w.wall != nil {
		t = t.Round(0)
	}
	return t.Sub(w.begin)
}

func (w *modelWorld) tell(label int, what string, a, b time.Duration) {
	at := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, modelEvent{at, label, what, a, b})
}

func (w *modelWorld) tellName(name, what string, a, b time.Duration) {
	label, err := strconv.Atoi(name)
	if err != nil {
		what += " of unknown job " + name
	}
	w.tell(label, what, a, b)
}

// stay keeps the calling run at a station until the driver lets it go on.
func (w *modelWorld) stay(ctx context.Context, label int, station string) modelEnding {
	if info, is := gocron.RunFromContext(ctx); is && w.program.setup.extended {
		w.tell(label, runText(int(info.ID), info.Attempt)+" is there", 0, 0)
	}
	return w.visit(ctx, label, station, 0)
}

// visit is stay for the run of the given number.
func (w *modelWorld) visit(ctx context.Context, label int, station string, run int) modelEnding {
	w.tell(label, station, 0, 0)
	if w.host != nil {
		return w.host(label, station)
	}
	guest := &modelGuest{ctx: ctx, commands: make(chan modelCommand)}
	v := modelVisit{label: label, station: station, arrived: w.now()}
	if w.program.endsAlone(station) {
		v.run = run
	}
	w.mu.Lock()
	if w.open {
		w.mu.Unlock()
		return endsWell
	}
	w.guests[v] = append(w.guests[v], guest)
	w.mu.Unlock()
	for {
		command := <-guest.commands
		if command.do == nil {
			return command.ending
		}
		command.do()
		close(command.done)
	}
}

// end lets all guests of a visit go on.
func (w *modelWorld) end(v modelVisit, ending modelEnding) {
	w.mu.Lock()
	guests := w.guests[v]
	delete(w.guests, v)
	w.mu.Unlock()
	for _, guest := range guests {
		guest.commands <- modelCommand{ending: ending}
	}
}

// endAll opens all stations, for a program that is given up.
func (w *modelWorld) endAll() {
	w.mu.Lock()
	w.open = true
	guests := w.guests
	w.guests = nil
	w.mu.Unlock()
	for _, list := range guests {
		for _, guest := range list {
			guest.commands <- modelCommand{ending: endsWell}
		}
	}
}

// inside calls do from inside a run that stays at v.
func (w *modelWorld) inside(v modelVisit, do func()) {
	w.mu.Lock()
	guest := w.guests[v][0]
	w.mu.Unlock()
	done := make(chan struct{})
	guest.commands <- modelCommand{do: do, done: done}
	<-done
}

func (w *modelWorld) stop(within time.Duration, forGood bool) error {
	switch {
	case within == 0 && forGood:
		return w.s.Shutdown()
	case within == 0:
		return w.s.StopJobs()
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if forGood {
		return w.s.ShutdownWithContext(ctx)
	}
	return w.s.StopJobsWithContext(ctx)
}
