package gocron

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"hash/maphash"
	"slices"
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
		return nil, err
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
	if err := s.admitJob(j, unique, now); err != nil {
		return nil, err
	}
	return j, nil
}

// makeJob checks everything about a job and makes its record. The scheduler is
// not touched.
func (s *scheduler) makeJob(definition JobDefinition, task Task, options []JobOption, now time.Time) (*internalJob, error) {
	call, callErr := compile(task)
	if callErr == ErrNewJobTaskNil || callErr == ErrNewJobTaskNotFunc {
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
	if definition == nil {
		return nil, ErrJobDefinitionNil
	}
	if err := j.setPlan(definition, now); err != nil {
		return nil, err
	}
	j.note()
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
			return nilOptionError("NewJob", i)
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
		if !x.startAt.IsZero() {
			anchor = x.startAt
			if x.startAt.After(now) {
				from = x.startAt
			}
		}
		if plan.next(anchor, from).IsZero() {
			return ErrJobNeverRuns
		}
	}
	return nil
}

// note notes what a run of the job takes besides calling the task, and its
// tags.
func (j *internalJob) note() {
	x, s := j.ext(), j.s
	for _, tag := range x.tags {
		j.tagBits |= tagBit(tag)
	}
	j.hooked = s.elector != nil || s.lockerFor(j) != nil || s.monitors.scheduler != nil ||
		x.ctx != nil || x.listeners.hooks()
	j.followed = s.monitors.any() || x.listeners.follows()
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

// enlist makes j one of the scheduler's jobs. The caller holds mu.
func (s *scheduler) enlist(j *internalJob) {
	j.listed = true
	j.index = int32(len(s.list))
	s.jobs[j.id] = j
	s.list = append(s.list, j)
}

// A departure is what has to be done with nothing locked when a job has left.
// The zero departure is none.
type departure struct {
	job       *internalJob
	ctx       *jobContext // nil if no run needed it
	announced bool        // the monitor knows the job
}

// delist takes j out of everything it is in, and drops its waiting runs. The
// caller holds mu, and calls farewell with the result when it has let go of it.
func (s *scheduler) delist(j *internalJob) departure {
	last := len(s.list) - 1
	moved := s.list[last]
	s.list[j.index], moved.index = moved, j.index
	s.list[last] = nil
	s.list = s.list[:last]
	delete(s.jobs, j.id)

	j.listed = false
	s.dropWaiting(j)
	s.setNext(j, time.Time{}, time.Time{})
	return departure{j, j.state().ctx, j.announced}
}

// replace lists j in the place of old, and hands it what outlives a definition:
// the times of the last run, and the gate, which runs of the old one may hold.
// The caller holds mu.
func (s *scheduler) replace(old, j *internalJob) departure {
	gone := s.delist(old)
	s.enlist(j)
	j.last, j.running, j.gate.passed = old.last, old.running, old.gate.passed
	old.succeededBy(j)
	return gone
}

// farewell ends the contexts of jobs that have left, and tells the monitor.
func (s *scheduler) farewell(departures ...departure) {
	for _, d := range departures {
		if d.ctx != nil {
			d.ctx.cancel()
		}
		if d.job != nil {
			d.job.unwatchContext()
		}
	}
	if s.monitors.scheduler == nil {
		return
	}
	for _, d := range departures {
		if d.announced {
			s.monitors.scheduler.JobUnregistered(d.job)
		}
	}
}

// spent reports whether nothing will become of a job any more: its last limited
// run has finished, or no run is left before its stop time. The caller holds mu.
func (s *scheduler) spent(j *internalJob) bool {
	if !j.listed || j.gate.passed > 0 || !j.gate.waiting.empty() {
		return false
	}
	if j.limitedRuns > 0 && j.done >= j.limitedRuns {
		return true
	}
	x := j.ext()
	return !x.stopAt.IsZero() && s.session != nil && j.entered &&
		j.next.IsZero() && j.completing == 0 && !j.ended && j.state().asked == nil
}

// retireIfSpent removes a job that is spent, and has a worker of the given
// session say so. The caller holds mu.
func (s *scheduler) retireIfSpent(j *internalJob, sess *session) {
	if !s.spent(j) {
		return
	}
	gone := s.delist(j)
	if gone.ctx != nil || j.ext().unwatch != nil || s.monitors.scheduler != nil {
		s.attendTo(&run{job: j, session: sess, stage: stageFinished, notice: verdictLeft})
	}
}

// watchContext makes the job notice when the context given by WithContext ends.
func (j *internalJob) watchContext() {
	x := j.ext()
	if x.ctx == nil {
		return
	}
	j.ended = x.ctx.Err() != nil
	x.unwatch = context.AfterFunc(x.ctx, func() {
		s := j.s
		s.mu.Lock()
		defer s.mu.Unlock()
		j.ended = true
		if j.listed {
			s.dropWaiting(j)
			s.setNext(j, time.Time{}, time.Time{})
		}
	})
}

func (j *internalJob) unwatchContext() {
	if unwatch := j.ext().unwatch; unwatch != nil {
		unwatch()
	}
}

// askCron has a userCron say when the job is due first, with nothing locked.
func (s *scheduler) askCron(j *internalJob) {
	now := s.now().In(j.location())
	next := j.plan.next(now, now)
	s.mu.Lock()
	x := j.setState()
	x.cronNext, x.cronAsked = next, true
	s.mu.Unlock()
}

// find is the job that has j's id now. The caller holds mu.
func (s *scheduler) find(j *internalJob) (*internalJob, error) {
	if j.listed {
		return j, nil
	}
	return s.lookup(j.id)
}

// lookup is the job that has the id. The caller holds mu.
func (s *scheduler) lookup(id uuid.UUID) (*internalJob, error) {
	if j := s.jobs[id]; j != nil {
		return j, nil
	}
	return nil, ErrJobNotFound
}

func (s *scheduler) RemoveJob(id uuid.UUID) error {
	s.mu.Lock()
	j, err := s.lookup(id)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	gone := s.delist(j)
	s.mu.Unlock()
	s.farewell(gone)
	return nil
}

// removeBatch bounds how many jobs RemoveByTags looks at before others get a
// chance at mu.
const removeBatch = 256

func (s *scheduler) RemoveByTags(tags ...string) {
	if len(tags) == 0 {
		return
	}
	bits := uint8(0)
	for _, tag := range tags {
		bits |= tagBit(tag)
	}
	var gone []departure
	// From the end: a job that leaves is replaced by one that was looked at.
	for end := -1; end != 0; {
		s.mu.Lock()
		if end < 0 || end > len(s.list) {
			end = len(s.list)
		}
		for n := 0; end > 0 && n < removeBatch; n++ {
			end--
			if j := s.list[end]; j.tagBits&bits != 0 && j.hasAnyTag(tags) {
				gone = append(gone, s.delist(j))
			}
		}
		s.mu.Unlock()
		s.farewell(gone...)
		gone = gone[:0]
	}
}

func tagBit(tag string) uint8 {
	return 1 << (maphash.String(tagSeed, tag) % 8)
}

var tagSeed = maphash.MakeSeed()

func (j *internalJob) hasAnyTag(tags []string) bool {
	for _, tag := range tags {
		for _, own := range j.ext().tags {
			if own == tag {
				return true
			}
		}
	}
	return false
}

func (s *scheduler) Jobs() []Job {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	list := append([]*internalJob(nil), s.list...)
	s.mu.Unlock()
	return sortedByID(list)
}

// sortedByID makes handles of jobs. It sorts keys rather than jobs, which lie
// all over memory.
func sortedByID(list []*internalJob) []Job {
	type key struct {
		high, low uint64
		job       *internalJob
	}
	keys := make([]key, len(list))
	for i, j := range list {
		keys[i] = key{binary.BigEndian.Uint64(j.id[:8]), binary.BigEndian.Uint64(j.id[8:]), j}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		return cmp.Compare(a.low, b.low)
	})
	jobs := make([]Job, len(keys))
	for i := range keys {
		jobs[i] = keys[i].job
	}
	return jobs
}

func (s *scheduler) JobsWaitingInQueue() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limiter.waitingInQueue()
}
