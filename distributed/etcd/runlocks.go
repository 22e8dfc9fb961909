package etcd

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// A grip is a run lock's key, who holds it, and the lease of the server it is under.
type grip struct {
	key, holder string
	id          clientv3.LeaseID
}

// A taken is a run lock that was taken under a lease which a request sent at asked has
// begun, or renewed.
type taken struct {
	grip  grip
	token int64
	asked time.Time
	ttl   time.Duration
}

// nodeLeases are the leases of the server that all run locks of a Locker are under: one,
// which is renewed for all of them. It is replaced when it may have keys that nobody here
// knows of, or has gone. What is under the old one is renewed until it is released.
type nodeLeases struct {
	mu      sync.Mutex
	id      clientv3.LeaseID // for the next locks, 0 for none
	asked   time.Time        // when the last request that has begun or renewed it was sent
	ttl     time.Duration
	holders map[string]*holder                 // of the run locks here, by their keys
	lost    map[clientv3.LeaseID]map[grip]bool // what may be left on the server under a lease
}

// A holder has a run lock, or is about to: whoever asked for it may have left.
type holder struct {
	grip  grip
	since time.Time
	here  bool
}

func newNodeLeases() *nodeLeases {
	return &nodeLeases{holders: make(map[string]*holder), lost: make(map[clientv3.LeaseID]map[grip]bool)}
}

// fresh is the lease for the next locks, unless it is due to be renewed.
func (n *nodeLeases) fresh() (taken, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.id == 0 || expired(n.asked, time.Now(), n.ttl/2) {
		return taken{}, false
	}
	return taken{grip: grip{id: n.id}, asked: n.asked, ttl: n.ttl}, true
}

func (n *nodeLeases) begin(id clientv3.LeaseID, asked time.Time, ttl time.Duration) taken {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.id, n.asked, n.ttl = id, asked, ttl
	return taken{grip: grip{id: id}, asked: asked, ttl: ttl}
}

func (n *nodeLeases) renewed(id clientv3.LeaseID, asked time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.id == id {
		n.asked = asked
	}
}

// gone drops a lease that the server does not know.
func (n *nodeLeases) gone(id clientv3.LeaseID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.lost, id)
	if n.id == id {
		n.id = 0
	}
}

// grant notes a run lock that was got for somebody.
func (n *nodeLeases) grant(g grip) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.holders[g.key] = &holder{grip: g, since: time.Now()}
}

// hold notes that somebody has it, and reports false if it was given up by then.
func (n *nodeLeases) hold(g grip) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.holders[g.key]
	if h == nil || h.grip != g {
		return false
	}
	h.here = true
	return true
}

func (n *nodeLeases) holds(g grip) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.holders[g.key]
	return h != nil && h.grip == g
}

// sweep gives up the run locks under a lease for which nobody has come.
func (n *nodeLeases) sweep(id clientv3.LeaseID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, h := range n.holders {
		if h.grip.id == id && !h.here && expired(h.since, time.Now(), n.ttl/3) {
			n.loseLocked(h.grip)
		}
	}
}

// lose notes a run lock that may be on the server and has no holder here. It is removed
// when its lease is renewed for others, or ends with the lease.
func (n *nodeLeases) lose(g grip) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loseLocked(g)
}

func (n *nodeLeases) loseLocked(g grip) {
	n.dropLocked(g)
	if n.id == g.id {
		n.id = 0
	}
	if n.lost[g.id] == nil {
		n.lost[g.id] = make(map[grip]bool)
	}
	n.lost[g.id][g] = true
}

func (n *nodeLeases) drop(g grip) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dropLocked(g)
}

func (n *nodeLeases) dropLocked(g grip) {
	if h := n.holders[g.key]; h != nil && h.grip == g {
		delete(n.holders, g.key)
	}
}

func (n *nodeLeases) lostUnder(id clientv3.LeaseID) []grip {
	n.mu.Lock()
	defer n.mu.Unlock()
	var grips []grip
	for g := range n.lost[id] {
		grips = append(grips, g)
	}
	return grips
}

// lease returns a lease for new locks, of which enough is left.
func (l *Locker) lease(ctx context.Context) (taken, error) {
	if t, ok := l.leases.fresh(); ok {
		return t, nil
	}
	asked := time.Now()
	granted, err := l.server.client.Grant(ctx, wholeSeconds(l.server.ttl))
	if err != nil {
		return taken{}, err
	}
	return l.leases.begin(granted.ID, asked, min(l.server.ttl, time.Duration(granted.TTL)*time.Second)), nil
}

