package gocron

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// keyNamespace is where the ids of keys are. It is part of the API: ids may have been stored.
var keyNamespace = uuid.MustParse("816d2b86-a0c7-469e-97fa-ff2b1a326a9f")

// keyID is the id of the job with the key.
func keyID(key string) uuid.UUID { return uuid.NewSHA1(keyNamespace, []byte(key)) }

// WithKey gives the job an id that is made from a key of yours, such as the primary key of a row or
// the name of a tenant. NewJob then adds the job or, if the scheduler has a job with this key,
// replaces it. Controller.JobByKey finds the job and Controller.RemoveByKey removes it.
//
// The same key gives the same id in every program and after every restart: the UUID of version 5 of
// the key in the namespace 816d2b86-a0c7-469e-97fa-ff2b1a326a9f. Keys are compared byte by byte. If
// you give the option twice, the later key counts.
//
// An empty key is refused, and so is a key together with WithIdentifier. Update accepts the key
// that the job has, and refuses any other.
func WithKey(key string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		x := j.makeSettings()
		switch {
		case key == "":
			return fmt.Errorf("%w: WithKey: the key is empty", ErrOptionValue)
		case x.key == "" && j.id != uuid.Nil:
			return errKeyAndIdentifier(key)
		}
		x.key, j.id = key, keyID(key)
		return nil
	}
}

// errKeyAndIdentifier refuses a job that was given two ids.
func errKeyAndIdentifier(key string) error {
	return fmt.Errorf("%w: WithKey(%q) together with WithIdentifier: a job has one id", ErrOptionValue, key)
}

// setID gives a job the id under which Update was asked to list it.
func (j *internalJob) setID(id uuid.UUID) error {
	if key := j.settings().key; key != "" && j.id != id {
		return fmt.Errorf("%w: WithKey(%q): Update of the job with the id %s, which is not that of the key",
			ErrOptionValue, key, id)
	}
	j.id = id
	return nil
}

// Job returns a handle of the job with the id, as Scheduler.Jobs does.
func (c *Controller) Job(id uuid.UUID) (Job, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return nil, err
	}
	defer c.s.unlock()
	return j, nil
}

// JobByKey returns a handle of the job with the key of WithKey, or ErrJobNotFound when the
// scheduler does not have it. No job has the empty key.
func (c *Controller) JobByKey(key string) (Job, error) { return c.Job(keyID(key)) }

// JobsByName returns handles of all jobs with the name, sorted by id. Several jobs may have one
// name. A job without WithName has the name of its task's function. If no job has the name,
// JobsByName returns nil and no error.
func (c *Controller) JobsByName(name string) ([]Job, error) {
	if err := c.lock(); err != nil {
		return nil, err
	}
	list := append([]*internalJob(nil), c.s.list...)
	c.s.unlock()
	named := list[:0]
	for _, j := range list { // a name never changes
		if j.Name() == name {
			named = append(named, j)
		}
	}
	if len(named) == 0 {
		return nil, nil
	}
	return sortedByID(named), nil
}

// RemoveByKey removes the job with the key of WithKey, as Scheduler.RemoveJob does, or returns
// ErrJobNotFound when the scheduler does not have it.
func (c *Controller) RemoveByKey(key string) error {
	j, err := c.lockJob(keyID(key))
	if err != nil {
		return err
	}
	calls := c.s.removeLocked(j)
	c.s.unlock()
	calls.run()
	return nil
}

// randomIDs draws the ids of jobs that are given none.
var randomIDs idSource

// An idSource makes ids as uuid.NewRandom does. It reads random bytes for many ids at a time, as a
// read for one takes longer than all else that makes it.
type idSource struct {
	mu     sync.Mutex
	random [32 * len(uuid.UUID{})]byte
	left   int // how many of the bytes are not used yet
}

func (d *idSource) draw(id *uuid.UUID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 {
		if _, err := rand.Read(d.random[:]); err != nil {
			return err
		}
		d.left = len(d.random)
	}
	d.left -= len(id)
	copy(id[:], d.random[d.left:])
	id[6] = id[6]&0x0f | 0x40 // version 4: random
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return nil
}
