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
	j.summarize()
	if err := s.admitJob(j, unique, now); err != nil {
		return nil, err
	}
	s.warn(j, mistakes)
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
	if callErr != nil {
		return nil, callErr
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
	now = now.In(j.location())
	plan, err := definition.schedule(scheduleConfig{location: j.location(), now: now, cron: x.cron, dst: x.dst, job: j})
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
			anchor = claimEpoch.In(j.location())
		}
		if !x.startAt.IsZero() {
			anchor = x.startAt
			if x.startAt.After(now) {
				from = x.startAt
			}
		}
		if plan.next(anchor, from).IsZero() {
			return neverRuns(whyNever(plan, anchor))
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
	s.jobSeq++
	j.seq = s.jobSeq
	var old *internalJob
	if !unique {
		old = s.jobs[j.id]
	}
	var replaced departure
	if old != nil {
		replaced = s.replace(old, j)
	} else {
		s.enlist(j)
	}
	var spent departure
	quiet := s.monitors.scheduler == nil && !j.userCron()
	if quiet {
		spent = s.letRun(j, now)
	}
	s.mu.Unlock()
	if quiet {
		s.farewell(replaced, spent)
	} else {
		s.announce(j, replaced)
	}
	return nil
}

// announce tells the monitor of a job that was listed, and of the one it has
// replaced. It lets the job run however the calls of user code end.
func (s *scheduler) announce(j *internalJob, replaced departure) {
	defer s.announced(j)
	s.farewell(replaced)
	if m := s.monitors.scheduler; m != nil {
		m.JobRegistered(j)
	}
	s.mu.Lock()
	started := s.session != nil
	s.mu.Unlock()
	if started && j.userCron() {
		s.askCron(j)
	}
}

// announced lets a job run. If it was removed meanwhile, it is only now said to
// have left.
func (s *scheduler) announced(j *internalJob) {
	s.mu.Lock()
	gone := departure{job: j, announced: true}
	if j.listed || s.closed {
		gone = s.letRun(j, s.now())
	}
	switch {
	case !j.listed:
		j.abandonRunNows(ErrJobNotFound)
	case s.session == nil:
		j.abandonRunNows(ErrJobRunNowFailed)
	}
	s.mu.Unlock()
	s.farewell(gone)
}

// letRun lets a job run that was announced. It leaves at once if no run is left
// before its stop time. The caller holds mu.
func (s *scheduler) letRun(j *internalJob, now time.Time) (gone departure) {
	j.announced = true
	if s.session == nil || !j.listed || j.entered {
		return departure{}
	}
	s.enter(j, now)
	if s.spent(j) {
		gone = s.delist(j)
	}
	return gone
}
