package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// engineDown is what gocron looks for in an error.
func engineDown(err error) bool {
	var e interface{ EngineDown() bool }
	return errors.As(err, &e) && e.EngineDown()
}

func leads(e *Elector) func() bool {
	return func() bool { return e.IsLeader(context.Background()) == nil }
}

func TestOneElectorLeads(t *testing.T) {
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool { return oneLeads(t, ttl) })
}

// oneLeads reports whether no leader has lost its term, as one does on a machine that is too
// slow for that TTL.
func oneLeads(t *testing.T, ttl time.Duration) bool {
	db := server(t)
	prefix := newPrefix(t, db)
	options := []Option{WithTable(prefix), WithTTL(ttl)}
	electors := make([]*Elector, 3)
	for i := range electors {
		electors[i] = newElector(t, db, "jobs", options...)
	}
	apart := newElector(t, db, "others", options...)
	eventually(t, "another name has its own leader", leads(apart))
	last := int64(0)
	for len(electors) > 0 {
		leader := -1
		eventually(t, "one leads", func() bool {
			for i, e := range electors {
				if leader < 0 && leads(e)() {
					leader = i
				}
			}
			return leader >= 0
		})
		ended, token, err := electors[leader].Term(t.Context())
		if err != nil {
			return false
		}
		require.Greater(t, token, last)
		last = token
		var others []error
		for i, e := range electors {
			if i != leader {
				others = append(others, e.IsLeader(t.Context()))
			}
		}
		if !leads(electors[leader])() {
			return false
		}
		require.False(t, isOver(ended))
		for _, err := range others {
			require.ErrorIs(t, err, ErrNotLeader)
			require.False(t, engineDown(err))
			require.EqualError(t, err, `gocron/postgres: lead "jobs": this node does not lead`)
		}
		require.NoError(t, electors[leader].Close(t.Context()))
		require.True(t, isOver(ended))
		require.ErrorIs(t, electors[leader].IsLeader(t.Context()), ErrNotLeader)
		require.NoError(t, electors[leader].Close(t.Context()), "a second time")
		require.EqualError(t, electors[leader].IsLeader(t.Context()), `gocron/postgres: lead "jobs": it was closed`)
		electors = append(electors[:leader], electors[leader+1:]...)
	}
	require.NoError(t, apart.Close(t.Context()))
	require.Zero(t, count(t, db, prefix, "{leases}"))
	return true
}

// TestElectorCampaignsAgain takes the term away in the database.
func TestElectorCampaignsAgain(t *testing.T) {
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool { return campaignsAgain(t, ttl) })
}

func campaignsAgain(t *testing.T, ttl time.Duration) bool {
	db := server(t)
	var log safeBuffer
	e := newElector(t, db, "jobs", WithTable(newPrefix(t, db)), WithTTL(ttl), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	eventually(t, "it leads", leads(e))
	ended, token, err := e.Term(t.Context())
	if err != nil {
		return false
	}
	_, err = db.Exec(t.Context(), e.store.names.fill(`DELETE FROM {leases}`))
	require.NoError(t, err)
	<-ended
	eventually(t, "it leads again", leads(e))
	_, next, err := e.Term(t.Context())
	if err != nil {
		return false
	}
	require.Greater(t, next, token)
	if !leads(e)() {
		return false
	}
	require.Contains(t, log.String(), fmt.Sprintf(`level=ERROR msg="gocron/postgres: this node no longer leads" name=jobs token=%d`, token))
	require.NoError(t, e.Close(t.Context()))
	return strings.Contains(log.String(), fmt.Sprintf(`level=INFO msg="gocron/postgres: this node no longer leads" name=jobs token=%d`, next))
}

// TestNeverTwoLeaders cuts the leader off, for several lives of a term, and joins it again.
func TestNeverTwoLeaders(t *testing.T) {
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool { return neverTwo(t, ttl) })
}

func neverTwo(t *testing.T, ttl time.Duration) bool {
	direct := server(t)
	prefix := newPrefix(t, direct)
	cut, relay := throughRelay(t)
	options := []Option{WithTable(prefix), WithTTL(ttl)}
	old := newElector(t, cut, "jobs", options...)
	eventually(t, "the first leads", leads(old))
	ended, token, err := old.Term(t.Context())
	if err != nil {
		return false
	}
	next := newElector(t, direct, "jobs", options...)
	relay.cut()
	eventually(t, "the second leads", leads(next))
	require.Error(t, old.IsLeader(t.Context()))
	require.True(t, isOver(ended))
	_, later, err := next.Term(t.Context())
	if err != nil {
		return false
	}
	require.Greater(t, later, token)
	eventually(t, "the first says that it has no database", func() bool { return engineDown(old.IsLeader(t.Context())) })
	relay.heal()
	eventually(t, "the first sees that another leads", func() bool {
		err := old.IsLeader(t.Context())
		return !leads(next)() || errors.Is(err, ErrNotLeader) && !engineDown(err)
	})
	relay.cut()
	eventually(t, "the first, which waits for a term, has no database", func() bool {
		return !leads(next)() || engineDown(old.IsLeader(t.Context()))
	})
	_, last, err := next.Term(t.Context())
	return err == nil && last == later
}

// TestClosedElectorLeadsNoMore closes leaders with a context that has ended.
func TestClosedElectorLeadsNoMore(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 20 {
		e := newElector(t, db, fmt.Sprint(i), WithTable(prefix))
		eventually(t, "it leads", leads(e))
		over, _, err := e.Term(t.Context())
		require.NoError(t, err)
		_ = e.Close(ended)
		require.Error(t, e.IsLeader(t.Context()))
		require.True(t, isOver(over))
		require.NoError(t, e.Close(t.Context()))
	}
}
