package redis

import (
	"context"
	"errors"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// A wish for a claim: the key, and between which times it can be made, in milliseconds
// since 1970 by the server's clock.
type wish struct {
	key           string
	opens, closes int64
}

// A grip is a run lock's key and who holds it.
type grip struct {
	key, holder string
}

// A granted lock is a run lock that was taken by a request sent at asked.
type granted struct {
	grip  grip
	asked time.Time
}

const (
	// maxGather is how long a renewal waits for the others that are due at that time.
	maxGather = 20 * time.Millisecond
	// mostRenewed bounds how many run locks one pipeline renews.
	mostRenewed = 20_000
)

func (l *Locker) makeBatchers() {
	l.claims = newBatcher(l.timeout, isPassing, l.claimBatch)
	l.takings = newBatcher(min(l.timeout, lifeOf(l.ttl)), isPassing, l.takeBatch)
	l.renewals = newBatcher(min(l.timeout, renewalLimit(l.ttl)), isPassing, l.renewBatch)
	l.claims.rest = restPerClaim
	l.renewals.gather, l.renewals.most = min(l.ttl/100, maxGather), mostRenewed
	l.releasing = newBatcher(l.timeout, isPassing, l.releaseBatch)
}

// claimBatch returns what sends one batch of claims. All of it has one holder, which no
// other batch has: when it is sent again it finds what it got before.
func (l *Locker) claimBatch(ctx context.Context) sender[wish, struct{}] {
	holder := l.newHolder()
	l.awaitTurn(ctx)
	return func(ctx context.Context, wishes []wish) []answer[struct{}] {
		codes := l.pipeline(ctx, claimScript, len(wishes), func(i int) (string, []any) {
			return wishes[i].key, []any{holder, wishes[i].opens, wishes[i].closes}
		})
		return each(codes, func(_ int, code int) (none struct{}, err error) { return none, claimAnswers[code] })
	}
}

var claimAnswers = map[int]error{answerYes: nil, answerLate: ErrTooLate, answerEarly: ErrTooEarly, answerNo: ErrTaken}

// takeBatch returns what sends one batch of wishes for run locks, by their keys.
func (l *Locker) takeBatch(ctx context.Context) sender[string, granted] {
	holder := l.newHolder()
	l.awaitTurn(ctx)
	return func(ctx context.Context, keys []string) []answer[granted] {
		asked := time.Now()
		codes := l.pipeline(ctx, lockScript, len(keys), func(i int) (string, []any) {
			return keys[i], []any{holder, milliseconds(l.ttl)}
		})
		return each(codes, func(i int, code int) (granted, error) {
			return granted{grip{keys[i], holder}, asked}, yesOr(code, ErrTaken)
		})
	}
}

func (l *Locker) renewBatch(ctx context.Context) sender[grip, struct{}] {
	l.awaitTurn(ctx)
	return func(ctx context.Context, grips []grip) []answer[struct{}] {
		codes := l.pipeline(ctx, renewScript, len(grips), func(i int) (string, []any) {
			return grips[i].key, []any{grips[i].holder, milliseconds(l.ttl)}
		})
		return each(codes, func(_ int, code int) (none struct{}, err error) { return none, yesOr(code, errGone) })
	}
}

func (l *Locker) releaseBatch(ctx context.Context) sender[grip, struct{}] {
	l.awaitTurn(ctx)
	return func(ctx context.Context, grips []grip) []answer[struct{}] {
		codes := l.pipeline(ctx, unlockScript, len(grips), func(i int) (string, []any) {
			return grips[i].key, []any{grips[i].holder}
		})
		return each(codes, func(int, int) (none struct{}, err error) { return none, nil })
	}
}

func yesOr(code int, no error) error {
	if code == answerYes {
		return nil
	}
	return no
}

// each turns the scripts' answers into the answers for the callers.
func each[R any](codes []answer[int], of func(i, code int) (R, error)) []answer[R] {
	answers := make([]answer[R], len(codes))
	for i, c := range codes {
		if answers[i].err = c.err; c.err == nil {
			answers[i].value, answers[i].err = of(i, c.value)
		}
	}
	return answers
}

// pipeline runs a script n times in one request. A server that does not know the script,
// as after a restart, is sent the whole of it, for what it has not answered.
func (l *Locker) pipeline(ctx context.Context, script *goredis.Script, n int, of func(i int) (key string, args []any)) []answer[int] {
	answers := make([]answer[int], n)
	every := make([]int, n)
	for i := range every {
		every[i] = i
	}
	l.runAll(ctx, script.EvalSha, every, answers, of)
	var unknown []int
	for i, a := range answers {
		if a.err != nil && strings.HasPrefix(a.err.Error(), "NOSCRIPT") {
			unknown = append(unknown, i)
		}
	}
	if len(unknown) > 0 {
		l.runAll(ctx, script.Eval, unknown, answers, of)
	}
	return answers
}

// runAll asks for those of the answers that are chosen. A go-redis client leaves a request
// that hangs when its own timeout has passed, and by default not when the context ends: so
// it is not waited for.
func (l *Locker) runAll(ctx context.Context, run runner, chosen []int, answers []answer[int], of func(i int) (string, []any)) {
	commands := make([]*goredis.Cmd, len(chosen))
	_, failed := bounded(ctx, func(ctx context.Context) ([]goredis.Cmder, error) {
		return l.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for n, i := range chosen {
				key, args := of(i)
				commands[n] = run(ctx, p, []string{key}, args...)
			}
			return nil
		})
	})
	for n, i := range chosen {
		switch {
		case ctx.Err() != nil: // the commands may still be written to
			answers[i].err = ctx.Err()
		case failed != nil && commands[n].Err() == nil && commands[n].Val() == nil: // a login, say
			answers[i].err = failed
		default:
			answers[i].value, answers[i].err = commands[n].Int()
		}
	}
}

type runner func(ctx context.Context, on goredis.Scripter, keys []string, args ...any) *goredis.Cmd

// awaitTurn waits while all connections of the client are busy with something else, for
// as long as that takes: it is no failure of Redis.
func (l *Locker) awaitTurn(ctx context.Context) {
	client, ok := l.client.(*goredis.Client)
	for try := 0; ok && isBusy(client) && pause(ctx, min(try, 1)); try++ {
	}
}

func isBusy(client *goredis.Client) bool {
	stats := client.PoolStats()
	return stats.IdleConns == 0 && int(stats.TotalConns) >= client.Options().PoolSize
}

// isPassing reports whether another try may succeed: the connection has failed, or the
// server is not ready.
func isPassing(err error) bool {
	for _, final := range append(certain[:len(certain):len(certain)], errGone, goredis.ErrClosed, context.Canceled, context.DeadlineExceeded) {
		if errors.Is(err, final) {
			return false
		}
	}
	var answered goredis.Error
	if !errors.As(err, &answered) {
		return true
	}
	for _, is := range []func(error) bool{
		goredis.IsLoadingError, goredis.IsReadOnlyError, goredis.IsMasterDownError, goredis.IsClusterDownError,
		goredis.IsTryAgainError, goredis.IsMaxClientsError,
	} {
		if is(err) {
			return true
		}
	}
	return false
}
