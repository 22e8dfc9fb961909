package gocron

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// Cron reads crontabs instead of CronJob, see WithCronImplementation. A scheduler makes one call of
// a value at a time, even if several jobs share it. If several schedulers share a value, they may
// call it at the same time.
//
// No lock is held during the calls. They may call any method of the scheduler, except that Next
// must not make, update, start or resume a job with this Cron, nor ask such a job for NextRuns:
// these wait for Next. A slow Cron holds up its own jobs only. A panic in it ends the program.
type Cron interface {
	// IsValid is called once for each job, before Next, with CronJob's
	// crontab, the job's location and the present time. An error refuses the
	// job and is returned by NewJob as it is.
	IsValid(crontab string, location *time.Location, now time.Time) error
	// Next returns the first time after lastRun. When you add the job to a running scheduler,
	// lastRun is the present time. Later it is the time at which the job was last due; if the
	// answer is not in the future, the scheduler asks again with the present time. After Start, an
	// answer equal to the present time is due at once. An answer that is not after lastRun means
	// that there is no further run.
	Next(lastRun time.Time) time.Time
}

// A Schedule names the times of a job, see ScheduleJob. Schedules of other packages with this
// method, such as the schedules of github.com/robfig/cron, fit as they are.
type Schedule interface {
	// Next returns the first time after the given one, or the zero time if there is no such time.
	// The given time is in the job's time zone.
	Next(after time.Time) time.Time
}

// A ScheduleFunc is a function that is a Schedule.
type ScheduleFunc func(after time.Time) time.Time

// Next calls f.
func (f ScheduleFunc) Next(after time.Time) time.Time { return f(after) }

// ScheduleJob defines a job that is due when a Schedule of yours says, in the time zone of
// WithJobLocation, else the scheduler's. When you add the job to a running scheduler, it asks for
// the first time after now. Later it asks for the time after the one at which the job was last due.
// If the answer is past, it asks again for the first time after now. A start time is a run before
// all these. An answer that is not after the given time means that there is no further run. That is
// logged, unless the answer is the zero time.
//
// The scheduler calls a Schedule as it calls a Cron. No lock is held. It makes one call of a value
// at a time, so a slow Schedule holds up its own jobs only, and NextRun is zero until it has
// answered. A panic in it ends the program. It may call any method of the scheduler, except that it
// must not make, update, start or resume a job with this Schedule, nor ask such a job for NextRuns.
// Go cannot compare functions: calls of a ScheduleFunc are kept apart only for jobs with the same
// JobDefinition. Under a Claimer a Schedule must name the same times on every node.
//
// It is refused with an error that Is ErrOptionValue if schedule is nil. A running scheduler
// refuses it with an error that Is ErrJobNeverRuns if it names no time, or no time before the stop
// time.
func ScheduleJob(schedule Schedule) JobDefinition {
	return &scheduleDefinition{source: schedule}
}

type scheduleDefinition struct {
	source Schedule
}

func (s *scheduleDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if isNil(s.source) {
		return nil, optionValueError("ScheduleJob", "nil", "a Schedule that is not nil")
	}
	return newUserSource(s.source, "Schedule", ScheduleJobSchedule{Schedule: s.source}, s, cfg), nil
}

// userCron is the schedule of a job whose times user code names: a Cron or a Schedule. Its next
// calls that, so it must not be asked with a lock held.
type userCron struct {
	source Schedule     // which a Cron is as well
	kind   string       // "Cron" or "Schedule"
	shown  JobSchedule  // what public returns
	key    any          // calls under one key never overlap
	turns  *cronTurns   // the scheduler's
	job    *internalJob // nil in tests of schedules alone
	stuck  atomic.Bool  // it was logged that a time does not advance
}

func newUserCron(crontab string, cfg scheduleConfig) (schedule, error) {
	u := newUserSource(cfg.cron, "Cron", CronJobSchedule{Crontab: crontab}, nil, cfg)
	defer u.turns.take(u.key)()
	if err := cfg.cron.IsValid(crontab, cfg.location, cfg.now); err != nil {
		return nil, err
	}
	return u, nil
}

