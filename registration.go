package gocron

import (
	"crypto/rand"
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
	j, err := s.makeJob(definition, task, options, now)
	if err != nil {
		return nil, s.refused(err, definition, task, options, now)
	}
	if id != nil {
		j.id = *id
	}
	unique := j.id == uuid.Nil
	if unique {
		if err := setRandomID(&j.id); err != nil {
			return nil, err
		}
	}
	if err := s.nameIsFree(j); err != nil {
		return nil, err
	}
	mistakes := j.mistakes(definition, options, now)
	if err := j.call.wrap(j.ext().middleware); err != nil {
		return nil, s.refused(err, definition, task, options, now)
	}
	if err := s.askFirst(j, now); err != nil {
		return nil, s.refused(err, definition, task, options, now)
	}
	j.summarize()
	if err := s.admitJob(j, unique, now); err != nil {
		if errors.Is(err, ErrJobNeverRuns) {
			err = s.refused(err, definition, task, options, now)
		}
		return nil, err
	}
	s.warn(j, mistakes)
	if past := leftOut(j.plan); past > 0 {
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
	if err := j.checkWindow(); err != nil {
		return nil, err
	}
	if callErr != nil {
		return nil, callErr
	}
	if j.startImmediately && j.extras != nil { // it was given later than a start time
		j.extras.startAt = time.Time{}
	}
	j.findClaimer()
	if definition == nil {
		return nil, ErrJobDefinitionNil
	}
	if err := j.setPlan(definition, now); err != nil {
		return nil, err
	}
	if err := j.mayBeClaimed(); err != nil {
		return nil, err
	}
	return j, nil
}

// setRandomID does what uuid.NewRandom does, without allocating.
func setRandomID(id *uuid.UUID) error {
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	id[6] = id[6]&0x0f | 0x40 // version 4: random
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return nil
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

// setPlan gives the job the schedule of its definition, unless that has no
// occurrence. What a userCron or the times of a one-time job have to say of
// that was said by the definition.
func (j *internalJob) setPlan(definition JobDefinition, now time.Time) error {
	x := j.ext()
	location := j.locationBut(!keepsOwnPlace(definition))
	now = now.In(location)
	plan, err := definition.schedule(scheduleConfig{location: location, now: now, cron: x.cron, dst: x.dst, job: j})
	if err != nil {
		return err
	}
	j.plan = plan
	_, j.intervals = plan.(interval)
	if x.fromCompletion && !j.intervals {
		x.fromCompletion = false
	}
	switch plan := plan.(type) {
	case interval, *userCron:
	case *oneTimeSchedule:
		j.startImmediately = j.startImmediately || plan.immediately
	default:
		anchor, from := now, now
		if x.claims {
			anchor = claimEpoch.In(location)
		}
		if !x.startAt.IsZero() {
			anchor = x.startAt.In(location)
			if wallBefore(now, x.startAt) {
				from = anchor
			}
		}
		if why := neverFires(plan, anchor, from); why != "" {
			return neverRuns(why)
		}
	}
	return nil
}

// summarize notes what a run of the job takes besides calling the task, and its
// tags.
func (j *internalJob) summarize() {
	x, s := j.ext(), j.s
	for _, tag := range x.tags {
		j.tagBits |= tagBit(tag)
	}
	j.hooked = s.elector != nil || s.lockerFor(j) != nil || s.monitors.scheduler != nil ||
		x.ctx != nil || x.listeners.hooks()
	j.followed = s.monitors.any() || x.listeners.follows()
	if x.retry != nil || j.gate.mode == uint8(LimitModeReplace) {
		j.setExt().recorded = true
	}
}

// admitJob lists a job, in the place of the one that has its id unless the id is
// known to be unique, and enters it if the scheduler runs. A monitor is told in between, when the job is listed
// but cannot run yet.
func (s *scheduler) admitJob(j *internalJob, unique bool, now time.Time) error {
	j.watchContext()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		j.unwatchContext()
		return ErrSchedulerShutdown
	}
	if err := s.claimNameTaken(j); err != nil {
		s.mu.Unlock()
		j.unwatchContext()
		return err
	}
	if s.session != nil && !j.hasRunAt(now) {
		s.mu.Unlock()
		j.unwatchContext()
		return j.neverBeforeStop()
	}
	s.jobSeq++
	j.seq = s.jobSeq
	var old *internalJob
	if !unique {
		old = s.jobs[j.id]
	}
	var replaced departure
	if old != nil {
		s.handOverBefore(old)
	}
	if old != nil {
		replaced = s.replace(old, j)
	} else {
		s.enlist(j)
	}
	var spent departure
	quiet := s.monitors.scheduler == nil
	if quiet {
		spent = s.letRun(j, now)
	} else {
		s.toAnnounce(j, false, now)
	}
	s.mu.Unlock()
	s.farewell(replaced, spent)
	if !quiet {
		s.announce(j.id)
	}
	return nil
}

// handOverBefore hands over what has fallen due of a job that is going to be replaced. The caller
// holds mu.
func (s *scheduler) handOverBefore(old *internalJob) {
	if s.session == nil || !old.entered {
		return
	}
	now := s.lookAtClock()
	s.replacing = old
	for s.timetable.isDue(old, now) && !old.next.IsZero() {
		s.timetable.remove(old)
		s.fallDue(old, now)
	}
	s.replacing = nil
}

// letRun lets a job run that was announced. What has fallen due since the moment is due now. The job
// leaves at once if no run is left before its stop time. The caller holds mu.
func (s *scheduler) letRun(j *internalJob, moment time.Time) (gone departure) {
	j.announced = true
	if s.session == nil || !j.listed || j.entered {
		return departure{}
	}
	s.enter(j, moment, s.lookAtClock())
	if s.spent(j) {
		gone = s.delist(j)
	}
	return gone
}
