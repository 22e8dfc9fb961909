package etcd

import (
	"context"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// maxClaimsPerLease bounds how many keys the server has to delete in one step when a
// shared lease expires.
const maxClaimsPerLease = 1000

// A sharedLease is the lease of the server under which claims are put. One is granted
// when the last one ends too soon for a claim, and serves the claims of an eighth of
// WithKeep. It is not renewed and not revoked: it is to end, and what is under it with it.
type sharedLease struct {
	server *server

	// granting has room for one. Who is in it may grant a lease; the others wait
	// for that one.
	granting chan struct{}

	mu     sync.Mutex // guards the following fields, and is not held over a request
	id     clientv3.LeaseID
	claims int // put under it, or about to be

	// It does not end before both: ends is of the monotonic clock, which cannot be set,
	// and wallEnds of the wall clock, which goes on while the machine is suspended.
	ends, wallEnds time.Time
}

func newSharedLease(s *server) *sharedLease {
	return &sharedLease{server: s, granting: make(chan struct{}, 1)}
}

// outliving returns a lease, for so many claims, that ends at until, by the local wall
// clock, or later.
func (l *sharedLease) outliving(ctx context.Context, until time.Time, claims int) (clientv3.LeaseID, error) {
	if id, ok := l.current(until, claims); ok {
		return id, nil
	}
	select {
	case l.granting <- struct{}{}:
		defer func() { <-l.granting }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if id, ok := l.current(until, claims); ok {
		return id, nil
	}
	asked := time.Now()
	lease, err := l.server.client.Grant(ctx, wholeSeconds(until.Sub(asked.Round(0))+l.server.keep/8))
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id, l.claims = lease.ID, claims
	l.ends = asked.Add(time.Duration(lease.TTL) * time.Second)
	l.wallEnds = l.ends.Round(0)
	return l.id, nil
}

func (l *sharedLease) current(until time.Time, claims int) (clientv3.LeaseID, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	// What is left is a time that passes; until is one that the wall clock shows.
	left := min(l.ends.Sub(now), l.wallEnds.Sub(now.Round(0)))
	if l.id == 0 || l.claims+claims > maxClaimsPerLease || left < until.Sub(now.Round(0)) {
		return 0, false
	}
	l.claims += claims
	return l.id, true
}

// forget drops a lease that the server does not know.
func (l *sharedLease) forget(id clientv3.LeaseID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.id == id {
		l.id = 0
	}
}