// newUserSource makes a schedule of source. Calls of schedules with one key are made one at a time. The
// key is source if that can be compared, else the given one, else the schedule has a key of its own.
func newUserSource(source Schedule, kind string, shown JobSchedule, key any, cfg scheduleConfig) *userCron {
	u := &userCron{source: source, kind: kind, shown: shown, job: cfg.job, turns: &cronTurns{}}
	if cfg.job != nil {
		u.turns = &cfg.job.s.cronTurns
	}
	switch {
	case isComparable(source):
		u.key = source
	case key != nil:
		u.key = key
	default:
		u.key = u
	}
	return u
}

// isComparable reports whether source can be told from others: it is a pointer to something, or
// another value that is equal to itself.
func isComparable(source Schedule) bool {
	v := reflect.ValueOf(source)
	emptyPointer := v.Kind() == reflect.Pointer && (v.IsNil() || v.Type().Elem().Size() == 0)
	return !emptyPointer && v.Comparable() && source == source
}

func (u *userCron) next(anchor, t time.Time) time.Time {
	t = t.In(anchor.Location())
	next := u.ask(t)
	if !next.After(t) {
		u.warnStuck(t, next)
		return time.Time{}
	}
	return withinYears(next)
}

func (u *userCron) ask(t time.Time) time.Time {
	defer u.turns.take(u.key)()
	return u.source.Next(t)
}

// warnStuck logs, once for each job, that a Schedule names a time that is not after t. A Cron may,
// to say that there is no further run.
func (u *userCron) warnStuck(t, next time.Time) {
	if u.kind == "Cron" || next.IsZero() || u.job == nil || u.stuck.Swap(true) {
		return
	}
	u.job.s.logger.Warn("gocron: a Schedule does not advance, so its job has no further time", "job", u.job.Name(), "id", u.job.id,
		"after", timeText(t), "next", timeText(next))
}

func (u *userCron) public() JobSchedule { return u.shown }

// nextFrom is the time of a schedule with user code in it after last, so that this keeps its phase,
// or, if that has passed at from or there was no last, the one after from. From itself has passed,
// unless it is the moment of Start.
func nextFrom(s schedule, anchor, last, from time.Time, atStart bool) time.Time {
	if !last.IsZero() {
		if next := s.next(anchor, last); next.IsZero() || next.After(from) || atStart && next.Equal(from) {
			return next
		}
	}
	return s.next(anchor, from)
}

// cronPatience is how long Start waits, in real time, for the answers of Crons.
const cronPatience = 100 * time.Millisecond

// A cronQuestion is a call of a job's own Cron that is under way. The answer is booked if the job
// still has the question then.
type cronQuestion struct {
	session *session
	atStart bool // Start waits for the answer
}

// askFirst asks the Cron of a job that is about to be added to a running scheduler, and refuses the
// job if it has no run. Under a store it does not: the job may go on where it was. It is called with
// nothing locked.
func (s *scheduler) askFirst(j *internalJob, moment time.Time) error {
	if !j.userCron() || !s.isRunning() || j.awaitsStart() && !j.startsPast(moment) {
		return nil
	}
	anchor := j.anchorAt(moment, moment)
	next := j.plan.next(anchor, moment)
	answer := j.clipFrom(anchor, next)
	if answer.IsZero() && !j.startImmediately && !j.settings().stored {
		if next.IsZero() {
			return fmt.Errorf("%w: its %s names no time after %s", ErrJobNeverRuns, whoNames(j.plan), timeText(moment))
		}
		return fmt.Errorf("%w: its %s's first time, %s, is after its stop time, %s", ErrJobNeverRuns, whoNames(j.plan), timeText(next), timeText(j.window().stop))
	}
	j.makeRareState().cronAnswer = answer
	return nil
}

// whoNames is what errors call the user code that names the times of plan.
func whoNames(plan schedule) string {
	switch plan := plan.(type) {
	case *userCron:
		return plan.kind
	case *calendarSchedule:
		return "WithCalendar"
	}
	return "AnyOf"
}

func (s *scheduler) isRunning() bool {
	s.lock()
	defer s.unlock()
	return s.session != nil
}