// takeBatch returns what sends one batch of wishes for run locks, by their keys. All of it
// has one holder, which no other batch has.
func (l *Locker) takeBatch(context.Context) sender[string, taken] {
	holder := rand.Text()
	return connected(l.server, func(ctx context.Context, keys []string) []answer[taken] {
		answers := make([]answer[taken], len(keys))
		// Those who wait for a key grant no leases meanwhile.
		found := inChunks(keys, func(keys []string) ([]entry, error) { return l.server.read(ctx, keys) })
		var open []int
		var missing []string
		for i, f := range found {
			switch {
			case f.err != nil:
				answers[i].err = f.err
			case f.value == entry{} || f.value.holder == holder:
				open, missing = append(open, i), append(missing, keys[i])
			default:
				answers[i].err = ErrTaken
			}
		}
		if len(open) > 0 {
			for n, a := range l.takeSome(ctx, holder, missing) {
				answers[open[n]] = a
			}
		}
		return answers
	})
}

func (l *Locker) takeSome(ctx context.Context, holder string, keys []string) []answer[taken] {
	under, err := l.lease(ctx)
	if err != nil {
		return allFailed[taken](len(keys), err)
	}
	made := inChunks(keys, func(keys []string) ([]entry, error) { return l.server.make(ctx, keys, holder, under.grip.id) })
	answers := make([]answer[taken], len(keys))
	for i, m := range made {
		t := under
		t.grip.key, t.grip.holder, t.token = keys[i], holder, m.value.created
		answers[i].value, answers[i].err = t, m.err
		switch {
		case errors.Is(m.err, rpctypes.ErrLeaseNotFound):
			l.leases.gone(under.grip.id)
			answers[i].err = errLeaseGone
		case m.err != nil:
			l.leases.lose(t.grip) // it may be there
		case m.value.holder != holder:
			answers[i].err = ErrTaken
		default:
			l.leases.grant(t.grip)
		}
	}
	return answers
}

// renewBatch returns what renews run locks: their lease, which most often is one, and
// asks the server which keys are under it. A lease may live although what it is for was
// deleted.
func (l *Locker) renewBatch(context.Context) sender[grip, struct{}] {
	return connected(l.server, func(ctx context.Context, grips []grip) []answer[struct{}] {
		type state struct {
			keys map[string]bool
			err  error
		}
		states := make(map[clientv3.LeaseID]state)
		answers := make([]answer[struct{}], len(grips))
		for i, g := range grips {
			s, known := states[g.id]
			if !known {
				s.keys, s.err = l.renewLease(ctx, g.id)
				states[g.id] = s
			}
			switch {
			case s.err != nil:
				answers[i].err = s.err
			case !s.keys[g.key] || !l.leases.holds(g):
				answers[i].err = errGone
			}
		}
		return answers
	})
}

// renewLease renews a lease and returns what is under it.
func (l *Locker) renewLease(ctx context.Context, id clientv3.LeaseID) (map[string]bool, error) {
	sent := time.Now()
	_, err := l.server.client.KeepAliveOnce(ctx, id)
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		l.leases.gone(id)
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	l.leases.sweep(id)
	l.removeLost(ctx, id)
	life, err := l.server.client.TimeToLive(ctx, id, clientv3.WithAttachedKeys())
	if err != nil {
		return nil, err
	}
	l.leases.renewed(id, sent)
	keys := make(map[string]bool, len(life.Keys))
	for _, key := range life.Keys {
		keys[string(key)] = true
	}
	return keys, nil
}

// removeLost removes what nobody here holds, each time that the lease is renewed: a
// request that came late may have made it since.
func (l *Locker) removeLost(ctx context.Context, id clientv3.LeaseID) {
	if lost := l.leases.lostUnder(id); len(lost) > 0 {
		l.removeAll(ctx, lost)
	}
}

func (l *Locker) removeAll(ctx context.Context, grips []grip) []answer[struct{}] {
	return inChunks(grips, func(grips []grip) ([]struct{}, error) { return l.server.remove(ctx, grips) })
}

// releaseBatch returns what gives run locks back. What is another's by now is left alone.
func (l *Locker) releaseBatch(context.Context) sender[grip, struct{}] {
	return connected(l.server, l.removeAll)
}

const (
	// maxGather is how long a renewal waits for the others that are due at that time.
	maxGather = 20 * time.Millisecond
	// mostRenewed bounds how many run locks are renewed together.
	mostRenewed = 20_000
)

func (l *Locker) makeBatchers() {
	s := l.server
	l.claims = newBatcher(s.requestTimeout, isPassing, l.claimBatch)
	l.takings = newBatcher(min(s.requestTimeout, lifeOf(s.ttl)), isPassingTake, l.takeBatch)
	l.renewals = newBatcher(min(s.requestTimeout, renewalLimit(s.ttl)), isPassing, l.renewBatch)
	l.claims.rest = restPerClaim
	l.renewals.gather, l.renewals.most = min(s.ttl/100, maxGather), mostRenewed
	l.releasing = newBatcher(s.requestTimeout, isPassing, l.releaseBatch)
}

// errLeaseGone is why a lock could not be made: the next try has another lease.
var errLeaseGone = errors.New("the lease of the node's run locks has gone")

func isPassingTake(err error) bool { return isPassing(err) || errors.Is(err, errLeaseGone) }
