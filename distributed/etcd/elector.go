package etcd

import (
	"context"
	"errors"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Elector is one of several candidates of which at most one leads at a time. It
// campaigns in the background until it is closed. Its methods may be called
// concurrently.
//
// It does without the client's Session and Election: a Session renews its lease for as
// long as it can, and tells of its end only when the server has, which in a partition
// is much too late; and a campaign whose session has died waits forever. A leader's term
// is the same as a run lock instead: a key with a lease that is bounded locally.
type Elector struct {
	server *server
	name   string
	key    string

	stop context.CancelFunc
	done chan struct{} // closed when the campaigning has ended, and the leader resigned
	// resigned is what came of resigning at last. It is written before done is closed.
	resigned error

	mu     sync.Mutex
	term   *holding // the latest, nil before the first
	reason *Error   // why this is not the leader, when the term is not held
}

// NewElector returns an Elector that campaigns through client from then on, against the
// others of that name in the namespace. It does not wait for the server. A nil client,
// an empty name and bad options are refused. It is to be closed before the client,
// which stays the caller's.
func NewElector(client *clientv3.Client, name string, options ...Option) (*Elector, error) {
	c, err := newConfig("NewElector", client, options)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errors.New("gocron/etcd: NewElector: name must not be empty")
	}
	s := &server{config: c, client: client}
	ctx, stop := context.WithCancel(context.Background())
	e := &Elector{server: s, name: name, key: s.key(kindLeader, name), stop: stop, done: make(chan struct{})}
	e.note(said{text: "the campaign has only begun", err: ErrNotLeader})
	go e.campaign(ctx)
	return e, nil
}

// IsLeader returns nil if this is the leader, and an error if it is not, or may not be:
// ErrNotLeader when another leads, and one whose EngineDown method returns true when the
// server does not answer. It asks nobody, and does not block: a leader that could not
// renew its term for three quarters of WithTTL says no from then on, which is before another
// can lead. The context is not used.
func (e *Elector) IsLeader(ctx context.Context) error {
	_, _, err := e.Term(ctx)
	return err
}

// Term returns, if this is the leader, a channel that is closed when its term ends, and
// the term's fencing token, which is higher than that of every term before. Otherwise
// it returns the error of IsLeader.
func (e *Elector) Term(context.Context) (ended <-chan struct{}, token int64, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.term != nil && e.term.lease.held() {
		return e.term.lease.over, e.term.token, nil
	}
	return nil, 0, e.reason
}

// Close ends the term of a leader, then tells the server, and campaigns no more. It
// returns when that is done, or when ctx ends: the rest is then done in the background,
// within WithRequestTimeout. If the server cannot be told, others wait until the term
// has expired. Closing again waits for the same.
func (e *Elector) Close(ctx context.Context) error {
	e.stop()
	e.mu.Lock()
	term := e.term
	e.mu.Unlock()
	if term != nil {
		term.lease.end()
	}
	of := Error{Op: "resign", Namespace: e.server.namespace, Key: e.name}
	if ctx == nil {
		return newError(context.Background(), of, errNoContext)
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		return newError(ctx, of, ctx.Err())
	}
	if e.resigned != nil {
		return newError(context.Background(), of, e.resigned)
	}
	return nil
}

// campaign seeks one term after the other until ctx ends.
func (e *Elector) campaign(ctx context.Context) {
	defer close(e.done)
	for ctx.Err() == nil {
		term, err := e.server.hold(ctx, e.key, e.failed)
		if err != nil && term != nil {
			e.resign(ctx, term) // its key may be there
		}
		switch {
		case err == nil:
			e.lead(ctx, term)
		case errors.Is(err, ErrTaken):
			e.note(ErrNotLeader)
			e.server.awaitGone(ctx, e.key, e.server.ttl/3)
		case errors.Is(err, errClientClosed):
			e.note(err)
			<-ctx.Done()
		case ctx.Err() == nil:
			e.note(err)
			sleep(ctx, e.server.ttl/10)
		}
	}
	e.note(errClosed)
}

// lead returns when the term has ended, and the server knows, or cannot be told.
func (e *Elector) lead(ctx context.Context, term *holding) {
	e.note(said{text: "its term has ended", err: ErrNotLeader})
	e.mu.Lock()
	if ctx.Err() == nil { // else Close has looked for a term already, to end it
		e.term = term
	}
	e.mu.Unlock()
	e.server.logger.Info("gocron/etcd: this node leads", "name", e.name, "token", term.token)
	select {
	case <-term.lease.over:
	case <-ctx.Done():
	}
	log := e.server.logger.Info
	if ctx.Err() == nil { // it was not closed
		log = e.server.logger.Error
	}
	term.lease.end()
	log("gocron/etcd: this node no longer leads", "name", e.name, "token", term.token)
	e.resign(ctx, term)
}

// resign removes the term's key, also when ctx has ended.
func (e *Elector) resign(ctx context.Context, term *holding) {
	err := e.server.revoke(context.WithoutCancel(ctx), term.id)
	if ctx.Err() != nil {
		e.resigned = err
	}
}

// note keeps why this is not the leader. The first failure after a success is logged.
func (e *Elector) note(err error) {
	reason := newError(context.Background(), Error{Op: "lead", Namespace: e.server.namespace, Key: e.name}, err)
	e.mu.Lock()
	fresh := reason.down && (e.reason == nil || !e.reason.down)
	e.reason = reason
	e.mu.Unlock()
	if fresh {
		e.server.logger.Error("gocron/etcd: the engine could not be asked for a term", "name", e.name, "error", reason)
	}
}

// failed is told what went wrong with the renewal of a term.
func (e *Elector) failed(err error) {
	if errors.Is(err, errGone) {
		err = said{text: "its term was ended on the server", err: ErrNotLeader}
	}
	e.note(err)
}
