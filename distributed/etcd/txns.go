package etcd

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
)

const (
	// mostPerTxn is how many keys one transaction deals with: the server counts up to 128
	// operations by default, and the one in each of them.
	mostPerTxn = 127
	// txnsAtOnce bounds how many transactions of one batch are under way.
	txnsAtOnce = 8
)

// An entry is what a key has: who made it, and the revision at which it was made. It is
// zero if there is no such key.
type entry struct {
	holder  string
	created int64
}

// inChunks has the items, a key each, dealt with by several transactions at once, and joins
// what they return. A chunk that is too much for the server is divided.
func inChunks[T, R any](items []T, do func(items []T) ([]R, error)) []answer[R] {
	answers := make([]answer[R], len(items))
	slots := make(chan struct{}, txnsAtOnce)
	var all sync.WaitGroup
	for from := 0; from < len(items); from += mostPerTxn {
		to := min(from+mostPerTxn, len(items))
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			divided(items[from:to], answers[from:to], do)
		})
	}
	all.Wait()
	return answers
}

func divided[T, R any](items []T, answers []answer[R], do func(items []T) ([]R, error)) {
	values, err := do(items)
	if half := len(items) / 2; half > 0 && isTooMuch(err) {
		divided(items[:half], answers[:half], do)
		divided(items[half:], answers[half:], do)
		return
	}
	for i := range items {
		if answers[i].err = err; err == nil {
			answers[i].value = values[i]
		}
	}
}

// isTooMuch reports whether a smaller request may be served.
func isTooMuch(err error) bool {
	return errors.Is(err, rpctypes.ErrTooManyOps) || errors.Is(err, rpctypes.ErrRequestTooLarge) ||
		code(err) == codes.ResourceExhausted && !errors.Is(err, rpctypes.ErrNoSpace) && !errors.Is(err, rpctypes.ErrTooManyRequests)
}

// read returns what the keys have.
func (s *server) read(ctx context.Context, keys []string) ([]entry, error) {
	entries := make([]entry, len(keys))
	if len(keys) == 1 {
		answer, err := s.client.Get(ctx, keys[0])
		if err != nil {
			return nil, err
		}
		entries[0] = entryOf(answer)
		return entries, nil
	}
	gets := make([]clientv3.Op, len(keys))
	for i, key := range keys {
		gets[i] = clientv3.OpGet(key)
	}
	answer, err := s.client.Txn(ctx).Then(gets...).Commit()
	if err != nil {
		return nil, err
	}
	for i, r := range answer.Responses {
		entries[i] = entryOf((*clientv3.GetResponse)(r.GetResponseRange()))
	}
	return entries, nil
}

func entryOf(answer *clientv3.GetResponse) entry {
	if len(answer.Kvs) == 0 {
		return entry{}
	}
	return entry{string(answer.Kvs[0].Value), answer.Kvs[0].CreateRevision}
}

// make makes those keys that are not there, under a lease, and returns what all of them
// have then. It may be repeated: what has the holder was made by it.
func (s *server) make(ctx context.Context, keys []string, holder string, id clientv3.LeaseID) ([]entry, error) {
	ops := make([]clientv3.Op, len(keys))
	for i, key := range keys {
		ops[i] = clientv3.OpTxn(
			[]clientv3.Cmp{clientv3.Compare(clientv3.CreateRevision(key), "=", 0)},
			[]clientv3.Op{clientv3.OpPut(key, holder, clientv3.WithLease(id))},
			[]clientv3.Op{clientv3.OpGet(key)})
	}
	answer, err := s.client.Txn(ctx).Then(ops...).Commit()
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(keys))
	for i, r := range answer.Responses {
		one := r.GetResponseTxn()
		if one.Succeeded {
			entries[i] = entry{holder, answer.Header.Revision}
		} else {
			entries[i] = entryOf((*clientv3.GetResponse)(one.Responses[0].GetResponseRange()))
		}
	}
	return entries, nil
}

// remove deletes those keys that have the holder.
func (s *server) remove(ctx context.Context, grips []grip) ([]struct{}, error) {
	ops := make([]clientv3.Op, len(grips))
	for i, g := range grips {
		ops[i] = clientv3.OpTxn(
			[]clientv3.Cmp{clientv3.Compare(clientv3.Value(g.key), "=", g.holder)},
			[]clientv3.Op{clientv3.OpDelete(g.key)}, nil)
	}
	_, err := s.client.Txn(ctx).Then(ops...).Commit()
	return make([]struct{}, len(grips)), err
}

// connectEvery is how soon a client that has found no server tries again. By itself it
// waits ever longer, which after an outage are minutes.
const connectEvery = 200 * time.Millisecond

// connecting has the client connect again while something is asked that it may itself
// repeat, until the context that is returned ends.
func (s *server) connecting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	conn := s.client.ActiveConnection()
	if conn == nil {
		return ctx, cancel
	}
	go func() {
		for sleep(ctx, connectEvery) {
			if conn.GetState() == connectivity.TransientFailure {
				conn.ResetConnectBackoff()
			}
		}
	}()
	return ctx, cancel
}

// connected is connecting for a batch.
func connected[A comparable, R any](s *server, send sender[A, R]) sender[A, R] {
	return func(ctx context.Context, asks []A) []answer[R] {
		ctx, cancel := s.connecting(ctx)
		defer cancel()
		return send(ctx, asks)
	}
}

// isPassing reports whether another try may succeed: the server could not be reached, has
// no leader, or too much to do.
func isPassing(err error) bool {
	return code(err) == codes.Unavailable || errors.Is(err, rpctypes.ErrTooManyRequests)
}

// allFailed are the answers to n asks that failed together.
func allFailed[R any](n int, err error) []answer[R] {
	answers := make([]answer[R], n)
	for i := range answers {
		answers[i].err = err
	}
	return answers
}
