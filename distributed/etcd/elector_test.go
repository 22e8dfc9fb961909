package etcd

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func leads(e *Elector) bool { return e.IsLeader(context.Background()) == nil }

func TestLeadersFollowEachOther(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	// The TTL is so long that only the deletion of the key can bring the next term.
	options := []Option{WithNamespace(ns), WithTTL(time.Hour)}
	var candidates []*Elector
	for range 5 {
		candidates = append(candidates, newElector(t, client, "name/ü", options...))
	}
	var before int64
	for len(candidates) > 0 {
		var leader int
		soon(t, "one leads", func() bool {
			for i, e := range candidates {
				if leads(e) {
					leader = i
					return true
				}
			}
			return false
		})
		for i, e := range candidates {
			if i != leader {
				require.ErrorIs(t, e.IsLeader(context.Background()), ErrNotLeader)
				require.False(t, engineDown(e.IsLeader(context.Background())))
			}
		}
		e := candidates[leader]
		ended, token, err := e.Term(context.Background())
		require.NoError(t, err)
		require.False(t, isClosed(ended))
		require.Greater(t, token, before)
		before = token

		require.NoError(t, e.Close(context.Background()))
		require.True(t, isClosed(ended))
		require.ErrorIs(t, e.IsLeader(context.Background()), ErrNotLeader)
		require.ErrorContains(t, e.IsLeader(context.Background()), `gocron/etcd: lead "name/ü": it was closed`)
		require.NoError(t, e.Close(context.Background()))
		candidates = append(candidates[:leader], candidates[leader+1:]...)
	}
	require.Empty(t, keys(t, client, ns))
}

func TestNamesAndNamespacesHaveLeadersOfTheirOwn(t *testing.T) {
	client := connect(t, endpoint(t))
	for _, ns := range []string{namespace(t, client), namespace(t, client)} {
		for i := range 2 {
			e := newElector(t, client, fmt.Sprint(i), WithNamespace(ns))
			soon(t, "it leads", func() bool { return leads(e) })
		}
	}
}

func TestATermThatIsEndedOnTheServer(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	log := &recorder{}
	e := newElector(t, client, "name", WithNamespace(ns), WithTTL(testTTL), WithLogger(log))
	soon(t, "it leads", func() bool { return leads(e) })
	for how, remove := range map[string]func(*holding) error{
		"lease revoked": func(term *holding) error {
			_, err := client.Revoke(context.Background(), term.id)
			return err
		},
		"key deleted": func(term *holding) error {
			_, err := client.Delete(context.Background(), term.key)
			return err
		},
	} {
		ended, token := term(t, e)
		e.mu.Lock()
		held := e.term
		e.mu.Unlock()
		_ = remove(held) // it fails only if the term has ended, on a slow machine
		await(t, "the term ends: "+how, ended)
		_, again := term(t, e)
		require.Greater(t, again, token, how)
		require.Contains(t, log.all(), fmt.Sprintln("info gocron/etcd: this node leads name name token", token))
		require.Contains(t, log.all(), fmt.Sprintln("error gocron/etcd: this node no longer leads name name token", token))
	}
	_, token := term(t, e)
	require.NoError(t, e.Close(context.Background()))
	require.Contains(t, log.all(), fmt.Sprintln("gocron/etcd: this node no longer leads name name token", token))
}

func TestATermIsRenewed(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	atAnySpeed(t, testTTL, func(ttl time.Duration) bool {
		e := newElector(t, client, "name", WithNamespace(namespace(t, client)), WithTTL(ttl))
		ended, _ := term(t, e)
		end := time.Now().Add(2 * ttl)
		soon(t, "two TTLs have passed", func() bool { return time.Now().After(end) })
		return leads(e) && !isClosed(ended)
	})
}

// A closedWatcher is one whose watches end as soon as they have begun.
type closedWatcher struct {
	clientv3.Watcher
	asked atomic.Int64
}

func (w *closedWatcher) Watch(context.Context, string, ...clientv3.OpOption) clientv3.WatchChan {
	w.asked.Add(1)
	changes := make(chan clientv3.WatchResponse)
	close(changes)
	return changes
}

func TestACandidateWhoseWatchFailsDoesNotHurry(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	lock, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	own := client.Watcher
	watcher := &closedWatcher{Watcher: own}
	client.Watcher = watcher
	defer func() { client.Watcher = own }()

	ctx, cancel := context.WithCancel(context.Background())
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		l.server.awaitGone(ctx, lock.grip.key, time.Hour)
		if ctx.Err() == nil {
			t.Error("it returned at once")
		}
	}()
	soon(t, "it watches", func() bool { return watcher.asked.Load() > 0 })
	for range 10 {
		_, err = client.Get(context.Background(), lock.grip.key)
		require.NoError(t, err)
	}
	cancel()
	await(t, "it returns", returned)
	require.NoError(t, lock.Unlock(context.Background()))
}
