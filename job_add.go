package gocron

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

func (s *scheduler) NewJob(definition JobDefinition, task Task, options ...JobOption) (Job, error) {
	return s.add(definition, task, options, nil)
}

func (s *scheduler) Update(id uuid.UUID, definition JobDefinition, task Task, options ...JobOption) (Job, error) {
	return s.add(definition, task, options, &id)
}

// add makes a job and lists it under the given id; with none, under that of its
// options.
func (s *scheduler) add(definition JobDefinition, task Task, options []JobOption, id *uuid.UUID) (Job, error) {
	now := s.now()
	refused := func(err error) (Job, error) { return nil, s.refused(err, definition, task, options, now) }
	j, err := s.makeJob(definition, task, options, now)
	if err != nil {
		return refused(err)
	}
	if id != nil {
		if err := j.setID(*id); err != nil {
			return refused(err)
		}
	}
	unique := j.id == uuid.Nil
	if unique {
		if err := randomIDs.draw(&j.id); err != nil {
			return nil, err
		}
	}
	if err := s.checkClaimName(j); err != nil {
		return nil, err // it names the job
	}
	mistakes := j.mistakes(definition, options, now)
	if err := j.call.wrap(j.settings().middleware); err != nil {
		return refused(err)
	}
	if err := s.askFirst(j, now); err != nil {
		return refused(err)
	}
	j.summarize()
	if err := s.renameStored(j); err != nil { // last: what was renamed stays so
		return refused(err)
	}
	if err := s.listJob(j, unique, now); errors.Is(err, ErrJobNeverRuns) {
		return refused(err)
	} else if err != nil {
		return nil, err // programs compare ErrSchedulerShutdown with ==
	}
	s.warn(j, mistakes)
	if past := leftOut(plainSchedule(j.plan)); past > 0 {
		s.logger.Warn("gocron: times of a one-time job are past and left out", "job", j.Name(), "id", j.id, "left out", past)
	}
	return j, nil
}

// makeJob checks everything about a job that does not depend on others, and makes its
// record. The scheduler is not touched.
func (s *scheduler) makeJob(definition JobDefinition, task Task, options []JobOption, now time.Time) (*internalJob, error) {
	call, callErr := compile(task)
	if errors.Is(callErr, ErrNewJobTaskNil) || errors.Is(callErr, ErrNewJobTaskNotFunc) {
		return nil, callErr
	}
	j := &internalJob{s: s, call: call}
	if err := j.apply(s.globalOptions, now); err != nil {
		return nil, err
	}
	if err := j.apply(options, now); err != nil {
		return nil, err
	}
	if err := j.window().check(); err != nil {
		return nil, err
	}
	if callErr != nil {
		return nil, callErr
	}
	if j.startImmediately && j.custom != nil { // it was given later than a start time
		j.custom.window.start = time.Time{}
	}
	j.findClaimer()
	if definition == nil {
		return nil, ErrJobDefinitionNil
	}
	if err := j.checkStored(now); err != nil {
		return nil, err
	}
	if err := j.setPlan(definition, now); err != nil {
		return nil, err
	}
	if err := j.mayBeClaimed(); err != nil {
		return nil, err
	}
	if j.settings().stored {
		j.custom.fingerprint = j.fingerprintOf()
	}
	return j, nil
}

func (j *internalJob) apply(options []JobOption, now time.Time) error {
	for i, option := range options {
		if option == nil {
			return nilOptionError("job options", i)
		}
		if err := option(j, now); err != nil {
			return err
		}
	}
	return nil
}

// setPlan gives the job the schedule of its definition. It refuses a schedule that has no occurrence.
// The definitions of one-time jobs and of a user's Cron have done so themselves, and a manual job
// needs none.
func (j *internalJob) setPlan(definition JobDefinition, now time.Time) error {
	x := j.settings()
	location := j.locationBut(!keepsOwnPlace(definition))
	now = now.In(location)
	plan, err := definition.schedule(scheduleConfig{
		location: location, now: now, cron: x.cron,
		dst: x.dst, overlap: x.overlap, weeksFromMonday: x.weeksFromMonday,
		job: j,
	})
	if err != nil {
		return err
	}
	j.plan = plan
	_, j.intervals = plan.(interval)
	if x.fromCompletion && !j.intervals {
		x.fromCompletion = false
	}
	switch plan := plan.(type) {
	case interval, *userCron, manualSchedule:
	case *oneTimeSchedule:
		j.startImmediately = j.startImmediately || plan.immediately
	default:
		anchor, from := now, now
		if x.claims {
			anchor = claimEpoch.In(location)
		}
		if x.window.hasStart() {
			anchor = x.window.start.In(location)
			if wallBefore(now, x.window.start) {
				from = anchor
			}
		}
		if why := neverFires(plan, anchor, from); why != "" {
			return neverRuns(why)
		}
	}
	if err := j.addJitter(); err != nil {
		return err
	}
	return j.addCalendars()
}

// summarize notes what a run of the job takes besides calling the task.
func (j *internalJob) summarize() {
	x, s := j.settings(), j.s
	j.hasPreSteps = s.electorFor(j) != nil || s.lockerFor(j) != nil || s.monitors.scheduler != nil ||
		x.ctx != nil || x.stored || x.listeners.hooks()
	j.hasPostSteps = s.monitors.any() || x.listeners.follows()
	if x.retry != nil || x.missed != nil || j.gate.mode == uint8(LimitModeReplace) {
		j.makeSettings().recorded = true
	}
}

