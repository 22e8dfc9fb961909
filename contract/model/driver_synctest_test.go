//go:build go1.25

package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// A modelDriver takes a scheduler and its model through one program, and
// compares them at every quiet moment.
type modelDriver struct {
	program    *modelProgram
	model      *modelScheduler
	world      *modelWorld
	keys       map[int]int // which id a definition has: a slot, or 1000 + a label
	stops      int
	awaits     int
	goroutines int // of a bubble with nothing in it
	step       int
	failure    string
}

// runModelProgram is called in a bubble of its own. It returns what went wrong. The wall
// clock is moved by wall, if that is not nil.
func runModelProgram(p *modelProgram, onFakeClock bool, wall *modelWall) string {
	d := &modelDriver{
		goroutines: bubbleGoroutines(),
		program:    p,
		model:      newModelScheduler(p, onFakeClock, wall != nil),
		keys:       map[int]int{},
		world:      newModelWorld(p, onFakeClock, wall),
	}
	d.model.began = d.world.begin
	for i := range p.steps {
		d.step = i + 1
		if d.take(&p.steps[i]); d.failure != "" {
			break
		}
		if i%8 == 7 {
			d.checkGoroutines()
		}
	}
	d.step++
	d.wind()
	return d.failure
}

// wind ends a program: everything runs to its end after a last Shutdown.
func (d *modelDriver) wind() {
	if d.failure == "" {
		d.take(&modelStep{action: actShutdown})
		for d.failure == "" && d.model.nextInstant() != noInstant {
			d.advance(d.model.nextInstant() - d.model.now)
		}
	}
	if d.failure == "" {
		d.check(d.model.made == d.model.ended, "the model lost a run")
		d.check(d.world.s.Shutdown() == nil, "a last Shutdown returns an error")
	}
	d.world.endAll()
	if err := d.world.s.Shutdown(); err != nil && d.failure == "" {
		d.failure = "a last Shutdown returns " + err.Error()
	}
}

func (d *modelDriver) check(ok bool, format string, args ...any) {
	if !ok && d.failure == "" {
		d.failure = fmt.Sprintf("at step %d, %v: %s", d.step, d.model.now, fmt.Sprintf(format, args...))
	}
}

// take does one step on both sides.
func (d *modelDriver) take(st *modelStep) {
	switch st.action {
	case actAdvance:
		d.advance(st.by)
	case actJump:
		d.jump(st.by)
	case actSetBack:
		d.moveClock(st.by)
	case actStop, actShutdown:
		d.stop(st.by, st.action == actShutdown)
		d.settle()
	case actRunAndWait, actAwaitIdle:
		d.await(st)
		d.settle()
	default:
		d.operate(st)
		d.settle()
	}
}

func (d *modelDriver) checkError(got, want error) {
	d.check(errors.Is(got, want) && (got == nil) == (want == nil), "error %v, want %v", got, want)
}

// operate does a step that returns at once.
func (d *modelDriver) operate(st *modelStep) {
	if d.program.setup.slow && (st.action == actAdd || st.action == actUpdate || st.action == actStart) {
		d.slowly(st)
		return
	}
	var got error
	do := func() { got = d.onWorld(st) }
	if st.inside && len(d.model.live) > 0 {
		d.world.inside(d.model.live[0].visit(), do)
	} else {
		do()
	}
	d.checkError(got, d.onModel(st))
}

func (d *modelDriver) onWorld(st *modelStep) error {
	w := d.world
	switch st.action {
	case actAdd:
		return w.put(&st.spec, uuid.Nil, false)
	case actUpdate:
		return w.put(&st.spec, d.id(st.label), true)
	case actRemove:
		return w.s.RemoveJob(d.id(st.label))
	case actRemoveByTag:
		w.s.RemoveByTags(st.tag)
	case actRunNow:
		if h := w.handles[st.label]; h != nil {
			return repeat(st.times, d.quietly(h.RunNow))
		}
	case actCancelContext:
		if w.handles[st.label] != nil && w.cancels[st.label] != nil {
			w.cancels[st.label]()
		}
	case actStart:
		w.s.Start()
	default:
		return w.steer(st, d.id(st.label))
	}
	return nil
}

func (d *modelDriver) onModel(st *modelStep) error {
	m := d.model
	switch st.action {
	case actAdd:
		return d.put(&st.spec, ownKey(&st.spec))
	case actUpdate:
		return d.put(&st.spec, d.keys[st.label])
	case actRemove:
		return m.remove(d.keys[st.label])
	case actRemoveByTag:
		m.removeByTag(st.tag)
	case actRunNow:
		if d.world.handles[st.label] != nil {
			return repeat(st.times, func() error { return m.runNow(d.keys[st.label]) })
		}
	case actCancelContext:
		if d.world.handles[st.label] != nil && d.world.cancels[st.label] != nil {
			m.cancelContext(st.label)
		}
	case actStart:
		m.start()
	case actPause:
		return m.each(d.keys[st.label], st.tag, m.pause)
	case actResume:
		return m.each(d.keys[st.label], st.tag, m.resume)
	case actCancelRuns:
		return m.each(d.keys[st.label], "", m.cancelRuns)
	case actSetLimit:
		return m.setLimit(st.limit, st.pool)
	case actPauseAll, actResumeAll, actRemoveByKey:
		return m.byHand(st)
	}
	return nil
}

