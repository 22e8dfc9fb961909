package gocron

import (
	"time"

	"github.com/google/uuid"
)

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
	a := s.announcers[j.id]
	if a == nil {
		a = &announcer{}
		s.announcers[j.id] = a
	}
	a.queue = append(a.queue, announcement{j, left, moment, s.session})
}

// announce makes the announcements of an id, unless another goroutine is at it, which then
// makes these as well.
func (s *scheduler) announce(id uuid.UUID) {
	s.lock()
	defer s.unlock()
	if a := s.announcers[id]; a != nil && !a.busy {
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
		delete(s.announcers, id)
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
