package etcd

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
)

// A server is the user's client together with the options.
type server struct {
	config
	client *clientv3.Client
}

// The kinds of keys.
const (
	kindClaim  = "claim"
	kindRun    = "run"
	kindLeader = "leader"
)

// namespaceEscaper leaves no ":" in a namespace, so that the first one of a key ends it.
var namespaceEscaper = strings.NewReplacer("%", "%25", ":", "%3A")

// key is where something is kept. No two (namespace, kind, name) have the same: neither
// an escaped namespace nor a kind has a ":", and the name is the rest.
func (s *server) key(kind, name string) string {
	return namespaceEscaper.Replace(s.namespace) + ":" + kind + ":" + name
}

// instant has one width, so that it is no part of any name it is appended to.
const instant = "2006-01-02T15:04:05.000000000Z"

func (s *server) claimKey(name string, scheduled time.Time) string {
	return s.key(kindClaim, name+":"+scheduled.UTC().Format(instant))
}

// usable reports whether there is a client to ask through. One that is closed would try
// for some seconds, again and again, and stays so.
func (s *server) usable() error {
	if s.client.Ctx().Err() != nil {
		return errClientClosed
	}
	return nil
}

// bounded limits what is asked of the server to the time of WithRequestTimeout.
func (s *server) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.requestTimeout, noAnswer(s.requestTimeout))
}

// exists reports whether there is a key.
func (s *server) exists(ctx context.Context, key string) (bool, error) {
	answer, err := s.client.Get(ctx, key, clientv3.WithCountOnly())
	if err != nil {
		return false, err
	}
	return answer.Count > 0, nil
}

const pauseBetweenTries = 50 * time.Millisecond

// create puts a key under a lease and returns its create revision, or ErrTaken if there
// is such a key already.
//
// The client does not repeat a write whose answer was lost, since it cannot know whether
// it was done. This one can be repeated: a key that has the value of this call was made
// by it, and is not another's.
func (s *server) create(ctx context.Context, key string, id clientv3.LeaseID) (int64, error) {
	value := rand.Text()
	for {
		answer, err := s.client.Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision(key), "=", 0)).
			Then(clientv3.OpPut(key, value, clientv3.WithLease(id))).
			Else(clientv3.OpGet(key)).
			Commit()
		switch {
		case err == nil && answer.Succeeded:
			return answer.Header.Revision, nil
		case err == nil:
			kvs := answer.Responses[0].GetResponseRange().Kvs
			if len(kvs) == 1 && string(kvs[0].Value) == value {
				return kvs[0].CreateRevision, nil
			}
			return 0, ErrTaken
		case code(err) != codes.Unavailable:
			return 0, err
		}
		if !sleep(ctx, pauseBetweenTries) {
			return 0, err
		}
	}
}

// revoke ends a lease, and with it the keys under it. One that is gone already is no
// error.
func (s *server) revoke(ctx context.Context, id clientv3.LeaseID) error {
	if err := s.usable(); err != nil {
		return err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err := s.client.Revoke(ctx, id)
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return nil
	}
	return answered(ctx, err)
}

// awaitGone returns when a key has been deleted, when it has not been after so long, or
// when the server does not answer. It never returns at once for nothing: a caller may
// loop over it.
func (s *server) awaitGone(ctx context.Context, key string, atMost time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	ctx, stop := s.connecting(ctx)
	defer stop()
	answer, err := s.client.Get(ctx, key, clientv3.WithCountOnly())
	if err == nil {
		if answer.Count == 0 {
			return
		}
		changes := s.client.Watch(clientv3.WithRequireLeader(ctx), key,
			clientv3.WithRev(answer.Header.Revision+1), clientv3.WithFilterPut())
		for change := range changes {
			if len(change.Events) > 0 {
				return
			}
		}
	}
	<-ctx.Done()
}

// sleep reports false if ctx ended before d had passed.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// wholeSeconds rounds up: a lease of the server must not be shorter than was meant.
func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