// askCronLocked asks j's own Cron for the time after its last one that has not passed at from, on a
// goroutine of its own and with nothing locked, and books the answer: due at once if it is past by
// then. Until then the job has no next time.
func (s *scheduler) askCronLocked(j *internalJob, from, now time.Time) {
	x := j.makeRareState()
	last := x.cronLast
	if last.IsZero() {
		x.cronLast = from // a later Start asks the same: a time at its very moment is due, and the phase is kept
	}
	if answer := x.cronAnswer; !answer.IsZero() { // it was asked before the job was added
		x.cronAnswer = time.Time{}
		if !answer.Before(s.session.startedAt) && !j.ended && !j.allReserved() {
			s.setNextLocked(j, answer, now)
			return
		}
	}
	s.setNextLocked(j, time.Time{}, now)
	if j.ended || j.allReserved() || x.asked != nil {
		return
	}
	q := &cronQuestion{session: s.session, atStart: s.session.starting}
	x.asked = q
	q.session.busy++
	if q.atStart {
		q.session.questions++
	}
	anchor := j.anchor
	go func() {
		var next time.Time
		defer func() { s.cronAnswered(j, q, next) }() // also after runtime.Goexit in the Cron: no next time
		next = nextFrom(j.plan, anchor, last, from, q.atStart)
	}()
}

// askCronAgainLocked asks j's own Cron for the time after from, whatever it has said before.
func (s *scheduler) askCronAgainLocked(j *internalJob, from, now time.Time) {
	x := j.makeRareState()
	x.cronLast, x.asked = time.Time{}, nil
	if j.entered {
		s.askCronLocked(j, from, now)
	}
}

// cronAnswered books the answer to a question, unless the job has left or the scheduler was stopped
// meanwhile. A job that Start finds with nothing left to do leaves.
func (s *scheduler) cronAnswered(j *internalJob, q *cronQuestion, next time.Time) {
	var calls deferredCalls
	s.lock()
	if j.rareState().asked == q {
		j.rare.asked = nil
		if s.session == q.session && j.listed {
			if j.ended || j.allReserved() {
				next = time.Time{}
			}
			s.setNextLocked(j, j.clip(next), s.now())
			if q.atStart {
				calls = s.removeIfExhaustedLocked(j)
			} else {
				s.changedLocked(j, q.session)
			}
		}
	}
	s.unlock()
	calls.run()
	s.lock()
	defer s.unlock()
	if q.atStart {
		q.session.questionAnswered()
	}
	s.lessBusyLocked(q.session)
}

// questionAnswered counts the answers that Start waits for.
func (s *session) questionAnswered() {
	if s.questions--; s.questions == 0 {
		close(s.answered)
	}
}

// awaitAnswers waits until the Crons that Start has asked have answered, or for as long as it has
// patience.
func (s *session) awaitAnswers() {
	timer := newRealTimer(cronPatience)
	defer timer.Stop()
	select {
	case <-s.answered:
	case <-s.stopping:
	case <-timer.C:
	}
}

// cronTurns lets one goroutine at a time call a Cron or a Schedule. It is a scheduler's own: who
// waits for a turn waits on a channel that was made in the scheduler's synctest bubble, if there is
// one.
type cronTurns struct {
	mu    sync.Mutex
	turns map[any][]chan struct{} // under the key of each that is being called: who waits, in order
}

// take waits for a turn, and returns what ends it.
func (c *cronTurns) take(key any) (end func()) {
	c.begin(key)
	return func() { c.end(key) }
}

func (c *cronTurns) begin(key any) {
	c.mu.Lock()
	waiting, called := c.turns[key]
	if !called {
		if c.turns == nil {
			c.turns = make(map[any][]chan struct{})
		}
		c.turns[key] = nil
		c.mu.Unlock()
		return
	}
	turn := make(chan struct{})
	c.turns[key] = append(waiting, turn)
	c.mu.Unlock()
	<-turn
}

func (c *cronTurns) end(key any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.turns[key]
	if len(waiting) == 0 {
		delete(c.turns, key)
		return
	}
	c.turns[key] = waiting[1:]
	close(waiting[0])
}
