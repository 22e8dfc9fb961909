package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// An Elector campaigns in the background to be the leader of all electors of its name
// and namespace, of which one leads at a time. It is safe for use by several goroutines.
type Elector struct {
	store *store
	grip  grip
	stop  context.CancelFunc
	done  chan struct{} // closed when it campaigns no more

	mu    sync.Mutex
	term  *lease // the present or last term, nil before the first
	token int64  // of that term; only the campaign writes it
	err   error  // why it does not lead, while it has no term that goes on

	// trace tells that the database may hold a row of this elector.
	trace bool
}

// NewElector returns an Elector that campaigns from now on, until Close. The name is the
// same on all nodes; it must be UTF-8 without zero bytes, and of 1 to 1000 bytes. The
// database, its pool and the errors are as for NewLocker.
func NewElector(ctx context.Context, db DB, name string, options ...Option) (*Elector, error) {
	if err := checkText("name", name); err != nil {
		return nil, fmt.Errorf("gocron/postgres: NewElector: %w", err)
	}
	s, err := newStore(ctx, db, constructElector, options)
	if err != nil {
		return nil, err
	}
	campaign, stop := context.WithCancel(context.Background())
	e := &Elector{
		store: s,
		grip:  grip{kind: leaderLease, name: name, holder: newHolder()},
		stop:  stop,
		done:  make(chan struct{}),
		err:   ErrNotLeader,
	}
	go e.campaign(campaign)
	return e, nil
}

// IsLeader returns nil if this elector is the leader. It asks no database: a term ends
// by the local clock, before another can have the next. The error has ErrNotLeader, also
// after Close, or what the last request failed with; its EngineDown method tells them
// apart. The context is not used.
func (e *Elector) IsLeader(ctx context.Context) error {
	_, _, err := e.Term(ctx)
	return err
}

// Term returns, of a leader, a channel that is closed when its term ends, and the term's
// token: later terms have greater ones. The errors are those of IsLeader.
func (e *Elector) Term(context.Context) (ended <-chan struct{}, token int64, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.term != nil && e.term.held() {
		return e.term.over, e.token, nil
	}
	return nil, 0, e.store.fail(context.Background(), "lead", e.grip.name, time.Time{}, e.err)
}

// Close ends the campaign and the term, if it leads, and then tells the database, so
// that another can lead at once. If that fails, or ctx ends, it is an error and the
// others wait until the term would have ended. The term has ended for this node in any
// case when Close returns. It may be called several times.
func (e *Elector) Close(ctx context.Context) error {
	e.stop()
	e.mu.Lock()
	term := e.term
	e.mu.Unlock()
	if term != nil {
		term.end()
	}
	if ctx == nil {
		return e.store.fail(context.Background(), "resign", e.grip.name, time.Time{}, errNoContext)
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		return e.store.fail(ctx, "resign", e.grip.name, time.Time{}, ctx.Err())
	}
	if !e.traced() {
		return nil
	}
	if err := e.store.release(ctx, e.grip); err != nil {
		return e.store.fail(ctx, "resign", e.grip.name, time.Time{}, err)
	}
	e.note(errClosed, false)
	return nil
}

// campaign tries to get a term, sits it out, and tries again.
func (e *Elector) campaign(ctx context.Context) {
	defer close(e.done)
	for ctx.Err() == nil {
		if term := e.try(ctx); term != nil {
			e.serve(ctx, term)
		} else {
			e.pause(ctx)
		}
	}
	e.note(errClosed, e.traced())
}

// try asks for a term once and returns it, or nil.
func (e *Elector) try(ctx context.Context) *lease {
	s := e.store
	e.mu.Lock()
	e.trace = true
	e.mu.Unlock()
	got, err := s.take(ctx, e.grip)
	switch {
	case err == nil:
		return e.elected(ctx, got)
	case errors.Is(err, ErrTaken):
		e.note(ErrNotLeader, false)
	case ctx.Err() == nil:
		e.note(err, true)
	}
	return nil
}

// elected begins the term that was taken.
func (e *Elector) elected(ctx context.Context, got taken) *lease {
	s := e.store
	renew := func(ctx context.Context) error {
		err := s.renew(ctx, e.grip)
		if err == nil {
			e.note(ErrNotLeader, true)
		}
		return err
	}
	failed := func(err error) {
		if errors.Is(err, errGone) {
			err = ErrNotLeader
		}
		e.note(err, true)
	}
	e.note(ErrNotLeader, true)
	term := keepLease(got.asked, got.asked, s.ttl, renew, failed)
	e.mu.Lock()
	if e.token = got.token; ctx.Err() == nil { // else Close has looked for a term already, to end it
		e.term = term
	}
	e.mu.Unlock()
	s.logger.Info("gocron/postgres: this node leads", "name", e.grip.name, "token", got.token)
	return term
}

// serve returns when the term has ended, which the end of ctx does.
func (e *Elector) serve(ctx context.Context, term *lease) {
	select {
	case <-term.over:
	case <-ctx.Done():
	}
	log := e.store.logger.Info
	if ctx.Err() == nil { // it was not closed
		log = e.store.logger.Error
	}
	term.end()
	log("gocron/postgres: this node no longer leads", "name", e.grip.name, "token", e.token)
}

// pause waits for about a third of a term's life, the longest that nobody leads after a
// term has run out. What is left to chance keeps the nodes from asking in step.
func (e *Elector) pause(ctx context.Context) {
	third := e.store.ttl / 3
	timer := time.NewTimer(third - rand.N(third/4))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// note sets why this elector does not lead, for when it has no term, and whether the
// database may hold a row of it. The first failure after a success is logged.
func (e *Elector) note(err error, trace bool) {
	e.mu.Lock()
	before := e.err
	e.err, e.trace = err, trace
	e.mu.Unlock()
	ctx := context.Background()
	if isDown(ctx, err) && !isDown(ctx, before) {
		e.store.logger.Error("gocron/postgres: the engine could not be asked for a term",
			"name", e.grip.name, "error", e.store.fail(ctx, "lead", e.grip.name, time.Time{}, err))
	}
}

func (e *Elector) traced() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.trace
}