// listJob lists a job, in the place of the one that has its id unless the id is known to be unique,
// and enters it if the scheduler runs. A monitor is told in between, when the job is listed but
// cannot run yet.
func (s *scheduler) listJob(j *internalJob, unique bool, now time.Time) error {
	j.watchContext()
	s.lock()
	calls, err := s.listJobLocked(j, unique, now)
	s.unlock()
	if err != nil {
		j.unwatchContext()
		return err
	}
	calls.run()
	if s.monitors.scheduler != nil {
		s.announce(j.id)
	}
	return nil
}

func (s *scheduler) listJobLocked(j *internalJob, unique bool, now time.Time) (calls deferredCalls, err error) {
	if s.closed {
		return calls, ErrSchedulerShutdown
	}
	if err := s.claimNameTakenLocked(j); err != nil {
		return calls, err
	}
	if s.session != nil && !j.settings().stored && !j.hasRunAt(now) {
		return calls, j.neverBeforeStop()
	}
	s.jobSeq++
	j.seq = s.jobSeq
	var old *internalJob
	if !unique {
		old = s.jobs[idKey{j.id}]
	}
	if old != nil {
		s.dispatchBeforeLocked(old)
		calls = s.replaceLocked(old, j)
	} else {
		s.enlistLocked(j)
	}
	if s.monitors.scheduler == nil {
		calls.add(s.letRunLocked(j, now))
	} else {
		s.queueAnnouncementLocked(j, false, now)
	}
	return calls, nil
}

// dispatchBeforeLocked dispatches what has fallen due of a job that is going to be replaced.
func (s *scheduler) dispatchBeforeLocked(old *internalJob) {
	if s.session == nil || !old.entered {
		return
	}
	now := s.lookAtClockLocked()
	s.replacing = old
	for s.timetable.isDue(old, now) && !old.next.IsZero() {
		s.timetable.remove(old)
		s.dispatchLocked(old, now)
		s.settleLocked()
	}
	s.replacing = nil
}

// letRunLocked lets a job run that was announced. What has fallen due since the moment is due now.
// The job leaves at once if no run is left before its stop time.
func (s *scheduler) letRunLocked(j *internalJob, moment time.Time) (calls deferredCalls) {
	j.announced = true
	if s.session == nil || !j.listed || j.entered {
		return calls
	}
	s.scheduleLocked(j, moment, s.lookAtClockLocked())
	s.settleLocked()
	if !j.listed { // its first run has ended already, and was its last
		return calls
	}
	if s.exhaustedLocked(j) || j.settings().stored && s.isUselessLocked(j, moment) {
		calls = s.removeLocked(j)
	}
	return calls
}

// An announcement is a call of JobRegistered or, if the job has left, of JobUnregistered
// that is to be made.
type announcement struct {
	job     *internalJob
	left    bool
	moment  time.Time // when the method that registers the job was called
	session *session  // which there was then
}

// An announcer has the announcements of one id, in the order in which the scheduler changed.
// One goroutine at a time makes them: that which finds that none does. Others leave theirs
// to it.
type announcer struct {
	queue []announcement
	busy  bool // a goroutine makes them
}

// queueAnnouncementLocked queues an announcement. Who has let go of the lock then calls announce.
func (s *scheduler) queueAnnouncementLocked(j *internalJob, left bool, moment time.Time) {
	a := s.announcers[idKey{j.id}]
	if a == nil {
		a = &announcer{}
		s.announcers[idKey{j.id}] = a
	}
	a.queue = append(a.queue, announcement{j, left, moment, s.session})
}

// announce makes the announcements of an id, unless another goroutine is at it, which then
// makes these as well.
func (s *scheduler) announce(id uuid.UUID) {
	s.lock()
	defer s.unlock()
	if a := s.announcers[idKey{id}]; a != nil && !a.busy {
		a.busy = true
		s.makeAnnouncementsLocked(id, a)
	}
}

// makeAnnouncementsLocked makes all of a's announcements, also those that come meanwhile, and
// however the calls of user code end.
func (s *scheduler) makeAnnouncementsLocked(id uuid.UUID, a *announcer) {
	defer func() {
		if len(a.queue) > 0 {
			s.makeAnnouncementsLocked(id, a)
			return
		}
		a.busy = false
		delete(s.announcers, idKey{id})
	}()
	for len(a.queue) > 0 {
		next := a.queue[0]
		a.queue = a.queue[1:]
		if next.left {
			s.tellUnregisteredLocked(next.job)
		} else {
			s.tellRegisteredLocked(next)
		}
	}
}

// tellUnregisteredLocked tells the monitor that j has left, if that knows j.
func (s *scheduler) tellUnregisteredLocked(j *internalJob) {
	if m := s.monitors.scheduler; m != nil && j.announced {
		s.unlocked(func() { m.JobUnregistered(j) })
	}
}

// tellRegisteredLocked tells the monitor of a job, unless that has left again, and lets it run
// however the calls of user code end.
func (s *scheduler) tellRegisteredLocked(a announcement) {
	j := a.job
	if !j.listed {
		return
	}
	defer s.announcedLocked(a)
	if m := s.monitors.scheduler; m != nil {
		s.unlocked(func() { m.JobRegistered(j) })
	}
}

// announcedLocked lets a job run whose announcement was made.
func (s *scheduler) announcedLocked(a announcement) {
	x, moment := a.job.rare, a.moment
	if s.session != nil && s.session != a.session {
		moment = s.session.startedAt
	}
	if x != nil && x.askedIn != s.session {
		x.runNows = 0 // a stop has dropped them
	}
	calls := s.letRunLocked(a.job, moment)
	if x != nil {
		x.runNows, x.askedIn = 0, nil
	}
	if !calls.empty() {
		s.unlocked(calls.run)
	}
}
