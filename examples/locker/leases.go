package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

var errTaken = errors.New("the key is taken")

// leases stands in for the client of a lock service. As is usual, it knows
// nothing of gocron: its Lock returns a type of its own.
type leases struct {
	// hold is how long a key stays taken at least, counted from Lock, however
	// early it is given back. It has to be longer than the nodes' clocks
	// differ: a node that is late by a little must not find the key free
	// again, or the job runs twice for one occurrence.
	hold time.Duration

	mu    sync.Mutex
	taken map[string]*lease
}

// lease is what one holder of a key has.
type lease struct {
	owner *leases
	key   string
	since time.Time
	freed bool
}

func newLeases(hold time.Duration) *leases {
	return &leases{hold: hold, taken: map[string]*lease{}}
}

// Lock takes the key, or says at once that another has it.
func (l *leases) Lock(ctx context.Context, key string) (*lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if held := l.taken[key]; held != nil && (!held.freed || time.Since(held.since) < l.hold) {
		return nil, errTaken
	}
	got := &lease{owner: l, key: key, since: time.Now()}
	l.taken[key] = got
	return got, nil
}

// Unlock gives the key back.
func (l *lease) Unlock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.owner.mu.Lock()
	defer l.owner.mu.Unlock()
	l.freed = true
	return nil
}

// held tells how many keys are taken and not given back.
func (l *leases) held() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, lease := range l.taken {
		if !lease.freed {
			n++
		}
	}
	return n
}
