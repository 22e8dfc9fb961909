package etcd

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
)

// An occurrence of a job is what is claimed.
type occurrence struct {
	job     string
	seconds int64
	nanos   int64
}

func occurrenceOf(job string, scheduled time.Time) occurrence {
	return occurrence{job, scheduled.Unix(), int64(scheduled.Nanosecond())}
}

func (o occurrence) scheduled() time.Time { return time.Unix(o.seconds, o.nanos).UTC() }

// claimBatch returns what sends one batch of claims. All of it has one holder, which no
// other batch has: when it is sent again it finds what it got before.
func (l *Locker) claimBatch(context.Context) sender[occurrence, int64] {
	holder := rand.Text()
	return connected(l.server, func(ctx context.Context, asks []occurrence) []answer[int64] {
		answers := make([]answer[int64], len(asks))
		for _, some := range apart(asks) {
			l.claimSome(ctx, holder, asks, some, answers)
		}
		return answers
	})
}

// apart divides the asks, by their numbers, so that no two occurrences of a job are in one
// part: what is made in one transaction has one revision, and the tokens of a job's claims
// differ.
func apart(asks []occurrence) (parts [][]int) {
	times := make(map[string]int)
	for i, o := range asks {
		n := times[o.job]
		times[o.job]++
		if n == len(parts) {
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], i)
	}
	return parts
}

// claimSome makes the keys of occurrences. Most claims are lost, and those need neither a
// lease nor a write: so the keys are read first.
func (l *Locker) claimSome(ctx context.Context, holder string, asks []occurrence, some []int, answers []answer[int64]) {
	keys, until := make([]string, len(some)), time.Time{}
	for n, i := range some {
		keys[n] = l.server.claimKey(asks[i].job, asks[i].scheduled())
	}
	found := inChunks(keys, func(keys []string) ([]entry, error) { return l.server.read(ctx, keys) })
	var open []int
	var missing []string
	for n, i := range some {
		if answers[i] = tokenOf(found[n], holder); found[n].err == nil && found[n].value == (entry{}) {
			open, missing = append(open, i), append(missing, keys[n])
			if end := asks[i].scheduled().Add(2 * l.server.keep); end.After(until) {
				until = end
			}
		}
	}
	if len(open) == 0 {
		return
	}
	for n, made := range l.create(ctx, holder, missing, until) {
		answers[open[n]] = tokenOf(made, holder)
	}
}

// tokenOf is the token of a claim whose key has what was found, or ErrTaken.
func tokenOf(found answer[entry], holder string) answer[int64] {
	switch {
	case found.err != nil:
		return answer[int64]{err: found.err}
	case found.value.holder != holder:
		return answer[int64]{err: ErrTaken}
	}
	return answer[int64]{value: found.value.created}
}

// create makes keys under a shared lease, and under a second one if the first has gone, as
// when it was revoked by hand.
func (l *Locker) create(ctx context.Context, holder string, keys []string, until time.Time) []answer[entry] {
	for again := false; ; again = true {
		id, err := l.shared.outliving(ctx, until, len(keys))
		if err != nil {
			return allFailed[entry](len(keys), err)
		}
		made := inChunks(keys, func(keys []string) ([]entry, error) { return l.server.make(ctx, keys, holder, id) })
		if again || !lacksLease(made) {
			return made
		}
		l.shared.forget(id)
	}
}

func lacksLease(made []answer[entry]) bool {
	for _, m := range made {
		if errors.Is(m.err, rpctypes.ErrLeaseNotFound) {
			return true
		}
	}
	return false
}

// claim makes the key of the occurrence and returns its create revision.
//
// The server cannot compare times in a transaction, so the window is judged by the
// local clock. The key stays for twice keep after the scheduled time: a node whose
// clock is behind that of the claimant's, by up to keep, finds it for as long as its
// own window is open.
func (l *Locker) claim(ctx context.Context, name string, scheduled time.Time) (int64, error) {
	s := l.server
	if err := s.window(scheduled); err != nil {
		return 0, err
	}
	if err := s.usable(); err != nil {
		return 0, err
	}
	token, err := l.claims.ask(ctx, occurrenceOf(name, scheduled), l.waitAtMost(scheduled))
	switch {
	case errors.Is(err, errNoTurn):
		return 0, errQueued
	case err != nil:
		return 0, err
	}
	// The answer may have taken until the window closed, and the key been another's
	// that was gone by then.
	return token, s.window(scheduled)
}

// waitAtMost is how long a claim waits for its turn: for as long as it can be made.
func (l *Locker) waitAtMost(scheduled time.Time) time.Duration {
	return max(time.Until(scheduled)+l.server.keep, 2*l.server.requestTimeout)
}

func (s *server) window(scheduled time.Time) error {
	switch late := time.Now().Round(0).Sub(scheduled); {
	case late > s.keep:
		return ErrTooLate
	case late < -s.keep:
		return ErrTooEarly
	}
	return nil
}
