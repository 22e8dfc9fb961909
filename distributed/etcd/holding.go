package etcd

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// A holding is a key with a lease of its own, which is renewed: a leader's term. The key stays
// on the server for as long as its lease there lives: at least as long as the local lease.
type holding struct {
	server *server
	key    string
	id     clientv3.LeaseID
	token  int64 // the key's create revision
	lease  *lease
}

// hold makes the key, or returns ErrTaken if it is another's. failed is told what went
// wrong with the renewals.
//
// If it fails the key may be there although no answer has come. It is removed, unless
// that would keep a caller waiting who has no time left. Then a holding comes with the
// error, of which nothing is left when the TTL has passed.
func (s *server) hold(ctx context.Context, key string, failed func(error)) (*holding, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	one, cancel := s.bounded(ctx)
	defer cancel()
	one, stop := s.connecting(one)
	defer stop()
	// Those who wait for the key grant no leases meanwhile.
	if taken, err := s.exists(one, key); err != nil {
		return nil, answered(one, err)
	} else if taken {
		return nil, ErrTaken
	}
	asked := time.Now()
	granted, err := s.client.Grant(one, wholeSeconds(s.ttl))
	if err != nil {
		return nil, answered(one, err)
	}
	h := &holding{server: s, key: key, id: granted.ID}
	h.token, err = s.create(one, key, h.id)
	ttl := min(s.ttl, time.Duration(granted.TTL)*time.Second)
	if err == nil && expired(asked, time.Now(), lifeOf(ttl)) {
		err = said{text: "the server answered when the lock had already expired"}
	}
	switch {
	case err != nil && one.Err() != nil:
		return h, answered(one, err)
	case err != nil:
		_ = s.revoke(one, h.id)
		return nil, err
	}
	h.lease = keepLease(asked, asked, ttl, h.renew, failed)
	return h, nil
}

// renew asks for the key first: a lease may live although what it is for was deleted.
func (h *holding) renew(ctx context.Context) error {
	if err := h.server.usable(); err != nil {
		return err
	}
	ctx, stop := h.server.connecting(ctx)
	defer stop()
	answer, err := h.server.client.Get(ctx, h.key)
	if err != nil {
		return answered(ctx, err)
	}
	if len(answer.Kvs) == 0 || answer.Kvs[0].CreateRevision != h.token {
		return errGone
	}
	_, err = h.server.client.KeepAliveOnce(ctx, h.id)
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return errGone
	}
	return answered(ctx, err)
}