// quietly makes do, in an extended program, wait until all is quiet: a run that
// replaces another would be a matter of who comes first.
func (d *modelDriver) quietly(do func() error) func() error {
	if !d.program.setup.extended {
		return do
	}
	return func() error {
		defer synctest.Wait()
		return do()
	}
}

// repeat returns the last error.
func repeat(times int, do func() error) (err error) {
	for n := 0; n < times; n++ {
		err = do()
	}
	return err
}

func (d *modelDriver) put(spec *modelSpec, key int) error {
	d.keys[spec.label] = key
	return d.model.put(spec, key)
}

func ownKey(spec *modelSpec) int {
	if spec.key > 0 {
		return modelKeyID(spec.key)
	}
	if spec.slot > 0 {
		return spec.slot
	}
	return 1000 + spec.label
}

// id is the id of the job that a label stands for. One that was never given is
// unknown to the scheduler.
func (d *modelDriver) id(label int) uuid.UUID {
	if h := d.world.handles[label]; h != nil {
		return h.ID()
	}
	d.keys[label] = 2000 + label
	return uuid.UUID{1, byte(label)}
}

// stop begins a stop, which may take its time.
func (d *modelDriver) stop(within time.Duration, forGood bool) {
	d.stops++
	number := d.stops
	for d.program.setup.drain && d.model.stopsTogether(within) {
		within = d.program.setup.stopTimeout - time.Duration(number)
	}
	go func() {
		err := d.world.stop(within, forGood)
		var cut *gocron.StopError
		if !errors.As(err, &cut) {
			cut = &gocron.StopError{}
		}
		d.world.tell(number, stopText(err), time.Duration(len(cut.Unfinished)), time.Duration(len(cut.Dropped)))
	}()
	d.model.stop(number, within, forGood)
}

// await begins a RunAndWait or a Wait, which may take its time.
func (d *modelDriver) await(st *modelStep) {
	d.awaits++
	id, w := d.id(st.label), d.world
	if number := firstRunAndWait + d.awaits; st.action == actRunAndWait {
		go func() {
			info, err := w.control.RunAndWait(context.Background(), id)
			text := awaitedText(err)
			if info.ID > 0 {
				text += w.infoText(info)
			}
			w.tell(number, text, 0, 0)
		}()
		d.model.runAndWait(d.keys[st.label], number)
		return
	}
	number := firstIdler + d.awaits
	go func() { w.tell(number, idleText(w.control.Wait(context.Background(), id)), 0, 0) }()
	d.model.awaitIdle(d.keys[st.label], number)
}

// advance lets the clock go on, by way of every instant at which something
// happens.
func (d *modelDriver) advance(by time.Duration) {
	to := d.model.now + by
	for d.failure == "" {
		next := d.model.nextInstant()
		if next == noInstant || next > to {
			break
		}
		d.arriveAt(next)
	}
	if d.failure == "" {
		d.arriveAt(to)
	}
}

// longestOnRealClock is how much of a jump is worth going through.
const longestOnRealClock = 100 * time.Second

// jump sets the clock forward. Stops do not sleep through it: their timeouts are
// on the real clock. That one cannot be set: there it is an advance, and so it is
// where the order of what follows would be a matter of chance.
func (d *modelDriver) jump(by time.Duration) {
	drains := d.program.setup.drain && len(d.model.stops) > 0
	if d.world.fake == nil || drains || d.model.retriesLate() {
		d.advance(min(by, longestOnRealClock))
		return
	}
	to := d.model.now + by
	for d.failure == "" {
		deadline := d.model.stopDeadline()
		if deadline == noInstant || deadline > to {
			break
		}
		d.arriveAt(deadline)
	}
	if d.failure == "" {
		d.arriveAt(to)
	}
}

// moveClock sets the clock back, if that can be done, and nobody has to ask a Cron again.
// A real clock is also set forward.
func (d *modelDriver) moveClock(back time.Duration) {
	asks := func(j *modelJob) bool { return j.spec.asks() }
	impossible := d.world.fake == nil && (d.world.wall == nil || back < time.Second) // less is no step
	if d.world.wall != nil && d.model.drains > 0 {
		return // a scheduler that drains looks at the clock when its time comes
	}
	if impossible || slices.ContainsFunc(d.model.jobs, asks) {
		return
	}
	by := -back
	if d.world.wall != nil && back/time.Second%2 == 1 {
		by = back
	}
	if by > 50*time.Hour {
		by *= 5 // more than a week
	}
	d.world.moveClock(by)
	d.model.moveClock(by)
	if d.world.wall != nil {
		d.arriveAt(d.model.now + 1) // when the scheduler sees it
		return
	}
	d.settle()
}

func (d *modelDriver) arriveAt(t modelInstant) {
	d.world.sleepUntil(t, d.program.setup.drain && d.model.stopDeadline() == t)
	d.model.now = t
	d.model.arriveAt(t)
	d.settle()
}

// settle compares, then ends the visits that are over, one after the other.
func (d *modelDriver) settle() {
	d.model.arriveAt(d.model.now)
	d.compare()
	for d.failure == "" {
		if over := d.model.over(); len(over) > 0 {
			v := over[0]
			i := slices.IndexFunc(d.model.live, func(r *modelRun) bool { return r.visit() == v })
			d.world.end(v, d.model.live[i].fate.ending)
			d.model.end(v)
		} else if !d.endCall() {
			return
		}
		d.model.arriveAt(d.model.now)
		d.compare()
	}
}
